"""Amounts that a deal file defines: a sum of measures between two bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from issuer.documents.fields import CoinAmount, Document, Id, SignedPercent
from issuer.domain.money import parse_coin, parse_signed_percent
from issuer.domain.waterfall.amounts import Amount, Measure, Term


class TermDocument(Document):
    """One measure times a percentage, which may be negative."""

    measure: Measure = Field(strict=False)
    of: Annotated[list[Id], Field(description="Of these; of all without")] = Field(
        default_factory=list
    )
    percent: SignedPercent = "100"

    def to_domain(self) -> Term:
        """The term."""
        return Term(self.measure, tuple(self.of), parse_signed_percent(self.percent))


class AmountTerms(Document):
    """A sum of measures and a constant, kept between two bounds."""

    sum: list[TermDocument] = Field(default_factory=list)
    plus: CoinAmount = "0"
    at_least: CoinAmount = "0"
    at_most: CoinAmount | None = None

    def to_domain(self) -> Amount:
        """The amount."""
        return Amount(
            tuple(each.to_domain() for each in self.sum),
            parse_coin(self.plus),
            parse_coin(self.at_least),
            None if self.at_most is None else parse_coin(self.at_most),
        )


def _amount(value: Any) -> Any:
    """`"2000000"` is that amount, and a list of measures is their sum."""
    if isinstance(value, str):
        return {"plus": value}
    return {"sum": value} if isinstance(value, list) else value


AmountDocument = Annotated[
    AmountTerms,
    BeforeValidator(_amount),
    Field(description="An amount, a list of measures to be added, or both with bounds"),
]
