"""Investors: who they are, what qualifies them, who stands behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from fractions import Fraction

from issuer.domain.names import as_compared
from issuer.domain.schedule import add_months

MAINLAND = "CN"
MAINLAND_DIAL = "+86"


class InvestorClass(StrEnum):
    """Qualified investor classes. RETAIL can be named in a request, and is never admitted."""

    HK_PI_INSTITUTION = "HK_PI_INSTITUTION"
    HK_PI_CORPORATION = "HK_PI_CORPORATION"
    HK_PI_TRUST = "HK_PI_TRUST"
    HK_PI_INDIVIDUAL = "HK_PI_INDIVIDUAL"
    SG_ACCREDITED_INDIVIDUAL = "SG_ACCREDITED_INDIVIDUAL"
    SG_ACCREDITED_CORPORATION = "SG_ACCREDITED_CORPORATION"
    SG_INSTITUTION = "SG_INSTITUTION"
    REG_S = "REG_S"
    RETAIL = "RETAIL"


#: Those behind whom nobody stands, and those whom a supervisor licenses: owners need not be named.
WITHOUT_OWNERS = frozenset(
    {
        InvestorClass.HK_PI_INSTITUTION,
        InvestorClass.HK_PI_INDIVIDUAL,
        InvestorClass.SG_ACCREDITED_INDIVIDUAL,
        InvestorClass.SG_INSTITUTION,
    }
)

#: The number under which a class stands in the token's word.
CLASS_NUMBERS: dict[InvestorClass, int] = {
    InvestorClass.HK_PI_INSTITUTION: 1,
    InvestorClass.HK_PI_CORPORATION: 2,
    InvestorClass.HK_PI_TRUST: 3,
    InvestorClass.HK_PI_INDIVIDUAL: 4,
    InvestorClass.SG_ACCREDITED_INDIVIDUAL: 5,
    InvestorClass.SG_ACCREDITED_CORPORATION: 6,
    InvestorClass.SG_INSTITUTION: 7,
    InvestorClass.REG_S: 8,
}


class WalletKind(StrEnum):
    """What a wallet is. Whoever holds in VAULT and those after it holds for people nobody has seen."""

    OWN = "OWN"
    CUSTODY = "CUSTODY"
    VAULT = "VAULT"
    POOL = "POOL"
    LENDING = "LENDING"
    BRIDGE = "BRIDGE"


class WalletProof(StrEnum):
    """What the signature given with a wallet shows: GIVEN is the wallet's own, over this investor's id."""

    GIVEN = "given"
    NOT_GIVEN = "not given"
    BY_ANOTHER_KEY = "by another key"


class Route(StrEnum):
    """The ways by which mainland money may lawfully be invested overseas."""

    QDII = "QDII"
    ODI = "ODI"


class OwnerKind(StrEnum):
    """What an owner is: behind a person nobody stands, and behind a SUPERVISED body (licensed, listed or
    public) nobody need be named.
    """

    PERSON = "PERSON"
    SUPERVISED = "SUPERVISED"
    COMPANY = "COMPANY"


@dataclass(frozen=True, slots=True)
class Owner:
    """A beneficial owner and those behind it. `share` is the part held of the level above; `kind` None is
    what nobody stated.
    """

    name: str
    residency: str
    share: Fraction
    controls: bool
    owners: tuple[Owner, ...] = ()
    professional: bool = False
    kind: OwnerKind | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the registrar relied on. Figures are in whole units of the currency they name."""

    kind: str
    reference: str
    dated: date
    figures: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class RouteEvidence:
    """By what leave mainland money goes overseas, and whose quota it uses; from `expires` on it is none."""

    approval_reference: str
    quota_holder: str
    dated: date
    expires: date


