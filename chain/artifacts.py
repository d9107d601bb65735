"""Compiled contracts, committed with the hashes of what they were made from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain.abi import Abi, encode_arguments
from chain.errors import ArtifactStale
from chain.sources import OPENZEPPELIN_PREFIX, own_sources, sha256_text
from chain.toolchain import SOLC_VERSION, compiler_settings

LOCK_FILE = "artifacts.lock.json"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract. Code is bytes; immutables are holes of zeros in the deployed code.

    `immutable_references` maps the compiler's id of each immutable to its (start, length) holes.
    """

    name: str
    source: str
    abi: Abi
    bytecode: bytes
    deployed_bytecode: bytes
    immutable_references: Mapping[str, tuple[tuple[int, int], ...]]
    method_identifiers: Mapping[str, str]
    compiler_version: str

    def to_json(self) -> dict[str, Any]:
        """The content of the artifact file, in Foundry's shape."""
        holes = {
            key: [{"start": start, "length": length} for start, length in places]
            for key, places in self.immutable_references.items()
        }
        return {
            "contractName": self.name,
            "sourceName": self.source,
            "abi": list(self.abi),
            "bytecode": {"object": "0x" + self.bytecode.hex()},
            "deployedBytecode": {
                "object": "0x" + self.deployed_bytecode.hex(),
                "immutableReferences": holes,
            },
            "methodIdentifiers": dict(self.method_identifiers),
            "metadata": {"compiler": {"version": self.compiler_version}},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Artifact":
        """The artifact of a file's content."""
        deployed = content["deployedBytecode"]
        holes = {
            key: tuple((place["start"], place["length"]) for place in places)
            for key, places in deployed.get("immutableReferences", {}).items()
        }
        return cls(
            name=content["contractName"],
            source=content["sourceName"],
            abi=tuple(content["abi"]),
            bytecode=bytes.fromhex(content["bytecode"]["object"][2:]),
            deployed_bytecode=bytes.fromhex(deployed["object"][2:]),
            immutable_references=holes,
            method_identifiers=content["methodIdentifiers"],
            compiler_version=content["metadata"]["compiler"]["version"],
        )


def encode_creation(artifact: Artifact, args: tuple[Any, ...] | list[Any] = ()) -> bytes:
    """Data of the creating transaction: creation code, then the constructor's arguments."""
    inputs = next((e["inputs"] for e in artifact.abi if e["type"] == "constructor"), ())
    return artifact.bytecode + encode_arguments(inputs, args)


class ArtifactStore:
    """The folder of artifacts and its lock. Raises `ArtifactStale` without a readable lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._lock: Mapping[str, Any] = json.loads((folder / LOCK_FILE).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ArtifactStale(LOCK_FILE, "missing or unreadable") from error

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the contracts, sorted."""
        return tuple(sorted(self._lock["contracts"]))

    def load(self, name: str) -> Artifact:
        """One artifact, intact. Raises `KeyError` when unknown, `ArtifactStale` when altered."""
        if name not in self._lock["contracts"]:
            raise KeyError(f"no contract {name!r}; there are: {', '.join(self.names)}")
        file = f"{name}.json"
        try:
            text = (self._folder / file).read_text("utf-8")
        except OSError as error:
            raise ArtifactStale(file, "missing") from error
        if sha256_text(text) != self._lock["contracts"][name]["artifact_sha256"]:
            raise ArtifactStale(file, f"differs from {LOCK_FILE}")
        return Artifact.from_json(json.loads(text))

    def load_all(self) -> tuple[Artifact, ...]:
        """Every artifact, intact, by name."""
        return tuple(self.load(name) for name in self.names)

    def verify_sources(self, contracts_dir: Path) -> None:
        """Raise `ArtifactStale`, naming a file, unless sources and settings are those compiled."""
        if not str(self._lock["compiler"]).startswith(f"{SOLC_VERSION}+"):
            raise ArtifactStale(LOCK_FILE, f"was compiled by {self._lock['compiler']}")
        if settings_hash(self._lock["settings"]) != settings_hash(compiler_settings()):
            raise ArtifactStale(LOCK_FILE, "was compiled with other compiler settings")
        locked = {
            path: digest
            for path, digest in self._lock["sources"].items()
            if not path.startswith(OPENZEPPELIN_PREFIX)
        }
        found = {path: sha256_text(text) for path, text in own_sources(contracts_dir).items()}
        for path in sorted(locked.keys() | found.keys()):
            if locked.get(path) != found.get(path):
                raise ArtifactStale(path, "changed since its artifacts were compiled")


def settings_hash(settings: Mapping[str, Any]) -> str:
    """SHA-256 of compiler settings, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
