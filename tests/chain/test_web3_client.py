"""An ordinary web3 client, in process and over HTTP, finds a node it can work with."""

import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError, ContractLogicError, ContractPanicError

from chain.rpc_server import RpcServer
from chain.web3_provider import BackendProvider
from tests.chain.conftest import T0

KEY = "0x" + "11" * 32


@pytest.fixture(params=["in process", "http"])
def web3(request, world):
    if request.param == "in process":
        yield Web3(BackendProvider(world.backend))
        return
    with RpcServer(world.backend) as server:
        provider = HTTPProvider(server.url)
        yield Web3(provider)
        for _, session in provider._request_session_manager.session_cache.items():
            session.close()


@pytest.fixture
def contract(web3, world):
    return web3.eth.contract(address=world.specimen, abi=list(world.artifact.abi))


def test_it_reads_the_chain(web3, world):
    assert web3.is_connected()
    assert web3.eth.chain_id == world.backend.chain_id
    assert web3.eth.block_number == 1
    assert web3.eth.get_block("latest").timestamp == T0 + 1
    assert web3.eth.get_block(1, full_transactions=True).transactions[0]["from"]
    assert web3.eth.get_balance(world.signer.address) > 0
    assert web3.eth.get_code(world.specimen)
    assert web3.eth.fee_history(1, "latest", [50]).oldestBlock == 1


def test_it_signs_sends_waits_and_finds_the_logs(web3, contract, world):
    account = Account.from_key(KEY)
    call = contract.functions.store(1, 2, "three")
    assert call.estimate_gas({"from": account.address}) > 21_000
    transaction = call.build_transaction(
        {"from": account.address, "nonce": web3.eth.get_transaction_count(account.address)}
    )
    signed = account.sign_transaction(transaction)
    receipt = web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(signed.raw_transaction)
    )
    assert receipt.status == 1
    assert contract.functions.stored(1).call() == 2
    (event,) = contract.events.Stored().get_logs(from_block=0)
    assert event.args.note == "three"
    (log,) = web3.eth.get_logs({"fromBlock": 0, "address": contract.address})
    assert log.transactionHash == receipt.transactionHash


def test_it_gets_a_custom_error_with_its_data(contract, world):
    with pytest.raises(ContractCustomError) as caught:
        contract.functions.store(1, 1_001, "").call({"from": world.signer.address})
    selector = next(e for e in world.artifact.abi if e.get("name") == "TooMuch")
    assert selector["type"] == "error"
    assert len(caught.value.data) == 2 + 2 * (4 + 3 * 32)


def test_it_gets_reasons_and_panics(contract):
    with pytest.raises(ContractLogicError, match="not like this"):
        contract.functions.refuseWithReason().call()
    with pytest.raises(ContractPanicError, match="Division"):
        contract.functions.divide(1, 0).call()


def test_it_calls_on_a_block_by_hash(web3, contract):
    block = web3.eth.get_block(1)
    assert contract.functions.LIMIT().call(block_identifier=block.hash) == 1_000
