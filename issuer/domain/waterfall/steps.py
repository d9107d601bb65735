"""The steps of a priority of payments, as data: what is paid, to whom, from which cash, how much.

`source` says which of the period's cash a step may take, in that order; `support` names the
reserves and sponsors that stand in, in that order, for what the cash does not reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from issuer.domain.exact import Exact
from issuer.domain.waterfall.amounts import Amount


class Source(StrEnum):
    """The two kinds of cash a pool yields; recoveries count as principal, revenue as interest."""

    INTEREST = "interest"
    PRINCIPAL = "principal"


ALL_CASH = (Source.INTEREST, Source.PRINCIPAL)


class Sharing(StrEnum):
    """How a step's cash meets several tranches."""

    SEQUENTIAL = "sequential"
    PRO_RATA = "pro_rata"


class PrincipalMode(StrEnum):
    """SCHEDULED pays what the schedule has made due; AVAILABLE all it may take (turbo)."""

    SCHEDULED = "scheduled"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class PayFee(Exact):
    """Pay fees and their arrears, in order; `limit` caps what this step pays them together."""

    fees: tuple[str, ...]
    limit: Amount | None = None
    source: tuple[Source, ...] = ALL_CASH
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayInterest(Exact):
    """Pay the interest of the period and the shortfall of earlier ones."""

    tranches: tuple[str, ...]
    sharing: Sharing = Sharing.SEQUENTIAL
    source: tuple[Source, ...] = ALL_CASH
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayInterestOnInterest(Exact):
    """Pay the interest that interest shortfalls have borne."""

    tranches: tuple[str, ...]
    sharing: Sharing = Sharing.SEQUENTIAL
    source: tuple[Source, ...] = ALL_CASH
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capitalise(Exact):
    """Add the interest due to what is outstanding instead of paying it (an accrual tranche)."""

    tranches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayPrincipal(Exact):
    """Pay principal; `limit` caps what this step pays all its tranches together.

    `until` names a test: the step pays no more than lets it pass, measured again with what is paid,
    and nothing where it passes already.
    """

    tranches: tuple[str, ...]
    mode: PrincipalMode = PrincipalMode.SCHEDULED
    sharing: Sharing = Sharing.SEQUENTIAL
    limit: Amount | None = None
    source: tuple[Source, ...] = ALL_CASH
    support: tuple[str, ...] = ()
    until: str | None = None


@dataclass(frozen=True, slots=True)
class TopUp(Exact):
    """Fill the reserve to its target."""

    reserve: str
    source: tuple[Source, ...] = ALL_CASH


@dataclass(frozen=True, slots=True)
class Release:
    """Return to the period's cash what the reserve holds above its target."""

    reserve: str


@dataclass(frozen=True, slots=True)
class RepaySupport(Exact):
    """Repay a sponsor what it has stood in for."""

    sponsor: str
    source: tuple[Source, ...] = ALL_CASH


@dataclass(frozen=True, slots=True)
class Purchase(Exact):
    """Buy further assets for the pool from the payee, for at most `limit` (a revolving period).

    With `until_payment`, no later payment sets anything aside for it.
    """

    payee: str
    limit: Amount
    source: tuple[Source, ...] = ALL_CASH
    until_payment: int | None = None


@dataclass(frozen=True, slots=True)
class PutBack(Exact):
    """Redeem the units that holders put back at one of these payments, at what is outstanding on each.

    Only for a tranche that is owed no interest then; what the cash does not reach stays outstanding,
    and may be put again only at a later one of the payments.
    """

    tranches: tuple[str, ...]
    payments: tuple[int, ...]
    source: tuple[Source, ...] = ALL_CASH
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteDown(Exact):
    """Write the amount down, the first tranche first, so the most junior stands first."""

    tranches: tuple[str, ...]
    amount: Amount


@dataclass(frozen=True, slots=True)
class WriteUp(Exact):
    """Reverse write-downs by the amount, the first tranche first, so the most senior stands first."""

    tranches: tuple[str, ...]
    amount: Amount


@dataclass(frozen=True, slots=True)
class When(Exact):
    """Go one of two ways: `then` where the test has failed, `otherwise` where it has passed."""

    failed: str
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class PayResidual:
    """Pay all that is left to the holder of the retained tranche."""

    tranche: str


Step = (
    PayFee
    | PayInterest
    | PayInterestOnInterest
    | Capitalise
    | PayPrincipal
    | TopUp
    | Release
    | RepaySupport
    | Purchase
    | PutBack
    | WriteDown
    | WriteUp
    | When
    | PayResidual
)


def walk(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step in the order of the file, those inside a `When` after it."""
    for step in steps:
        yield step
        if isinstance(step, When):
            yield from walk(step.then)
            yield from walk(step.otherwise)


def count(steps: Iterable[Step]) -> int:
    """How many steps there are, those inside a `When` included."""
    return sum(1 for _ in walk(steps))
