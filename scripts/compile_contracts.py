"""Compile the contracts into `chain/artifacts`, or check that what is committed is what they give.

Compiling needs Node and `npm ci` in `contracts/`; comparing hashes (--hashes) and running the simulator
need neither.
"""

import argparse
import sys
import tempfile
from filecmp import cmpfiles
from pathlib import Path

from chain.artifacts import ArtifactStore
from chain.compiler import compile_sources, write_artifacts
from chain.errors import ChainError
from chain.toolchain import forbidden_opcodes

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
ARTIFACTS = ROOT / "chain" / "artifacts"
NODE_SOLC = ROOT / "chain" / "solc_node.js"


def build(folder: Path) -> None:
    """Compile everything into `folder`; refuse opcodes that the pinned EVM lacks."""
    artifacts = compile_sources(CONTRACTS, NODE_SOLC)
    for artifact in artifacts:
        if found := forbidden_opcodes(artifact.deployed_bytecode):
            raise SystemExit(f"{artifact.name} uses {', '.join(sorted(found))}")
    write_artifacts(artifacts, folder, CONTRACTS)


def check() -> int:
    """Rebuild aside and compare byte by byte."""
    with tempfile.TemporaryDirectory() as aside:
        build(Path(aside))
        names = sorted(
            {path.name for folder in (Path(aside), ARTIFACTS) for path in folder.glob("*.json")}
        )
        same, different, missing = cmpfiles(aside, ARTIFACTS, names, shallow=False)
    if different or missing:
        print(f"stale: {', '.join((*different, *missing))}; run `make compile`", file=sys.stderr)
        return 1
    print(f"{len(same)} files match their sources")
    return 0


def check_hashes() -> int:
    """Compare the committed sources and settings with those the artifacts were made from."""
    store = ArtifactStore(ARTIFACTS)
    store.verify_sources(CONTRACTS)
    for name in store.names:
        store.load(name)
    print(f"{len(store.names)} artifacts belong to the sources that are here")
    return 0


def main() -> int:
    """Compile, or with --check compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--hashes", action="store_true", help="compare hashes, compile nothing")
    arguments = parser.parse_args()
    try:
        if arguments.hashes:
            return check_hashes()
        if arguments.check:
            return check()
        build(ARTIFACTS)
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {len(list(ARTIFACTS.glob('*.json')))} files to chain/artifacts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
