"""What one tranche should do, in plain Python: the executable side of the state machine test."""

from collections import Counter
from dataclasses import dataclass, field, replace

from tests.contracts.suite import ALLOTMENTS, CAP, DAY, DENOMINATION, GENESIS, MINT_UNTIL

DIVERSION_DELAY = 30 * DAY
MAX_OPEN_EPOCHS = 8
MIN_HOLDING, HOLDER_CAP, LOCKED_UNTIL = 5_000, 3, GENESIS + 7_200


@dataclass
class Model:
    """Every question is asked before the call ("would it pass?"), every effect applied after it."""

    units: dict[str, int] = field(default_factory=lambda: dict(ALLOTMENTS))
    coins: dict[str, int] = field(default_factory=dict)
    expiry_day: dict[str, int] = field(default_factory=dict)
    admitted: set[str] = field(default_factory=set)
    numbered: set[str] = field(default_factory=set)
    retired: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    frozen_units: dict[str, int] = field(default_factory=dict)
    allowance: dict[str, int] = field(default_factory=dict)
    status: str = "approved"
    paused: bool = False
    cap: int = CAP
    mint_until: int = MINT_UNTIL
    active: bool = False
    forced: bool = False
    operations: int = 3
    epoch: int = 1
    settled: int = 0
    record_at: int | None = None
    principal_paid: int = 0
    capitalised: int = 0
    written_down: int = 0
    closed: dict[int, dict[str, int]] = field(default_factory=dict)
    state: dict[int, str] = field(default_factory=dict)
    rate: dict[int, int] = field(default_factory=dict)
    declared_at: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    done: set[tuple[int, str]] = field(default_factory=set)
    set_aside: dict[str, int] = field(default_factory=dict)
    funded: int = 0
    paid: int = 0

    @property
    def supply(self) -> int:
        return sum(self.units.values())

    @property
    def holders(self) -> int:
        return sum(held > 0 for held in self.units.values())

    @property
    def liabilities(self) -> int:
        return sum(self.left.values()) + sum(self.set_aside.values())

    @property
    def outstanding(self) -> int:
        return DENOMINATION + self.capitalised - self.principal_paid - self.written_down

    def is_next(self, epoch: int) -> bool:
        """Recorded, and every record date before it declared or skipped."""
        earlier = (self.state.get(each) for each in range(1, epoch))
        return self.state.get(epoch) == "recorded" and not {None, "recorded"} & set(earlier)

    def may_change(self, added: int, up: int, paid: int, down: int) -> bool:
        """Each within what those before it leave."""
        return up <= self.written_down and paid + down <= self.outstanding + added + up

    def change(self, added: int, up: int, paid: int, down: int) -> None:
        self.capitalised += added
        self.written_down += down - up
        self.principal_paid += paid

    def may_receive(self, wallet: str, now: int) -> bool:
        return now < self.expiry_day.get(wallet, 0) * DAY and wallet not in self.frozen

    def may_send(self, wallet: str) -> bool:
        return self.expiry_day.get(wallet, 0) != 0 and wallet not in self.frozen

    def may_allow(self, wallet: str) -> bool:
        """Whoever may send, and whoever is no investor: they have nothing to give away."""
        return self.may_send(wallet) or wallet not in self.admitted | self.numbered | self.frozen

    def unfrozen(self, wallet: str) -> int:
        return max(0, self.units.get(wallet, 0) - self.frozen_units.get(wallet, 0))

    def may_recover(self, lost: str, fresh: str) -> bool:
        """Into a wallet that has no number: one that was lost has none, and takes none."""
        known = self.admitted | self.numbered | self.retired
        return lost in self.admitted & self.frozen and fresh not in known

    def recover(self, lost: str, fresh: str) -> None:
        """All that is the investor's goes with it; coin and allowances are the wallet's."""
        amounts = (self.units, self.frozen_units, self.expiry_day, self.set_aside)
        for each in (*amounts, *self.closed.values()):
            if lost in each:
                each[fresh] = each.pop(lost)
        self.done = {(epoch, fresh if who == lost else who) for epoch, who in self.done}
        self.admitted = self.admitted - {lost} | {fresh}
        self.frozen.add(fresh)
        self.retired.add(lost)

    def retire(self, wallets: list[str], now: int) -> None:
        self.roll(now)
        gone = sum(self.units.pop(wallet, 0) for wallet in set(wallets))
        self.cap -= gone

    def may_issue(self, wallet: str, units: int, now: int) -> bool:
        in_force = self.status == "approved" and not self.active and now < self.mint_until
        within = units > 0 and self.supply + units <= self.cap and not self.paused
        bought = within and self.obeys_the_terms(None, wallet, units)
        return in_force and bought and self.may_receive(wallet, now)

    def may_issue_to_all(self, allotments: list[tuple[str, int]], now: int) -> bool:
        """One after the other: each finds what those before it were given."""
        trial = replace(self, units=dict(self.units))
        for wallet, units in allotments:
            if not trial.may_issue(wallet, units, now):
                return False
            trial.units[wallet] = trial.units.get(wallet, 0) + units
        return bool(allotments)

    def obeys_the_terms(self, source: str | None, target: str, units: int) -> bool:
        """Would both hold nothing or enough, and no more be holders than are now or may be?"""
        if units == 0 or source == target:
            return True
        after = Counter(self.units)
        after.update({target: units})
        if source is not None:
            after.subtract({source: units})
        enough = all(after[each] == 0 or after[each] >= MIN_HOLDING for each in (source, target))
        many = sum(held > 0 for held in after.values())
        return enough and many <= max(HOLDER_CAP, self.holders)

    def may_transfer(self, source: str, target: str, units: int, now: int) -> bool:
        wallets = self.may_send(source) and self.may_receive(target, now)
        standing = self.active and self.status == "approved" and now >= LOCKED_UNTIL
        standing = standing and not self.paused
        within = units <= self.unfrozen(source)
        return standing and wallets and within and self.obeys_the_terms(source, target, units)

    def may_force(self, source: str, target: str, units: int, now: int) -> bool:
        within = units <= self.units.get(source, 0)
        return source != target and within and self.may_receive(target, now)

    def epoch_at(self, now: int) -> int:
        """The open epoch as a state change at this second would find it."""
        return self.epoch + (self.record_at is not None and now >= self.record_at)

    def may_announce(self, record_at: int, now: int) -> bool:
        waiting = self.record_at is not None and now < self.record_at
        unsettled = self.epoch_at(now) - 1 - self.settled
        possible = self.supply > 0 and unsettled < MAX_OPEN_EPOCHS
        return not waiting and record_at > now and possible

    def roll(self, now: int) -> None:
        if self.epoch_at(now) > self.epoch:
            self.closed[self.epoch] = dict(self.units)
            self.epoch, self.record_at = self.epoch + 1, None

    def move(self, source: str | None, target: str, units: int, now: int) -> None:
        self.roll(now)
        if source is not None:
            self.units[source] = self.units.get(source, 0) - units
        self.units[target] = self.units.get(target, 0) + units

    def declare(self, epoch: int, rate: int, now: int) -> int:
        amount = rate * sum(self.closed[epoch].values())
        self.state[epoch], self.rate[epoch], self.left[epoch] = "declared", rate, amount
        self.declared_at[epoch] = now
        self.funded += amount
        if amount == 0:
            self.finish(epoch, "paid")
        return amount

    def pay(self, epoch: int, wallets: list[str], is_payer: bool, now: int) -> None:
        diverts = is_payer or now >= self.declared_at[epoch] + DIVERSION_DELAY
        for wallet in wallets:
            due = self.closed[epoch].get(wallet, 0) * self.rate[epoch]
            if not due or (epoch, wallet) in self.done:
                continue
            if self.may_send(wallet):
                self.give(wallet, due)
            elif diverts:
                self.set_aside[wallet] = self.set_aside.get(wallet, 0) + due
            else:
                continue
            self.done.add((epoch, wallet))
            self.left[epoch] -= due
        if self.left[epoch] == 0:
            self.finish(epoch, "paid")

    def give(self, wallet: str, amount: int) -> None:
        self.coins[wallet] += amount
        self.paid += amount

    def finish(self, epoch: int, how: str) -> None:
        self.state[epoch] = how
        while self.state.get(self.settled + 1) in ("paid", "skipped"):
            self.settled += 1
