"""The example deal and the scenarios: in `scripts` in a checkout, part of the package where installed."""

from __future__ import annotations

from pathlib import Path

from issuer.domain.errors import NotFound

EXAMPLE_DEAL = "ev-charging"
"""The deal that all examples are about; its files are `ev-charging.yaml`, `ev-charging.filing.yaml` …"""

_PACKAGE = Path(__file__).parent


def example_names() -> tuple[str, ...]:
    """The names `example_file` accepts."""
    return tuple(sorted(path.name for path in _folder("deals").glob("*.yaml")))


def example_file(name: str) -> Path:
    """The file called `name`; raises `NotFound` (`example.not_found`) for an unknown one."""
    if name not in example_names():  # also keeps a name from being used as a path
        raise NotFound("example", name)
    return _folder("deals") / name


def library_deals() -> tuple[str, ...]:
    """The ids of all example deals: each has a deal file and a pool file."""
    suffix = ".pool.yaml"
    return tuple(name.removesuffix(suffix) for name in example_names() if name.endswith(suffix))


def circumvention_files() -> tuple[Path, ...]:
    """The scenarios of `abs-sim circumvent`, in the order of their ids."""
    return tuple(sorted(_folder("circumventions").rglob("*.yaml"), key=lambda path: path.stem))


def _folder(kind: str) -> Path:
    # Never both: the wheel alone has the first, and only the wheel lacks the second.
    folders = (_PACKAGE / "data" / kind, _PACKAGE.parent / "scripts" / kind)
    for folder in folders:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no example {kind} in {' or in '.join(map(str, folders))}")
