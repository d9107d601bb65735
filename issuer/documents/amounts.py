"""Amounts that a deal file defines: a sum of measures between two bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from issuer.documents.fields import CoinAmount, Document, Id, SignedPercent
from issuer.domain.money import parse_coin, parse_signed_percent
from issuer.domain.rounding import DOWN_TO_MICRO, Rounding, RoundingMode
from issuer.domain.waterfall.amounts import Amount, Measure, Term


class RoundingDocument(Document):
    """How a figure becomes money; by default down to the micro-unit."""

    mode: Annotated[
        RoundingMode, Field(strict=False, description="Where a figure between two multiples goes")
    ]
    to: Annotated[CoinAmount, Field(description='The multiple, such as "0.01"')]

    def to_domain(self) -> Rounding:
        """The rounding."""
        return Rounding(self.mode, parse_coin(self.to))


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
    at_least: AmountDocument | None = None
    at_most: AmountDocument | None = None
    rounding: RoundingDocument | None = None

    def to_domain(self) -> Amount:
        """The amount."""
        least, at_least = _bound(self.at_least)
        most, at_most = _bound(self.at_most)
        return Amount(
            tuple(each.to_domain() for each in self.sum),
            parse_coin(self.plus),
            least or 0,
            most,
            at_least,
            at_most,
            self.rounding.to_domain() if self.rounding else DOWN_TO_MICRO,
        )


def _bound(document: AmountTerms | None) -> tuple[int | None, Amount | None]:
    """A bound as the number that it is, or as the amount that it takes to work out."""
    if document is None:
        return None, None
    bound = document.to_domain()
    if bound == Amount(plus_micro=bound.plus_micro):
        return bound.plus_micro, None
    return None, bound


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
AmountTerms.model_rebuild()
