"""Between database and chain: what was decided is carried out once, in order, whatever happens.

A crash is a worker that stopped between two steps; a restart is another worker on the same database
and chain. No process has to be killed for that: one step of a worker is one database transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from eth_utils.crypto import keccak
from sqlalchemy import select, text, update

from issuer.domain.errors import ChainUnavailable
from issuer.domain.operations import CommandState, StoredCommand
from issuer.onchain.commands import digest
from issuer.store import books, outbox, tables
from issuer.worker import Worker
from tests.integration.books import (
    COIN,
    PAYING_AGENT,
    STRANGER,
    coin_at,
    require_books_follow_chain,
)
from tests.integration.forger import Forger
from tests.support.simulator import address_of
from tests.support.story import ALLOTMENT, DEAL, MICRO, Story, document, investor_document

StoryAt = Callable[[str], Story]

OPERATOR, ISSUER = 0, 4
UNITS = 1_100


def restart(story: Story) -> Worker:
    """A worker that knows nothing but the database and the chain."""
    return Worker(story.served.simulator.context, threading.Event())


def halted(story: Story) -> Story:
    """The service answers, and nothing of what it decides is carried out."""
    story.served.simulator.worker.stop()
    return story


def ask(story: Story, who: str, path: str, body: Any = None) -> dict[str, Any]:
    """What must be granted by the service; the chain comes later."""
    answer = story.client.post(who, path, body, wait=0)
    assert answer.status_code == 202, answer.text
    operation: dict[str, Any] = answer.json()
    assert operation["state"] == "pending"
    return operation


def operation(story: Story, operation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = story.client.read("issuer", f"/v1/operations/{operation_id}")
    return found


def commands(story: Story, operation_id: str) -> tuple[StoredCommand, ...]:
    with story.served.simulator.context.database.reading() as connection:
        return outbox.commands_of(connection, operation_id)


def all_commands(story: Story) -> list[StoredCommand]:
    forger = Forger(story.served)
    operations = forger.read("SELECT DISTINCT operation_id FROM command")
    found = [each for (each_id,) in operations for each in commands(story, each_id)]
    return sorted(found, key=lambda each: each.id)


def issue_asked(story: Story) -> StoredCommand:
    """H1 has paid in, the issuer has asked; the one command that this makes."""
    story.pay_in("H1", story.subscribe("H1", UNITS))
    halted(story)
    body = story.issuance_body("H1", UNITS)
    (command,) = commands(story, ask(story, "issuer", f"/v1/deals/{DEAL}/issuances", body)["id"])
    return command


def entries(story: Story) -> list[str]:
    """Ids of the entries in the books."""
    with story.served.simulator.context.database.reading() as connection:
        return [str(row["entry_id"]) for row in books.entries(connection, DEAL)]


# ---- order


def test_drain_a_whole_deal_carries_out_commands_in_their_order(story_at: StoryAt) -> None:
    story = story_at("recorded")
    done = all_commands(story)
    assert {each.state for each in done} == {CommandState.CONFIRMED}
    blocks = [each.block_number or 0 for each in done]
    assert blocks == sorted(set(blocks))
    for role in {each.command.signer for each in done}:
        nonces = [each.nonce or 0 for each in done if each.command.signer is role]
        assert nonces == sorted(set(nonces))


# ---- refusals


def test_issue_refused_by_chain_says_why_and_passes_when_asked_again(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    subscription = story.subscribe("H1", UNITS)
    price = int(subscription["price_micro"])
    story.supply_coin(
        story.client.read("registrar", "/v1/investors/H1")["wallet"], UNITS * 1_000, "x"
    )
    path, body = f"/v1/deals/{DEAL}/issuances", story.issuance_body("H1", UNITS)
    first = story.client.post("issuer", path, body).json()
    assert first["state"] == "refused"
    error = first["error"]
    assert error["error"] == "ERC20InsufficientAllowance"
    assert (error["code"], error["rule"]) == ("coin.not_approved", "SET-08")
    assert error["cure"] == "approve the coin first"
    assert (story.units_of("H1"), entries(story)) == (0, [])
    story.approve_coin("H1", price)
    second = story.client.post("issuer", path, body).json()
    assert (second["state"], second["subject"]) == ("confirmed", first["subject"])
    assert second["id"] != first["id"]
    assert (story.units_of("H1"), set(entries(story))) == (
        UNITS,
        {f"subscription:{first['subject']}"},
    )
    assert operation(story, first["id"])["state"] == "refused"


def collections(*amounts: int) -> dict[str, Any]:
    """Batches of renminbi at one coin each."""
    found = document("ev-charging.collections.yaml")
    (example,) = found["batches"]
    found["batches"] = [
        {
            **example,
            "id": f"batch-{number}",
            "cny": f"{amount}.00",
            "fx": {**example["fx"], "rate": "1"},
        }
        for number, amount in enumerate(amounts, start=1)
    ]
    return found


def test_command_refused_abandons_the_rest_of_its_operation_only(story_at: StoryAt) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    # The second batch's reference is used already: the coin accepts each once.
    used = bytes.fromhex(digest(f"{DEAL}:collection:batch-2")[2:])
    assert story.ledger.send(OPERATOR, COIN, "issue", address_of(30), 1, used)
    answer = story.client.post(
        "oracle", f"/v1/deals/{DEAL}/collections", collections(100, 200, 300)
    ).json()
    refused = answer["operation"]
    assert refused["state"] == "refused"
    assert [each["state"] for each in refused["commands"]] == ["confirmed", "refused", "abandoned"]
    assert refused["error"]["code"] == "operation.already_done"
    assert refused["commands"][1]["error"] == refused["error"]
    # What is refused does not hold up what comes after it.
    story.supply_coin(address_of(30), 1, "afterwards")


def test_report_collections_refused_midway_books_the_coin_that_came(story_at: StoryAt) -> None:
    story = story_at("active")
    story.clock("07-06T12:00")
    used = bytes.fromhex(digest(f"{DEAL}:collection:batch-2")[2:])
    assert story.ledger.send(OPERATOR, COIN, "issue", address_of(30), 1, used)
    before = int(story.ledger.read(COIN, "balanceOf", address_of(PAYING_AGENT)))
    path = f"/v1/deals/{DEAL}/collections"
    answer = story.client.post("oracle", path, collections(100, 200, 300)).json()
    states = {each["id"]: each["state"] for each in answer["batches"]}
    assert states == {"batch-1": "AVAILABLE", "batch-2": "HELD", "batch-3": "HELD"}
    came = int(story.ledger.read(COIN, "balanceOf", address_of(PAYING_AGENT))) - before
    ledger = story.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
    assert came == 100 * MICRO == int(ledger["collections"])
    again = collections(100, 200, 300)
    again["batches"] = again["batches"][2:]
    assert story.collect(again)["operation"]["state"] == "confirmed"


@pytest.mark.parametrize("confirmed", [1, 3, 4, 5])
def test_pay_refused_at_any_step_is_finished_when_asked_again(
    story_at: StoryAt, confirmed: int
) -> None:
    """The account is emptied after so many of the six commands, and filled again afterwards.

    Not after two: then the holders are paid from what has been declared.
    """
    story = halted(story_at("recorded"))
    story.clock("07-15T10:00")
    path = f"/v1/distributions/{story.distribution}/payment"
    first = ask(story, "paying_agent", path)["id"]
    worker = restart(story)
    while sum(each.state is CommandState.CONFIRMED for each in commands(story, first)) < confirmed:
        assert worker._advance(worker._next() or commands(story, first)[0])
    taken = coin_at(story, address_of(PAYING_AGENT))
    assert story.ledger.send(PAYING_AGENT, COIN, "transfer", address_of(STRANGER), taken)
    worker.drain()
    states = [each.state.value for each in commands(story, first)]
    assert states == ["confirmed"] * confirmed + ["refused"] + ["abandoned"] * (5 - confirmed)
    assert story.ledger.send(STRANGER, COIN, "transfer", address_of(PAYING_AGENT), taken)
    require_books_follow_chain(story)
    second = ask(story, "paying_agent", path)["id"]
    worker.drain()
    assert operation(story, second)["state"] == "confirmed"
    assert len(commands(story, second)) == (6 if confirmed == 1 else 6 - confirmed)
    assert story.client.read("auditor", path.removesuffix("/payment"))["state"] == "PAID"
    per_unit = 14_460_273 + 200 * MICRO
    assert [story.coin_of(each) for each in ALLOTMENT] == [
        units * per_unit for units in ALLOTMENT.values()
    ]
    assert coin_at(story, address_of(PAYING_AGENT)) == 2_000_000 * MICRO
    require_books_follow_chain(story)


# ---- crashes

#: How many steps the worker takes before it stops: it signs, it sends, it confirms.
STEPS = {"before signing": 0, "signed, not sent": 1, "sent, not noted": 1, "sent, not confirmed": 2}


@pytest.mark.parametrize("moment", STEPS)
def test_restart_after_a_crash_issues_once_with_the_bytes_stored(
    story_at: StoryAt, moment: str
) -> None:
    story = story_at("offering_open")
    command = issue_asked(story)
    context = story.served.simulator.context
    nonce = context.chain.next_nonce(command.command.signer)
    worker = restart(story)
    for _ in range(STEPS[moment]):
        assert worker._advance(worker._next() or command)
    (left,) = commands(story, command.operation_id)
    if moment == "sent, not noted":
        context.chain.send(left.raw or b"")
    restart(story).drain()
    (done,) = commands(story, command.operation_id)
    assert done.state is CommandState.CONFIRMED
    if STEPS[moment]:
        assert (done.raw, done.nonce, done.transaction_hash) == (
            left.raw,
            left.nonce,
            left.transaction_hash,
        )
    assert done.transaction_hash == "0x" + keccak(done.raw or b"").hex()
    sent = story.ledger.ask("eth_getTransactionByHash", done.transaction_hash)
    assert int(sent["blockNumber"], 16) == done.block_number
    assert context.chain.next_nonce(command.command.signer) == nonce + 1
    assert (story.units_of("H1"), story.coin_of("H1")) == (UNITS, 0)
    assert story.ledger.read("abs_token:A", "operationCount") == 1
    assert entries(story) == ["subscription:ev-charging-s1"] * 2
    assert operation(story, command.operation_id)["state"] == "confirmed"


def test_restart_with_nothing_left_to_do_changes_nothing(story_at: StoryAt) -> None:
    story = halted(story_at("offering_open"))
    before = story.served.fingerprint()
    restart(story).drain()
    assert story.served.fingerprint() == before


def test_send_stored_bytes_again_is_harmless(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    command = issue_asked(story)
    restart(story).drain()
    (done,) = commands(story, command.operation_id)
    before = story.served.fingerprint()
    chain = story.served.simulator.context.chain
    chain.send(done.raw or b"")
    chain.send(done.raw or b"")
    restart(story).drain()
    assert story.served.fingerprint() == before
    assert story.units_of("H1") == UNITS


def test_foreign_transaction_of_the_same_key_does_not_hold_up_the_service(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    assert story.ledger.send(ISSUER, COIN, "approve", address_of(30), 1)
    assert story.ledger.send(ISSUER, COIN, "approve", address_of(30), 0)
    issued = story.sell("H1", UNITS)
    (command,) = commands(story, issued["id"])
    sent = story.ledger.ask("eth_getTransactionByHash", command.transaction_hash)
    assert int(sent["nonce"], 16) == command.nonce
    assert story.units_of("H1") == UNITS


# ---- chains that do not belong to the database


def test_database_ahead_of_the_chain_is_refused_and_nothing_is_signed(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    command = issue_asked(story)
    forger = Forger(story.served)
    forger.write(
        "UPDATE command SET nonce = nonce + 1000 WHERE id ="
        " (SELECT max(id) FROM command WHERE signer = 'issuer' AND nonce IS NOT NULL)"
    )
    worker = restart(story)
    with pytest.raises(ChainUnavailable) as refused:
        worker.drain()
    assert refused.value.error_code == "chain.behind"
    (waiting,) = commands(story, command.operation_id)
    assert (waiting.state, waiting.raw, story.units_of("H1")) == (CommandState.PENDING, None, 0)
    forger.write("UPDATE command SET nonce = nonce - 1000 WHERE nonce >= 1000")
    worker.drain()
    assert story.units_of("H1") == UNITS


def test_replay_of_a_confirmed_command_is_put_aside(story_at: StoryAt) -> None:
    """A genuine command, set back to what it was before it was signed, with the seal it had."""
    story = story_at("active")
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "list update"})
    story.client.do("enforcement", "/v1/investors/H3/clearance", {"reason": "cleared"})
    worker = restart(halted(story))
    head = story.served.simulator.context.chain.head()
    with story.served.simulator.context.database.writing() as connection:
        frozen = connection.execute(
            select(tables.command.c.id, tables.command.c.operation_id).where(
                tables.command.c.description == "freeze H3 in tranche A"
            )
        ).one()
        connection.execute(
            update(tables.command)
            .where(tables.command.c.id == frozen.id)
            .values(state="pending", nonce=None, raw=None, transaction_hash=None)
        )
        connection.execute(
            update(tables.operation)
            .where(tables.operation.c.id == frozen.operation_id)
            .values(state="pending")
        )
    worker.drain()
    assert story.served.simulator.context.chain.head()[0] == head[0] + 1  # the log's anchor alone
    assert story.ledger.read("abs_token:A", "canSend", investor_document("H3")["wallet"]) is True
    answer = story.client.read("enforcement", f"/v1/operations/{frozen.operation_id}")
    assert (answer["state"], answer["error"]["code"]) == ("failed", "outbox.altered")
    assert "belongs to an operation that has ended" in answer["error"]["message"]


@pytest.mark.parametrize(
    "altered",
    [{"signer": "nobody"}, {"signer": "investor"}, {"arguments": text("'no JSON'")}],
    ids=["no-role", "role-without-key", "no-json"],
)
def test_unreadable_command_holds_up_nobody_elses(
    story_at: StoryAt, altered: dict[str, Any]
) -> None:
    story = halted(story_at("deployed"))
    coin = {"deal": DEAL, "wallet": document_wallet(), "amount": "1"}
    first = ask(story, "operator", "/v1/simulation/coin", {**coin, "reference": "altered"})
    second = ask(story, "operator", "/v1/simulation/coin", {**coin, "reference": "genuine"})
    with story.served.simulator.context.database.writing() as connection:
        connection.execute(
            update(tables.command)
            .where(tables.command.c.operation_id == first["id"])
            .values(**altered)
        )
    restart(story).drain()
    assert operation(story, second["id"])["state"] == "confirmed"
    assert story.coin_of("H1") == MICRO


def document_wallet() -> str:
    wallet: str = investor_document("H1")["wallet"]
    return wallet
