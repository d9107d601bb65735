import base64
import logging
import socket
import threading

import pytest

from chain.client import ChainClient
from chain.errors import ErrorDecoder, NodeUnavailable, RpcError
from chain.http_backend import HttpBackend
from chain.rpc_server import RpcServer
from tests.chain.conftest import MINED_WITHIN
from tests.chain.misbehaving_node import Answer, serve

SEND = ("eth_sendRawTransaction", ["0x00"])
READ = ("eth_blockNumber", [])


def refusal(answer, request=READ):
    """What the backend says when every request is answered so; and how often it asked."""
    with serve(lambda _: answer) as node, HttpBackend(node.url) as backend:
        with pytest.raises(NodeUnavailable) as caught:
            backend.request(*request)
        message = str(caught.value)
        assert message.startswith(f"the node at {node.url} ")
        assert " Cure: " in message
        return message, len(node.methods)


# ---- a node that behaves


def test_a_transaction_goes_its_way_over_http(world):
    with RpcServer(world.backend) as server, HttpBackend(server.url) as backend:
        assert backend.chain_id == world.backend.chain_id
        client = ChainClient(backend, backend.chain_id, ErrorDecoder([world.artifact.abi]))
        signed = client.sign(world.call_to("store", 1, 2, "three"), world.signer, 1, 200_000)
        receipt = client.confirm(client.send(signed.raw), MINED_WITHIN)
        assert receipt == world.client.receipt(signed.hash)
        assert client.call(world.specimen, world.artifact.abi, "stored", [1]) == 2


def test_the_node_s_own_refusals_keep_code_message_and_data(world):
    call = world.call_to("refuseWithReason").to_json()
    with RpcServer(world.backend) as server, HttpBackend(server.url) as backend:
        with pytest.raises(RpcError) as caught:
            backend.request("eth_call", [call, "latest"])
        with pytest.raises(RpcError) as near:
            world.backend.request("eth_call", [call, "latest"])
    assert caught.value.to_json() == near.value.to_json()


def test_the_chain_id_is_asked_once_and_connections_are_kept():
    with serve(lambda _: Answer({"result": "0x7a69"})) as node, HttpBackend(node.url) as backend:
        assert [backend.chain_id, backend.chain_id] == [31_337, 31_337]
        backend.request(*READ)
        assert node.methods == ["eth_chainId", "eth_blockNumber"]
        assert len(node.connections) == 1


def test_a_result_may_be_null_and_so_may_an_absent_error():
    with (
        serve(lambda _: Answer({"result": None, "error": None})) as node,
        HttpBackend(node.url) as backend,
    ):
        assert backend.request("eth_getTransactionReceipt", ["0x"]) is None


