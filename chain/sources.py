"""Solidity sources: ours, and those of OpenZeppelin that they reach by import."""

import hashlib
import json
import posixpath
import re
from pathlib import Path

from chain.errors import CompilationFailed

OPENZEPPELIN_PREFIX = "@openzeppelin/contracts/"
OWN_PREFIX = "contracts/"
OPENZEPPELIN_VERSION = "5.4.0"

_DEPENDENCIES = "node_modules"
_IMPORT = re.compile(r"^\s*import\s[^;]*?[\"']([^\"']+)[\"']\s*;", re.MULTILINE)


def sha256_text(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def own_sources(contracts_dir: Path) -> dict[str, str]:
    """Every .sol file outside node_modules, by name such as `contracts/a/B.sol`."""
    paths = (path.relative_to(contracts_dir) for path in contracts_dir.rglob("*.sol"))
    names = sorted(path.as_posix() for path in paths if _DEPENDENCIES not in path.parts)
    return {OWN_PREFIX + name: (contracts_dir / name).read_text("utf-8") for name in names}


def all_sources(contracts_dir: Path) -> dict[str, str]:
    """Our sources and everything they import, by name.

    Raises `CompilationFailed` for an import that is in neither place.
    """
    sources = own_sources(contracts_dir)
    waiting = list(sources)
    while waiting:
        importer = waiting.pop()
        for imported in _IMPORT.findall(sources[importer]):
            name = _resolve(imported, importer)
            if name not in sources:
                sources[name] = _read(name, contracts_dir, importer)
                waiting.append(name)
    return dict(sorted(sources.items()))


def openzeppelin_version(contracts_dir: Path) -> str | None:
    """Version of the installed OpenZeppelin package, or None when it is not installed."""
    package = contracts_dir / _DEPENDENCIES / OPENZEPPELIN_PREFIX / "package.json"
    if not package.exists():
        return None
    return str(json.loads(package.read_text("utf-8"))["version"])


def _resolve(imported: str, importer: str) -> str:
    if not imported.startswith("."):
        return imported
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), imported))


def _read(name: str, contracts_dir: Path, importer: str) -> str:
    if name.startswith(OPENZEPPELIN_PREFIX):
        path = contracts_dir / _DEPENDENCIES / name
        if path.is_file():
            return path.read_text("utf-8")
    raise CompilationFailed(f"{importer} imports {name}, which is not there")