@dataclass(frozen=True, slots=True)
class Investor:
    """A legal holder and its wallet. `country` is its ISO 3166-1 numeric code.

    `vehicle_investors` is how many stand behind a pooled vehicle; None for anything else. `wallet_proof` is
    the wallet's signature in hex: whoever signs once more is the same investor.
    """

    id: str
    name: str
    residency: str
    country: int
    investor_class: InvestorClass
    wallet: str
    us_person: bool
    opted_in: bool
    marketing_channel: str
    evidence: Evidence
    owners: tuple[Owner, ...]
    phone: str | None = None
    identity_document_country: str | None = None
    bank_account_country: str | None = None
    route: Route | None = None
    route_evidence: RouteEvidence | None = None
    vehicle_investors: int | None = None
    wallet_kind: WalletKind = WalletKind.OWN
    wallet_proof: str | None = field(default=None, compare=False)

    @property
    def heads(self) -> int:
        """How many it counts as under a holder cap: a vehicle is seen through."""
        return self.vehicle_investors or 1

    def names(self) -> frozenset[str]:
        """By what a sanctions list may name it: id, name, wallet, and every owner, as compared."""
        found = {self.id, self.name, self.wallet}
        pending = list(self.owners)
        while pending:
            owner = pending.pop()
            found.add(owner.name)
            pending.extend(owner.owners)
        return frozenset(map(as_compared, found))


class InvestorStatus(StrEnum):
    """ADMITTED may hold; FROZEN may neither send nor receive, and its payments are set aside."""

    ADMITTED = "ADMITTED"
    FROZEN = "FROZEN"


@dataclass(frozen=True, slots=True)
class Interest:
    """A residency's part in an investor, seen through every level."""

    share: Fraction
    controls: bool
    path: tuple[str, ...]


def look_through(owners: tuple[Owner, ...], residency: str) -> tuple[Interest, ...]:
    """Every interest of a residency in an investor; shares multiply down the levels.

    Control passes down only through an unbroken chain of controllers. Whoever holds more than half
    controls, whatever is said.
    """
    return tuple(_interests(owners, residency, Fraction(1), True, ()))


def _interests(
    owners: tuple[Owner, ...],
    residency: str,
    share: Fraction,
    controls: bool,
    path: tuple[str, ...],
) -> Iterator[Interest]:
    for owner in owners:
        held = share * owner.share
        in_control = controls and (owner.controls or owner.share > _HALF)
        here = (*path, owner.name)
        if owner.residency == residency:
            yield Interest(held, in_control, here)
        else:
            # Those behind a resident are counted with it: counting both would count twice.
            yield from _interests(owner.owners, residency, held, in_control, here)


_HALF = Fraction(1, 2)


def controlled(owners: tuple[Owner, ...], residency: str) -> bool:
    """Whether residents control: one of them, or several who hold more than half together; a vehicle that
    residents control is as good as a resident.
    """
    residents = [
        each for each in owners if each.residency == residency or controlled(each.owners, residency)
    ]
    held = sum((each.share for each in residents), Fraction(0))
    return held > _HALF or any(each.controls for each in residents)


def unexplained(owners: tuple[Owner, ...], but_for: str) -> Fraction:
    """The share of an investor for which no owner is named at some level; a person or a
    supervised body ends a chain. Those behind a resident of `but_for` are not looked for: `look_through`
    counts it whole.
    """
    named = sum((owner.share for owner in owners), Fraction(0))
    behind = (
        owner.share * unexplained(owner.owners, but_for)
        for owner in owners
        if owner.residency != but_for and (owner.owners or owner.kind not in _ENDS_A_CHAIN)
    )
    return 1 - named + sum(behind, Fraction(0))


_ENDS_A_CHAIN = frozenset({OwnerKind.PERSON, OwnerKind.SUPERVISED})


def circles(investor: Investor) -> Iterator[tuple[str, ...]]:
    """Paths on which a name comes twice: whoever owns itself says nothing of who is behind it."""
    yield from _circles(investor.owners, (investor.name,))


def _circles(owners: tuple[Owner, ...], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    above = set(map(as_compared, path))
    for owner in owners:
        here = (*path, owner.name)
        if as_compared(owner.name) in above:
            yield here
        else:
            yield from _circles(owner.owners, here)


def eligibility_ends_on(evidence_dated: date, months: int) -> date:
    """The first day on which evidence of that date no longer makes its holder eligible."""
    return add_months(evidence_dated, months)


def eligible_until(investor: Investor, months: int) -> date:
    """The first day on which the investor is no longer eligible: its evidence or its route has ended."""
    ends = eligibility_ends_on(investor.evidence.dated, months)
    return min(ends, investor.route_evidence.expires) if investor.route_evidence else ends


_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01: how the contracts count. The day begins at 00:00 UTC."""
    return (day - _EPOCH).days


def start_of(day: date) -> datetime:
    """The instant, in UTC, at which the contracts' day begins."""
    return datetime.combine(day, time(), UTC)
