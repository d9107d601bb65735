import json
import shutil

import pytest

from chain.artifacts import Artifact, ArtifactStore, encode_creation
from chain.errors import ArtifactStale
from tests.chain.conftest import FIXTURES


@pytest.fixture
def contracts(tmp_path):
    return shutil.copytree(FIXTURES, tmp_path / "contracts")


def store_of(contracts):
    return ArtifactStore(contracts / "artifacts")


def test_every_artifact_loads_and_round_trips(contracts):
    store = store_of(contracts)
    assert store.names == ("Inner", "Specimen")
    for artifact in store.load_all():
        assert Artifact.from_json(artifact.to_json()) == artifact


def test_an_unknown_contract_is_refused_with_the_choices(contracts):
    with pytest.raises(KeyError, match="Inner, Specimen"):
        store_of(contracts).load("Token")


def test_an_edited_artifact_is_stale(contracts):
    file = contracts / "artifacts" / "Inner.json"
    file.write_text(file.read_text().replace("0x", "0X", 1))
    store = store_of(contracts)
    store.load("Specimen")
    with pytest.raises(ArtifactStale, match=r"Inner\.json.*make compile"):
        store.load("Inner")


def test_a_missing_artifact_or_lock_is_stale(contracts):
    (contracts / "artifacts" / "Inner.json").unlink()
    with pytest.raises(ArtifactStale, match="missing"):
        store_of(contracts).load("Inner")
    with pytest.raises(ArtifactStale, match="lock"):
        ArtifactStore(contracts)


def test_unchanged_sources_are_verified(contracts):
    store_of(contracts).verify_sources(contracts)


def test_a_changed_source_is_stale_by_name(contracts):
    source = contracts / "interfaces" / "IRefuser.sol"
    source.write_text(source.read_text() + "\n")
    with pytest.raises(ArtifactStale, match=r"contracts/interfaces/IRefuser\.sol.*make compile"):
        store_of(contracts).verify_sources(contracts)


def test_an_added_or_removed_source_is_stale(contracts):
    (contracts / "New.sol").write_text("")
    with pytest.raises(ArtifactStale, match=r"contracts/New\.sol"):
        store_of(contracts).verify_sources(contracts)
    (contracts / "New.sol").unlink()
    (contracts / "Specimen.sol").unlink()
    with pytest.raises(ArtifactStale, match=r"contracts/Specimen\.sol"):
        store_of(contracts).verify_sources(contracts)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("compiler", "0.8.36+commit.1", "compiled by 0.8.36"),
        ("settings", {"evmVersion": "osaka"}, "other compiler settings"),
    ],
)
def test_another_compiler_or_other_settings_are_stale(contracts, key, value, reason):
    file = contracts / "artifacts" / "artifacts.lock.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    with pytest.raises(ArtifactStale, match=reason):
        store_of(contracts).verify_sources(contracts)


def test_creation_data_ends_with_the_arguments(contracts):
    artifact = store_of(contracts).load("Specimen")
    data = encode_creation(artifact, [5])
    assert data == artifact.bytecode + (5).to_bytes(32, "big")
    with pytest.raises(ValueError, match="1 arguments expected, 0 given"):
        encode_creation(artifact)
