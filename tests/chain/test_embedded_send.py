import pytest
from eth_account import Account

from chain.errors import RpcError
from chain.signer import LocalSigner
from tests.chain.conftest import CHAIN_ID

KEY = "0x" + "11" * 32
TO = "0x" + "22" * 20


def raw(**changes):
    transaction = {
        "type": 2,
        "chainId": CHAIN_ID,
        "nonce": 1,
        "gas": 21_000,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9,
        "value": 1,
        "to": TO,
    } | changes
    transaction = {key: value for key, value in transaction.items() if value is not None}
    return "0x" + Account.sign_transaction(transaction, KEY).raw_transaction.hex()


def legacy(**changes):
    fees = {"type": None, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 10**9}
    return raw(**fees, **changes)


def send(world, transaction):
    return world.backend.request("eth_sendRawTransaction", [transaction])


def refusal(world, transaction):
    with pytest.raises(RpcError) as caught:
        send(world, transaction)
    return caught.value


@pytest.mark.parametrize(
    ("transaction", "kind"),
    [
        (raw(), "0x2"),
        (legacy(), "0x0"),
        (
            legacy(accessList=[{"address": TO, "storageKeys": ["0x" + "00" * 32]}], gas=30_000),
            "0x1",
        ),
    ],
)
def test_each_kind_of_transaction_is_mined_at_once(world, transaction, kind):
    transaction_hash = send(world, transaction)
    mined = world.backend.request("eth_getTransactionByHash", [transaction_hash])
    receipt = world.backend.request("eth_getTransactionReceipt", [transaction_hash])
    assert (mined["type"], receipt["status"], mined["blockNumber"]) == (kind, "0x1", "0x2")
    assert world.backend.request("eth_getBalance", [TO, "latest"]) == "0x1"
    full = world.backend.request("eth_getBlockByNumber", ["0x2", True])
    assert full["transactions"] == [mined]


def test_another_chain_s_transactions_are_refused(world):
    assert "have 1 want" in refusal(world, raw(chainId=1)).message
    assert "have 1 want" in refusal(world, legacy(chainId=1)).message


def test_an_unprotected_legacy_transaction_is_refused(world):
    assert "replay-protected" in refusal(world, legacy(chainId=None)).message


def test_a_mined_transaction_sent_again_is_refused_as_known(world):
    send(world, raw())
    again = refusal(world, raw())
    assert again.code == -32000
    assert again.message.startswith("nonce too low")
    assert "already known: mined in block 2" in again.message


def test_another_transaction_of_a_used_nonce_is_not_known(world):
    send(world, raw())
    assert "known" not in refusal(world, raw(value=2)).message


def test_a_nonce_gap_is_refused(world):
    assert refusal(world, raw(nonce=3)).message == "nonce too high: next nonce 1, tx nonce 3"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gas": 20_999}, "intrinsic gas too low"),
        ({"gas": 300_000_001}, "exceeds block gas limit"),
        ({"value": 10**25}, "insufficient funds"),
    ],
)
def test_a_transaction_that_cannot_run_is_refused(world, changes, message):
    assert message in refusal(world, raw(**changes)).message


def test_other_types_and_noise_are_refused(world):
    assert "type 0x3 not supported" in refusal(world, "0x03c0").message
    assert refusal(world, "0x02c0").code == -32602
    assert refusal(world, "0x").code == -32602
    assert refusal(world, "0xc0").code == -32602
    assert refusal(world, "hello").code == -32602


def test_a_refused_transaction_changes_nothing(world):
    before = world.backend.request("eth_blockNumber", [])
    refusal(world, raw(nonce=3))
    assert world.backend.request("eth_blockNumber", []) == before
    assert LocalSigner(KEY, CHAIN_ID).address == world.signer.address
