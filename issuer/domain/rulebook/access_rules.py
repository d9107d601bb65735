"""Who is shown the notes, where, and what is shared of them: INV-02 at the door, INV-09, FIL-19."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from issuer.domain.investor import MAINLAND
from issuer.domain.regime import Basis
from issuer.domain.roles import PERMISSIONS, Act, Role
from issuer.domain.rulebook.rule import Facts, Rule, rule

#: Parties whose place is in the mainland. To them the notes are not offered: they file, watch or report.
ONSHORE_PARTIES = frozenset(
    {Role.FILER, Role.REGULATOR, Role.OTHER_AUTHORITY, Role.ORACLE, Role.AUDITOR}
)


@dataclass(frozen=True, slots=True)
class AccessCase:
    """A request for what investors are offered. `role` None asks without a key that is known.

    `countries` are those that the edge proxy names; `network` is the one on the list of mainland
    networks that the request comes from.
    """

    role: Role | None
    countries: tuple[str, ...]
    network: str | None


@rule(
    "INV-02",
    "Nobody in mainland China is served: not shown the offering, admitted, or let subscribe.",
    "不得向位于境内的请求提供发售展示、准入或认购服务。",
    basis=Basis.TEXT,
    source="Document 42, overseas service blocking; the block at the door by design",
    cure="None from the mainland.",
)
def request_comes_from_overseas(case: AccessCase) -> Iterator[Facts]:
    """Country and network, whichever says so."""
    if case.role in ONSHORE_PARTIES:
        return
    if MAINLAND in case.countries:
        yield {"country": MAINLAND}
    if case.network is not None:
        yield {"network": case.network}


@dataclass(frozen=True, slots=True)
class ListingCase:
    """The issuer about to have the notes admitted to trading at a venue."""

    venue: str
    retail: bool


@rule(
    "INV-09",
    "The notes are not listed where retail investors trade.",
    "代币不得在面向零售投资者的平台挂牌交易。",
    basis=Basis.SOURCE,
    source="SFC circular of 20 April 2026: its pilot is for authorised products, commentary",
    cure="List at a venue for professional investors only, whose members the registrar admits.",
)
def venue_is_for_professionals(case: ListingCase) -> Iterator[Facts]:
    """Whom the venue serves."""
    if case.retail:
        yield {"venue": case.venue, "retail": True}


@dataclass(frozen=True, slots=True)
class SharingCase:
    """What is about to be handed to a supervisor: units by tranche, in the register and on chain."""

    recipient: Role
    register: Mapping[str, int]
    on_chain: Mapping[str, int]


@rule(
    "FIL-19",
    "What is shared with overseas regulators is shared with supervisors only, and is the whole register"
    " as it stands on chain.",
    "与境外监管机构共享的信息仅限提供给监管者，且应为与链上一致的完整登记册。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, cross-border cooperation; completeness by design",
    cure="Ask with a supervisor's key; where register and chain differ, reconcile them first.",
)
def sharing_is_whole_and_with_supervisors(case: SharingCase) -> Iterator[Facts]:
    """Who asks, and every tranche's units counted twice."""
    if case.recipient not in PERMISSIONS[Act.EXPORT_DEAL]:
        yield {"recipient": case.recipient.value}
    for tranche in sorted({*case.register, *case.on_chain}):
        counted = case.register.get(tranche, 0), case.on_chain.get(tranche, 0)
        if counted[0] != counted[1]:
            yield {"tranche": tranche, "in_register": counted[0], "on_chain": counted[1]}


ACCESS_RULES: tuple[Rule[AccessCase], ...] = (request_comes_from_overseas,)
LISTING_RULES: tuple[Rule[ListingCase], ...] = (venue_is_for_professionals,)
SHARING_RULES: tuple[Rule[SharingCase], ...] = (sharing_is_whole_and_with_supervisors,)
