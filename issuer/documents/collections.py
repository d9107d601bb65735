"""The collections file: batches of renminbi revenue, as the servicer reports them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, model_validator

from issuer.documents.fields import (
    Document,
    FenAmount,
    Id,
    IsoDate,
    Rate,
    Text,
    parse_document,
)
from issuer.documents.text import read_file
from issuer.domain.collections import FxConversion, RevenueBatch
from issuer.domain.deal import MAX_PAYMENTS
from issuer.domain.money import parse_fen, parse_rate


class FxDocument(Document):
    """The exchange a batch went through (SET-09)."""

    rate: Rate
    rate_date: IsoDate
    reference: Text | None = None
    outward_reference: Text | None = None


class RevenueBatchDocument(Document):
    """One batch of revenue, as the servicer reports it."""

    id: Id
    period: Annotated[StrictInt, Field(ge=1, le=MAX_PAYMENTS, examples=[1])]
    received_on: IsoDate
    cny: FenAmount
    fx: FxDocument | None = None


class CollectionsDocument(Document):
    """A collections file: batches of one deal. The same model is a request body."""

    version: Literal[1]
    deal: Id
    batches: list[RevenueBatchDocument]

    @model_validator(mode="after")
    def _distinct(self) -> CollectionsDocument:
        if len({batch.id for batch in self.batches}) < len(self.batches):
            raise ValueError("two batches have the same id: give each its own")
        return self

    def to_domain(self) -> tuple[RevenueBatch, ...]:
        """The batches, in the order of the file."""
        return tuple(map(_batch, self.batches))


def _batch(document: RevenueBatchDocument) -> RevenueBatch:
    return RevenueBatch(
        id=document.id,
        period=document.period,
        cny_fen=parse_fen(document.cny),
        fx=_fx(document.fx) if document.fx else None,
        received_on=document.received_on,
    )


def _fx(document: FxDocument) -> FxConversion:
    return FxConversion(
        rate=parse_rate(document.rate),
        reference=document.reference,
        rate_date=document.rate_date,
        outward_reference=document.outward_reference,
    )


def parse_collections(document: Mapping[str, Any], source: str) -> tuple[RevenueBatch, ...]:
    """Check a collections document; raises `InvalidInput` with every complaint."""
    return parse_document(CollectionsDocument, document, source).to_domain()


def load_collections(path: Path) -> tuple[RevenueBatch, ...]:
    """Read and check the collections file at `path`; raises `InvalidInput`."""
    return parse_collections(read_file(path), path.name)
