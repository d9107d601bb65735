"""INV: who may hold. `INVESTOR_RULES` check admission; the other uses are in `issuance_rules` and
`transfer_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from issuer.domain.investor import (
    Investor,
    InvestorClass,
    eligibility_ends_on,
    look_through,
)
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.rule import Facts, Rule, rule

MAINLAND = "CN"


@dataclass(frozen=True, slots=True)
class InvestorCase:
    """Somebody asking to be admitted to a deal. `sanctioned` are names and wallets on the list."""

    investor: Investor
    sanctioned: frozenset[str]
    holders: int
    holder_cap: int
    today: date
    utc_day: date
    regime: Regime


@rule(
    "INV-01",
    "Market and investors are strictly overseas.",
    "发行市场和投资者严格限于境外。",
    basis=Basis.SOURCE,
    source="commentary; Trial Measures (2023) art. 10 by analogy",
    cure="None: a mainland resident cannot hold these notes.",
)
def investor_is_overseas(case: InvestorCase) -> Iterator[Facts]:
    """Residency of the holder itself."""
    if case.investor.residency == MAINLAND:
        yield {"investor": case.investor.id, "residency": MAINLAND}


@rule(
    "INV-03",
    "There is no domestic retail, and no marketing onshore.",
    "不得面向境内公众投资者，不得在境内宣传推介。",
    basis=Basis.SOURCE,
    source="commentary on Document 42",
    cure="Offer to qualified investors overseas, through overseas channels only.",
)
def not_retail_not_onshore(case: InvestorCase) -> Iterator[Facts]:
    """No retail class; the channel that brought the investor is overseas."""
    if case.investor.investor_class is InvestorClass.RETAIL:
        yield {"investor": case.investor.id, "class": "RETAIL"}
    if case.investor.marketing_channel == MAINLAND:
        yield {"investor": case.investor.id, "marketing_channel": MAINLAND}


@rule(
    "INV-04",
    "A vehicle owned or controlled by mainland persons is treated as mainland.",
    "穿透核查：由境内人士持有或控制的境外主体视同境内投资者。",
    basis=Basis.DESIGN,
    source="penetrative supervision; guideline No. 1, 3.1 by analogy",
    cure="None while mainland persons hold that much or control; QDII and ODI routes are off.",
    figures=("mainland_owner_share",),
)
def no_mainland_behind_it(case: InvestorCase) -> Iterator[Facts]:
    """Look-through of every level: the sum of the shares, and any unbroken chain of control."""
    interests = look_through(case.investor.owners, MAINLAND)
    share = sum((interest.share for interest in interests), Fraction(0))
    if share >= case.regime.mainland_owner_share:
        yield {
            "investor": case.investor.id,
            "mainland_share_percent": _shown(share * 100),
            "limit_percent": _shown(case.regime.mainland_owner_share * 100),
            "through": [" > ".join(interest.path) for interest in interests],
        }
    for interest in interests:
        if interest.controls:
            yield {"investor": case.investor.id, "controlled_by": " > ".join(interest.path)}


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
_SINGAPORE: Mapping[InvestorClass, tuple[Threshold, ...]] = {
    InvestorClass.SG_ACCREDITED_INDIVIDUAL: (
        _more_than("net_personal_assets_sgd", 2_000_000),
        _more_than("net_financial_assets_sgd", 1_000_000),
        _at_least("income_12_months_sgd", 300_000),
    ),
    InvestorClass.SG_ACCREDITED_CORPORATION: (_more_than("net_assets_sgd", 10_000_000),),
}


def _shown(value: Fraction) -> str:
    """As a decimal, truncated to six places."""
    whole, millionths = divmod(value.numerator * 10**6 // value.denominator, 10**6)
    return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")


def _below(alternatives: tuple[Threshold, ...], investor: Investor) -> Iterator[Facts]:
    figures = investor.evidence.figures
    if alternatives and not any(each.met_by(figures) for each in alternatives):
        yield {
            "class": investor.investor_class.value,
            "figures": {name: _shown(value) for name, value in figures.items()},
        }


@rule(
    "INV-05",
    "A Hong Kong professional investor meets the threshold of its kind, or holds a licence.",
    "香港专业投资者应符合相应门槛或持有牌照。",
    basis=Basis.SOURCE,
    source="Cap 571D, summaries",
    cure="Bring evidence of the portfolio, the assets or the licence that the class requires.",
)
def hong_kong_professional(case: InvestorCase) -> Iterator[Facts]:
    """Thresholds by class; an institution needs a licence reference."""
    investor = case.investor
    yield from _below(_HONG_KONG.get(investor.investor_class, ()), investor)
    if investor.investor_class is InvestorClass.HK_PI_INSTITUTION:
        yield from _licence_missing(investor)


def _licence_missing(investor: Investor) -> Iterator[Facts]:
    if investor.evidence.kind != "licence":
        yield {"class": investor.investor_class.value, "evidence": investor.evidence.kind}


@rule(
    "INV-06",
    "A Singapore accredited investor exceeds a threshold of its kind and has opted in.",
    "新加坡合格投资者应超过相应门槛并选择加入。",
    basis=Basis.SOURCE,
    source="SFA s 4A(1)(a)",
    cure="Bring evidence above the threshold, and the investor's opt-in.",
)
def singapore_accredited(case: InvestorCase) -> Iterator[Facts]:
    """Thresholds by class: assets above, income not below; opt-in; an institution's licence."""
    investor = case.investor
    alternatives = _SINGAPORE.get(investor.investor_class, ())
    yield from _below(alternatives, investor)
    if alternatives and not investor.opted_in:
        yield {"class": investor.investor_class.value, "opted_in": False}
    if investor.investor_class is InvestorClass.SG_INSTITUTION:
        yield from _licence_missing(investor)


