import pytest

from chain.client import Call, ChainClient, Fees, encode_call
from chain.errors import (
    ContractReverted,
    ErrorDecoder,
    RpcError,
    TransactionUnconfirmed,
    WrongChain,
)
from chain.signer import LocalSigner
from tests.chain.conftest import KEY, MINED_WITHIN, everywhere

pytestmark = everywhere

STRANGERS_KEY = "0x" + "33" * 32


@pytest.fixture
def stranger(world):
    return LocalSigner(STRANGERS_KEY, world.client.chain_id)


def test_a_client_of_another_chain_is_refused(world):
    with pytest.raises(WrongChain, match="expected chain id 1, found"):
        ChainClient(world.backend, 1, ErrorDecoder(()))


def test_a_signer_of_another_chain_refuses_to_sign(world):
    signer = LocalSigner("0x" + "11" * 32, 1)
    with pytest.raises(WrongChain):
        world.client.sign(world.call_to("LIMIT"), signer, 1, 100_000)


def test_a_signer_signs_only_for_itself(world, stranger):
    with pytest.raises(ValueError, match="cannot sign for"):
        world.client.sign(world.call_to("LIMIT"), stranger, 1, 100_000)


def test_one_value_comes_as_itself_several_as_a_tuple(world):
    assert world.read("LIMIT") == 1_000
    assert len(world.read("timeAndNumber")) == 2
    points = [{"x": 1, "owner": world.specimen}]
    assert world.read("echo", points, b"\x05" * 32) == (tuple(points), b"\x05" * 32)


def test_a_call_to_no_contract_is_not_an_empty_answer(world, stranger):
    with pytest.raises(LookupError, match="is a contract there"):
        world.client.call(stranger.address, world.artifact.abi, "LIMIT")


def test_a_transaction_is_confirmed_by_its_receipt(world):
    signed = world.sign("store", 1, 2, "three")
    assert world.client.receipt(signed.hash) is None
    assert world.client.send(signed.raw) == signed.hash
    receipt = world.client.confirm(signed.hash, MINED_WITHIN)
    assert receipt.succeeded
    assert receipt.transaction_hash == signed.hash
    assert receipt.gas_used > 21_000
    assert receipt.contract_address is None
    assert len(receipt.logs) == 1


def test_gas_is_estimated_when_not_given(world):
    assert world.transact("store", 1, 2, "", gas=None).succeeded
    with pytest.raises(ContractReverted, match="TooMuch"):
        world.sign("store", 1, 1_001, "", gas=None)


def test_sending_the_same_bytes_again_is_harmless(world):
    signed = world.sign("store", 1, 2, "")
    first = world.send(signed)
    assert world.send(signed) == first
    assert world.client.next_nonce(world.signer.address) == 2


def test_a_used_nonce_under_another_hash_is_an_error(world):
    other = world.sign("store", 1, 3, "")
    world.transact("store", 1, 2, "")
    with pytest.raises(RpcError, match="nonce too low"):
        world.client.send(other.raw)


def test_another_chain_s_signature_is_refused(world):
    other = LocalSigner(KEY, 1)
    transaction = world.client.prepare(world.call_to("store", 1, 2, ""), 1, 200_000)
    foreign = other.sign(transaction | {"chainId": 1})
    with pytest.raises(RpcError, match="invalid chain id for signer"):
        world.client.send(foreign.raw)
    assert world.client.next_nonce(world.signer.address) == 1


def test_an_unsent_transaction_is_unconfirmed(world):
    signed = world.sign("store", 1, 2, "")
    with pytest.raises(TransactionUnconfirmed) as caught:
        world.client.confirm(signed.hash)
    assert caught.value.transaction_hash == signed.hash


def test_a_failed_transaction_says_why(world):
    signed = world.sign("store", 1, 1_001, "")
    with pytest.raises(ContractReverted) as caught:
        world.send(signed)
    receipt = world.client.receipt(signed.hash)
    assert receipt is not None
    assert not receipt.succeeded
    assert (caught.value.error_name, caught.value.operands["asked"]) == ("TooMuch", 1_001)
    assert caught.value.transaction_hash == signed.hash


def test_a_transaction_out_of_gas_says_so(world):
    signed = world.sign("spin", gas=60_000)
    with pytest.raises(ContractReverted, match="OutOfGas") as caught:
        world.send(signed)
    assert caught.value.error_name == "ExecutionFailed"


def test_a_failure_that_cannot_be_reproduced_is_still_a_failure(world):
    deadline = world.transact("store", 1, 1, "")
    signed = world.sign("storeBefore", deadline.block_timestamp + 1)
    with pytest.raises(ContractReverted) as caught:
        world.send(signed)
    assert caught.value.error_name == "NotReproduced"


def test_fees_are_those_configured(world):
    client = ChainClient(world.backend, world.client.chain_id, ErrorDecoder(()), Fees(5, 3))
    prepared = client.prepare(world.call_to("LIMIT"), 1, 100_000)
    assert (prepared["maxFeePerGas"], prepared["maxPriorityFeePerGas"]) == (5, 3)
    free = ChainClient(world.backend, world.client.chain_id, ErrorDecoder(()), Fees(0, 0))
    signed = free.sign(world.call_to("store", 1, 2, ""), world.signer, 1, 200_000)
    assert free.confirm(free.send(signed.raw), MINED_WITHIN).succeeded


def test_a_refused_transaction_is_not_known(world, stranger):
    data = encode_call(world.artifact.abi, "store", [1, 2, ""])
    call = Call(stranger.address, world.specimen, data)
    signed = world.client.sign(call, stranger, 0, 200_000)
    with pytest.raises(RpcError, match=r"(?i)insufficient funds"):
        world.client.send(signed.raw)
