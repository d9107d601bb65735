"""Random lives of a tranche on the real EVM, step by step against a model of it in Python.

Every step asks the model whether the call would pass; the chain must agree, and afterwards hold
exactly what the model holds.
"""

from collections.abc import Callable
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from chain.errors import ContractReverted
from tests.contracts.suite import (
    CAP,
    DAY,
    EXPIRY_DAY,
    FIRST_DAY,
    H1,
    H2,
    H3,
    HOLDERS,
    ISSUER,
    PAYER,
    STRANGER,
    Outcome,
    Stages,
    Suite,
    make_suite,
)
from tests.invariants.model import Model

WALLETS = (*HOLDERS, STRANGER)
wallets = st.sampled_from(WALLETS)
amounts = st.sampled_from((0, 1, 4_999, 10_000, 20_001, 50_000))
rates = st.sampled_from(((0, 0), (1, 0), (12_345_678, 0), (7, 400_000_000), (0, 700_000_000)))


@cache
def issued_suite() -> Suite:
    """Deployed once: 80,000 units with H1 to H3; the stranger has coin and no registration."""
    suite = Stages(make_suite()).reach("issued")
    suite.fund(STRANGER)
    suite.allow(STRANGER, suite.dvp)
    suite.fund(PAYER, 10**24)
    suite.allow(PAYER, suite.distributor, 10**24)
    return suite


