"""INV-05 to INV-07: what makes an investor qualified, jurisdiction by jurisdiction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from issuer.domain.investor import Investor, InvestorClass
from issuer.domain.money import format_decimal
from issuer.domain.regime import Basis
from issuer.domain.rulebook.investor_case import InvestorCase
from issuer.domain.rulebook.rule import Facts, Rule, rule


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure's limit in whole units of the currency it names: reached, or exceeded if `above`."""

    figure: str
    limit: int
    above: bool

    def met_by(self, figures: Mapping[str, Fraction]) -> bool:
        """A figure nobody gave counts as nothing."""
        value = figures.get(self.figure, Fraction(0))
        return value > self.limit or (value == self.limit and not self.above)


def _at_least(figure: str, limit: int) -> Threshold:
    return Threshold(figure, limit, above=False)


def _more_than(figure: str, limit: int) -> Threshold:
    return Threshold(figure, limit, above=True)


#: Class -> alternatives; one of them must be met.
_HONG_KONG: Mapping[InvestorClass, tuple[Threshold, ...]] = {
    InvestorClass.HK_PI_INDIVIDUAL: (_at_least("portfolio_hkd", 8_000_000),),
    InvestorClass.HK_PI_CORPORATION: (
        _at_least("portfolio_hkd", 8_000_000),
        _at_least("total_assets_hkd", 40_000_000),
    ),
    InvestorClass.HK_PI_TRUST: (_at_least("total_assets_hkd", 40_000_000),),
}
HONG_KONG = frozenset({*_HONG_KONG, InvestorClass.HK_PI_INSTITUTION})

_SINGAPORE: Mapping[InvestorClass, tuple[Threshold, ...]] = {
    InvestorClass.SG_ACCREDITED_INDIVIDUAL: (
        _more_than("net_personal_assets_sgd", 2_000_000),
        _more_than("net_financial_assets_sgd", 1_000_000),
        _at_least("income_12_months_sgd", 300_000),
    ),
    InvestorClass.SG_ACCREDITED_CORPORATION: (_more_than("net_assets_sgd", 10_000_000),),
}
SINGAPORE = frozenset({*_SINGAPORE, InvestorClass.SG_INSTITUTION})

#: What bears out figures: nobody's own word does.
_OF_FIGURES = frozenset({"statement", "audited_accounts"})

#: Of a home, so much counts towards net personal assets.
_HOME_COUNTS_SGD = 1_000_000


def _counted(figures: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    """Net personal assets without what a home is worth above the limit."""
    above = figures.get("primary_residence_sgd", Fraction(0)) - _HOME_COUNTS_SGD
    if above <= 0:
        return figures
    assets = figures.get("net_personal_assets_sgd", Fraction(0))
    return {**figures, "net_personal_assets_sgd": assets - above}


def _below(alternatives: tuple[Threshold, ...], investor: Investor) -> Iterator[Facts]:
    figures = investor.evidence.figures
    if investor.evidence.kind not in _OF_FIGURES:
        yield {"class": investor.investor_class.value, "evidence": investor.evidence.kind}
    if not any(each.met_by(_counted(figures)) for each in alternatives):
        yield {
            "class": investor.investor_class.value,
            "figures": {name: format_decimal(value) for name, value in figures.items()},
        }


def _of_another_class(investor: Investor, residency: str) -> Iterator[Facts]:
    """A resident qualifies at home: no other class, Regulation S among them, is a way round that.

    The retail class is no class to hold by at all (INV-03).
    """
    if investor.residency == residency and investor.investor_class is not InvestorClass.RETAIL:
        yield {"class": investor.investor_class.value, "residency": residency}


def _closed(case: InvestorCase, profile: str) -> Iterator[Facts]:
    """The profile that admits a class may be switched off."""
    if profile not in case.regime.jurisdictions:
        yield {
            "class": case.investor.investor_class.value,
            "profile": profile,
            "open_profiles": list(case.regime.jurisdictions),
        }


@rule(
    "INV-05",
    "A Hong Kong professional investor meets the threshold of its kind, holds a licence, or is wholly"
    " owned by professional investors; a resident of Hong Kong qualifies as one.",
    "香港专业投资者应符合相应门槛、持有牌照，或由专业投资者全资拥有；香港居民须属此类。",
    basis=Basis.SOURCE,
    source="Cap 571D, summaries",
    cure="Bring evidence of the portfolio, the assets or the licence that the class requires.",
    figures=("jurisdictions",),
)
def hong_kong_professional(case: InvestorCase) -> Iterator[Facts]:
    """Thresholds by class, borne out by a statement or accounts; an institution needs a licence; a
    holding vehicle professional owners.
    """
    investor = case.investor
    kind = investor.investor_class
    if kind not in HONG_KONG:
        yield from _of_another_class(investor, "HK")
        return
    yield from _closed(case, "HK")
    if kind is InvestorClass.HK_PI_INSTITUTION:
        yield from _licence_missing(investor)
    elif not (kind is InvestorClass.HK_PI_CORPORATION and _wholly_professional(investor)):
        yield from _below(_HONG_KONG[kind], investor)


def _wholly_professional(investor: Investor) -> bool:
    """A holding vehicle all of whose owners are professional investors is one itself."""
    owners = investor.owners
    return all(each.professional for each in owners) and sum(each.share for each in owners) == 1


def _licence_missing(investor: Investor) -> Iterator[Facts]:
    if investor.evidence.kind != "licence":
        yield {"class": investor.investor_class.value, "evidence": investor.evidence.kind}


@rule(
    "INV-06",
    "A Singapore accredited investor exceeds a threshold of its kind and has opted in; a resident of"
    " Singapore qualifies as one.",
    "新加坡合格投资者应超过相应门槛并选择加入；新加坡居民须属此类。",
    basis=Basis.SOURCE,
    source="SFA s 4A(1)(a)",
    cure="Bring evidence above the threshold, and the investor's opt-in.",
    figures=("jurisdictions",),
)
def singapore_accredited(case: InvestorCase) -> Iterator[Facts]:
    """Thresholds by class: assets above, income not below, borne out by a statement or accounts;
    opt-in; an institution's licence.
    """
    investor = case.investor
    kind = investor.investor_class
    if kind not in SINGAPORE:
        yield from _of_another_class(investor, "SG")
        return
    yield from _closed(case, "SG")
    if kind is InvestorClass.SG_INSTITUTION:
        yield from _licence_missing(investor)
        return
    yield from _below(_SINGAPORE[kind], investor)
    if not investor.opted_in:
        yield {"class": kind.value, "opted_in": False}


@rule(
    "INV-07",
    "Regulation S: an offshore sale to somebody who is not a US person, without selling efforts in the"
    " United States.",
    "S条例：仅限境外向非美国人士发售，且不得在美国定向推销。",
    basis=Basis.UNVERIFIED,
    source="Regulation S",
    cure="None: the 144A branch is closed in this deal.",
    figures=("jurisdictions",),
)
def not_a_us_person(case: InvestorCase) -> Iterator[Facts]:
    """Whatever the class; nor has anybody been approached in the United States."""
    investor = case.investor
    if investor.us_person or investor.residency == "US":
        yield {"investor": investor.id, "us_person": True}
    if investor.marketing_channel == "US":
        yield {"investor": investor.id, "marketing_channel": "US"}
    if investor.investor_class is InvestorClass.REG_S:
        yield from _closed(case, "US_REG_S")


QUALIFICATION_RULES: tuple[Rule[InvestorCase], ...] = (
    hong_kong_professional,
    singapore_accredited,
    not_a_us_person,
)
