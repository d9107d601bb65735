import pytest

from chain.embedded import EmbeddedBackend
from chain.errors import ContractReverted, RpcError
from chain.evm import Genesis
from tests.chain.conftest import T0, everywhere

LATER = T0 + 40 * 86_400


def mine_at(world, instant):
    world.ask("evm_setNextBlockTimestamp", hex(instant))
    world.ask("evm_mine")


@everywhere
def test_blocks_are_one_second_apart_unless_told(world):
    before = world.latest_timestamp()
    assert world.transact("store", 1, 1, "").block_timestamp == before + 1
    assert world.transact("store", 1, 1, "").block_timestamp == before + 2


@everywhere
def test_the_next_block_has_the_instant_asked_for(world):
    mine_at(world, LATER)
    assert world.latest_timestamp() == LATER
    assert world.transact("store", 1, 1, "").block_timestamp == LATER + 1


@everywhere
def test_time_is_given_to_a_transaction_without_an_empty_block(world):
    world.ask("evm_setNextBlockTimestamp", LATER)
    assert world.transact("store", 1, 1, "").block_timestamp == LATER


def test_a_call_sees_the_block_that_is_next(world):
    mine_at(world, LATER)
    number = int(world.ask("eth_blockNumber"), 16)
    assert world.read("timeAndNumber") == (LATER + 1, number + 1)
    world.ask("evm_setNextBlockTimestamp", LATER + 60)
    assert world.read("timeAndNumber") == (LATER + 60, number + 1)


@everywhere
def test_a_call_on_a_numbered_block_sees_that_block(world):
    mine_at(world, LATER)
    number = int(world.ask("eth_blockNumber"), 16)
    assert world.read("timeAndNumber", block=number) == (LATER, number)
    block_hash = world.ask("eth_getBlockByNumber", "latest", False)["hash"]
    assert world.read("timeAndNumber", block=block_hash) == (LATER, number)


@everywhere
def test_simulation_and_transaction_agree_at_the_last_second(world):
    world.ask("evm_setNextBlockTimestamp", LATER - 1)
    world.client.simulate(world.call_to("storeBefore", LATER))
    assert world.transact("storeBefore", LATER).block_timestamp == LATER - 1
    with pytest.raises(ContractReverted, match="too late"):
        world.client.simulate(world.call_to("storeBefore", LATER))


@everywhere
def test_time_never_goes_back(world):
    now = world.latest_timestamp()
    for instant in (now - 1, 0):
        with pytest.raises(RpcError) as caught:
            world.ask("evm_setNextBlockTimestamp", instant)
        assert caught.value.code == -32602


def test_time_never_stands_still(world):
    with pytest.raises(RpcError, match="not after the latest"):
        world.ask("evm_setNextBlockTimestamp", world.latest_timestamp())


@everywhere
def test_revert_restores_time_state_and_receipts(world):
    before = world.latest_timestamp()
    snapshot = world.ask("evm_snapshot")
    world.ask("evm_setNextBlockTimestamp", LATER)
    receipt = world.transact("store", 1, 5, "")
    assert world.read("stored", 1) == 5
    assert world.ask("evm_revert", snapshot) is True
    assert world.read("stored", 1) == 0
    assert world.client.receipt(receipt.transaction_hash) is None
    assert world.ask("eth_getBlockByHash", receipt.block_hash, False) is None
    assert world.transact("store", 1, 5, "").block_timestamp == before + 1


def test_revert_restores_the_instant_that_was_chosen(world):
    world.ask("evm_setNextBlockTimestamp", LATER)
    snapshot = world.ask("evm_snapshot")
    world.transact("store", 1, 5, "")
    assert world.ask("evm_revert", snapshot) is True
    assert world.transact("store", 1, 5, "").block_timestamp == LATER


@everywhere
def test_a_snapshot_is_used_once_and_takes_later_ones_with_it(world):
    first = world.ask("evm_snapshot")
    second = world.ask("evm_snapshot")
    assert world.ask("evm_revert", first) is True
    assert world.ask("evm_revert", first) is False
    assert world.ask("evm_revert", second) is False


def test_genesis_has_the_instant_given():
    backend = EmbeddedBackend(Genesis(T0))
    block = backend.request("eth_getBlockByNumber", ["earliest", False])
    assert (block["number"], block["timestamp"]) == ("0x0", hex(T0))
