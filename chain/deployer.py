"""Where contracts will be, and whether what is there is what was compiled."""

from collections.abc import Iterable

from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from chain import rpc_json
from chain.artifacts import Artifact
from chain.client import ChainClient
from chain.errors import CodeMismatch


def contract_address(sender: str, nonce: int) -> str:
    """Checksummed address of the contract that this sender's transaction of this nonce creates."""
    return to_checksum_address(rpc_json.contract_address(to_canonical_address(sender), nonce))


def created_address(factory: str, caller: str, salt: bytes, creation_code: bytes) -> str:
    """Where `SuiteDeployer` at `factory` creates a contract for this caller under this salt."""
    mixed = keccak(bytes(12) + to_canonical_address(caller) + salt)
    seed = b"\xff" + to_canonical_address(factory) + mixed + keccak(creation_code)
    return to_checksum_address(keccak(seed)[12:])


def deployed_code(client: ChainClient, address: str, block: int | str = "latest") -> bytes:
    """Runtime code at an address; empty where there is no contract."""
    selector = hex(block) if isinstance(block, int) else block
    code: str = client.backend.request("eth_getCode", [address, selector])
    return bytes.fromhex(code[2:])


def code_hash(client: ChainClient, address: str) -> str:
    """Keccak of the runtime code, 0x-hex: what EXTCODEHASH says of a contract."""
    return "0x" + keccak(deployed_code(client, address)).hex()


def verify_code(client: ChainClient, address: str, artifact: Artifact) -> None:
    """Raise `CodeMismatch` unless the contract's code is at the address.

    Immutables are masked: their values are chosen at creation, and are the caller's to check.
    """
    found = deployed_code(client, address)
    if not found:
        raise CodeMismatch(artifact.name, address, "there is no code")
    holes = [hole for places in artifact.immutable_references.values() for hole in places]
    if _masked(found, holes) != _masked(artifact.deployed_bytecode, holes):
        raise CodeMismatch(artifact.name, address, "the code differs")


def _masked(code: bytes, holes: Iterable[tuple[int, int]]) -> bytes:
    masked = bytearray(code)
    for start, length in holes:
        masked[start : start + length] = bytes(length)
    return bytes(masked)
