"""Run Slither over our contracts; fail on a finding that `tests/solidity/slither.yaml` leaves unexplained.

Slither has an environment of its own (`make slither`): it needs an older web3 than the simulator.
Findings are known by detector and place, not by line, so that code may move; an explanation that
explains nothing any more fails too. Mocks are left out: they misbehave on purpose.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from chain.compiler import standard_json
from chain.sources import OPENZEPPELIN_PREFIX, all_sources

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
EXPLAINED = ROOT / "tests" / "solidity" / "slither.yaml"
SLITHER = ROOT / ".venv-analysis" / "bin" / "slither"
SOLC = ROOT / "chain" / "solc_node.js"

_MOCKS = "contracts/mocks/"
_OUTPUTS = {
    "*": {
        "*": ["abi", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode"],
        "": ["ast"],
    }
}

Finding = tuple[str, str]
"""A detector, and where it found something: `Contract.function`, or what is named in it."""


def compiler_input() -> dict[str, Any]:
    """What Slither has compiled: all that is deployed, under the names that the files have here."""
    sources = {
        _path(name): text
        for name, text in all_sources(CONTRACTS).items()
        if not name.startswith(_MOCKS)
    }
    given = standard_json(sources, _OUTPUTS)
    given["settings"]["remappings"] = [f"{OPENZEPPELIN_PREFIX}={_path(OPENZEPPELIN_PREFIX)}"]
    return given


def _path(name: str) -> str:
    return f"contracts/node_modules/{name}" if name.startswith(OPENZEPPELIN_PREFIX) else name


def run_slither() -> Sequence[Mapping[str, Any]]:
    """Every finding of every detector in our own contracts, as Slither words it."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "contracts.json"), Path(folder, "found.json")
        given.write_text(json.dumps(compiler_input()), "utf-8")
        command: list[str | Path] = [
            SLITHER,
            given,
            "--json",
            found,
            "--filter-paths",
            "contracts/node_modules",
        ]
        command += ["--compile-force-framework", "solc-json", "--solc", SOLC]
        # A comment in a contract hushes nothing: what is accepted stands in one place.
        command += ["--show-ignored-findings", "--solc-disable-warnings"]
        ran = subprocess.run(  # noqa: S603 - our own words
            command, cwd=ROOT, capture_output=True, text=True
        )
        # Slither's exit code says whether there are findings, not whether it worked.
        report: Any = json.loads(found.read_text("utf-8")) if found.exists() else None
    if not report or not report["success"]:
        raise SystemExit(f"Slither did not finish:\n{ran.stdout}\n{ran.stderr}")
    findings: Sequence[Mapping[str, Any]] = report["results"].get("detectors", [])
    return findings


def place_of(finding: Mapping[str, Any]) -> Finding:
    """The detector and the place; for a reentrancy, also what is written after the call."""
    elements = finding["elements"]
    written = sorted(
        {
            element["additional_fields"]["variable_name"]
            for element in elements
            if element.get("additional_fields", {}).get("underlying_type") == "variables_written"
        }
    )
    place = _qualified(elements[0])
    return finding["check"], f"{place} writes {', '.join(written)}" if written else place


def _qualified(element: Mapping[str, Any]) -> str:
    parent = element.get("type_specific_fields", {}).get("parent")
    inside = parent and parent["type"] in ("function", "contract")
    return f"{_qualified(parent)}.{element['name']}" if inside else str(element["name"])


def explained(text: str) -> set[Finding]:
    """The findings that have their reason. Refuses an entry without one, and one given twice."""
    findings: set[Finding] = set()
    for entry in yaml.safe_load(text):
        if not str(entry.get("why") or "").strip():
            raise SystemExit(f"{entry['detector']} at {', '.join(entry['at'])}: `why` is missing")
        for place in entry["at"]:
            finding = (entry["detector"], place)
            if finding in findings:
                raise SystemExit(f"{entry['detector']} at {place} is explained twice")
            findings.add(finding)
    return findings


def complaints(found: Iterable[Mapping[str, Any]], accepted: set[Finding]) -> list[str]:
    """What is found and not explained, in Slither's words; and what is explained and not found."""
    placed = [(place_of(finding), finding["description"].strip()) for finding in found]
    new = [
        f"{detector} at {place}\n  {description}"
        for (detector, place), description in placed
        if (detector, place) not in accepted
    ]
    stale = sorted(accepted - {finding for finding, _ in placed})
    return new + [f"{detector} at {place}: explained, but not found" for detector, place in stale]


def main() -> int:
    """Print what has to be looked at; nothing has if every finding is explained."""
    found = run_slither()
    accepted = explained(EXPLAINED.read_text("utf-8"))
    if problems := complaints(found, accepted):
        print("\n".join(problems), file=sys.stderr)
        print(
            f"\nMend it, or say in {EXPLAINED.relative_to(ROOT)} why it is right", file=sys.stderr
        )
        return 1
    print(f"{len(found)} findings at {len(accepted)} places, each explained")
    return 0


if __name__ == "__main__":
    sys.exit(main())
