"""Solidity in, artifacts out, through py-solc-x. Running the product needs none of this."""

import importlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from chain.artifacts import LOCK_FILE, Artifact
from chain.errors import CompilationFailed
from chain.sources import (
    OPENZEPPELIN_VERSION,
    OWN_PREFIX,
    all_sources,
    openzeppelin_version,
    sha256_text,
)
from chain.toolchain import SOLC_VERSION, compiler_settings

_CONTRACT_OUTPUT = [
    "abi",
    "metadata",
    "evm.bytecode",
    "evm.deployedBytecode",
    "evm.methodIdentifiers",
]


def compile_sources(contracts_dir: Path, solc_binary: Path | None = None) -> list[Artifact]:
    """Compile all of `contracts_dir`; an artifact for each of its deployable contracts, by name.

    `solc_binary` is a native solc or `chain/solc_node.js`; without it py-solc-x uses the solc that
    it has installed. Raises `CompilationFailed` with the compiler's messages.
    """
    sources = all_sources(contracts_dir)
    _check_openzeppelin(contracts_dir, sources)
    output = _run(sources, solc_binary)
    artifacts = sorted(_artifacts(output), key=lambda artifact: artifact.name)
    repeated = [name for name, n in Counter(a.name for a in artifacts).items() if n > 1]
    if repeated:
        raise CompilationFailed(f"two contracts of one name: {', '.join(repeated)}")
    return artifacts


def standard_json(sources: Mapping[str, str], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The compiler's input: sources by name, with the settings of whatever is deployed."""
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**compiler_settings(), "outputSelection": outputs},
    }


def write_artifacts(artifacts: Sequence[Artifact], folder: Path, contracts_dir: Path) -> None:
    """Write one file per contract and the lock; files of contracts that are gone are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{artifact.name}.json": _json(artifact.to_json()) for artifact in artifacts}
    for stale in folder.glob("*.json"):
        if stale.name not in texts:
            stale.unlink()
    sources = all_sources(contracts_dir)
    lock = {
        "compiler": next((artifact.compiler_version for artifact in artifacts), SOLC_VERSION),
        "openzeppelin": openzeppelin_version(contracts_dir),
        "settings": compiler_settings(),
        "sources": {name: sha256_text(text) for name, text in sources.items()},
        "contracts": {
            artifact.name: {
                "source": artifact.source,
                "creation_keccak": "0x" + keccak(artifact.bytecode).hex(),
                "runtime_keccak": "0x" + keccak(artifact.deployed_bytecode).hex(),
                "artifact_sha256": sha256_text(texts[f"{artifact.name}.json"]),
            }
            for artifact in artifacts
        },
    }
    for file, text in {**texts, LOCK_FILE: _json(lock)}.items():
        (folder / file).write_text(text, "utf-8")


def _check_openzeppelin(contracts_dir: Path, sources: Mapping[str, str]) -> None:
    if all(name.startswith(OWN_PREFIX) for name in sources):
        return
    found = openzeppelin_version(contracts_dir)
    if found != OPENZEPPELIN_VERSION:
        raise CompilationFailed(f"OpenZeppelin {OPENZEPPELIN_VERSION} wanted, found {found}")


def _run(sources: Mapping[str, str], solc_binary: Path | None) -> Mapping[str, Any]:
    try:
        solcx: Any = importlib.import_module("solcx")
    except ImportError as error:
        raise CompilationFailed("py-solc-x is missing: install the extra `compile`") from error
    given = standard_json(sources, {"*": {"*": _CONTRACT_OUTPUT, "": ["ast"]}})
    # OSError: there is no such program. ValueError: what it said is no version, or no JSON.
    said = solcx.exceptions
    missing = (said.SolcNotInstalled, said.UnexpectedVersionError, OSError)
    chosen = {"solc_version": SOLC_VERSION} if solc_binary is None else {"solc_binary": solc_binary}
    try:
        output: Mapping[str, Any] = solcx.compile_standard(given, **chosen)
    except (said.SolcError, *missing, ValueError) as error:
        raise CompilationFailed(getattr(error, "message", None) or str(error)) from error
    return output


def _artifacts(output: Mapping[str, Any]) -> Iterator[Artifact]:
    for source, contracts in output["contracts"].items():
        if not source.startswith(OWN_PREFIX):
            continue
        kinds = {
            node["name"]: node["contractKind"]
            for node in output["sources"][source]["ast"]["nodes"]
            if node["nodeType"] == "ContractDefinition"
        }
        for name, content in contracts.items():
            # Interfaces and abstract contracts have no code; libraries are inlined into ours.
            if kinds[name] == "contract" and content["evm"]["bytecode"]["object"]:
                yield _artifact(name, source, content)


def _artifact(name: str, source: str, content: Mapping[str, Any]) -> Artifact:
    version: str = json.loads(content["metadata"])["compiler"]["version"]
    if version.partition("+")[0] != SOLC_VERSION:
        raise CompilationFailed(f"solc {SOLC_VERSION} wanted, found {version}")
    creation, deployed = content["evm"]["bytecode"], content["evm"]["deployedBytecode"]
    if creation["linkReferences"]:
        raise CompilationFailed(f"{name} needs a linked library; libraries must be internal")
    holes = deployed.get("immutableReferences", {})
    return Artifact(
        name=name,
        source=source,
        abi=tuple(content["abi"]),
        bytecode=bytes.fromhex(creation["object"]),
        deployed_bytecode=bytes.fromhex(deployed["object"]),
        immutable_references={
            str(index): tuple((place["start"], place["length"]) for place in holes[key])
            # The compiler's ids are syntax-tree numbers that move with any source: count instead.
            for index, key in enumerate(sorted(holes, key=int))
        },
        method_identifiers=content["evm"]["methodIdentifiers"],
        compiler_version=version,
    )


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
