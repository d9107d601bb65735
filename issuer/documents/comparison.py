"""What a comparison of a deal's two forms assumes: the shipped figures, and those of one's own file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictInt, create_model

from issuer.documents.fields import CoinAmount, Currency, Document, Text, parse_document
from issuer.documents.text import read_file
from issuer.domain.analytics.comparison import (
    Assumption,
    MarketTerms,
    RegisterTerms,
    TokenTerms,
)
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import parse_coin
from issuer.domain.regime import Basis

SHIPPED = Path(__file__).parents[1] / "data" / "comparison.yaml"

OF_THE_DEAL = frozenset(
    {
        "tokens/redemption_business_days",
        "tokens/minimum_subscription_micro",
        "tokens/minimum_transfer_micro",
        "tokens/holder_cap",
    }
)
"""What a deal says of its own tokens: nobody assumes it."""

_SECTIONS: Mapping[str, type[Any]] = {
    "traditional": RegisterTerms,
    "tokens": TokenTerms,
    "market": MarketTerms,
}
_MOST: Mapping[str, int] = {
    "days": 60,
    "points": 10_000,
    "payment": 100,
    "block": 86_400,
    "cap": 10**6,
    "holders": 10**6,
}
"""The most that a whole number may be, by the last word of its name: more is a slip of the pen."""

_Basis: Any = Literal["text", "source", "analogy", "unverified", "design"]


def written(name: str) -> str:
    """A figure's name in the file: there, amounts are in coin."""
    return name.removesuffix("_micro")


def _in_full(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(
            "a figure is written as a mapping of `value`, `basis` and `source`: put what is here"
            " under `value`, and say what it rests on"
        )
    return value


def _figure(name: str) -> Any:
    most = _MOST.get(name.rpartition("_")[2], 10**15)
    form: Any = (
        CoinAmount
        if name.endswith("_micro")
        else Annotated[StrictInt, Field(ge=1 if name == "holders" else 0, le=most)]
    )
    document = create_model(
        f"{name}_figure",
        __base__=Document,
        value=(form, ...),
        basis=(_Basis, "design"),
        source=(Text, None),
    )
    return Annotated[document, BeforeValidator(_in_full)]


def _section(section: str, terms: type[Any]) -> Any:
    figures: dict[str, Any] = {
        written(each.name): (_figure(each.name), None)
        for each in fields(terms)
        if f"{section}/{each.name}" not in OF_THE_DEAL
    }
    return create_model(f"{section}_assumptions", __base__=Document, **figures)


def _document() -> type[Document]:
    sections: dict[str, Any] = {
        name: (_section(name, terms), None) for name, terms in _SECTIONS.items()
    }
    return create_model(
        "ComparisonDocument",
        __base__=Document,
        version=(Literal[1], ...),
        currency=(Currency, ...),
        **sections,
    )


ComparisonDocument = _document()


@dataclass(frozen=True, slots=True)
class ComparisonTerms:
    """What is assumed, in full, for one deal."""

    traditional: RegisterTerms
    tokens: TokenTerms
    market: MarketTerms


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The figures in force, by section and name, in a currency."""

    source: str
    currency: str
    figures: Mapping[str, Mapping[str, Assumption]]

    def for_deal(self, deal: Deal) -> ComparisonTerms:
        """With what the deal says of its tokens; raises `InvalidInput` if currencies differ."""
        if self.currency != deal.currency:
            message = (
                f"amounts are in {self.currency}, the deal {deal.id} is in {deal.currency}: state every"
                f" amount in {deal.currency} in a file of your own, with `currency: {deal.currency}`"
            )
            raise InvalidInput(
                self.source, [Complaint("/currency", "comparison.currency", message)]
            )
        if not deal.tokenised:
            message = (
                "has no tokenised tranche, so there is nothing to compare: make one `tokenised`"
            )
            raise InvalidInput(deal.id, [Complaint("/tranches", "comparison.tokens.none", message)])
        offering = deal.offering
        smallest = min(each.denomination_micro for each in deal.tokenised)
        said = {
            "redemption_business_days": _said(
                deal.settlement.redemption_days, "settlement.redemption_days"
            ),
            "minimum_subscription_micro": _said(
                offering.min_subscription_micro, "offering.min_subscription"
            ),
            "minimum_transfer_micro": _said(
                max(offering.min_holding_micro, smallest), "offering.min_holding, or one unit"
            ),
            "holder_cap": _said(offering.holder_cap, "offering.holder_cap"),
        }
        return ComparisonTerms(
            RegisterTerms(**self.figures["traditional"]),
            TokenTerms(**self.figures["tokens"], **said),
            MarketTerms(**self.figures["market"]),
        )


def _said(value: int, where: str) -> Assumption:
    return Assumption(value, Basis.DESIGN, f"the deal's terms: {where}")


def read_assumptions(document: Mapping[str, Any], source: str) -> Assumptions:
    """The shipped figures with those that a document states; raises `InvalidInput`.

    Another currency than the shipped one needs every amount: none is converted.
    """
    base = _figures(read_file(SHIPPED), SHIPPED.name)
    own = _figures(document, source)
    merged = {section: {**base.figures[section], **own.figures[section]} for section in _SECTIONS}
    if own.currency != base.currency:
        kept = [
            Complaint(
                f"/{section}/{written(name)}",
                "comparison.amount.missing",
                f"is in {base.currency} unless you state it in {own.currency}: state it",
            )
            for section in _SECTIONS
            for name in merged[section]
            if name.endswith("_micro") and name not in own.figures[section]
        ]
        if kept:
            raise InvalidInput(source, kept)
    return Assumptions(source, own.currency, merged)


def load_assumptions(own: Path | None = None) -> Assumptions:
    """The shipped figures, overridden by those of a file of one's own."""
    path = own or SHIPPED
    return read_assumptions(read_file(path), path.name)


def _figures(document: Mapping[str, Any], source: str) -> Assumptions:
    parsed: Any = parse_document(ComparisonDocument, document, source)
    return Assumptions(
        source,
        parsed.currency,
        {
            section: _of_section(getattr(parsed, section), terms, source)
            for section, terms in _SECTIONS.items()
        },
    )


def _of_section(stated: Any, terms: type[Any], source: str) -> dict[str, Assumption]:
    found = {}
    for each in fields(terms):
        figure = getattr(stated, written(each.name), None)
        if figure is not None:
            value = figure.value
            amount = parse_coin(value) if each.name.endswith("_micro") else value
            found[each.name] = Assumption(
                amount, Basis(figure.basis), figure.source or f"set in {source}"
            )
    return found
