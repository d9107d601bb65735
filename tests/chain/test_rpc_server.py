import json
import socket
import threading

import httpx
import pytest

from chain.rpc_server import MAX_BODY_BYTES, RpcServer

JSON = {"content-type": "application/json"}


@pytest.fixture
def server(world):
    with RpcServer(world.backend) as running:
        yield running


def post(server, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(server.url, content=content, headers=JSON | headers)


def request(method="eth_chainId", params=(), request_id=1):
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": list(params)}


def test_a_request_is_answered(server, world):
    response = post(server, request())
    assert response.json() == {"jsonrpc": "2.0", "id": 1, "result": hex(world.backend.chain_id)}
    assert response.headers["content-type"] == "application/json"
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_answers_are_not_held_back_for_an_acknowledgement(server):
    assert post(server, request()).status_code == 200
    (listener,) = server._server.servers[0].sockets
    assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_parameters_may_be_absent(server):
    assert "result" in post(server, {"jsonrpc": "2.0", "id": "a", "method": "eth_accounts"}).json()


def test_a_batch_is_answered_in_order(server):
    batch = [request(request_id=1), request("nope", request_id=2), 5]
    answers = post(server, batch).json()
    assert [answer["id"] for answer in answers] == [1, 2, None]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, -32601, -32600]


def test_batches_are_bounded(server):
    assert len(post(server, [request()] * 100).json()) == 100
    for batch in ([], [request()] * 101):
        assert post(server, batch).json()["error"]["code"] == -32600


def test_notifications_are_not_answered(server, world):
    notification = {"jsonrpc": "2.0", "method": "eth_blockNumber"}
    assert post(server, notification).status_code == 204
    assert post(server, [notification, notification]).content == b""
    assert len(post(server, [notification, request()]).json()) == 1


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_a_parse_error(server, body):
    assert post(server, body).json()["error"]["code"] == -32700


@pytest.mark.parametrize(
    "body", [5, None, {}, {"id": 1, "method": "eth_chainId"}, request() | {"id": {}}]
)
def test_what_is_not_a_request_is_invalid(server, body):
    answer = post(server, body).json()
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)


def test_bad_parameters_are_refused(server):
    answer = post(server, request("eth_getBalance", ["0x1"], 7)).json()
    assert (answer["id"], answer["error"]["code"]) == (7, -32602)


@pytest.mark.parametrize("method", ["evm_mine", "evm_revert", "evm_setNextBlockTimestamp"])
def test_time_and_snapshots_are_not_public(server, world, method):
    before = world.backend.request("eth_blockNumber", [])
    assert post(server, request(method)).json()["error"]["code"] == -32601
    assert world.backend.request("eth_blockNumber", []) == before


def test_a_page_of_another_site_cannot_reach_the_chain(server):
    body = request()
    port = server.url.rpartition(":")[2]
    assert post(server, body, host=f"localhost:{port}").status_code == 200
    assert post(server, body, host="[::1]").status_code == 200
    assert post(server, body, host="evil.example").status_code == 403
    assert post(server, body, host="127.0.0.1.evil.example").status_code == 403
    assert post(server, body, **{"content-type": "text/plain"}).status_code == 415
    assert httpx.get(server.url).status_code == 405
    assert httpx.options(server.url).status_code == 405


def test_a_body_over_the_limit_is_refused(server):
    assert post(server, b" " * (MAX_BODY_BYTES - 200) + json.dumps(request()).encode()).is_success
    assert post(server, b" " * (MAX_BODY_BYTES + 1)).status_code == 413


def test_only_loopback_is_served(world):
    for host in ("0.0.0.0", "192.168.1.1", "example.org"):  # noqa: S104 - refused
        with pytest.raises(ValueError, match="not loopback"):
            RpcServer(world.backend, host)


def test_the_url_is_known_after_start(world):
    server = RpcServer(world.backend)
    with pytest.raises(RuntimeError, match="chosen by start"):
        _ = server.url
    server.stop()  # harmless


def test_a_used_port_is_refused(server, world):
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        RpcServer(world.backend, port=port).start()


def test_stop_leaves_no_thread_and_frees_the_port(world):
    before = set(threading.enumerate())
    server = RpcServer(world.backend)
    server.start()
    with httpx.Client() as keeps_its_connection:
        keeps_its_connection.post(server.url, json=request())
        port = int(server.url.rpartition(":")[2])
        server.stop()
    assert set(threading.enumerate()) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    server.start()
    assert post(server, request()).is_success
    server.stop()
