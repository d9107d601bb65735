"""Writes tests/contracts/storage.json: which slot, and which byte of it, each contract keeps what in.

    python -m scripts.storage_layout

Needs Node, as compiling does. Nothing here is behind a proxy, so a layout may change; but never
unseen, for costs of gas and readers of raw storage rest on it.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from chain.artifacts import ArtifactStore
from chain.compiler import standard_json
from chain.sources import all_sources

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "tests" / "contracts" / "storage.json"
SOLC = ROOT / "chain" / "solc_node.js"
_MOCKS = "contracts/mocks/"

Layout = dict[str, str]
"""`slot.byte` -> what stands there, and its type."""


def layouts() -> dict[str, Layout]:
    """As the compiler lays them out, for each contract that is deployed."""
    given = standard_json(all_sources(ROOT / "contracts"), {"*": {"*": ["storageLayout"]}})
    ran = subprocess.run(  # noqa: S603 - our own words
        [str(SOLC), "--standard-json"],
        input=json.dumps(given),
        capture_output=True,
        check=True,
        text=True,
    )
    contracts: dict[str, dict[str, Any]] = json.loads(ran.stdout)["contracts"]
    return {
        artifact.name: _layout(contracts[artifact.source][artifact.name]["storageLayout"])
        for artifact in ArtifactStore(ROOT / "chain" / "artifacts").load_all()
        if not artifact.source.startswith(_MOCKS)
    }


def _layout(told: dict[str, Any]) -> Layout:
    types = told["types"] or {}
    return {
        f"{each['slot']}.{each['offset']}": f"{each['label']}: {types[each['type']]['label']}"
        for each in told["storage"]
    }


def checked_in() -> dict[str, Layout]:
    """What the repository has."""
    stored: dict[str, Layout] = json.loads(FILE.read_text(encoding="utf-8"))
    return stored


if __name__ == "__main__":
    FILE.write_text(json.dumps(layouts(), indent=2) + "\n", encoding="utf-8")
