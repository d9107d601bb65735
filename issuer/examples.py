"""The example deal's files: `scripts/deals` in a checkout, part of the package where it is installed."""

from __future__ import annotations

from pathlib import Path

from issuer.domain.errors import NotFound

EXAMPLE_DEAL = "ev-charging"
"""The deal that all examples are about; its files are `ev-charging.yaml`, `ev-charging.filing.yaml` …"""

_PACKAGE = Path(__file__).parent
#: Never both: the wheel alone has the first, and only the wheel lacks the second.
_FOLDERS = (_PACKAGE / "data" / "deals", _PACKAGE.parent / "scripts" / "deals")


def example_names() -> tuple[str, ...]:
    """The names `example_file` accepts."""
    return tuple(sorted(path.name for path in _folder().glob("*.yaml")))


def example_file(name: str) -> Path:
    """The file called `name`; raises `NotFound` (`example.not_found`) for an unknown one."""
    if name not in example_names():  # also keeps a name from being used as a path
        raise NotFound("example", name)
    return _folder() / name


def _folder() -> Path:
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no example deals in {' or in '.join(map(str, _FOLDERS))}")