@rule(
    "INV-07",
    "Regulation S: an offshore sale to somebody who is not a US person.",
    "S条例：仅限境外向非美国人士发售。",
    basis=Basis.UNVERIFIED,
    source="Regulation S",
    cure="None: the 144A branch is closed in this deal.",
)
def not_a_us_person(case: InvestorCase) -> Iterator[Facts]:
    """Whatever the class."""
    if case.investor.us_person or case.investor.residency == "US":
        yield {"investor": case.investor.id, "us_person": True}


@rule(
    "INV-10",
    "The notes have no more holders than the cap.",
    "持有人数不得超过上限。",
    basis=Basis.ANALOGY,
    source="CSRC announcement [2014] 49 art. 29",
    cure="None until a holder leaves.",
)
def within_the_holder_cap(case: InvestorCase) -> Iterator[Facts]:
    """Counted on admissions: an upper bound on holders."""
    if case.holders >= case.holder_cap:
        yield {"admitted": case.holders, "cap": case.holder_cap}


@rule(
    "INV-12",
    "Nobody on a sanctions list is admitted.",
    "制裁名单所列主体不得准入。",
    basis=Basis.TEXT,
    source="Document 42, AML duty; effect by design",
    cure="None until the list no longer names the investor or those behind it.",
)
def not_sanctioned(case: InvestorCase) -> Iterator[Facts]:
    """The investor's name and wallet, and every owner's name."""
    hits = sorted(case.investor.names() & case.sanctioned)
    if hits:
        yield {"investor": case.investor.id, "listed": hits}


@rule(
    "INV-13",
    "Eligibility rests on evidence no older than a year, and expires with it.",
    "投资者资格证明有效期为一年，逾期须重新认证。",
    basis=Basis.DESIGN,
    source="yearly re-attestation",
    cure="Bring evidence dated within the last twelve months.",
    figures=("evidence_months",),
)
def evidence_is_fresh(case: InvestorCase) -> Iterator[Facts]:
    """Not from the future by the Hong Kong date; its end is the contracts' day, in UTC."""
    dated = case.investor.evidence.dated
    ends = eligibility_ends_on(dated, case.regime.evidence_months)
    if dated > case.today or case.utc_day >= ends:
        yield {
            "investor": case.investor.id,
            "evidence_dated": dated.isoformat(),
            "eligible_until": ends.isoformat(),
            "utc_day": case.utc_day.isoformat(),
        }


INVESTOR_RULES: tuple[Rule[InvestorCase], ...] = (
    investor_is_overseas,
    not_retail_not_onshore,
    no_mainland_behind_it,
    hong_kong_professional,
    singapore_accredited,
    not_a_us_person,
    within_the_holder_cap,
    not_sanctioned,
    evidence_is_fresh,
)
