"""Many clients at once, and what must be true of a simulator when they have gone home."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from sqlalchemy import Connection, func, select

from issuer.carrier import ENDINGS
from issuer.domain.operations import CommandState, OperationState
from issuer.keys import ROLE_ACCOUNTS
from issuer.store import audit, outbox, tables
from tests.support.simulator import Client, Ledger, address_of
from tests.support.story import DEAL, Story

CROWD = 20
#: Longer than anything here takes: a client that hangs fails its test instead of holding it up.
PATIENCE_SECONDS = 60

T = TypeVar("T")


def until(condition: Callable[[], bool]) -> None:
    """Return when it is so; fail if it never comes to be."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"


@contextmanager
def clients(story: Story, count: int = CROWD) -> Iterator[list[Client]]:
    """So many clients, each with connections of its own."""
    made = [Client(story.served.url, story.client.keys) for _ in range(count)]
    try:
        yield made
    finally:
        for client in made:
            client.close()


@contextmanager
def wallet_of(story: Story) -> Iterator[Ledger]:
    """JSON-RPC over connections of its own, to the contracts that the story knows."""
    ledger = Ledger(story.served.rpc_url)
    ledger.learn(story.deployment["contracts"])
    try:
        yield ledger
    finally:
        ledger.close()


def at_once(jobs: Iterable[Callable[[], T]]) -> list[T]:
    """Run each job in a thread of its own, all released together; what they give, in their order."""
    listed = list(jobs)
    start = threading.Barrier(len(listed))

    def run(job: Callable[[], T]) -> T:
        start.wait(PATIENCE_SECONDS)
        return job()

    with ThreadPoolExecutor(len(listed)) as pool:
        return [each.result() for each in [pool.submit(run, job) for job in listed]]


def ask_at_once(
    story: Story, ask: Callable[[Client, int], httpx.Response], count: int = CROWD
) -> list[httpx.Response]:
    """The answers to `ask(client, number)` by so many new clients at the same moment."""
    with clients(story, count) as crowd:
        return asked_by(crowd, ask)


def asked_by(
    crowd: Sequence[Client], ask: Callable[[Client, int], httpx.Response]
) -> list[httpx.Response]:
    """The same by these clients."""
    return at_once([lambda client=client, n=n: ask(client, n) for n, client in enumerate(crowd)])


def tally(answers: Iterable[httpx.Response]) -> Counter[tuple[int, str]]:
    """How many answers of each status, with its code if it is a refusal."""
    return Counter(
        (each.status_code, "" if each.is_success else each.json()["code"]) for each in answers
    )


def only(answers: Iterable[httpx.Response]) -> httpx.Response:
    """The one answer that is no refusal and no replay."""
    (found,) = [
        each for each in answers if each.is_success and "idempotent-replayed" not in each.headers
    ]
    return found


# ---- afterwards


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of the audit log and operations there are, by what they are about."""

    acts: Counter[str]
    operations: Counter[str]

    def since(self, before: Count) -> Count:
        """What has come since."""
        return Count(self.acts - before.acts, self.operations - before.operations)


def count(story: Story) -> Count:
    """What was asked for, by the audit log, and operations in the outbox."""
    with story.served.simulator.context.database.reading() as connection:
        acts = _by(connection, tables.audit.c.act)
        asked = Counter({act: number for act, number in acts.items() if act not in ENDINGS})
        return Count(asked, _by(connection, tables.operation.c.kind))


def _by(connection: Connection, column: Any) -> Counter[str]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    return Counter({str(name): int(number) for name, number in rows})


def require_sound(story: Story, tranches: Sequence[tuple[str, str]] = ((DEAL, "A"),)) -> None:
    """Nothing doubled, nothing lost: outbox and chain, books, register and audit log agree."""
    story.served.settle()
    with story.served.simulator.context.database.reading() as connection:
        _require_carried_out(connection)
        _require_nonces(story, connection)
        _require_balanced(connection)
        _require_chained(connection)
    for deal, tranche in tranches:
        _require_agreement(story, deal, tranche)


def _require_carried_out(connection: Connection) -> None:
    """Every operation is done, every transaction is its own and made in a block of its own."""
    operations = connection.execute(select(tables.operation)).mappings().all()
    commands = connection.execute(select(tables.command)).mappings().all()
    states = {each["id"]: OperationState(each["state"]) for each in operations}
    assert set(states.values()) <= {OperationState.CONFIRMED, OperationState.REFUSED}
    for each in commands:
        if states[each["operation_id"]] is OperationState.CONFIRMED:
            assert each["state"] == CommandState.CONFIRMED, dict(each)
    sent = [each for each in commands if each["transaction_hash"]]
    assert len({each["transaction_hash"] for each in sent}) == len(sent)
    mined = [each["block_number"] for each in sent if each["block_number"] is not None]
    assert len(set(mined)) == len(mined)
    with_commands = {each["operation_id"] for each in commands}
    assert with_commands == set(states)
    ended = select(tables.audit.c.subject).where(tables.audit.c.act.in_(ENDINGS))
    assert sorted(connection.execute(ended).scalars()) == sorted(states)


def _require_nonces(story: Story, connection: Connection) -> None:
    """The nonces of each role's key have no gap, and the chain has seen every one of them."""
    for role, number in ROLE_ACCOUNTS.items():
        query = select(tables.command.c.nonce).where(
            tables.command.c.signer == role.value, tables.command.c.nonce.is_not(None)
        )
        used = sorted(nonce for (nonce,) in connection.execute(query))
        assert used == list(range(len(used))), f"{role}: {used}"
        assert outbox.next_nonce(connection, role) == len(used)
        if used:
            seen = story.ledger.ask("eth_getTransactionCount", address_of(number), "latest")
            assert int(seen, 16) == len(used), role


def _require_balanced(connection: Connection) -> None:
    """Every entry adds up to zero."""
    posting = tables.posting.c
    query = select(func.sum(posting.amount_micro)).group_by(posting.deal_id, posting.entry_id)
    assert {total for (total,) in connection.execute(query)} <= {0}


def _require_chained(connection: Connection) -> None:
    """The audit log has no gap, and every row the hash of the one before."""
    rows = list(audit.everything(connection))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    previous = audit.GENESIS
    for row in rows:
        assert row.previous_hash == previous
        assert row.hash == audit.hash_of(row)
        previous = row.hash


def _require_agreement(story: Story, deal: str, tranche: str) -> None:
    """Register, token and subscriptions know of the same units, within the cap."""
    position = story.client.read("auditor", f"/v1/deals/{deal}/tranches/{tranche}")
    assert position["agrees"], position
    supply = int(position["supply"])
    assert sum(int(line["units_on_chain"]) for line in position["holders"]) == supply
    assert supply <= int(position["cap"])
    issued = sum(
        int(each["units"])
        for each in story.client.read("auditor", f"/v1/deals/{deal}/subscriptions")
        if each["tranche"] == tranche and each["state"] == "ISSUED"
    )
    assert issued == supply
    ledger = story.client.read("auditor", f"/v1/deals/{deal}/ledger")
    assert sum(map(int, ledger.values())) == 0
