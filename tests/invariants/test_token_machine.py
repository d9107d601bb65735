"""Random lives of a tranche on the real EVM, step by step against a model of it in Python.

Every step asks the model whether the call would pass; the chain must agree, and afterwards hold
exactly what the model holds.
"""

from collections.abc import Callable
from functools import cache

import pytest
from eth_account import Account
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
    BUNDLE,
    CAP,
    DAY,
    DENOMINATION,
    ENFORCEMENT,
    EVIDENCE,
    EXPIRY_DAY,
    FILER,
    FIRST_DAY,
    H1,
    H2,
    H3,
    HOLDERS,
    ISSUER,
    PAYER,
    REGISTRAR,
    ROLE_ADDRESSES,
    STRANGER,
    Outcome,
    Stages,
    Suite,
    allotment,
    make_suite,
)
from tests.invariants.model import HOLDER_CAP, LOCKED_UNTIL, MIN_HOLDING, Model

WALLETS = (*HOLDERS, STRANGER, FILER)
"""The last two are nobody's until one is admitted, or takes the place of a lost wallet."""
wallets = st.sampled_from(WALLETS)
amounts = st.sampled_from((0, 1, 4_999, 10_000, 20_001, 50_000))
#: A batch leaves room for another under the cap.
batch_amounts = st.sampled_from((5_000, 10_000, 1, 0))
authorities = st.sampled_from(
    (
        *("register", "register briefly", "find ineligible"),
        *("freeze", "thaw", "freeze units", "suspend or lift", "amend", "pause or unpause"),
    )
)
rates = st.sampled_from(((1, 0), (12_345_678, 0), (7, 400_000_000), (0, 700_000_000), (0, 0)))
#: Capitalised, written up, written down.
NO_CHANGE = (0, 0, 0)
changes = st.sampled_from(
    (
        *(NO_CHANGE, (14_460_273, 0, 0), (0, 0, 300_000_000), (0, 300_000_000, 0)),
        *((0, 1, 300_000_000), (5, 0, 600_000_005), (400_000_000, 100_000_000, 0)),
    )
)


KEYS = {
    address: number.to_bytes(32, "big")
    for number, address in enumerate(ROLE_ADDRESSES.values(), start=1)
}


def sign(digest: bytes, by: str) -> bytes:
    return bytes(Account.unsafe_sign_hash(digest, KEYS[by]).signature)


