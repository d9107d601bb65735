"""The checked-in costs, and how what is measured now differs from them."""

import json
from collections.abc import Mapping
from pathlib import Path

from scripts.gas.authorities import enforcing, regulating
from scripts.gas.cost import Cost, Scene
from scripts.gas.coupons import holding_back, paying
from scripts.gas.deployment import code_bytes, deploying
from scripts.gas.peers import allowlist_token, floor, plain_token, push_loop
from scripts.gas.units import allowlisting, minting, transferring

FILE = Path(__file__).resolve().parents[2] / "tests" / "contracts" / "gas.json"
COMMAND = "make gas-snapshot"
CODE = "code bytes"

OZ_ERC20 = "OpenZeppelin ERC-20"
OZ_ALLOWLIST = "OpenZeppelin allowlist"
FLOOR = "payment floor"
PUSH_LOOP = "push loop"

OURS: dict[str, Scene] = {
    "deploying": deploying,
    "allowlisting": allowlisting,
    "minting": minting,
    "transferring": transferring,
    "paying": paying,
    "holding back": holding_back,
    "enforcing": enforcing,
    "regulating": regulating,
}
PEERS: dict[str, Scene] = {
    OZ_ERC20: plain_token,
    OZ_ALLOWLIST: allowlist_token,
    FLOOR: floor,
    PUSH_LOOP: push_loop,
}
SCENES = OURS | PEERS

Section = Mapping[str, Cost]


def measure(scene: str) -> dict[str, Cost]:
    """Every cost of one scene, on chains of its own."""
    costs: dict[str, Cost] = {}
    for name, found in SCENES[scene]():
        if name in costs:
            raise ValueError(f"measured twice: {name}")
        costs[name] = found
    return costs


def measure_all() -> dict[str, Section]:
    """Every scene."""
    return {scene: measure(scene) for scene in SCENES}


def write(sections: Mapping[str, Section]) -> None:
    """Check these costs in, a line for each."""
    blocks = {
        scene: {name: _written(each) for name, each in section.items()}
        for scene, section in sections.items()
    }
    blocks[CODE] = dict(code_bytes())
    body = ",\n".join(
        f"  {json.dumps(title)}: {{\n"
        + ",\n".join(f"    {json.dumps(name)}: {json.dumps(each)}" for name, each in block.items())
        + "\n  }"
        for title, block in blocks.items()
    )
    FILE.write_text(f"{{\n{body}\n}}\n", encoding="utf-8")


def _written(value: Cost) -> int | list[int]:
    return value.gas if value.among == 1 else [value.gas, value.among]


def read() -> dict[str, Section]:
    """The costs that are checked in."""
    sections = json.loads(FILE.read_text("utf-8"))
    return {
        scene: {
            name: Cost(*each) if isinstance(each, list) else Cost(each)
            for name, each in section.items()
        }
        for scene, section in sections.items()
        if scene != CODE
    }


def read_code_bytes() -> dict[str, int]:
    """The sizes that are checked in."""
    sizes: dict[str, int] = json.loads(FILE.read_text("utf-8"))[CODE]
    return sizes


def changes(recorded: Mapping[str, Section], measured: Mapping[str, Section]) -> list[str]:
    """A line for every difference in any scene."""
    return [
        f"{scene}: {line}"
        for scene in {**recorded, **measured}
        for line in differences(recorded.get(scene, {}), measured.get(scene, {}))
    ]


def differences(recorded: Section, measured: Section) -> list[str]:
    """A line for every cost that is not what is checked in: old, new, difference."""
    return [
        f"{name}: {_said(recorded.get(name))} checked in, {_said(measured.get(name))} measured"
        + _by(recorded.get(name), measured.get(name))
        for name in {**recorded, **measured}
        if recorded.get(name) != measured.get(name)
    ]


def _said(value: Cost | None) -> str:
    if value is None:
        return "nothing"
    return f"{value.gas:,}" if value.among == 1 else f"{value.each:,.2f} each of {value.among}"


def _by(old: Cost | None, new: Cost | None) -> str:
    if old is None or new is None:
        return ""
    digits = 0 if new.among == 1 else 2
    return f": {new.each - old.each:+,.{digits}f} ({new.each / old.each - 1:+.2%})"
