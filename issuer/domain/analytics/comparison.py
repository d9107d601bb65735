"""One deal as a traditional securitisation and as tokens: the same cash, other costs, time, holders.

Nothing is assumed that the terms do not state: every figure is a field with its basis, and the
answer carries it. What the pool pays does not depend on who keeps the register, so cash that
differs is a broken run and no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from issuer.domain.analytics.flows import DatedFlow, refuse
from issuer.domain.errors import IssuanceBug
from issuer.domain.regime import Basis

_DAY_SECONDS = 86_400
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
    """Notes on a register that intermediaries keep; amounts in micro-units of the coin's currency."""

    set_up_micro: Assumption
    paying_agent_per_payment_micro: Assumption
    bank_charge_per_holder_paid_micro: Assumption
    clearing_per_trade_micro: Assumption
    settlement_business_days: Assumption


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Notes as tokens. Gas is priced in wei, and the chain's own coin in micro-units."""

    set_up_micro: Assumption
    operations_per_payment_micro: Assumption
    deployment_gas: Assumption
    declaration_gas: Assumption
    payment_gas_per_holder: Assumption
    transfer_gas: Assumption
    gas_price_wei: Assumption
    native_coin_micro: Assumption
    seconds_per_block: Assumption
    redemption_business_days: Assumption


@dataclass(frozen=True, slots=True)
class RegisterRun:
    """What the notes on the register paid, to holders who are fixed."""

    payments: Sequence[DatedFlow]
    holders: int
    terms: RegisterTerms


@dataclass(frozen=True, slots=True)
class TokenRun:
    """What the tokens paid, and how many held them on each record date."""

    payments: Sequence[DatedFlow]
    holders: Sequence[int]
    terms: TokenTerms


@dataclass(frozen=True, slots=True)
class Report:
    """One form of the deal: costs by kind, seconds from trade to settlement and to money in a bank,
    trade by trade, and holders payment by payment.
    """

    costs_micro: Mapping[str, int]
    settlement_seconds: tuple[int, ...]
    money_seconds: tuple[int, ...]
    holders: tuple[int, ...]
    assumptions: Mapping[str, Assumption]

    @property
    def cost_micro(self) -> int:
        """All costs together."""
        return sum(self.costs_micro.values())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both forms, and the cash that is the same in both."""

    cash_micro: int
    register: Report
    tokens: Report


def compare(
    register: RegisterRun,
    tokens: TokenRun,
    trades: Sequence[date],
    is_business_day: IsBusinessDay,
) -> Comparison:
    """Set the two forms of one deal side by side; `trades` are the days on which notes change hands."""
    if tuple(register.payments) != tuple(tokens.payments):
        raise IssuanceBug(
            f"one waterfall paid {register.payments} on the register, {tokens.payments} as tokens"
        )
    if len(tokens.holders) != len(tokens.payments):
        refuse(_SOURCE, "/tokens/holders", "holders.differ", "must be one number for each payment")
    if min((register.holders, *tokens.holders)) < 1:
        refuse(_SOURCE, "/holders", "holders.none", "must be one or more at each payment")
    return Comparison(
        sum(amount for _, amount in register.payments),
        _register_report(register, trades, is_business_day),
        _token_report(tokens, trades, is_business_day),
    )


def _register_report(
    run: RegisterRun, trades: Sequence[date], is_business_day: IsBusinessDay
) -> Report:
    terms, payments = run.terms, len(run.payments)
    stated = _stated("/register/terms", terms)
    days = terms.settlement_business_days.value
    # Delivery against payment: the money is in the bank when the notes are on the register.
    settled = tuple(_seconds_until_bank_day(day, days, is_business_day) for day in trades)
    return Report(
        {
            "set_up": terms.set_up_micro.value,
            "paying_agent": terms.paying_agent_per_payment_micro.value * payments,
            "bank_charges": terms.bank_charge_per_holder_paid_micro.value * run.holders * payments,
            "clearing": terms.clearing_per_trade_micro.value * len(trades),
        },
        settled,
        settled,
        (run.holders,) * payments,
        stated,
    )


def _token_report(run: TokenRun, trades: Sequence[date], is_business_day: IsBusinessDay) -> Report:
    terms, payments = run.terms, len(run.payments)
    stated = _stated("/tokens/terms", terms)
    gas = {
        "deployment_gas": terms.deployment_gas.value,
        "payment_gas": terms.declaration_gas.value * payments
        + terms.payment_gas_per_holder.value * sum(run.holders),
        "transfer_gas": terms.transfer_gas.value * len(trades),
    }
    days = terms.redemption_business_days.value
    return Report(
        {
            "set_up": terms.set_up_micro.value,
            "operations": terms.operations_per_payment_micro.value * payments,
            **{kind: _gas_micro(amount, terms) for kind, amount in gas.items()},
        },
        (terms.seconds_per_block.value,) * len(trades),
        tuple(_seconds_until_bank_day(day, days, is_business_day) for day in trades),
        tuple(run.holders),
        stated,
    )


def _gas_micro(gas: int, terms: TokenTerms) -> int:
    # A cost is rounded up: a fraction of a micro-unit is paid for all the same.
    wei = gas * terms.gas_price_wei.value
    return -(-wei * terms.native_coin_micro.value // _WEI_PER_NATIVE_COIN)


def _seconds_until_bank_day(traded: date, days: int, is_business_day: IsBusinessDay) -> int:
    """A trade on a day off counts as of the next business day, from which `days` more are waited."""
    day = traded
    while not is_business_day(day):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not is_business_day(day):
            day += timedelta(days=1)
    return (day - traded).days * _DAY_SECONDS


def _stated(path: str, terms: RegisterTerms | TokenTerms) -> dict[str, Assumption]:
    stated = {each.name: getattr(terms, each.name) for each in fields(terms)}
    for name, each in stated.items():
        if each.value < 0:
            refuse(_SOURCE, f"{path}/{name}", "amount.negative", "must be zero or more")
        if not each.source:
            refuse(_SOURCE, f"{path}/{name}", "source.none", "says no source: name one")
    return stated