@cache
def issued_suite() -> Suite:
    """Deployed once: 80,000 units with H1 to H3; two others have coin and no registration."""
    terms = {"min_holding": MIN_HOLDING, "holder_cap": HOLDER_CAP, "locked_until": LOCKED_UNTIL}
    suite = Stages(make_suite(**terms)).reach("issued")
    for wallet in (STRANGER, FILER):
        suite.fund(wallet)
        suite.allow(wallet, suite.dvp)
    for wallet in WALLETS:
        suite.let_spend(wallet, suite.dvp, 2**256 - 1)
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
            admitted=set(HOLDERS),
        )
        self.now = self.suite.now
        self.units_before = dict(self.model.units)

    def teardown(self) -> None:
        self.suite.revert(self.snapshot)

    def attempt(self, allowed: bool, act: Callable[[], Outcome]) -> bool:
        """Do it one second later; the chain must refuse exactly what the model forbids."""
        self.suite.at(self.now)
        if not allowed:
            with pytest.raises(ContractReverted):
                act()
            return False
        act()
        return True

    def tick(self, seconds: int = 1) -> int:
        self.now += seconds
        return self.now

    # ---- registrar, enforcement, regulator

    @initialize(active=st.booleans(), stage=st.sampled_from(("declared", "recorded", "issued")))
    def begin(self, active: bool, stage: str) -> None:
        """Lives are short: most begin in the middle, with or without the offering still open."""
        if active:
            self.activate()
        if stage != "issued":
            self.hold_a_record_date()
        if stage == "declared":
            self.declare((12_345_678, 100_000_000), True, NO_CHANGE)

    def activate(self) -> None:
        for token in (self.suite.token, self.suite.token_b):
            self.suite.send(ISSUER, token, "closeOffering")
        self.suite.report()
        self.model.active = True
        self.now = max(self.now, self.suite.now)

    @rule(act=authorities, wallet=wallets, units=amounts)
    def an_authority_acts(self, act: str, wallet: str, units: int) -> None:
        self.tick()
        if act == "freeze":
            self.freeze(wallet)
        elif act == "thaw":
            if self.attempt(wallet not in self.model.retired, lambda: self.suite.thaw(wallet)):
                self.model.frozen.discard(wallet)
        elif act == "freeze units":
            self.freeze_units(wallet, units)
        elif act == "pause or unpause":
            self.pause_or_unpause()
        elif act == "suspend or lift":
            self.suspend_or_lift()
        elif act == "amend":
            self.amend()
        else:
            self.register(wallet, {"register": 200, "register briefly": 2}.get(act))

    def suspend_or_lift(self) -> None:
        act, target = {
            "approved": (self.suite.suspend, "suspended"),
            "suspended": (self.suite.lift, "approved"),
            "amending": (self.suite.suspend, ""),
        }[self.model.status]
        if self.attempt(bool(target), act):
            self.model.status = target

    def amend(self) -> None:
        """It begins, or the regulator decides: the same caps, a hundred days from now."""
        if self.model.status != "amending":
            possible = self.model.status == "approved" and not self.model.active
            if self.attempt(possible, self.suite.begin_amendment):
                self.model.status = "amending"
            return
        day = self.now // DAY + 100
        terms = {"bundle_hash": BUNDLE, "valid_until_day": day}
        self.attempt(True, lambda: self.suite.amend(**terms))
        self.model.status, self.model.mint_until = "approved", day * DAY
        self.model.cap = CAP

    def pause_or_unpause(self) -> None:
        act = "unpause" if self.model.paused else "pause"
        self.attempt(True, lambda: self.suite.send(ENFORCEMENT, self.suite.token, act))
        self.model.paused = not self.model.paused

    def freeze(self, wallet: str) -> None:
        """In both tranches, as an investor is frozen."""
        possible = wallet not in self.model.retired
        if self.attempt(possible, lambda: self.suite.freeze(wallet)):
            freeze = (ENFORCEMENT, self.suite.token_b, "setAddressFrozen", wallet, True)
            self.tick()
            self.attempt(True, lambda: self.suite.send(*freeze))
            self.model.frozen.add(wallet)

    def freeze_units(self, wallet: str, units: int) -> None:
        possible = wallet not in self.model.retired
        if self.attempt(possible, lambda: self.suite.freeze_units(wallet, units)):
            self.model.frozen_units[wallet] = units
            self.model.numbered.add(wallet)

    def register(self, wallet: str, days: int | None) -> None:
        expiry_day = 0 if days is None else self.now // DAY + days
        possible = wallet not in self.model.retired
        register = lambda: self.suite.register(wallet, expiry_day=expiry_day)  # noqa: E731
        if self.attempt(possible, register):
            self.model.expiry_day[wallet] = expiry_day
            self.model.admitted.add(wallet)

    @rule(lost=wallets, fresh=st.sampled_from((STRANGER, FILER, H1)), frozen=st.booleans())
    def recover(self, lost: str, fresh: str, frozen: bool) -> None:
        """The registrar moves an investor whose wallet is lost, which enforcement froze before."""
        if frozen and lost not in self.model.retired:
            self.tick()
            self.freeze(lost)
        self.tick()
        allowed = self.model.may_recover(lost, fresh)
        recover = (REGISTRAR, self.suite.investors, "recover", lost, fresh, EVIDENCE)
        if self.attempt(allowed, lambda: self.suite.send(*recover)):
            self.model.recover(lost, fresh)
            self.units_before[fresh] = self.units_before.pop(lost, 0)

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

    @rule(allotments=st.lists(st.tuples(wallets, batch_amounts), max_size=3))
    def issue_batch(self, allotments: list[tuple[str, int]]) -> None:
        now = self.tick()
        allowed = self.model.may_issue_to_all(allotments, now)
        operation = self.model.operations + 1
        words = [allotment(wallet, units) for wallet, units in allotments]
        issue = (ISSUER, self.suite.dvp, "issueBatch", self.suite.token, words, BUNDLE, operation)
        if self.attempt(allowed, lambda: self.suite.send(*issue)):
            self.model.operations = operation
            for wallet, units in allotments:
                self.model.coins[wallet] -= units * self.model.outstanding
                self.model.move(None, wallet, units, now)

    @rule(
        seller=wallets,
        buyer=wallets,
        units=amounts,
        price=st.sampled_from((990_000_000, 1, 0)),
        until=st.sampled_from((3_600, 0, -1)),
        signed=st.booleans() | st.just(True),
    )
    def trade(
        self, seller: str, buyer: str, units: int, price: int, until: int, signed: bool
    ) -> None:
        """By an order of two parties, which anybody brings, and brings once more."""
        now = self.tick()
        order = (self.suite.token, seller, buyer, units, price, now, now + until)
        order_hash = self.suite.dvp.call("hashOf", order)
        signatures = [sign(order_hash, by) for by in (seller, buyer if signed else PAYER)]
        settle = (PAYER, self.suite.dvp, "settle", order, *signatures)
        in_order = signed and price > 0 and units > 0 and seller != buyer and until >= 0
        allowed = in_order and self.model.may_transfer(seller, buyer, units, now)
        if self.attempt(allowed, lambda: self.suite.send(*settle)):
            self.model.move(seller, buyer, units, now)
            self.model.coins[buyer] -= price
            self.model.coins[seller] += price
            self.tick()
            self.attempt(False, lambda: self.suite.send(*settle))

    @rule(source=wallets, receiver=wallets, units=amounts)
    def transfer(self, source: str, receiver: str, units: int) -> None:
        now = self.tick()
        allowed = self.model.may_transfer(source, receiver, units, now)
        if self.attempt(allowed, lambda: self.suite.transfer(source, receiver, units)):
            self.model.move(source, receiver, units, now)

    @rule(source=wallets, receiver=wallets, units=amounts, approved=st.none() | amounts)
    def transfer_from(self, source: str, receiver: str, units: int, approved: int | None) -> None:
        """By the payer's key, with what an earlier approval left or with a new one."""
        self.tick()
        if approved is not None:
            allowed = approved == 0 or self.model.may_allow(source)
            if self.attempt(allowed, lambda: self.suite.let_spend(source, PAYER, approved)):
                self.model.allowance[source] = approved
        now = self.tick()
        left = self.model.allowance.get(source, 0) - units
        allowed = left >= 0 and self.model.may_transfer(source, receiver, units, now)
        spend = (PAYER, source, receiver, units)
        if self.attempt(allowed, lambda: self.suite.transfer_from(*spend)):
            self.model.move(source, receiver, units, now)
            self.model.allowance[source] = left

    @rule(source=wallets, receiver=wallets, units=amounts)
    def force(self, source: str, receiver: str, units: int) -> None:
        now = self.tick()
        allowed = self.model.may_force(source, receiver, units, now)
        thawed = max(0, units - self.model.unfrozen(source))
        if self.attempt(allowed, lambda: self.suite.force(source, receiver, units)):
            self.model.move(source, receiver, units, now)
            self.model.forced = True
            if thawed:
                self.model.frozen_units[source] -= thawed

    @precondition(lambda self: self.model.outstanding == 0)
    @rule(listed=st.lists(wallets, max_size=5))
    def retire(self, listed: list[str]) -> None:
        """Units leave once nothing is outstanding on them, nor can be again: it never gets to maturity."""
        now = self.tick()
        allowed = self.model.outstanding == 0 == self.model.written_down
        retire = (ISSUER, self.suite.token, "retire", listed)
        if self.attempt(allowed, lambda: self.suite.send(*retire)):
            self.model.retire(listed, now)

    # ---- time and record dates

    @rule(seconds=st.sampled_from((1, DAY, 31 * DAY)))
    def wait(self, seconds: int) -> None:
        if self.now + seconds < (FIRST_DAY + 400) * DAY:
            self.tick(seconds)

    @precondition(lambda self: self.model.record_at is not None)
    @rule(early=st.sampled_from((0, 1, 2)))
    def wait_for_the_record_date(self, early: int) -> None:
        """So that the next act falls after, at or before it."""
        self.now = max(self.now, self.model.record_at - early)

    @rule(seconds=st.sampled_from((3_600, 1, 0, -1)))
    def announce(self, seconds: int) -> None:
        now = self.tick()
        record_at = now + seconds
        allowed = self.model.may_announce(record_at, now)
        if self.attempt(allowed, lambda: self.suite.announce(record_at)):
            self.model.roll(now)
            self.model.record_at = record_at

    def record(self, epoch: int) -> None:
        now = self.tick()
        allowed = epoch not in self.model.state and 0 < epoch < self.model.epoch_at(now)
        if self.attempt(allowed, lambda: self.suite.record(epoch)):
            self.model.roll(now)
            self.model.state[epoch] = "recorded"

    @precondition(lambda self: self.model.may_announce(self.now + 3_600, self.now + 1))
    @rule()
    def hold_a_record_date(self) -> None:
        self.announce(3_600)
        self.wait_for_the_record_date(1)
        self.record(self.model.epoch)

    # ---- payments

    def first(self, state: str) -> int:
        return min(k for k, found in self.model.state.items() if found == state)

    def last(self, state: str) -> int:
        return max(k for k, found in self.model.state.items() if found == state)

    @rule(act=st.sampled_from(("declare", "pay", "skip", "record")), epoch=st.integers(0, 4))
    def act_out_of_turn(self, act: str, epoch: int) -> None:
        """An epoch in whatever state: the model says which of these it is ready for."""
        ready = self.model.state.get(epoch) == "declared"
        if act == "record" or (ready if act == "pay" else self.model.is_next(epoch)):
            self.record(epoch)
            return
        self.tick()
        args = {"declare": (1, 0), "pay": WALLETS}.get(act, ())
        self.attempt(False, lambda: getattr(self.suite, act)(epoch, *args))

    @precondition(lambda self: "recorded" in self.model.state.values())
    @rule(rate=rates, latest=st.booleans(), change=changes)
    def declare(self, rate: tuple[int, int], latest: bool, change: tuple[int, int, int]) -> None:
        now, (interest, principal), (added, up, down) = self.tick(), rate, change
        epoch = self.last("recorded") if latest else self.first("recorded")
        within = self.model.may_change(added, up, principal, down)
        allowed = any((*rate, *change)) and within and self.model.is_next(epoch)
        others = {"capitalised": added, "written_up": up, "written_down": down}
        if self.attempt(allowed, lambda: self.suite.declare(epoch, interest, principal, **others)):
            self.model.change(added, up, principal, down)
            self.model.declare(epoch, interest + principal, now)

    @precondition(lambda self: "declared" in self.model.state.values())
    @rule(listed=st.lists(wallets, max_size=5), latest=st.booleans(), is_payer=st.booleans())
    def pay(self, listed: list[str], latest: bool, is_payer: bool) -> None:
        now = self.tick()
        epoch = self.last("declared") if latest else self.first("declared")
        caller = PAYER if is_payer else STRANGER
        self.attempt(True, lambda: self.suite.pay(epoch, *listed, by=caller))
        self.model.pay(epoch, listed, is_payer, now)

    @precondition(lambda self: "declared" in self.model.state.values())
    @rule(latest=st.booleans())
    def pay_everybody(self, latest: bool) -> None:
        self.pay(list(WALLETS), latest, True)

    @precondition(lambda self: self.model.set_aside)
    @rule(wallet=wallets)
    def release(self, wallet: str) -> None:
        self.tick()
        allowed = wallet in self.model.set_aside and self.model.may_send(wallet)
        if self.attempt(allowed, lambda: self.suite.release(wallet)):
            self.model.give(wallet, self.model.set_aside.pop(wallet))

    @precondition(lambda self: "recorded" in self.model.state.values())
    @rule(latest=st.booleans())
    def skip(self, latest: bool) -> None:
        self.tick()
        epoch = self.last("recorded") if latest else self.first("recorded")
        if self.attempt(self.model.is_next(epoch), lambda: self.suite.skip(epoch)):
            self.model.finish(epoch, "skipped")

    # ---- what always holds

    @invariant()
    def units_equal_the_model(self) -> None:
        """P9, P18, P22: the sum is the supply, within the cap; whoever gained a unit may receive now."""
        found = {wallet: self.suite.units(wallet) for wallet in WALLETS}
        assert found == {wallet: self.model.units.get(wallet, 0) for wallet in WALLETS}
        cap = self.suite.token.call("cap")
        assert sum(found.values()) == self.suite.token.call("totalSupply") <= cap == self.model.cap
        for wallet, units in found.items():
            gained = units > self.units_before.get(wallet, 0)
            assert not gained or self.model.may_receive(wallet, self.now)
        self.units_before = found

    @invariant()
    def holdings_obey_the_terms(self) -> None:
        """INV-10, P16: the count is that of the balances; only enforcement goes beyond the terms."""
        held = [units for wallet in WALLETS if (units := self.suite.units(wallet))]
        assert self.suite.token.call("holderCount") == len(held) == self.model.holders
        within = len(held) <= HOLDER_CAP and all(units >= MIN_HOLDING for units in held)
        assert within or self.model.forced

    @invariant()
    def record_dates_equal_the_model(self) -> None:
        """P24, P25: for every closed, unsettled epoch, to the unit; as the next second finds it."""
        token, model = self.suite.token, self.model
        self.suite.at(self.now + 1)
        model.roll(self.now + 1)
        assert token.call("epoch") == model.epoch
        assert token.call("settledEpoch") == model.settled
        for epoch in range(model.settled + 1, model.epoch):
            found = {wallet: token.call("balanceAt", wallet, epoch) for wallet in WALLETS}
            closed = model.closed[epoch]
            assert found == {wallet: closed.get(wallet, 0) for wallet in WALLETS}
            assert sum(found.values()) == token.call("supplyAt", epoch)

    @invariant()
    def principal_equals_the_model(self) -> None:
        """P38: never below nothing, nor above the denomination and what was capitalised."""
        token, model = self.suite.token, self.model
        assert token.call("outstandingPerUnit") == model.outstanding
        assert token.call("writtenDownPerUnit") == model.written_down
        assert token.call("capitalisedPerUnit") == model.capitalised
        assert 0 <= model.outstanding <= DENOMINATION + model.capitalised

    @invariant()
    def money_equals_the_model(self) -> None:
        """P32, P35: what was funded was paid once, or is still owed and still there."""
        model, suite = self.model, self.suite
        assert {wallet: suite.coins(wallet) for wallet in WALLETS} == model.coins
        assert suite.distributor.call("liabilities") == model.liabilities
        assert suite.coins(suite.distributor) == model.liabilities
        assert model.funded == model.paid + model.liabilities
        assert {epoch: suite.left(epoch) for epoch in model.left} == model.left


