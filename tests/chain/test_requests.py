import json
import threading

import pytest

from chain.embedded import EmbeddedBackend
from chain.errors import ContractReverted, RpcError
from chain.evm import Genesis
from chain.reverts import revert_bytes
from tests.chain.conftest import everywhere

NOBODY = "0x" + "77" * 20


def ask(world, method, *params):
    return world.backend.request(method, list(params))


def test_what_the_node_is(world):
    assert ask(world, "eth_chainId") == hex(world.backend.chain_id)
    assert ask(world, "net_version") == str(world.backend.chain_id)
    assert ask(world, "eth_accounts") == []
    assert ask(world, "eth_syncing") is False
    assert "py-evm" in ask(world, "web3_clientVersion")


def test_a_funded_account_is_rich_from_the_first_block(world):
    assert ask(world, "eth_getBalance", world.signer.address, "earliest") == hex(10**24)
    assert ask(world, "eth_getBalance", NOBODY) == "0x0"


@everywhere
def test_accounts_now_and_then(world):
    world.transact("store", 3, 4, "")
    sender = world.signer.address
    assert ask(world, "eth_getTransactionCount", sender, "latest") == "0x2"
    assert ask(world, "eth_getTransactionCount", sender, "0x1") == "0x1"
    assert ask(world, "eth_getTransactionCount", sender, "pending") == "0x2"
    assert ask(world, "eth_getBalance", NOBODY, "latest") == "0x0"
    assert ask(world, "eth_getCode", NOBODY, "latest") == "0x"
    assert ask(world, "eth_getCode", world.specimen, "0x0") == "0x"
    inner = ask(world, "eth_getStorageAt", world.specimen, "0x1", "latest")
    assert inner.endswith(world.read("inner")[2:].lower())


def test_fees_are_harmless(world):
    world.transact("store", 3, 4, "")
    history = ask(world, "eth_feeHistory", "0x2", "latest", [50])
    assert history["oldestBlock"] == "0x1"
    assert history["baseFeePerGas"] == ["0x0"] * 3
    assert len(history["gasUsedRatio"]) == len(history["reward"]) == 2
    assert int(ask(world, "eth_gasPrice"), 16) == int(ask(world, "eth_maxPriorityFeePerGas"), 16)


@everywhere
def test_blocks_by_number_hash_and_absence(world):
    latest = ask(world, "eth_getBlockByNumber", "latest", False)
    assert ask(world, "eth_getBlockByHash", latest["hash"], False) == latest
    assert ask(world, "eth_getBlockByNumber", "0xffff", False) is None
    assert ask(world, "eth_getBlockByHash", "0x" + "ab" * 32, False) is None
    assert ask(world, "eth_getTransactionByHash", "0x" + "ab" * 32) is None
    assert ask(world, "eth_getTransactionReceipt", "0x" + "ab" * 32) is None


@everywhere
def test_a_call_names_its_block_as_eip_1898_does(world):
    message = {"to": world.specimen, "data": "0x" + world.call_to("LIMIT").data.hex()}
    latest = ask(world, "eth_getBlockByNumber", "latest", False)
    for block in ({"blockNumber": latest["number"]}, {"blockHash": latest["hash"]}):
        assert int(ask(world, "eth_call", message, block), 16) == 1_000
    with pytest.raises(RpcError, match=r"block not found|BlockOutOfRange"):
        ask(world, "eth_call", message, "0xffff")


@everywhere
def test_revert_bytes_are_exact(world):
    call = world.call_to("refuseWithReason").to_json()
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(RpcError) as caught:
            ask(world, method, call)
        assert caught.value.code == 3
        assert caught.value.message == "execution reverted: not like this"
        assert caught.value.data.startswith("0x08c379a0")
        assert len(caught.value.data) == 2 + 2 * (4 + 3 * 32)
    with pytest.raises(RpcError) as caught:
        ask(world, "eth_call", world.call_to("refuseEmptily").to_json())
    assert (caught.value.code, caught.value.data) == (3, "0x")


@everywhere
def test_running_out_of_gas_is_not_a_revert(world):
    with pytest.raises(RpcError, match="OutOfGas") as caught:
        ask(world, "eth_call", world.call_to("spin").to_json() | {"gas": "0x186a0"})
    assert revert_bytes(caught.value) is None


@everywhere
def test_a_call_costs_its_sender_nothing(world):
    message = {
        "from": NOBODY,
        "to": world.specimen,
        "data": "0x" + world.call_to("caller").data.hex(),
    }
    assert ask(world, "eth_call", message, "latest").endswith("77" * 20)
    with pytest.raises(RpcError, match=r"enough balance|Insufficient funds"):
        ask(world, "eth_call", message | {"value": "0x1"})


@everywhere
def test_a_contract_may_be_the_sender_of_a_call(world):
    assert world.read("caller", sender=world.specimen) == world.specimen


def test_base_fee_stays_free_after_a_full_block():
    backend = EmbeddedBackend(Genesis(1_600_000_000, gas_limit=60_000))
    backend.request("evm_mine", [])
    assert backend.request("eth_getBlockByNumber", ["latest", False])["baseFeePerGas"] == "0x0"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", []),
        ("eth_getBalance", ["0x12"]),
        ("eth_getBalance", [NOBODY, "tomorrow"]),
        ("eth_getBalance", [NOBODY, []]),
        ("eth_getBalance", [NOBODY, "latest", 1]),
        ("eth_getBalance", {"address": NOBODY}),
        ("eth_getStorageAt", [NOBODY, "0xzz"]),
        ("eth_call", ["0x"]),
        ("eth_call", [{"to": NOBODY, "data": "0x1"}]),
        ("eth_call", [{"to": NOBODY, "value": -1}]),
        ("eth_getTransactionByHash", ["0x12"]),
        ("eth_getBlockByHash", ["0x" + "zz" * 32, False]),
        ("eth_getLogs", [[]]),
        ("eth_getLogs", [{"topics": 5}]),
        ("eth_getLogs", [{"address": "0x12"}]),
        ("evm_revert", [None]),
        ("evm_mine", ["0x5"]),
    ],
)
def test_bad_parameters_are_refused(world, method, params):
    with pytest.raises(RpcError, match="invalid params") as caught:
        world.backend.request(method, params)
    assert caught.value.code == -32602


@pytest.mark.parametrize("params", [[NOBODY, hex(2**300)]])
def test_values_out_of_bounds_are_refused(world, params):
    with pytest.raises(RpcError):
        world.backend.request("eth_getStorageAt", params)


@everywhere
def test_an_unknown_method_is_refused(world):
    with pytest.raises(RpcError) as caught:
        ask(world, "eth_nothing")
    assert caught.value.code == -32601


@everywhere
def test_calls_nest_as_deep_as_gas_allows(world):
    """In a thread of its own, as a server runs it: a deep EVM stack is a deep Python stack."""
    results = []

    def dive():
        results.append(world.read("dive", 500))
        with pytest.raises(ContractReverted):
            world.read("dive", 1_100)

    thread = threading.Thread(target=dive)
    thread.start()
    thread.join()
    assert results == [500]


def test_json_nested_without_end_is_an_error_not_a_crash():
    with pytest.raises(RecursionError):
        json.loads("[" * 100_000)
