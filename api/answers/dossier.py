"""A filing as its supervisor is shown it: clocks, events, the version that counts, decisions."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.answers.fields import AsFound
from issuer.domain.bundle import Material
from issuer.domain.filing import FilingEvent
from issuer.services.oversight import Dossier


class ClockView(AsFound):
    """A time limit, in PRC working days where it is counted in them."""

    name: str = Field(description="review, supplement or validity")
    running: bool
    due_on: date | None
    passed: bool
    used: int | None
    allowed: int | None


class OversightEventView(BaseModel):
    """A reportable event and where it stands."""

    code: str
    standing: str = Field(description="overdue, due or reported")
    noted_on: date
    noted_by: str
    due_on: date
    reported_on: date | None

    @classmethod
    def of(cls, event: FilingEvent, today: date) -> OversightEventView:
        """The view of an event on a day."""
        open_as = "overdue" if event.is_overdue(today) else "due"
        return cls(
            code=event.code,
            standing="reported" if event.reported_on else open_as,
            noted_on=event.noted_on,
            noted_by=event.noted_by,
            due_on=event.due_on,
            reported_on=event.reported_on,
        )


class MaterialSummaryView(BaseModel):
    """A material without its content, which `GET /v1/filings/…/versions/…` has."""

    code: str
    title: str
    media_type: str
    size: int
    sha256: str
    not_applicable: str | None

    @classmethod
    def of(cls, material: Material) -> MaterialSummaryView:
        """The summary of a material as it is stored now."""
        return cls(
            code=material.code,
            title=material.title,
            media_type=material.media_type,
            size=len(material.content),
            sha256=hashlib.sha256(material.content).hexdigest(),
            not_applicable=material.not_applicable,
        )


class DossierView(BaseModel):
    """The version that counts: approved or, before that, submitted."""

    version: int
    intact: bool = Field(description="Hashed anew, it is what was submitted or approved")
    bundle_hash: str
    recomputed_hash: str
    signed_by: list[str] = Field(description="Roles whose signature stands over the hash of now")
    materials: list[MaterialSummaryView]

    @classmethod
    def of(cls, dossier: Dossier) -> DossierView:
        """The view of a dossier."""
        return cls(
            version=dossier.stored.version,
            intact=dossier.intact,
            bundle_hash=dossier.stored.bundle_hash,
            recomputed_hash=dossier.recomputed_hash,
            signed_by=list(dossier.signed_by),
            materials=[MaterialSummaryView.of(each) for each in dossier.stored.materials],
        )


class DecisionView(AsFound):
    """A row of the audit log on one of the deal's filings."""

    seq: int
    at: str
    subject: str
    act: str
    role: str
    actor: str
    facts: dict[str, Any]