TestTokenMachine = TokenMachine.TestCase
TestTokenMachine.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_a_whole_life_agrees_with_the_model() -> None:
    """One life in order: two record dates, a sale between them, one holder frozen and cleared."""
    machine = TokenMachine()
    try:
        machine.activate()
        machine.transfer(H1, H2, 4_999)  # locked up
        machine.wait(7_200)
        machine.announce(3_600)
        machine.wait_for_the_record_date(0)
        machine.transfer(H1, H2, 4_999)
        machine.record(1)
        machine.declare((7, 400_000_000), True, (0, 0, 600_000_001))  # more than there is
        machine.declare((7, 400_000_000), True, (0, 0, 300_000_000))
        machine.tick()
        machine.freeze(H3)
        machine.announce(3_600)
        machine.wait_for_the_record_date(2)
        machine.transfer(H2, H1, 1)
        machine.record(2)
        machine.declare((12_345_678, 0), True, (5, 100_000_000, 0))
        assert machine.model.outstanding == 400_000_005
        machine.pay([H1, H2, H3, H3], True, True)
        assert machine.model.settled == 0
        machine.pay_everybody(False)
        machine.an_authority_acts("thaw", H3, 0)
        machine.release(H3)
        assert machine.model.settled == 2
        assert machine.model.liabilities == 0
        machine.force(H2, STRANGER, 1)  # not registered
        assert machine.model.units == {H1: 45_002, H2: 24_998, H3: 10_000}
        agree(machine)
    finally:
        machine.teardown()


