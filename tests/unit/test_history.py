"""On what evidence a wallet was admitted, where the chain says it once for many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chain.events import Event
from issuer.onchain.history import Contracts, Eligibility, history_of

REGISTRY, TOKEN_A, TOKEN_B, ELSEWHERE = (f"0x{'0' * 39}{digit}" for digit in "1234")
ONE, TWO = "0x" + "1" * 40, "0x" + "2" * 40
FIRST, SECOND = bytes([1] * 32), bytes([2] * 32)
CONTRACTS = Contracts(
    ELSEWHERE, REGISTRY, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, {"A": TOKEN_A, "B": TOKEN_B}, 1
)


class Chain:
    """Says these events, and nothing of use besides."""

    def __init__(self, *events: Event) -> None:
        self._events = events

    def events(self, addresses: Sequence[str], first: int, last: int) -> Sequence[Event]:
        return self._events

    def ask(self, *_: Any) -> int:
        return 0

    def block_hash(self, _: int) -> str:
        return "0x00"


def admitted(*wallets: str, token: str = TOKEN_A, transaction: str = "0xa") -> Event:
    words = [int(each, 16) | 20_000 << 160 | 344 << 176 | 2 << 192 | 7 << 200 for each in wallets]
    return Event("EligibilitySet", token, {"admitted": words}, 1, 0, transaction)


def relied_on(evidence: bytes, name: str = "InvestorsSet", transaction: str = "0xa") -> Event:
    return Event(name, REGISTRY, {"evidenceHash": evidence}, 1, 0, transaction)


def read(*events: Event) -> Any:
    return history_of(Chain(*events), CONTRACTS, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["InvestorSet", "InvestorsSet"])
def test_evidence_is_that_of_every_wallet_written_in_any_token(name: str) -> None:
    history = read(admitted(ONE, TWO), admitted(ONE, TWO, token=TOKEN_B), relied_on(FIRST, name))
    assert history.evidence == dict.fromkeys((ONE, TWO), "0x" + FIRST.hex())
    keys = [(token, wallet) for token in (TOKEN_A, TOKEN_B) for wallet in (ONE, TWO)]
    assert history.eligibility == dict.fromkeys(keys, Eligibility(7, 20_000, 344, 2))


def test_batches_of_one_transaction_have_each_its_own_evidence() -> None:
    history = read(admitted(ONE), relied_on(FIRST), admitted(TWO), relied_on(SECOND))
    assert history.evidence == {ONE: "0x" + FIRST.hex(), TWO: "0x" + SECOND.hex()}


def test_batch_takes_no_wallet_of_another_transaction_for_its_own() -> None:
    """Another registry, that took this one's place in a token, says elsewhere on what it relied."""
    history = read(
        admitted(ONE), admitted(TWO, transaction="0xb"), relied_on(SECOND, "InvestorsSet", "0xb")
    )
    assert history.evidence == {TWO: "0x" + SECOND.hex()}
    assert (TOKEN_A, ONE) in history.eligibility
