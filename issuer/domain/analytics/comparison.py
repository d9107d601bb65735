"""One deal as a traditional securitisation and as tokens: the same cash, other costs, time, holders.

Nothing is assumed that the terms do not state: every figure is a field with its basis, and the
answer carries it. What the pool pays does not depend on who keeps the register, so both forms are
compared on one run. Waiting is priced apart from costs: the holders bear it, the deal does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from issuer.domain.analytics.flows import DatedFlow, refuse
from issuer.domain.regime import Basis

_DAY_SECONDS = 86_400
_YEAR_SECONDS = 365 * _DAY_SECONDS
_BASIS_POINTS = 10_000
_WEI_PER_NATIVE_COIN = 10**18
_SOURCE = "comparison"

IsBusinessDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that somebody states, with what it rests on."""

    value: int
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class RegisterTerms:
    """Notes on a register that intermediaries keep; amounts in micro-units of the deal's coin.

    A payment is with a holder `payment_business_days` after the deal has made it.
    """

    set_up_micro: Assumption
    arranging_basis_points: Assumption
    paying_agent_per_payment_micro: Assumption
    bank_charge_per_holder_paid_micro: Assumption
    clearing_per_trade_micro: Assumption
    payment_business_days: Assumption
    settlement_business_days: Assumption
    minimum_holding_micro: Assumption
    holder_cap: Assumption


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Notes as tokens. Gas is priced in wei, and the chain's own coin in micro-units.

    Coin is money in a bank `redemption_business_days` after its holder gives it back.
    """

    set_up_micro: Assumption
    arranging_basis_points: Assumption
    operations_per_payment_micro: Assumption
    deployment_gas: Assumption
    declaration_gas: Assumption
    payment_gas_per_holder: Assumption
    transfer_gas: Assumption
    gas_price_wei: Assumption
    native_coin_micro: Assumption
    seconds_per_block: Assumption
    redemption_business_days: Assumption
    minimum_subscription_micro: Assumption
    minimum_transfer_micro: Assumption
    holder_cap: Assumption


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """What both forms share: who holds, how often notes change hands, what waiting for money costs."""

    holders: Assumption
    trades_per_payment: Assumption
    trade_micro: Assumption
    money_basis_points: Assumption


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes that are sold: their face, what they are paid, and the trades in them."""

    face_micro: int
    payments: Sequence[DatedFlow]
    trades: Sequence[DatedFlow]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the deal: costs by kind, seconds of waiting payment by payment and trade by trade.

    `settlement_seconds` are until the buyer has the notes, `money_seconds` until the seller, and
    `payment_seconds` until the holders, have money in a bank. `waiting_micro` is what that costs.
    """

    issue_micro: Mapping[str, int]
    ongoing_micro: Mapping[str, int]
    payment_seconds: tuple[int, ...]
    settlement_seconds: tuple[int, ...]
    money_seconds: tuple[int, ...]
    waiting_micro: Mapping[str, int]
    minimum_subscription_micro: int
    minimum_transfer_micro: int
    most_holders: int
    assumptions: Mapping[str, Assumption]

    @property
    def cost_micro(self) -> int:
        """All costs of the deal's life together, without the waiting."""
        return sum(self.issue_micro.values()) + sum(self.ongoing_micro.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both forms, with what they share."""

    cash_micro: int
    traditional: Form
    tokens: Form
    market: Mapping[str, Assumption]


def compare(
    notes: Notes,
    traditional: RegisterTerms,
    tokens: TokenTerms,
    market: MarketTerms,
    is_business_day: IsBusinessDay,
) -> Comparison:
    """Set the two forms of one deal side by side."""
    shared = _stated("/market", market)
    if market.holders.value < 1:
        refuse(_SOURCE, "/market/holders", "holders.none", "must be one or more")
    return Comparison(
        sum(amount for _, amount in notes.payments),
        _on_register(notes, traditional, market, is_business_day),
        _as_tokens(notes, tokens, market, is_business_day),
        shared,
    )


def _on_register(
    notes: Notes, terms: RegisterTerms, market: MarketTerms, is_business_day: IsBusinessDay
) -> Form:
    stated = _stated("/traditional", terms)
    holders, payments, trades = market.holders.value, len(notes.payments), len(notes.trades)
    paid = _waits(notes.payments, terms.payment_business_days.value, is_business_day)
    # Delivery against payment: the money is in the bank when the notes are on the register.
    settled = _waits(notes.trades, terms.settlement_business_days.value, is_business_day)
    least = terms.minimum_holding_micro.value
    return Form(
        issue_micro={
            "set_up": terms.set_up_micro.value,
            "arranging": _share(notes.face_micro, terms.arranging_basis_points),
        },
        ongoing_micro={
            "paying_agent": terms.paying_agent_per_payment_micro.value * payments,
            "bank_charges": terms.bank_charge_per_holder_paid_micro.value * holders * payments,
            "clearing": terms.clearing_per_trade_micro.value * trades,
        },
        payment_seconds=paid,
        settlement_seconds=settled,
        money_seconds=settled,
        waiting_micro=_priced(notes, paid, settled, market),
        minimum_subscription_micro=least,
        minimum_transfer_micro=least,
        most_holders=_most_holders(notes, least, terms.holder_cap),
        assumptions=stated,
    )


def _as_tokens(
    notes: Notes, terms: TokenTerms, market: MarketTerms, is_business_day: IsBusinessDay
) -> Form:
    stated = _stated("/tokens", terms)
    holders, payments, trades = market.holders.value, len(notes.payments), len(notes.trades)
    each = terms.declaration_gas.value + terms.payment_gas_per_holder.value * holders
    gas = {"payment_gas": each * payments, "transfer_gas": terms.transfer_gas.value * trades}
    days = terms.redemption_business_days.value
    paid = _waits(notes.payments, days, is_business_day)
    redeemed = _waits(notes.trades, days, is_business_day)
    return Form(
        issue_micro={
            "set_up": terms.set_up_micro.value,
            "arranging": _share(notes.face_micro, terms.arranging_basis_points),
            "deployment_gas": _gas_micro(terms.deployment_gas.value, terms),
        },
        ongoing_micro={
            "operations": terms.operations_per_payment_micro.value * payments,
            **{kind: _gas_micro(amount, terms) for kind, amount in gas.items()},
        },
        payment_seconds=paid,
        settlement_seconds=(terms.seconds_per_block.value,) * trades,
        money_seconds=redeemed,
        waiting_micro=_priced(notes, paid, redeemed, market),
        minimum_subscription_micro=terms.minimum_subscription_micro.value,
        minimum_transfer_micro=terms.minimum_transfer_micro.value,
        most_holders=_most_holders(notes, terms.minimum_transfer_micro.value, terms.holder_cap),
        assumptions=stated,
    )


def _share(face_micro: int, points: Assumption) -> int:
    return -(-face_micro * points.value // _BASIS_POINTS)


def _gas_micro(gas: int, terms: TokenTerms) -> int:
    # A cost is rounded up: a fraction of a micro-unit is paid for all the same.
    wei = gas * terms.gas_price_wei.value
    return -(-wei * terms.native_coin_micro.value // _WEI_PER_NATIVE_COIN)


def _most_holders(notes: Notes, least_micro: int, cap: Assumption) -> int:
    return min(cap.value, notes.face_micro // least_micro) if least_micro else cap.value


def _waits(
    flows: Sequence[DatedFlow], days: int, is_business_day: IsBusinessDay
) -> tuple[int, ...]:
    return tuple(_seconds_until_bank_day(day, days, is_business_day) for day, _ in flows)


def _priced(
    notes: Notes, paid: Sequence[int], sold: Sequence[int], market: MarketTerms
) -> dict[str, int]:
    """Simple interest on the money for as long as it is on its way, rounded up once for each kind."""

    def price(flows: Sequence[DatedFlow], waits: Sequence[int]) -> int:
        waited = sum(amount * wait for (_, amount), wait in zip(flows, waits, strict=True))
        return -(-waited * market.money_basis_points.value // (_BASIS_POINTS * _YEAR_SECONDS))

    return {"payments": price(notes.payments, paid), "trades": price(notes.trades, sold)}


def _seconds_until_bank_day(start: date, days: int, is_business_day: IsBusinessDay) -> int:
    """A day off counts as the next business day, from which `days` more are waited."""
    day = start
    while not is_business_day(day):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not is_business_day(day):
            day += timedelta(days=1)
    return (day - start).days * _DAY_SECONDS


def _stated(path: str, terms: RegisterTerms | TokenTerms | MarketTerms) -> dict[str, Assumption]:
    stated = {each.name: getattr(terms, each.name) for each in fields(terms)}
    for name, each in stated.items():
        if each.value < 0:
            refuse(_SOURCE, f"{path}/{name}", "amount.negative", "must be zero or more")
        if not each.source:
            refuse(_SOURCE, f"{path}/{name}", "source.none", "says no source: name one")
    return stated