def agree(machine: TokenMachine) -> None:
    machine.units_equal_the_model()
    machine.holdings_obey_the_terms()
    machine.record_dates_equal_the_model()
    machine.principal_equals_the_model()
    machine.money_equals_the_model()


def test_an_investor_with_a_lost_wallet_keeps_all_of_it_to_the_end() -> None:
    """Units, frozen units and two record dates follow to a fresh wallet, in a halt of transfers."""
    machine = TokenMachine()
    try:
        machine.activate()
        machine.wait(7_200)
        machine.hold_a_record_date()
        machine.transfer(H1, H2, 10_000)
        machine.hold_a_record_date()
        machine.declare((7, 400_000_000), False, NO_CHANGE)
        machine.pay([H2], True, True)
        machine.an_authority_acts("freeze units", H1, 20_001)
        machine.an_authority_acts("pause or unpause", H1, 0)
        machine.transfer(H2, H1, 1)  # halted
        machine.recover(H1, STRANGER, False)  # not frozen yet
        machine.recover(H1, H2, True)  # holds units of its own
        machine.recover(H1, STRANGER, False)
        assert machine.model.units == {H2: 30_000, H3: 10_000, STRANGER: 40_000}
        agree(machine)
        machine.recover(STRANGER, H1, False)  # what was lost takes nobody's place
        for act in ("register", "freeze", "thaw", "freeze units"):
            machine.an_authority_acts(act, H1, 1)
        machine.recover(H2, FILER, True)  # the second: paid for the first record date already
        machine.declare((12_345_678, 100_000_000), False, (0, 0, 500_000_000))
        for epoch in (False, True):
            machine.pay([H1, STRANGER, FILER], epoch, True)
        assert machine.model.set_aside.keys() == {STRANGER, FILER}
        machine.an_authority_acts("thaw", STRANGER, 0)
        machine.release(STRANGER)
        machine.release(FILER)  # not cleared
        machine.transfer(STRANGER, H3, 20_000)  # halted
        machine.an_authority_acts("pause or unpause", H1, 0)
        machine.transfer(STRANGER, H3, 20_000)  # of which one unit is frozen
        machine.transfer(STRANGER, H3, 19_999)
        assert machine.model.units[H3] == 29_999
        agree(machine)
    finally:
        machine.teardown()


