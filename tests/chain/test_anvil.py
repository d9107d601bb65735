"""Anvil as we start it, and where it differs from the embedded chain: what a service must mind."""

import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from chain import anvil as anvil_module
from chain.anvil import Anvil, AnvilOptions, find_anvil
from chain.errors import NodeUnavailable, TransactionUnconfirmed
from chain.http_backend import HttpBackend
from tests.chain.conftest import T0, only_anvil

FIRST_TEST_ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
RETURN_TIME = "0x4260005260206000f3"


# ---- finding it


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.delenv("ABS_ANVIL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(anvil_module, "INSTALLED_BESIDE", tmp_path / "installed")
    return tmp_path


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho no such port >&2\n", "utf-8")
    path.chmod(0o755)
    return path


def test_without_anvil_the_cure_is_said(nowhere):
    with pytest.raises(NodeUnavailable, match="npm install -g @foundry-rs/anvil") as caught:
        find_anvil()
    assert "cd contracts && npm ci" in str(caught.value)


def test_what_is_named_comes_before_what_is_found(nowhere, monkeypatch):
    on_path = executable(nowhere / "bin" / "anvil")
    assert find_anvil() == on_path
    installed = executable(nowhere / "installed" / "anvil-linux-amd64" / "bin" / "anvil")
    assert find_anvil() == installed
    by_variable = executable(nowhere / "variable")
    monkeypatch.setenv("ABS_ANVIL", str(by_variable))
    assert find_anvil() == by_variable
    given = executable(nowhere / "given")
    assert find_anvil(given) == given


def test_what_is_named_and_not_there_is_not_replaced(nowhere, monkeypatch):
    executable(nowhere / "bin" / "anvil")
    with pytest.raises(NodeUnavailable, match=r"no executable Anvil at .*/absent"):
        find_anvil(nowhere / "absent")
    (nowhere / "text").write_text("not a program", "utf-8")
    monkeypatch.setenv("ABS_ANVIL", str(nowhere / "text"))
    with pytest.raises(NodeUnavailable, match=r"no executable Anvil at .*/text"):
        find_anvil()


def test_a_node_that_does_not_start_is_quoted(nowhere):
    node = Anvil(AnvilOptions(T0), executable(nowhere / "bin" / "anvil"))
    with pytest.raises(NodeUnavailable, match="It said: no such port"):
        node.start()
    node.stop()  # harmless
    with pytest.raises(RuntimeError, match="not running"):
        _ = node.url


# ---- running it


@pytest.mark.anvil
def test_it_begins_as_asked_and_ends_with_the_block():
    with Anvil(AnvilOptions(T0, chain_id=1_337, gas_limit=60_000_000, accounts=3)) as node:
        backend = node.backend
        block = backend.request("eth_getBlockByNumber", ["latest", False])
        assert backend.chain_id == 1_337
        assert (block["number"], block["timestamp"]) == ("0x0", hex(T0))
        assert (block["gasLimit"], block["baseFeePerGas"]) == (hex(60_000_000), "0x0")
        accounts = backend.request("eth_accounts", [])
        assert len(accounts) == 3
        assert accounts[0] == FIRST_TEST_ACCOUNT.lower()
        balance = backend.request("eth_getBalance", [FIRST_TEST_ACCOUNT, "latest"])
        assert int(balance, 16) == 10**24
        with pytest.raises(RuntimeError, match="already started"):
            node.start()
        url = node.url
    with HttpBackend(url) as gone, pytest.raises(NodeUnavailable):
        gone.request("eth_chainId", [])


@pytest.mark.anvil
def test_two_of_them_do_not_get_in_each_other_s_way():
    with Anvil(AnvilOptions(T0)) as first, Anvil(AnvilOptions(T0)) as second:
        assert first.url != second.url
        first.backend.request("evm_mine", [])
        assert second.backend.request("eth_blockNumber", []) == "0x0"


def ask_until_it_is_gone(backend):
    for _ in range(100_000):
        backend.request("eth_blockNumber", [])


@pytest.mark.anvil
def test_it_does_not_outlive_a_process_that_is_killed():
    start = (
        "from chain.anvil import Anvil, AnvilOptions\n"
        f"node = Anvil(AnvilOptions({T0}))\n"
        "node.start()\n"
        "print(node.url, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        with HttpBackend(url) as backend:
            assert backend.chain_id == 31_337
            parent.kill()
            parent.wait()
            with pytest.raises(NodeUnavailable):
                ask_until_it_is_gone(backend)


# ---- where it differs


@only_anvil
def test_a_call_on_latest_sees_the_latest_block_and_one_on_pending_the_next(world):
    latest = world.latest_timestamp()
    world.ask("evm_setNextBlockTimestamp", latest + 60)
    seen = {
        tag: int(world.ask("eth_call", {"data": RETURN_TIME}, tag), 16) - latest
        for tag in ("latest", "pending")
    }
    assert seen == {"latest": 0, "pending": 60}


@only_anvil
def test_a_second_block_may_have_the_same_instant(world):
    latest = world.latest_timestamp()
    world.ask("evm_setNextBlockTimestamp", latest)
    world.ask("evm_mine")
    assert world.latest_timestamp() == latest


@only_anvil
def test_a_nonce_gap_is_queued_in_silence(world):
    later = world.client.sign(world.call_to("store", 2, 2, ""), world.signer, 2, 200_000)
    world.client.send(later.raw)
    world.client.send(later.raw)
    with pytest.raises(TransactionUnconfirmed):
        world.client.confirm(later.hash)
    world.transact("store", 1, 1, "")
    assert world.send(later).succeeded


@only_anvil
def test_the_queue_outlives_a_revert(world):
    snapshot = world.ask("evm_snapshot")
    later = world.client.sign(world.call_to("store", 2, 2, ""), world.signer, 2, 200_000)
    world.client.send(later.raw)
    assert world.ask("evm_revert", snapshot) is True
    assert world.ask("txpool_status")["queued"] == "0x1"


@only_anvil
def test_revert_forgets_the_instant_that_was_chosen(world):
    latest = world.latest_timestamp()
    world.ask("evm_setNextBlockTimestamp", latest + 60)
    snapshot = world.ask("evm_snapshot")
    assert world.ask("evm_revert", snapshot) is True
    assert world.transact("store", 1, 1, "").block_timestamp == latest + 1


@only_anvil
def test_another_chain_s_legacy_transaction_is_taken_and_never_mined(world):
    foreign = Account.sign_transaction(
        {
            "chainId": 1,
            "nonce": 1,
            "gas": 21_000,
            "gasPrice": 10**9,
            "to": FIRST_TEST_ACCOUNT,
            "value": 1,
        },
        "0x" + "11" * 32,
    )
    world.ask("eth_sendRawTransaction", foreign.raw_transaction.to_0x_hex())
    world.transact("store", 1, 1, "")
    assert world.client.receipt(foreign.hash.to_0x_hex()) is None
    assert world.client.next_nonce(world.signer.address) == 2


@pytest.mark.anvil
def test_two_chains_may_have_the_same_blocks():
    """So a block's hash says nothing of which process mined it, until their transactions differ."""
    hashes = set()
    for accounts in (1, 2):
        with Anvil(AnvilOptions(T0, accounts=accounts)) as node:
            genesis = node.backend.request("eth_getBlockByNumber", ["0x0", False])
            hashes.add(genesis["hash"])
    assert len(hashes) == 1
