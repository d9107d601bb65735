"""What others reach of a chain: all of it, but for the keys that are its owner's alone."""

import pytest

from chain.errors import RpcError
from chain.reserved import Reserved
from tests.chain.test_embedded_send import legacy, raw

OTHER = "0x" + "33" * 20


def send(backend, transaction):
    return backend.request("eth_sendRawTransaction", [transaction])


@pytest.mark.parametrize("transaction", [raw(), legacy()], ids=["typed", "legacy"])
def test_reserved_key_is_used_by_the_owner_alone(world, transaction):
    others = Reserved(world.backend, [world.signer.address])
    with pytest.raises(RpcError) as refused:
        send(others, transaction)
    assert refused.value.code == -32007
    assert f"{world.signer.address}, its key is for whoever runs" in refused.value.message
    assert world.client.next_nonce(world.signer.address) == 1
    send(world.backend, transaction)
    assert world.client.next_nonce(world.signer.address) == 2


def test_every_other_key_and_question_is_passed_on(world):
    others = Reserved(world.backend, [OTHER])
    assert others.chain_id == world.backend.chain_id
    assert others.request("eth_blockNumber", []) == world.ask("eth_blockNumber")
    send(others, raw())
    assert world.client.next_nonce(world.signer.address) == 2


@pytest.mark.parametrize("params", [[], ["0x02"], ["no hex"], [7], {}])
def test_what_is_no_transaction_is_refused_as_the_chain_refuses_it(world, params):
    told = []
    for backend in (world.backend, Reserved(world.backend, [world.signer.address])):
        with pytest.raises(RpcError) as refused:
            backend.request("eth_sendRawTransaction", params)
        told.append((refused.value.code, refused.value.message))
    assert told[0] == told[1]
