"""What must be true of a deal after any number of crashes."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from chain.events import Event, fetch_events
from chain.http_backend import HttpBackend
from tests.integration.books import require_books_follow_chain
from tests.support.killable import DATABASE
from tests.support.simulator import address_of, artifact
from tests.support.story import ALLOTMENT, DEAL, MICRO, Story

ROLES = ("operator", "regulator", "other_authority", "registrar", "issuer", "paying_agent")
PER_UNIT = 14_460_273 + 200 * MICRO
ARTIFACTS = ("DvpSettlement", "CouponDistributor", "AbsToken", "SettlementCoin")


def require_sound(story: Story, folder: Path) -> None:
    """Database, chain, books, register and audit log say one thing, and each thing once."""
    story.served.settle()
    _require_every_operation_ended(folder)
    _require_each_nonce_once(story, folder)
    if story.deployment:
        found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
        assert found["agrees"], found["differences"]
        position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
        assert position["agrees"], position["holders"]
        require_books_follow_chain(story)
        _require_each_issue_once(story, folder, position["supply"])
        _require_each_payment_once(story)
    verdict = story.client.read("auditor", "/v1/audit/verification")
    assert verdict["intact"], verdict["flaws"]


def query(folder: Path, sql: str, *values: Any) -> list[Any]:
    """Read the database's file."""
    with closing(sqlite3.connect(folder / DATABASE, timeout=30)) as database:
        return database.execute(sql, values).fetchall()


def events(story: Story) -> list[Event]:
    """All that the deal's contracts have said."""
    abis = [artifact(name).abi for name in ARTIFACTS]
    places = [each["address"] for each in story.deployment["contracts"]]
    with HttpBackend(story.served.rpc_url) as backend:
        last = int(backend.request("eth_blockNumber", []), 16)
        return fetch_events(backend, places, 0, last, abis)


def _require_every_operation_ended(folder: Path) -> None:
    states = Counter(state for (state,) in query(folder, "SELECT state FROM operation"))
    assert set(states) <= {"confirmed", "refused"}, states
    open_ = query(
        folder,
        "SELECT command.id, command.state FROM command JOIN operation ON operation_id = operation.id"
        " WHERE operation.state = 'confirmed' AND command.state <> 'confirmed'",
    )
    assert open_ == []
    stuck = query(folder, "SELECT id FROM subscription WHERE state = 'ISSUING'")
    assert stuck == []


def _require_each_nonce_once(story: Story, folder: Path) -> None:
    """Each key's nonces run on without a gap, and the chain has seen as many."""
    by_role: dict[str, list[int]] = {}
    for signer, nonce in query(
        folder, "SELECT signer, nonce FROM command WHERE nonce IS NOT NULL ORDER BY id"
    ):
        by_role.setdefault(signer, []).append(nonce)
    for number, role in enumerate(ROLES):
        nonces = by_role.get(role, [])
        assert nonces == list(range(len(nonces))), role
        seen = story.ledger.ask("eth_getTransactionCount", address_of(number), "latest")
        assert int(seen, 16) == len(nonces), role


def _require_each_issue_once(story: Story, folder: Path, supply: int) -> None:
    issued = query(
        folder, "SELECT id, units, operation_number FROM subscription WHERE state = 'ISSUED'"
    )
    said = [each.args for each in events(story) if each.name == "UnitsIssued"]
    assert sorted(each["units"] for each in said) == sorted(units for _, units, _ in issued)
    assert supply == sum(units for _, units, _ in issued)
    assert story.ledger.read("abs_token:A", "operationCount") == len(issued)
    entries = Counter(
        each["entry_id"]
        for each in story.client.read("auditor", f"/v1/deals/{DEAL}/ledger/postings")
        if each["entry_id"].startswith("subscription:")
    )
    assert entries == {f"subscription:{each}": 2 for each, _, _ in issued}


def _require_each_payment_once(story: Story) -> None:
    said = [each for each in events(story) if each.name == "HoldersPaid"]
    paid = sum(each.args["amount"] for each in said)
    coin = {each: story.coin_of(each) for each in ALLOTMENT}
    assert paid in (0, *(PER_UNIT * units for units in partial_sums()))
    assert sum(coin.values()) >= paid
    state = story.client.get("auditor", f"/v1/distributions/{story.distribution}")
    if state.status_code == 200 and state.json()["state"] == "PAID":
        assert [each.args["left"] for each in said][-1:] == [0]
        assert paid == PER_UNIT * sum(ALLOTMENT.values())
        assert coin == {each: PER_UNIT * units for each, units in ALLOTMENT.items()}


def partial_sums() -> list[int]:
    """Units that a number of holders, in some order of the register, have together."""
    sums = {0}
    for units in ALLOTMENT.values():
        sums |= {each + units for each in sums}
    return sorted(sums - {0})