def test_units_issued_to_many_at_once_are_traded_by_orders() -> None:
    machine = TokenMachine()
    try:
        machine.issue_batch([])
        machine.issue_batch([(H1, 5_000), (H2, 0)])
        machine.issue_batch([(H1, 5_000), (STRANGER, 5_000)])  # not registered
        machine.issue_batch([(H1, 10_000), (H2, 5_000), (H3, 10_000)])  # beyond the cap
        machine.issue_batch([(H1, 1), (H3, 10_000), (H1, 5_000)])
        assert machine.model.units == {H1: 55_001, H2: 20_000, H3: 20_000}
        agree(machine)
        machine.trade(H1, H2, 1, 990_000_000, 3_600, True)  # before the offering is closed
        machine.activate()
        machine.wait(7_200)
        machine.hold_a_record_date()
        machine.trade(H1, H2, 1, 990_000_000, -1, True)
        machine.trade(H1, H2, 1, 990_000_000, 0, False)
        machine.trade(H1, H2, 1, 0, 0, True)
        machine.trade(H1, H1, 1, 1, 0, True)
        machine.trade(H3, STRANGER, 20_000, 1, 0, True)
        assert machine.model.units == {H1: 55_001, H2: 20_000, H3: 20_000}
        machine.trade(H1, H2, 1, 990_000_000, 0, True)
        machine.freeze(H3)
        machine.trade(H3, H1, 10_000, 1, 3_600, True)
        machine.trade(H2, H1, 10_000, 1, 3_600, True)
        assert machine.model.units == {H1: 65_000, H2: 10_001, H3: 20_000}
        machine.declare((7, 400_000_000), False, NO_CHANGE)
        machine.pay_everybody(False)
        assert machine.model.set_aside == {H3: 20_000 * 400_000_007}
        agree(machine)
    finally:
        machine.teardown()


