import pytest

from chain.client import ChainClient
from chain.errors import ErrorDecoder, NodeUnavailable, RpcError, WrongChain
from chain.http_backend import HttpBackend
from chain.identity import verify_chain_id
from tests.chain.conftest import everywhere
from tests.chain.misbehaving_node import Answer, serve

OURS, OTHER = 31_337, 5
WORD = {chain_id: f"0x{chain_id:064x}" for chain_id in (OURS, OTHER)}
HONEST = {"eth_chainId": hex(OURS), "eth_call": WORD[OURS]}
NOT_FOUND = RpcError(-32_601, "the method does not exist")


def node(**lies):
    """A node of chain `OURS`, but for these answers."""
    answers = HONEST | lies

    def answer(request):
        found = answers.get(request["method"])
        if isinstance(found, RpcError):
            return Answer({"error": found.to_json()})
        return Answer({"result": found})

    return serve(answer)


def refusal(kind, **lies):
    with node(**lies) as odd, HttpBackend(odd.url) as backend, pytest.raises(kind) as caught:
        verify_chain_id(backend, OURS)
    return str(caught.value)


@everywhere
def test_a_node_is_on_its_own_chain_and_on_no_other(world):
    verify_chain_id(world.backend, world.client.chain_id)
    with pytest.raises(WrongChain) as caught:
        verify_chain_id(world.backend, 1)
    assert (caught.value.expected, caught.value.found) == (1, world.client.chain_id)


@pytest.mark.parametrize("claimed", [str(OTHER), hex(OTHER), NOT_FOUND])
def test_a_network_id_is_no_chain_id(claimed):
    with node(net_version=claimed) as honest, HttpBackend(honest.url) as backend:
        verify_chain_id(backend, OURS)


@pytest.mark.parametrize(
    ("lie", "how"),
    [
        ({"eth_chainId": hex(OTHER)}, "as the node says to eth_chainId"),
        ({"eth_call": WORD[OTHER]}, "as the node executes CHAINID"),
    ],
)
def test_a_node_that_lies_is_refused_before_anything_is_sent(lie, how):
    with node(**lie) as liar, HttpBackend(liar.url) as backend:
        with pytest.raises(WrongChain) as caught:
            ChainClient(backend, OURS, ErrorDecoder(()))
        assert set(liar.methods) <= {"eth_chainId", "eth_call"}
    assert str(caught.value) == (
        f"expected chain id {OURS}, found {OTHER} ({how}). Cure: let the node's URL, the configured"
        " chain id and the signing keys belong to one chain."
    )


@pytest.mark.parametrize("method", sorted(HONEST))
@pytest.mark.parametrize("nonsense", ["", "0x", "mainnet", None])
def test_no_number_is_no_chain(method, nonsense):
    assert "where its chain id was asked for" in refusal(NodeUnavailable, **{method: nonsense})


@pytest.mark.parametrize("method", sorted(HONEST))
def test_a_node_that_refuses_to_say_is_on_no_chain(method):
    assert "does not exist" in refusal(RpcError, **{method: NOT_FOUND})
