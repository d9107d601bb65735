"""The chain pays what the terms say, to the unit: random deals, holders and cash on real contracts.

The waterfall's per-unit figures are declared and paid by the contracts. What every holder must then
have is computed here once more, from the terms alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer.documents.deal import load_deal
from issuer.domain.deal import Deal
from issuer.domain.schedule import Period
from issuer.domain.waterfall.amounts import Amount
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import (
    Capitalise,
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    TopUp,
    WriteDown,
    WriteUp,
)
from issuer.domain.waterfall.structure import (
    Direction,
    FixedFee,
    InterestBase,
    PercentFee,
    Reserve,
    Structure,
    Tranche,
)
from tests.contracts.suite import (
    BUNDLE,
    FILER,
    HOLDERS,
    ISSUER,
    MINT_UNTIL_DAY,
    PAYER,
    REGISTRAR,
    REGULATOR,
    REPORT,
    SENIOR,
    STRANGER,
    Contract,
    Suite,
    make_suite,
)

EXAMPLE = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
FILING = b"a filing of a random deal".ljust(32, b"\0")
PLENTY = 10**17
OUTSIDE = STRANGER
"""Where fees and the residual go."""

Transfers = list[tuple[int, int, int]]
"""(seller, buyer, part of the seller's units in percent)"""


@dataclass(frozen=True, slots=True)
class Terms:
    """A deal in plain numbers: one tranche, a fixed and a proportional fee, a reserve.

    `up` and `loss` are written up and down at every payment, as far as it goes.
    """

    denomination: int
    allotment: tuple[int, ...]
    rate: Fraction
    instalments: tuple[int, ...]
    fixed_fee: int
    share: Fraction
    target: int
    reserve: int
    order: tuple[str, ...]
    accrues: bool
    up: int
    loss: int
    rounds_up: bool
    bears_on_all: bool

    @property
    def units(self) -> int:
        return sum(self.allotment)


@dataclass(frozen=True, slots=True)
class Quarter:
    """One period: its length, the cash that comes in, who sells before and after the record date."""

    days: int
    collected: int
    before: Transfers
    after: Transfers


transfers = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 100)), max_size=2
)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Terms, list[Quarter]]:
    periods = draw(st.integers(2, 3))
    denomination = draw(st.integers(1, 10**9))
    cuts = sorted(draw(st.lists(st.integers(0, denomination), max_size=periods - 1)))
    instalments = tuple(b - a for a, b in pairwise([0, *cuts, denomination]))
    allotment = tuple(draw(st.tuples(st.integers(1, 9_999), *[st.integers(0, 9_999)] * 2)))
    face = sum(allotment) * denomination
    target = draw(st.integers(0, face // 10))
    terms = Terms(
        denomination,
        allotment,
        Fraction(draw(st.integers(1, 3_000)), 10_000),
        instalments,
        draw(st.integers(0, 3 * sum(allotment))),
        Fraction(draw(st.integers(1, 2_000)), 10_000),
        target,
        draw(st.integers(0, target)),
        tuple(draw(st.permutations(("interest", "top up", "principal")))),
        draw(st.booleans()),
        draw(st.sampled_from((0, face // 16, face // 5, face))),
        draw(st.sampled_from((0, 1, face // 7, face // 3))),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    # Nothing, next to nothing, less than is due, or more than enough: after a lean quarter, what is
    # carried over shows in any other.
    cash = st.one_of(
        st.integers(1, 99).map(lambda each: each * terms.units + terms.units // 2),
        st.integers(0, 9 * terms.units),
        st.integers(0, face // 20),
        st.sampled_from((0, 2 * face)),
    )
    quarters = st.builds(Quarter, st.integers(1, 200), cash, transfers, transfers)
    return terms, draw(st.lists(quarters, min_size=periods, max_size=periods))


# ---- what must come out, from the terms alone


@dataclass(slots=True)
class Ledger:
    """The state of a deal in plain integers; `owed` and `kept` by interest and principal."""

    terms: Terms
    outstanding: int
    reserve: int
    written_down: int = 0
    capitalised: int = 0
    arrears: dict[str, int] = field(default_factory=lambda: {"fixed": 0, "share": 0})
    owed: dict[str, int] = field(default_factory=lambda: {"interest": 0, "principal": 0})
    kept: dict[str, int] = field(default_factory=lambda: {"interest": 0, "principal": 0})

    @property
    def on_account(self) -> int:
        return self.reserve + sum(self.kept.values())

    def pay(self, number: int, quarter: Quarter) -> tuple[int, int]:
        """(coin per unit, coin to the outside) of a period."""
        terms, cash = self.terms, quarter.collected
        charges = {"fixed": Fraction(terms.fixed_fee), "share": terms.share * quarter.collected}
        to_outside = 0
        for name, charge in charges.items():
            due = charge // 1 + self.arrears[name]
            paid = min(due, cash)
            self.arrears[name], cash, to_outside = due - paid, cash - paid, to_outside + paid
        base = self.outstanding + (self.written_down if terms.bears_on_all else 0)
        instalment = terms.instalments[number] if number < len(terms.instalments) else 0
        due_now = {
            "interest": self.owed["interest"]
            + base * terms.rate * Fraction(quarter.days, 365) // 1,
            "principal": min(self.owed["principal"] + instalment, self.outstanding),
        }
        per_unit = {}
        for step in terms.order:
            if step == "top up":
                target = terms.target if self.outstanding else 0
                added = min(max(target - self.reserve, 0), cash)
                self.reserve, cash = self.reserve + added, cash - added
                continue
            due = due_now[step]
            if step == "interest" and terms.accrues:
                self.outstanding, per_unit[step] = self.outstanding + due, 0
                self.capitalised += due
                continue
            funds = cash + self.kept[step]
            per_unit[step] = min(due, funds // terms.units)
            self.owed[step] = due - per_unit[step]
            rest = funds - per_unit[step] * terms.units
            self.kept[step], cash = (rest, 0) if self.owed[step] else (0, rest)
            self.outstanding -= per_unit[step] if step == "principal" else 0
        self._write()
        self.owed["principal"] = min(self.owed["principal"], self.outstanding)
        return sum(per_unit.values()), to_outside + cash

    def _write(self) -> None:
        """Up by no more than was written down, down by no more than is left."""
        terms = self.terms
        up = min(terms.up // terms.units, self.written_down)
        loss = -(-terms.loss // terms.units) if terms.rounds_up else terms.loss // terms.units
        down = min(loss, self.outstanding + up)
        self.outstanding += up - down
        self.written_down += down - up


# ---- the same deal as the service knows it


def deal_of(terms: Terms) -> Deal:
    steps = {
        "interest": Capitalise(("A",)) if terms.accrues else PayInterest(("A",)),
        "top up": TopUp("reserve"),
        "principal": PayPrincipal(("A",)),
    }
    senior = Tranche(
        "A",
        "A",
        True,
        "A",
        None,
        terms.units,
        terms.denomination,
        terms.rate,
        terms.instalments,
        interest_base=(
            InterestBase.BEFORE_WRITE_DOWNS if terms.bears_on_all else InterestBase.OUTSTANDING
        ),
        write_down_rounding=Direction.UP if terms.rounds_up else Direction.DOWN,
    )
    return replace(
        EXAMPLE,
        structure=Structure(
            tranches=(senior, EXAMPLE.tranche("S")),
            fees=(
                FixedFee("trustee", "trustee", terms.fixed_fee),
                PercentFee("servicer", "servicer", terms.share),
            ),
            reserves=(Reserve("reserve", Amount(plus_micro=terms.target), terms.reserve),),
            waterfall=(
                PayFee(("trustee",)),
                PayFee(("servicer",)),
                *(steps[step] for step in terms.order),
                WriteUp(("A",), Amount(plus_micro=terms.up)),
                WriteDown(("A",), Amount(plus_micro=terms.loss)),
                PayResidual("S"),
            ),
        ),
    )


def period(number: int, days: int) -> Period:
    day = date(2026, 7, 15)
    return Period(
        number, day, day, day, day, day, day, day, days, Fraction(days, 365), projected=False
    )


# ---- the same deal on chain


@cache
def standing() -> Suite:
    """Contracts of the deal but for the token, and holders with coin to buy it."""
    suite = make_suite()
    for holder in HOLDERS:
        suite.fund(holder, PLENTY)
        suite.allow(holder, suite.dvp, PLENTY)
    suite.allow(PAYER, suite.distributor, PLENTY)
    return suite


def issued(suite: Suite, terms: Terms) -> Contract:
    """A token of these terms, filed, sold to the holders and open to transfers."""
    token = suite.new_token(terms.denomination)
    suite.send(REGISTRAR, suite.investors, "admitToken", token)
    suite.attach(SENIOR, token, FILING)
    total = terms.units * terms.denomination
    approval = (FILING, BUNDLE, FILER, total, MINT_UNTIL_DAY, [terms.units])
    suite.send(REGULATOR, suite.filings, "approve", *approval)
    for holder in HOLDERS:
        suite.register(holder)
    suite.send(ISSUER, token, "openOffering")
    for holder, units in zip(HOLDERS, terms.allotment, strict=True):
        if units:
            suite.issue(holder, units, token)
    suite.send(ISSUER, token, "closeOffering")
    suite.send(FILER, suite.filings, "reportIssuance", FILING, REPORT)
    return token


def trade(suite: Suite, token: Contract, held: list[int], wanted: Transfers) -> None:
    """Carry out transfers, on chain and in `held`."""
    for seller, buyer, percent in wanted:
        units = held[seller] * percent // 100
        suite.send(HOLDERS[seller], token, "transfer", HOLDERS[buyer], units)
        held[seller] -= units
        held[buyer] += units


def distributions(suite: Suite, terms: Terms, quarters: list[Quarter]) -> Iterator[list[int]]:
    """Pay period by period by the waterfall's figures; the units of record of each."""
    token = issued(suite, terms)
    suite.token = token
    deal, held = deal_of(terms), list(terms.allotment)
    state = opening_state(deal.structure)
    if terms.reserve:
        suite.fund(PAYER, terms.reserve)
    for epoch, quarter in enumerate(quarters, start=1):
        figures = distribute(
            deal.structure,
            state,
            Inputs(Collections(revenue_micro=quarter.collected)),
            period(epoch, quarter.days),
        )
        state = figures.closing
        if quarter.collected:
            suite.fund(PAYER, quarter.collected)
        trade(suite, token, held, quarter.before)
        suite.close_epoch(epoch)
        of_record = list(held)
        trade(suite, token, held, quarter.after)
        unit = figures.of("A")
        others = {
            "capitalised": unit.capitalised_micro,
            "written_up": max(-unit.written_down_micro, 0),
            "written_down": max(unit.written_down_micro, 0),
        }
        if unit.payable_micro or any(others.values()):
            suite.declare(epoch, unit.interest_paid_micro, unit.principal_paid_micro, **others)
        else:
            suite.skip(epoch)
        if unit.payable_micro:
            suite.pay(epoch, *HOLDERS)
        to_outside = sum(
            line.paid_micro for line in figures.lines if line.subject not in ("A", "reserve")
        )
        suite.send(PAYER, suite.coin, "transfer", OUTSIDE, to_outside)
        yield of_record


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(lives())
def test_pay_random_deal_on_chain_gives_every_holder_what_the_terms_say(
    life: tuple[Terms, list[Quarter]],
) -> None:
    terms, quarters = life
    suite = standing()
    kept_token = suite.token
    with suite.anchor():
        ledger = Ledger(terms, terms.denomination, terms.reserve)
        prices = [units * terms.denomination for units in terms.allotment]
        expected = [PLENTY - price for price in prices]
        came_in, went_out, outside = terms.reserve, 0, 0
        paid = distributions(suite, terms, quarters)
        for number, (quarter, of_record) in enumerate(zip(quarters, paid, strict=True)):
            per_unit, to_outside = ledger.pay(number, quarter)
            expected = [
                coin + units * per_unit for coin, units in zip(expected, of_record, strict=True)
            ]
            came_in += quarter.collected
            went_out += per_unit * terms.units + to_outside
            outside += to_outside
            assert [suite.coins(holder) for holder in HOLDERS] == expected
            assert suite.token.call("outstandingPerUnit") == ledger.outstanding
            assert suite.token.call("writtenDownPerUnit") == ledger.written_down
            assert suite.token.call("capitalisedPerUnit") == ledger.capitalised
            assert suite.coins(PAYER) == ledger.on_account
            assert suite.coins(OUTSIDE) == outside
            assert suite.coins(suite.distributor) == suite.distributor.call("liabilities") == 0
            assert came_in == went_out + ledger.on_account
    suite.token = kept_token
