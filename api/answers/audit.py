"""The audit log, examined."""

from __future__ import annotations

from pydantic import BaseModel, Field

from issuer.services.audit_log import AuditVerdict


class FlawView(BaseModel):
    """Something wrong with the audit log."""

    seq: int = Field(description="The row, or the number of rows that were anchored")
    code: str = Field(examples=["audit.row_edited"])
    what: str


class AuditVerdictView(BaseModel):
    """What an examination of the audit log has found."""

    intact: bool
    rows: int
    anchors: int = Field(description="How often its head was written down on chain")
    anchored_rows: int = Field(description="Rows the latest anchor stands for")
    flaws: list[FlawView]

    @classmethod
    def of(cls, verdict: AuditVerdict) -> AuditVerdictView:
        """The view of a verdict."""
        flaws = [FlawView(seq=f.seq, code=f.code, what=f.what) for f in verdict.flaws]
        return cls(
            intact=not flaws,
            rows=verdict.rows,
            anchors=verdict.anchors,
            anchored_rows=verdict.anchored_rows,
            flaws=flaws,
        )
