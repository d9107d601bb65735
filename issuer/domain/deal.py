"""The terms of a deal, as data, and the complaints of a reader who checks them.

A `Deal` says who files and who issues, which tranches there are, what is paid in which order and
when. It is built from a deal file (`issuer/documents/deal.py`) and never changes. Money is in micro-units
of the settlement coin, whose currency is the deal's own; rates and percentages are fractions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import TypeVar

from issuer.domain.calendar import Convention

MAX_PAYMENTS = 400
"""A hundred years of quarters: more is a slip of the pen."""

MAX_LOCK_UP_DAYS = 3_650
"""Ten years, likewise."""

_Named = TypeVar("_Named", "Tranche", "Fee", "Payee")

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Filer:
    """The mainland company that controls the assets and files with the regulator (FIL-02)."""

    name: str
    uscc: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """The overseas special-purpose company that issues the notes (TOK-05)."""

    name: str
    jurisdiction: str
    other_debt_micro: int
    lei: str | None = None


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """What a token stands for: judged by the rulebook (TOK-01, TOK-02, TOK-07, FIL-16), not here."""

    claim_type: str
    repayment_source: str
    form: str
    bearer: bool = False
    linked_to: str | None = None
    leveraged: bool = False


@dataclass(frozen=True, slots=True)
class SettlementCoin:
    """The coin in which notes are bought and paid: judged by the rulebook (SET-01 to SET-07).

    `issuer_jurisdiction` is the home of its issuer, or of whoever controls the issuer. `reserve` is
    a fraction of the coins outstanding.
    """

    symbol: str
    name: str
    currency: str
    peg: str
    kind: str
    licence: str | None
    consent_reference: str | None
    issuer_jurisdiction: str | None = None
    leg: str = "OFFSHORE"
    bank: str | None = None
    reserve: Fraction = Fraction(1)
    redemption_days: int = 1
    interest_rate: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody the deal pays who is not a token holder. Wallets come from the deployment."""

    id: str
    name: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account through which the pool's cash runs; its owner matters to TOK-04."""

    id: str
    owner: str
    bank: str
    currency: str


@dataclass(frozen=True, slots=True)
class Offering:
    """How the tokenised tranches are sold: at par, until the closing date.

    A holder keeps nothing or at least `min_holding_micro` of face; for `lock_up_days` after the
    closing nothing is transferred.
    """

    opens: date
    min_subscription_micro: int
    min_holding_micro: int
    holder_cap: int
    lock_up_days: int


@dataclass(frozen=True, slots=True)
class ScheduleTerms:
    """From which `domain/schedule.py` derives every date. Months are counted from
    `first_payment`; lags are in business days of all `calendars` together.
    """

    closing: date
    accrual_start: date
    first_payment: date
    payments: int
    months: int
    first_collection_start: date
    first_collection_end: date
    calendars: tuple[str, ...]
    convention: Convention
    allow_projected: bool
    day_count: str
    accrual: str
    determination_lag: int
    record_lag: int
    record_time: time
    time_zone: str


@dataclass(frozen=True, slots=True)
class Tranche:
    """One class of notes: `units` notes of one denomination.

    `principal_schedule` is the principal per unit due at each payment. Tokenised tranches are
    sold overseas; any other is a register entry of the payee `retained_by`.
    """

    id: str
    name: str
    tokenised: bool
    symbol: str | None
    retained_by: str | None
    units: int
    denomination_micro: int
    rate: Fraction | None
    principal_schedule: tuple[int, ...]
    isin: str | None = None

    @property
    def original_micro(self) -> int:
        """The original face of the whole tranche."""
        return self.units * self.denomination_micro


@dataclass(frozen=True, slots=True)
class FixedFee:
    """The same amount each period."""

    id: str
    payee: str
    amount_micro: int


@dataclass(frozen=True, slots=True)
class PercentFee:
    """A fraction of the period's collections, rounded down."""

    id: str
    payee: str
    share: Fraction


Fee = FixedFee | PercentFee


@dataclass(frozen=True, slots=True)
class Reserve:
    """Cash kept for lean periods: filled to `target_micro`, funded with `opening_micro`."""

    id: str
    target_micro: int
    opening_micro: int


@dataclass(frozen=True, slots=True)
class PayFee:
    """Pay the fee and its arrears."""

    fee: str


@dataclass(frozen=True, slots=True)
class PayInterest:
    """Pay the tranche's interest and its interest shortfall."""

    tranche: str


@dataclass(frozen=True, slots=True)
class TopUp:
    """Fill the reserve to its target."""

    reserve: str


@dataclass(frozen=True, slots=True)
class PayPrincipal:
    """Pay the tranche's scheduled principal and its principal shortfall."""

    tranche: str


@dataclass(frozen=True, slots=True)
class PayResidual:
    """Pay all that is left to the holder of the retained tranche."""

    tranche: str


Step = PayFee | PayInterest | TopUp | PayPrincipal | PayResidual


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything agreed. `waterfall` is the priority of payments, first step first."""

    id: str
    name: str
    synthetic: bool
    based_on: str
    currency: str
    asset_class: str
    overseas_notice: str
    filer: Filer
    issuer: Issuer
    token: TokenClaim
    settlement: SettlementCoin
    accounts: tuple[Account, ...]
    payees: tuple[Payee, ...]
    offering: Offering
    schedule: ScheduleTerms
    tranches: tuple[Tranche, ...]
    fees: tuple[Fee, ...]
    reserve: Reserve | None
    waterfall: tuple[Step, ...]
    jurisdictions: tuple[str, ...] = ()

    def min_holding(self, tranche: Tranche) -> int:
        """Units of the tranche that a holder keeps, unless it keeps none: the minimum, rounded up."""
        return -(-self.offering.min_holding_micro // tranche.denomination_micro)

    @property
    def lock_up_ends(self) -> date | None:
        """The first day on which units may be transferred; None without a lock-up."""
        days = self.offering.lock_up_days
        return self.schedule.closing + timedelta(days) if days else None

    def tranche(self, tranche_id: str) -> Tranche:
        """The tranche called so; `KeyError` if there is none."""
        return _by_id(self.tranches, tranche_id)

    def fee(self, fee_id: str) -> Fee:
        """The fee called so; `KeyError` if there is none."""
        return _by_id(self.fees, fee_id)

    def payee(self, payee_id: str) -> Payee:
        """The payee called so; `KeyError` if there is none."""
        return _by_id(self.payees, payee_id)

    @property
    def tokenised(self) -> tuple[Tranche, ...]:
        """The tranches that have a token, in the order of the file."""
        return tuple(tranche for tranche in self.tranches if tranche.tokenised)


def _by_id(items: Iterable[_Named], wanted: str) -> _Named:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)
