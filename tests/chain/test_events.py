import pytest

from chain.abi import topic
from chain.errors import RpcError
from chain.events import decode_logs, fetch_events
from tests.chain.conftest import everywhere

OTHER = "0x" + "55" * 20


def stored_topic(world):
    event = next(e for e in world.artifact.abi if e["type"] == "event")
    return "0x" + topic(event).hex()


def word(value):
    return f"0x{value:064x}"


def logs(world, **criteria):
    return world.backend.request("eth_getLogs", [{"fromBlock": "0x0"} | criteria])


@everywhere
def test_an_event_is_decoded_from_its_receipt(world):
    receipt = world.transact("store", 7, 8, "nine")
    (event,) = decode_logs(receipt.logs, [world.artifact.abi])
    assert (event.name, event.address) == ("Stored", world.specimen)
    assert event.args == {"by": world.signer.address, "slot": 7, "value": 8, "note": "nine"}
    assert list(event.args) == ["by", "slot", "value", "note"]
    assert (event.block_number, event.log_index) == (receipt.block_number, 0)
    assert event.transaction_hash == receipt.transaction_hash


@everywhere
def test_a_log_that_no_abi_declares_is_left_out(world):
    assert decode_logs(world.transact("store", 7, 8, "").logs, [[]]) == []


@everywhere
def test_events_are_fetched_in_order(world):
    for value in range(3):
        world.transact("store", value, value, "")
    head = int(world.backend.request("eth_blockNumber", []), 16)
    found = fetch_events(world.backend, [world.specimen], 0, head, [world.artifact.abi])
    assert [event.args["value"] for event in found] == [0, 1, 2]
    assert fetch_events(world.backend, [OTHER], 0, head, [world.artifact.abi]) == []
    assert fetch_events(world.backend, [world.specimen], head + 1, head, []) == []


@everywhere
def test_logs_are_filtered_by_address_and_topics(world):
    world.transact("store", 1, 10, "")
    world.transact("store", 2, 20, "")
    stored = stored_topic(world)
    by = word(int(world.signer.address, 16))
    assert len(logs(world)) == 2
    assert len(logs(world, address=world.specimen)) == 2
    assert len(logs(world, address=[OTHER, world.specimen])) == 2
    assert logs(world, address=OTHER) == []
    assert len(logs(world, topics=[stored])) == 2
    assert len(logs(world, topics=[None, by])) == 2
    assert len(logs(world, topics=[stored, None, word(2)])) == 1
    assert len(logs(world, topics=[stored, [], [word(1), word(2), word(3)]])) == 2
    assert logs(world, topics=[word(5)]) == []


def test_a_filter_longer_than_the_topics_matches_nothing(world):
    world.transact("store", 1, 10, "")
    assert len(logs(world, topics=[stored_topic(world), None, None])) == 1
    assert logs(world, topics=[stored_topic(world), None, None, None]) == []


@everywhere
def test_logs_of_one_block(world):
    first = world.transact("store", 1, 10, "")
    world.transact("store", 2, 20, "")
    (log,) = world.backend.request("eth_getLogs", [{"blockHash": first.block_hash}])
    assert log == first.logs[0]
    assert len(world.backend.request("eth_getLogs", [{}])) == 1  # latest only


@everywhere
def test_log_indexes_count_up(world):
    receipt = world.transact("storeMany", 3)
    assert [log["logIndex"] for log in receipt.logs] == ["0x0", "0x1", "0x2"]


def test_too_many_blocks_are_refused(world):
    for _ in range(1_000):
        world.backend.request("evm_mine", [])
    head = int(world.backend.request("eth_blockNumber", []), 16)
    with pytest.raises(RpcError, match="at most 1000") as caught:
        logs(world, fromBlock="0x0", toBlock=hex(1_000))
    assert caught.value.code == -32005
    assert logs(world, fromBlock="0x1", toBlock=hex(1_000)) == []
    assert fetch_events(world.backend, [world.specimen], 0, head, [world.artifact.abi]) == []


def test_too_many_logs_are_refused(world):
    world.transact("storeMany", 5_001, gas=50_000_000)
    assert len(logs(world)) == 5_001
    world.transact("storeMany", 5_001, gas=50_000_000)
    with pytest.raises(RpcError, match="more than 10000 logs"):
        logs(world)
