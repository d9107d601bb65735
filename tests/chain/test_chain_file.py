"""The chain on disk: what was mined is there again, and half a block never is."""

import sqlite3

import pytest

from chain.artifacts import ArtifactStore, encode_creation
from chain.chain_file import ChainFile, Entries
from chain.client import Call, ChainClient
from chain.embedded import EmbeddedBackend
from chain.errors import ErrorDecoder
from chain.evm import Genesis
from chain.signer import LocalSigner
from tests.chain.conftest import CHAIN_ID, FIXTURES, LIMIT, T0, World

SIGNER = LocalSigner("0x" + "11" * 32, CHAIN_ID)
ARTIFACT = ArtifactStore(FIXTURES / "artifacts").load("Specimen")


def open_world(path, extra_data=b""):
    """The chain of a file, with the specimen at the address it has or will have."""
    genesis = Genesis(T0, (SIGNER.address,), extra_data=extra_data)
    backend = EmbeddedBackend(genesis, None, ChainFile(path))
    client = ChainClient(backend, CHAIN_ID, ErrorDecoder((ARTIFACT.abi,)))
    if client.next_nonce(SIGNER.address) == 0:
        creation = Call(SIGNER.address, None, encode_creation(ARTIFACT, [LIMIT]), "create")
        created = client.confirm(client.send(client.sign(creation, SIGNER, 0, 2_000_000).raw))
        place = created.contract_address
    else:
        place = client.receipt(first_transaction(backend)).contract_address
    return World(backend, client, SIGNER, ARTIFACT, place)


def first_transaction(backend):
    return backend.request("eth_getBlockByNumber", ["0x1", False])["transactions"][0]


def head(world):
    return world.backend.request("eth_getBlockByNumber", ["latest", True])


def test_open_again_gives_the_same_chain(tmp_path):
    world = open_world(tmp_path / "a.chain")
    receipt = world.transact("store", 7, 11, "note")
    world.backend.request("evm_setNextBlockTimestamp", [T0 + 5_000])
    before = head(world)
    world.backend.close()

    again = open_world(tmp_path / "a.chain")
    assert head(again) == before
    assert again.specimen == world.specimen
    assert again.read("stored", 7) == 11
    assert again.client.receipt(receipt.transaction_hash) == receipt
    assert again.transact("store", 8, 12, "note").succeeded
    assert int(head(again)["timestamp"], 16) == T0 + 5_000


def test_kill_without_closing_loses_nothing_that_was_answered(tmp_path):
    world = open_world(tmp_path / "a.chain")
    world.transact("store", 7, 11, "note")
    # Not closed: what another process finds is what is on disk now.
    assert head(open_world(tmp_path / "a.chain")) == head(world)


def test_revert_is_stored_too(tmp_path):
    world = open_world(tmp_path / "a.chain")
    snapshot = world.backend.request("evm_snapshot", [])
    before = head(world)
    world.transact("store", 7, 11, "note")
    assert world.backend.request("evm_revert", [snapshot]) is True
    again = open_world(tmp_path / "a.chain")
    assert head(again) == before
    assert again.read("stored", 7) == 0


def test_fail_to_store_a_block_has_not_mined_it(tmp_path):
    """Or else somebody could be told of a block that a restart would not find."""
    world = open_world(tmp_path / "a.chain")
    file, before = world.backend._evm._file, head(world)
    save, file.save = file.save, full_disk
    with pytest.raises(sqlite3.OperationalError):
        world.transact("store", 7, 11, "note")
    with pytest.raises(sqlite3.OperationalError):
        world.backend.request("evm_setNextBlockTimestamp", [2**32])
    assert (head(world), world.read("stored", 7)) == (before, 0)
    file.save = save
    world.transact("store", 8, 12, "note")
    again = open_world(tmp_path / "a.chain")
    assert head(again) == head(world)
    assert (again.read("stored", 7), again.read("stored", 8)) == (0, 12)


def full_disk(*_):
    raise sqlite3.OperationalError("database or disk is full")


def test_save_half_stores_nothing(tmp_path):
    file = ChainFile(tmp_path / "a.chain")
    file.save({b"a": b"1"}, (), 10)
    with pytest.raises(sqlite3.Error):
        file.save({b"a": b"2", b"b": object()}, (), 11)
    assert ChainFile(tmp_path / "a.chain").load() == ({b"a": b"1"}, 10)
    file.save({b"b": b"3"}, (b"a",), 12)
    assert ChainFile(tmp_path / "a.chain").load() == ({b"b": b"3"}, 12)


def test_load_an_empty_file_finds_no_chain(tmp_path):
    assert ChainFile(tmp_path / "a.chain").load() is None


def test_chains_that_begin_alike_differ_by_their_extra_data(tmp_path):
    def genesis_hash(name, extra_data):
        backend = open_world(tmp_path / name, extra_data).backend
        return backend.request("eth_getBlockByNumber", ["0x0", False])["hash"]

    assert genesis_hash("a", b"one") != genesis_hash("b", b"two")
    assert genesis_hash("c", b"one") == genesis_hash("a", b"two")  # as it was begun


def test_entries_remember_what_has_changed():
    entries = Entries({b"a": b"1", b"b": b"2"})
    entries.forget_changes()
    entries[b"a"] = b"3"
    del entries[b"b"]
    entries[b"c"] = b"4"
    written, removed = entries.changes()
    assert (written, removed) == ({b"a": b"3", b"c": b"4"}, [b"b"])
    entries.forget_changes()
    entries.replace({b"a": b"3", b"d": b"5"})
    assert entries.changes() == ({b"d": b"5"}, [b"c"])