class TokenMachine(RuleBasedStateMachine):
    """One tranche, its registries and its distributor, in any order of events."""

    def __init__(self) -> None:
        super().__init__()
        self.suite = issued_suite()
        self.snapshot = self.suite.snapshot()
        self.model = Model(
            coins={wallet: self.suite.coins(wallet) for wallet in WALLETS},
            expiry_day=dict.fromkeys(HOLDERS, EXPIRY_DAY),
        )
        self.now = self.suite.now

    def teardown(self) -> None:
        self.suite.revert(self.snapshot)

    def attempt(self, allowed: bool, act: Callable[[], Outcome]) -> bool:
        """Do it one second later; the chain must refuse exactly what the model forbids."""
        before = dict(self.model.units)
        self.suite.at(self.now)
        try:
            act()
        except ContractReverted as refusal:
            assert not allowed, refusal
        else:
            assert allowed
            for wallet in WALLETS:
                if self.suite.units(wallet) > before.get(wallet, 0):
                    assert self.model.may_receive(wallet, self.now)
        return allowed

    def tick(self, seconds: int = 1) -> int:
        self.now += seconds
        return self.now

    # ---- registrar, enforcement, regulator

    @rule(wallet=wallets, days=st.sampled_from((None, 1, 2, 40, 200)))
    def register(self, wallet: str, days: int | None) -> None:
        expiry_day = 0 if days is None else self.tick() // DAY + days
        self.tick()
        self.attempt(True, lambda: self.suite.register(wallet, expiry_day=expiry_day))
        self.model.expiry_day[wallet] = expiry_day

    @rule(wallet=wallets, frozen=st.booleans())
    def freeze_or_thaw(self, wallet: str, frozen: bool) -> None:
        self.tick()
        self.attempt(True, lambda: self.suite.freeze(wallet) if frozen else self.suite.thaw(wallet))
        (self.model.frozen.add if frozen else self.model.frozen.discard)(wallet)

    @rule(wallet=wallets, units=amounts)
    def freeze_units(self, wallet: str, units: int) -> None:
        self.tick()
        self.attempt(True, lambda: self.suite.freeze_units(wallet, units))
        self.model.frozen_units[wallet] = units

    @rule()
    def suspend_or_lift(self) -> None:
        self.tick()
        act = self.suite.lift if self.model.suspended else self.suite.suspend
        self.attempt(True, act)
        self.model.suspended = not self.model.suspended

    @initialize(active=st.booleans())
    def begin(self, active: bool) -> None:
        if active:
            self.activate()

    @precondition(lambda self: not self.model.active and not self.model.suspended)
    @rule()
    def activate(self) -> None:
        for token in (self.suite.token, self.suite.token_b):
            self.suite.send(ISSUER, token, "closeOffering")
        self.suite.report()
        self.model.active = True
        self.now = max(self.now, self.suite.now)

    # ---- units

    @rule(wallet=wallets, units=amounts)
    def issue(self, wallet: str, units: int) -> None:
        now = self.tick()
        allowed = self.model.may_issue(wallet, units, now)
        price = units * self.model.outstanding
        operation = self.model.operations + 1
        if self.attempt(allowed, lambda: self.suite.issue(wallet, units, operation=operation)):
            self.model.move(None, wallet, units, now)
            self.model.operations = operation
            self.model.coins[wallet] -= price

    @rule(source=wallets, receiver=wallets, units=amounts)
    def transfer(self, source: str, receiver: str, units: int) -> None:
        now = self.tick()
        allowed = self.model.may_transfer(source, receiver, units, now)
        if self.attempt(allowed, lambda: self.suite.transfer(source, receiver, units)):
            self.model.move(source, receiver, units, now)

    @rule(owner=wallets, units=amounts)
    def approve(self, owner: str, units: int) -> None:
        self.tick()
        allowed = units == 0 or self.model.may_send(owner)
        if self.attempt(allowed, lambda: self.suite.let_spend(owner, PAYER, units)):
            self.model.allowance[owner] = units

    @rule(source=wallets, receiver=wallets, units=amounts)
    def transfer_from(self, source: str, receiver: str, units: int) -> None:
        now = self.tick()
        left = self.model.allowance.get(source, 0) - units
        allowed = left >= 0 and self.model.may_transfer(source, receiver, units, now)
        if self.attempt(allowed, lambda: self.suite.transfer_from(PAYER, source, receiver, units)):
            self.model.move(source, receiver, units, now)
            self.model.allowance[source] = left

    @rule(source=wallets, receiver=wallets, units=amounts)
    def force(self, source: str, receiver: str, units: int) -> None:
        now = self.tick()
        allowed = self.model.may_force(source, receiver, units, now)
        thawed = max(0, units - self.model.unfrozen(source))
        if self.attempt(allowed, lambda: self.suite.force(source, receiver, units)):
            self.model.move(source, receiver, units, now)
            if thawed:
                self.model.frozen_units[source] -= thawed

    # ---- time and record dates

    @rule(seconds=st.sampled_from((1, 3_600, DAY, 31 * DAY)))
    def wait(self, seconds: int) -> None:
        if self.now + seconds < (FIRST_DAY + 400) * DAY:
            self.tick(seconds)

    @precondition(lambda self: self.model.record_at is not None)
    @rule(early=st.sampled_from((0, 0, 1, 2)))
    def wait_for_the_record_date(self, early: int) -> None:
        """So that the next act falls before, at or after it."""
        self.now = max(self.now, self.model.record_at - early)

    @rule(seconds=st.sampled_from((-1, 0, 1, 3_600)))
    def announce(self, seconds: int) -> None:
        now = self.tick()
        record_at = now + seconds
        allowed = self.model.may_announce(record_at, now)
        if self.attempt(allowed, lambda: self.suite.announce(record_at)):
            self.model.roll(now)
            self.model.record_at = record_at

    @rule(back=st.sampled_from((0, 0, 0, 1)))
    def record(self, back: int) -> None:
        now = self.tick()
        epoch = max(1, self.model.epoch - back)
        allowed = epoch not in self.model.state and epoch < self.model.epoch_at(now)
        if self.attempt(allowed, lambda: self.suite.record(epoch)):
            self.model.roll(now)
            self.model.state[epoch] = "recorded"

    # ---- payments

    @rule(rate=rates, back=st.sampled_from((1, 1, 1, 2)))
    def declare(self, rate: tuple[int, int], back: int) -> None:
        now = self.tick()
        epoch, (interest, principal) = max(1, self.model.epoch - back), rate
        recorded = self.model.state.get(epoch) == "recorded"
        allowed = recorded and any(rate) and principal <= self.model.outstanding
        if self.attempt(allowed, lambda: self.suite.declare(epoch, interest, principal)):
            self.model.declare(epoch, interest + principal, now)
            self.model.outstanding -= principal

    @rule(
        listed=st.lists(wallets, max_size=5),
        back=st.sampled_from((1, 1, 1, 2, 3)),
        is_payer=st.booleans(),
    )
    def pay(self, listed: list[str], back: int, is_payer: bool) -> None:
        now, epoch = self.tick(), max(1, self.model.epoch - back)
        allowed = self.model.state.get(epoch) == "declared"
        caller = PAYER if is_payer else STRANGER
        if self.attempt(allowed, lambda: self.suite.pay(epoch, *listed, by=caller)):
            self.model.pay(epoch, listed, is_payer, now)

    @precondition(lambda self: "declared" in self.model.state.values())
    @rule()
    def pay_everybody(self) -> None:
        now = self.tick()
        epoch = next(k for k, state in self.model.state.items() if state == "declared")
        self.attempt(True, lambda: self.suite.pay(epoch, *WALLETS))
        self.model.pay(epoch, list(WALLETS), True, now)

    @rule(wallet=wallets)
    def release(self, wallet: str) -> None:
        self.tick()
        held = self.model.set_aside.get(wallet, 0)
        allowed = held > 0 and self.model.may_send(wallet)
        if self.attempt(allowed, lambda: self.suite.release(self.suite.index(wallet))):
            self.model.give(wallet, self.model.set_aside.pop(wallet))

    @rule(back=st.sampled_from((1, 2)))
    def skip(self, back: int) -> None:
        self.tick()
        epoch = max(1, self.model.epoch - back)
        allowed = self.model.state.get(epoch) == "recorded"
        if self.attempt(allowed, lambda: self.suite.skip(epoch)):
            self.model.finish(epoch, "skipped")

    # ---- what always holds

    @invariant()
    def units_equal_the_model(self) -> None:
        """P22: and their sum is the supply, within the cap."""
        found = {wallet: self.suite.units(wallet) for wallet in WALLETS}
        assert found == {wallet: self.model.units.get(wallet, 0) for wallet in WALLETS}
        assert sum(found.values()) == self.suite.token.call("totalSupply") <= CAP

    @invariant()
    def record_dates_equal_the_model(self) -> None:
        """P24, P25: for every closed, unsettled epoch, to the unit."""
        token, model = self.suite.token, self.model
        assert token.call("epoch") == model.epoch
        assert token.call("settledEpoch") == model.settled
        for epoch in range(model.settled + 1, model.epoch):
            found = {wallet: token.call("balanceAt", wallet, epoch) for wallet in WALLETS}
            closed = model.closed[epoch]
            assert found == {wallet: closed.get(wallet, 0) for wallet in WALLETS}
            assert sum(found.values()) == token.call("supplyAt", epoch)

    @invariant()
    def money_equals_the_model(self) -> None:
        """P32, P35: what was funded was paid once, or is still owed and still there."""
        model, suite = self.model, self.suite
        assert {wallet: suite.coins(wallet) for wallet in WALLETS} == model.coins
        assert suite.distributor.call("liabilities") == model.liabilities
        assert suite.coins(suite.distributor) == model.liabilities
        assert model.funded == model.paid + model.liabilities


TestTokenMachine = TokenMachine.TestCase
TestTokenMachine.settings = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_a_whole_life_agrees_with_the_model() -> None:
    """One life in order: two record dates, a sale between them, one holder frozen and cleared."""
    machine = TokenMachine()
    try:
        machine.activate()
        machine.announce(3_600)
        machine.wait_for_the_record_date(0)
        machine.transfer(H1, H2, 4_999)
        machine.record(1)
        machine.declare((7, 400_000_000), 1)
        machine.freeze_or_thaw(H3, True)
        machine.announce(3_600)
        machine.wait_for_the_record_date(2)
        machine.transfer(H2, H1, 1)
        machine.tick()
        machine.record(0)
        machine.declare((12_345_678, 0), 1)
        machine.pay([H1, H2, H3, H3], 1, True)
        assert machine.model.settled == 0
        machine.pay_everybody()
        machine.freeze_or_thaw(H3, False)
        machine.release(H3)
        assert machine.model.settled == 2
        assert machine.model.liabilities == 0
        for check in ("units_equal_the_model", "record_dates_equal_the_model"):
            getattr(machine, check)()
        machine.money_equals_the_model()
    finally:
        machine.teardown()
