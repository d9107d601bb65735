"""The collections file: batches of cash and the state of the pool, as the servicer reports them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt, model_validator

from issuer.documents.fields import (
    DealId,
    Document,
    FenAmount,
    Id,
    IsoDate,
    Rate,
    Text,
    parse_document,
)
from issuer.documents.text import read_file
from issuer.domain.collections import Collected, CollectionBatch, FxConversion
from issuer.domain.deal import MAX_PAYMENTS
from issuer.domain.money import parse_fen, parse_rate
from issuer.domain.reported import PoolReport, ServicerReport


class FxDocument(Document):
    """The exchange a batch went through (SET-09)."""

    rate: Rate
    rate_date: IsoDate
    reference: Text | None = None
    outward_reference: Text | None = None


class CollectionBatchDocument(Document):
    """One batch of cash, as the servicer reports it."""

    id: Id
    period: Annotated[StrictInt, Field(ge=1, le=MAX_PAYMENTS, examples=[1])]
    received_on: IsoDate
    cny: FenAmount
    of: Annotated[
        Collected,
        Field(strict=False, description="REVENUE is that of pools without a balance"),
    ] = Collected.REVENUE
    fx: FxDocument | None = None


class PoolRateDocument(Document):
    """The rate at which the pool is told in the deal's currency; nothing is exchanged at it."""

    rate: Rate
    rate_date: IsoDate


class PoolReportDocument(Document):
    """The pool at the end of a collection period; each amount is rounded down once."""

    period: Annotated[StrictInt, Field(ge=1, le=MAX_PAYMENTS, examples=[1])]
    closing_balance: Annotated[FenAmount, Field(description="Renminbi, defaulted assets left out")]
    defaulted: Annotated[FenAmount, Field(description="Renminbi, that defaulted in the period")]
    losses: Annotated[FenAmount, Field(description="Renminbi, given up of what had defaulted")]
    fx: PoolRateDocument


class CollectionsDocument(Document):
    """A collections file: what a servicer reports of one deal. The same model is a request body."""

    version: Literal[1]
    deal: DealId
    batches: list[CollectionBatchDocument]
    pool_reports: Annotated[
        list[PoolReportDocument],
        Field(description="One for each period; until it is determined a later one replaces it"),
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _distinct(self) -> CollectionsDocument:
        if len({batch.id for batch in self.batches}) < len(self.batches):
            raise ValueError("two batches have the same id: give each its own")
        if len({each.period for each in self.pool_reports}) < len(self.pool_reports):
            raise ValueError("two pool reports are of the same period: give one for each")
        return self

    def to_domain(self) -> ServicerReport:
        """Both, in the order of the file."""
        return ServicerReport(
            tuple(map(_batch, self.batches)), tuple(map(_pool_report, self.pool_reports))
        )


def _batch(document: CollectionBatchDocument) -> CollectionBatch:
    return CollectionBatch(
        id=document.id,
        period=document.period,
        cny_fen=parse_fen(document.cny),
        fx=_fx(document.fx) if document.fx else None,
        received_on=document.received_on,
        of=document.of,
    )


def _pool_report(document: PoolReportDocument) -> PoolReport:
    return PoolReport(
        period=document.period,
        closing_balance_fen=parse_fen(document.closing_balance),
        defaulted_fen=parse_fen(document.defaulted),
        losses_fen=parse_fen(document.losses),
        fx_rate=parse_rate(document.fx.rate),
        fx_rate_date=document.fx.rate_date,
    )


def _fx(document: FxDocument) -> FxConversion:
    return FxConversion(
        rate=parse_rate(document.rate),
        reference=document.reference,
        rate_date=document.rate_date,
        outward_reference=document.outward_reference,
    )


def parse_collections(document: Mapping[str, Any], source: str) -> ServicerReport:
    """Check a collections document; raises `InvalidInput` with every complaint."""
    return parse_document(CollectionsDocument, document, source).to_domain()


def load_collections(path: Path) -> ServicerReport:
    """Read and check the collections file at `path`; raises `InvalidInput`."""
    return parse_collections(read_file(path), path.name)