def test_threads_get_their_own_answers():
    def echo(request):
        return Answer({"result": request["params"]})

    wrong = []
    with serve(echo) as node, HttpBackend(node.url) as backend:

        def ask(number):
            for count in range(20):
                if backend.request("eth_call", [number, count]) != [number, count]:
                    wrong.append((number, count))

        threads = [threading.Thread(target=ask, args=[number]) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(node.methods) == 120
    assert wrong == []


# ---- a node that is not there, or not a node


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, so that nobody else can listen there
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with HttpBackend(url) as backend, pytest.raises(NodeUnavailable) as caught:
            backend.request(*READ)
    assert str(caught.value).startswith(f"the node at {url} cannot be reached")
    assert "Cure: start the node, or correct the URL." in str(caught.value)


def test_silence_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        backend = HttpBackend(url, timeout_seconds=0.05)
        with backend, pytest.raises(NodeUnavailable, match="did not answer in time"):
            backend.request(*READ)


def test_https_where_http_is_spoken():
    with serve(lambda _: Answer({"result": "0x1"})) as node:
        backend = HttpBackend(node.url.replace("http:", "https:"))
        with backend, pytest.raises(NodeUnavailable, match="cannot be reached"):
            backend.request(*READ)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff", b"[" * 100_000, b"5", b"null", b'[{"result": 1}]'],
)
def test_what_is_not_json_rpc(body):
    message, _ = refusal(Answer(body=body))
    assert "something other than JSON-RPC" in message


@pytest.mark.parametrize(
    "content",
    [{}, {"error": "no"}, {"error": {"code": "3", "message": "no"}}, {"error": {"code": 3}}],
)
def test_neither_a_result_nor_an_error_of_json_rpc(content):
    message, _ = refusal(Answer(content))
    assert "something other than JSON-RPC" in message


@pytest.mark.parametrize("status", [204, 301, 401, 403, 404, 429, 500, 502, 503])
def test_an_http_error_is_not_an_answer(status):
    error = {"error": {"code": -32_005, "message": "too many requests"}}
    body = b"" if status == 204 else None
    message, _ = refusal(Answer(error, body=body, status=status))
    assert f"HTTP status {status}" in message


def test_a_bad_request_is_the_node_s_word_only_if_it_says_why():
    error = {"error": {"code": -32_602, "message": "invalid params"}}
    with (
        serve(lambda _: Answer(error, status=400)) as node,
        HttpBackend(node.url) as backend,
        pytest.raises(RpcError, match=r"invalid params \(-32602\)"),
    ):
        backend.request(*SEND)
    message, _ = refusal(Answer({"result": "0x1"}, status=400))
    assert "HTTP status 400" in message


@pytest.mark.parametrize("answer_id", [{"id": 999}, {"id": None}, {"id": "1"}])
def test_the_answer_to_another_request_is_refused(answer_id):
    message, _ = refusal(Answer({"result": "0x1"} | answer_id))
    assert "answered another request" in message


def test_a_refusal_may_come_without_an_id():
    error = {"id": None, "error": {"code": -32_700, "message": "parse error"}}
    with (
        serve(lambda _: Answer(error)) as node,
        HttpBackend(node.url) as backend,
        pytest.raises(RpcError, match="parse error"),
    ):
        backend.request(*READ)


@pytest.mark.parametrize("answer", ["hello", "0x", None, 5, {}])
def test_a_chain_id_that_is_no_number(answer):
    with (
        serve(lambda _: Answer({"result": answer})) as node,
        HttpBackend(node.url) as backend,
        pytest.raises(NodeUnavailable, match="to eth_chainId"),
    ):
        _ = backend.chain_id


# ---- connections that break


@pytest.mark.parametrize(
    "broken", [Answer(hang_up=True), Answer({"result": "0x1"}, announced_length=10_000)]
)
def test_a_read_is_asked_once_more_and_a_transaction_never(broken):
    message, asked = refusal(broken)
    assert ("cannot be reached" in message, asked) == (True, 2)
    for request in (SEND, ("evm_mine", [])):
        message, asked = refusal(broken, request)
        assert ("cannot be reached" in message, asked) == (True, 1)


def test_a_dropped_connection_is_not_noticed_by_a_reader():
    answers = iter([Answer({"result": "0x1"}), Answer(hang_up=True), Answer({"result": "0x2"})])
    with serve(lambda _: next(answers)) as node, HttpBackend(node.url) as backend:
        assert [backend.request(*READ), backend.request(*READ)] == ["0x1", "0x2"]
        assert (len(node.methods), len(node.connections)) == (3, 2)


# ---- URLs


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8545",
        "ws://127.0.0.1:8545",
        "http://",
        "http://node:99999",
        "http://a:b:c@d:e",
    ],
)
def test_what_is_no_url_of_a_node_is_refused_without_being_shown(url):
    with pytest.raises(ValueError, match=r"looks like http://127\.0\.0\.1:8545") as caught:
        HttpBackend(url)
    assert "a:b:c" not in str(caught.value)


def test_secrets_in_the_url_are_used_and_never_shown(caplog):
    caplog.set_level(logging.DEBUG)
    with serve(lambda _: Answer(status=401)) as node:
        port = node.url.rpartition(":")[2]
        url = f"http://user:pass%40word@127.0.0.1:{port}/v3/pathkey?token=querykey#fragment"
        with HttpBackend(url) as backend:
            with pytest.raises(NodeUnavailable) as caught:
                backend.request(*READ)
            shown = f"{caught.value} {caught.value!r} {backend} {backend.shown_url} {caplog.text}"
        expected = base64.b64encode(b"user:pass@word").decode()
        assert node.headers[0]["authorization"] == f"Basic {expected}"
        assert node.paths == ["/v3/pathkey?token=querykey"]
    assert f"http://127.0.0.1:{port}" in shown
    for secret in ("user", "pass@word", "pass%40word", "pathkey", "querykey", expected):
        assert secret not in shown
