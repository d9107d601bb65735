import dataclasses

import pytest

from chain.artifacts import ArtifactStore
from chain.deployer import code_hash, contract_address, verify_code
from chain.errors import CodeMismatch
from tests.chain.conftest import FIXTURES, everywhere

EMPTY_HASH = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@everywhere
def test_the_address_is_known_before_the_contract(world):
    assert contract_address(world.signer.address, 0) == world.specimen


@everywhere
def test_deployed_code_is_recognised_whatever_its_immutables(world):
    assert world.artifact.immutable_references
    verify_code(world.client, world.specimen, world.artifact)


@everywhere
def test_other_code_is_refused(world):
    inner = ArtifactStore(FIXTURES / "artifacts").load("Inner")
    verify_code(world.client, world.read("inner"), inner)
    with pytest.raises(CodeMismatch, match="Inner: the code differs"):
        verify_code(world.client, world.specimen, inner)


@everywhere
def test_one_changed_byte_is_refused(world):
    code = bytearray(world.artifact.deployed_bytecode)
    code[10] ^= 1
    altered = dataclasses.replace(world.artifact, deployed_bytecode=bytes(code))
    with pytest.raises(CodeMismatch, match="Specimen"):
        verify_code(world.client, world.specimen, altered)


@everywhere
def test_an_address_without_code_is_refused(world):
    with pytest.raises(CodeMismatch, match="there is no code"):
        verify_code(world.client, world.signer.address, world.artifact)


@everywhere
def test_code_hash_differs_by_contract(world):
    assert code_hash(world.client, world.specimen) != code_hash(world.client, world.read("inner"))
    assert code_hash(world.client, world.signer.address) == EMPTY_HASH
