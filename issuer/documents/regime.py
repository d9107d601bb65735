"""The regime file: the open points of the rulebook, each with its value, its basis and its source.

`issuer/data/regime.yaml` states all of them; an installation's own file (`ABS_REGIME`) states those
that it wants otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, create_model

from issuer.documents.fields import Code, Document, Id, IsoDate, Text, parse_document
from issuer.documents.text import read_file
from issuer.domain import regime as figures
from issuer.domain.errors import Complaint, Finding, InvalidInput
from issuer.domain.money import parse_percent
from issuer.domain.regime import FIGURE_NAMES, Basis, Figure, Infrastructure, Regime, plain
from issuer.domain.rulebook.infrastructure_rules import REGIME_RULES, RegimeCase
from issuer.domain.rulebook.rule import examine

SHIPPED = Path(__file__).parents[1] / "data" / "regime.yaml"


class InfrastructureDocument(Document):
    """A system of the registry (INF-01, INF-04)."""

    id: Id
    name: Text
    leg: Literal["ONSHORE", "OFFSHORE"]
    status: Literal["CANDIDATE", "APPROVED"]
    consent_reference: Text | None = None
    chain_ids: list[Annotated[StrictInt, Field(gt=0)]] = Field(default_factory=list)

    def to_domain(self) -> Infrastructure:
        """The system."""
        return Infrastructure(**{**self.model_dump(), "chain_ids": tuple(self.chain_ids)})


def _share(value: Any) -> Any:
    if not isinstance(value, str) or not value.endswith("%"):
        raise ValueError('write a share in percent, such as "15 %"')
    share = parse_percent(value.removesuffix("%").rstrip())
    if share > 1:
        raise ValueError(f"{value} is more than the whole: write at most 100 %")
    return value


_A_CENTURY_OF_DAYS = 36_500
_Positive = Annotated[StrictInt, Field(ge=1, le=_A_CENTURY_OF_DAYS)]
_Codes = list[Code]
_Stated: Any = Literal["text", "source", "analogy", "unverified", "design"]

#: How a file writes each kind of figure.
_FORMS: Mapping[Any, Any] = {
    figures.Days: _Positive,
    figures.Months: _Positive,
    figures.Years: _Positive,
    figures.Count: _Positive,
    figures.Allowance: Annotated[StrictInt, Field(ge=0, le=_A_CENTURY_OF_DAYS)],
    figures.Share: Annotated[str, BeforeValidator(_share)],
    figures.Codes: _Codes,
    figures.Words: list[Text],
    figures.Dates: dict[Code, IsoDate],
    figures.Switch: StrictBool,
    figures.Systems: list[InfrastructureDocument],
}
#: Lists that name profiles of the rulebook: there is no rule for any other entry.
_CHOICES: Mapping[str, Any] = {
    "jurisdictions": list[Literal["HK", "SG", "US_REG_S"]],
    "mainland_routes": list[Literal["QDII", "ODI"]],
}


def _in_full(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(
            "a figure is written as a mapping of `value`, `basis` and `source`: put what is here under"
            " `value`, and say what it rests on"
        )
    return value


_STATED_IN_FULL = BeforeValidator(_in_full)


def _figure_document(name: str, kind: Any) -> Any:
    form = _CHOICES.get(name) or _FORMS.get(kind, kind)
    return create_model(
        f"{name}_figure",
        __base__=Document,
        value=(form, ...),
        basis=(_Stated, None),
        source=(Text, None),
    )


def _regime_document() -> Any:
    kinds = get_type_hints(Regime, include_extras=True)
    forms: dict[str, Any] = {
        name: (Annotated[_figure_document(name, kinds[name]), _STATED_IN_FULL], None)
        for name in FIGURE_NAMES
    }
    return create_model("RegimeDocument", __base__=Document, **forms)


RegimeDocument = _regime_document()


def parse_regime(document: Mapping[str, Any], source: str, base: Regime) -> Regime:
    """`base` with the figures that the document states; raises `InvalidInput` with every complaint.

    A figure that differs from the shipped one and states no basis is the installation's own design.
    """
    parsed = parse_document(RegimeDocument, document, source)
    stated = [_figure(name, getattr(parsed, name), source) for name in document]
    if complaints := [each for figure in stated for each in _claims(figure)]:
        raise InvalidInput(source, complaints)
    regime = base.with_figures(stated)
    if findings := examine(REGIME_RULES, RegimeCase(regime)):
        raise InvalidInput(source, list(map(_complaint, findings)))
    return regime


def load_regime(own: Path | None = None) -> Regime:
    """The shipped figures, overridden by those of a file of one's own."""
    shipped = parse_regime(read_file(SHIPPED), SHIPPED.name, Regime())
    return shipped if own is None else parse_regime(read_file(own), own.name, shipped)


def regime_document(regime: Regime) -> dict[str, dict[str, Any]]:
    """The figures in force, as a regime file would state them."""
    return {name: regime.figure(name) for name in FIGURE_NAMES}


def _figure(name: str, document: Any, source: str) -> Figure:
    value, unchanged = _read(document.value), _read(document.value) == getattr(Regime(), name)
    basis, known_from = Regime().basis_of(name)
    if not unchanged:
        basis, known_from = Basis.DESIGN, f"set in {source}"
    return Figure(name, value, Basis(document.basis or basis), document.source or known_from)


def _read(value: Any) -> Any:
    """What a file writes, as the domain holds it."""
    match value:
        case dict():
            return tuple(sorted(value.items()))
        case list():
            return tuple(map(_read, value))
        case InfrastructureDocument():
            return value.to_domain()
        case str() if value.endswith("%"):
            return parse_percent(value.removesuffix("%").rstrip())
        case _:
            return value


def _complaint(finding: Finding) -> Complaint:
    (figure,) = finding.figures
    return Complaint(
        f"/{figure}/value",
        finding.rule,
        f"{finding.statement} {dict(finding.facts)} {finding.cure}",
    )


def _claims(figure: Figure) -> Iterator[Complaint]:
    """Only what the published text itself fixes may be shown as text, and only at that value."""
    fixed = Regime().basis_of(figure.name)[0] is Basis.TEXT
    if figure.basis is Basis.TEXT and not (
        fixed and getattr(Regime(), figure.name) == figure.value
    ):
        yield Complaint(
            f"/{figure.name}/basis",
            "regime.basis",
            f"no published text fixes {figure.name} at {plain(figure.value)}: state analogy,"
            " unverified, source or design, and where the figure comes from",
        )
