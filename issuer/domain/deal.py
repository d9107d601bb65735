"""The terms of a deal, as data, and the complaints of a reader who checks them.

A `Deal` says who files and who issues, which tranches there are, what is paid in which order and
when. It is built from a deal file (`issuer/documents/deal.py`) and never changes. Money is in micro-units
of the settlement coin, whose currency is the deal's own; rates and percentages are fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from fractions import Fraction

from issuer.domain.calendar import Convention
from issuer.domain.day_count import Accrual, DayCount
from issuer.domain.waterfall.steps import Step
from issuer.domain.waterfall.structure import Fee, Structure, Tranche, by_id

MAX_PAYMENTS = 400
"""A hundred years of quarters: more is a slip of the pen."""

MAX_LOCK_UP_DAYS = 3_650
"""Ten years, likewise."""

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
    `first_payment`, from month end to month end if `end_of_month`; lags are in business days of
    all `calendars` together. A first period of another length comes of `accrual_start`.
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
    day_count: DayCount
    accrual: Accrual
    determination_lag: int
    record_lag: int
    record_time: time
    time_zone: str
    end_of_month: bool = False

    @property
    def frequency(self) -> int | None:
        """Payments a year; None where the months between them do not divide it."""
        return None if 12 % self.months else 12 // self.months


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything agreed: who takes part, how it is sold, when it pays, and who is paid how much."""

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
    structure: Structure
    jurisdictions: tuple[str, ...] = ()

    def min_holding(self, tranche: Tranche) -> int:
        """Units of the tranche that a holder keeps, unless it keeps none: the minimum, rounded up."""
        return -(-self.offering.min_holding_micro // tranche.denomination_micro)

    @property
    def lock_up_ends(self) -> date | None:
        """The first day on which units may be transferred; None without a lock-up."""
        days = self.offering.lock_up_days
        return self.schedule.closing + timedelta(days) if days else None

    @property
    def tranches(self) -> tuple[Tranche, ...]:
        """All classes of notes, in the order of the file."""
        return self.structure.tranches

    @property
    def fees(self) -> tuple[Fee, ...]:
        """All fees, in the order of the file."""
        return self.structure.fees

    @property
    def waterfall(self) -> tuple[Step, ...]:
        """The priority of payments while no test has switched to another."""
        return self.structure.waterfall

    def tranche(self, tranche_id: str) -> Tranche:
        """The tranche called so; `KeyError` if there is none."""
        return self.structure.tranche(tranche_id)

    def fee(self, fee_id: str) -> Fee:
        """The fee called so; `KeyError` if there is none."""
        return self.structure.fee(fee_id)

    def payee(self, payee_id: str) -> Payee:
        """The payee called so; `KeyError` if there is none."""
        return by_id(self.payees, payee_id)

    @property
    def tokenised(self) -> tuple[Tranche, ...]:
        """The tranches that have a token, in the order of the file."""
        return tuple(tranche for tranche in self.tranches if tranche.tokenised)