def test_units_repaid_in_full_leave_and_what_is_still_owed_on_them_does_not() -> None:
    machine = TokenMachine()
    try:
        machine.activate()
        machine.hold_a_record_date()
        machine.hold_a_record_date()
        machine.declare((7, 400_000_000), True, NO_CHANGE)  # out of turn
        machine.declare((7, 400_000_000), False, NO_CHANGE)
        machine.retire([H1])  # 600,000,000 outstanding
        machine.declare((5, 500_000_000), False, (0, 0, 100_000_000))
        assert machine.model.outstanding == 0
        machine.retire([H1])  # 100,000,000 of it written down
        machine.hold_a_record_date()
        machine.declare((0, 100_000_000), False, (0, 100_000_000, 0))
        assert machine.model.outstanding == 0
        machine.announce(3_600)
        machine.wait_for_the_record_date(0)
        machine.retire([H1, H1, STRANGER])
        assert (machine.model.supply, machine.model.cap) == (30_000, CAP - 50_000)
        agree(machine)
        for _ in range(3):
            machine.pay_everybody(False)
        machine.record(4)
        machine.skip(False)
        machine.retire(list(WALLETS))
        machine.announce(3_600)  # for nobody
        assert (machine.model.supply, machine.model.liabilities) == (0, 0)
        assert machine.model.settled == 4
        agree(machine)
    finally:
        machine.teardown()
