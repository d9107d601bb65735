"""Units and money of a deal as a supervisor counts them: by tranche, jurisdiction, class and period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.money import format_decimal
from issuer.domain.payment import HolderPayment, Outcome
from issuer.onchain import commands
from issuer.services.context import Context, address_book
from issuer.services.particulars import Holding, payments
from issuer.store import cash


@dataclass(frozen=True, slots=True)
class Group:
    """Holders that have something in common, and their part of all units."""

    name: str
    holders: int
    units: int
    share_percent: str


@dataclass(frozen=True, slots=True)
class TrancheOnChain:
    """What the token says of itself."""

    tranche: str
    token: str
    status: str
    transfers_open: bool
    paused: bool
    supply: int
    cap: int
    outstanding_per_unit_micro: int


@dataclass(frozen=True, slots=True)
class PeriodPaid:
    """A distribution: what its holders of record were due, and what has become of it."""

    distribution: str
    period: int
    state: str
    due_micro: int
    paid_micro: int
    set_aside_micro: int
    outcomes: Mapping[str, int]


def grouped(holdings: Iterable[Holding], of: Callable[[Holding], str | None]) -> tuple[Group, ...]:
    """The holders by whatever `of` says of them, the largest group first."""
    units: Counter[str] = Counter()
    wallets: defaultdict[str, set[str]] = defaultdict(set)
    for each in holdings:
        name = of(each) or "unknown"
        units[name] += each.units
        wallets[name].add(each.wallet)
    total = units.total()
    return tuple(
        Group(name, len(wallets[name]), count, format_decimal(Fraction(count * 100, total)))
        for name, count in sorted(units.items(), key=lambda group: (-group[1], group[0]))
    )


def tranches(
    context: Context, connection: Connection, deal: Deal, block: int
) -> tuple[TrancheOnChain, ...]:
    """Every token that is deployed, after that block."""
    book = address_book(connection, deal.id)
    found = []
    for tranche in deal.tokenised:
        token = book.get(commands.token_name(tranche.id))
        if token is not None:
            facts = context.chain.token_facts(token, block)
            found.append(
                TrancheOnChain(
                    tranche.id,
                    token,
                    facts.filing_status.name,
                    facts.transfers_open,
                    facts.paused,
                    facts.supply,
                    facts.cap,
                    facts.outstanding_per_unit_micro,
                )
            )
    return tuple(found)


def periods(connection: Connection, deal_id: str) -> tuple[PeriodPaid, ...]:
    """Every distribution, by period."""
    by_distribution: defaultdict[str, list[HolderPayment]] = defaultdict(list)
    for payment in payments(connection, deal_id):
        by_distribution[payment.distribution_id].append(payment)
    return tuple(
        _period(each.id, each.period, each.state.value, by_distribution[each.id])
        for each in cash.distributions(connection, deal_id)
    )


def _period(distribution: str, period: int, state: str, made: list[HolderPayment]) -> PeriodPaid:
    def total(*outcomes: Outcome) -> int:
        return sum(each.total_micro for each in made if each.outcome in outcomes)

    return PeriodPaid(
        distribution,
        period,
        state,
        total(*Outcome),
        total(Outcome.PAID, Outcome.RELEASED),
        total(Outcome.SET_ASIDE, Outcome.CREDITED),
        Counter(each.outcome.value for each in made),
    )
