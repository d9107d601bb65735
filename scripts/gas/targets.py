"""What the contracts are meant to cost at most, and what the last gas buys where they cost more."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.gas.cost import Cost


@dataclass(frozen=True, slots=True)
class Target:
    """At most so much for each. `buys` is written by hand, and read where the target is missed."""

    entry: str
    at_most: int
    buys: str = ""
    unit: str = "gas"

    def met(self, value: float) -> bool:
        """Does this keep to it?"""
        return value <= self.at_most


CODE = "code of AbsToken"

# ---- by hand: what the last gas buys, without figures that a change of the contracts would make stale

_THE_GATE = (
    "The gate compares the hash of the materials that are approved with the one the issuing service has "
    "just computed: 2,100 for its slot, and 512 for its 32 bytes in the call. That, and the number "
    "of the operation, keep a mint from going by other materials, or twice."
)
_EACH_ALLOTMENT = (
    "Each of a batch is asked what a single mint is asked: eligibility, freeze, minimum and maximum "
    "holding, the number of holders, and that no bit of its word is without meaning."
)
_THE_SLOT = (
    "22,100 of it opens the holder's slot, which every later mint and transfer finds open. The rest tells "
    "wallet, number, expiry, country and class in an event, and keeps contracts of the deal from being "
    "registered as holders."
)
_EACH_PAYMENT = (
    "Beyond what the coin takes: the holder's units of record from the token (2,100 for its word), a mark "
    "that nobody is paid twice, and a call bounded in gas whose answer is looked at, so that no recipient "
    "can stop the others. Whoever may not be paid is found out and set aside."
)
_ALONE = (
    "A list of one bears alone what a push shares: the slots of the lock and of all that is owed, of what "
    "is left of the payment, and of the marks (5,000 each), the first calls of token and coin (2,600 "
    "each), and the coin's balance before and after."
)
_ONE_CONTRACT = (
    "A transfer asks no other contract, so all that it asks is in this one: terms, filing, "
    "eligibility, enforcement, record dates and principal, beside permit, reasons of refusals with their "
    "operands, documents and roles. It is paid once for each tranche."
)

TARGETS = (
    Target("transfer to a holder", 39_000),
    Target("transfer to a new holder", 39_000),
    Target("transfer, first after a record date", 39_500),
    Target("mint to a new holder", 39_000, _THE_GATE),
    Target("mint to a holder", 39_000, _THE_GATE),
    Target("mint to 100 new holders, each", 9_000, _EACH_ALLOTMENT),
    Target("allowlist 100, each", 25_000, _THE_SLOT),
    Target("coupon push to 100, steady, each", 13_000, _EACH_PAYMENT),
    Target("coupon push to 250, steady, each", 13_000, _EACH_PAYMENT),
    Target("coupon claim, steady", 58_000, _ALONE),
    Target("deploy AbsToken", 2_500_000, _ONE_CONTRACT),
    Target(CODE, 12_000, _ONE_CONTRACT, unit="bytes"),
)


def value_of(target: Target, costs: Mapping[str, Cost], code_bytes: Mapping[str, int]) -> float:
    """What it is held against."""
    return code_bytes["AbsToken"] if target.entry == CODE else costs[target.entry].each
