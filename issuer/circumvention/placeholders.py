"""What `{filing}`, `{wallet:H1}` and the like in a scenario stand for, in the world as it is now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.crypto import keccak

from issuer.circumvention.world import TOKEN, World, unknown
from issuer.onchain import commands

_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^{}]+))?\}")


def resolve(value: Any, world: World) -> Any:
    """The value with its placeholders filled in; one that is the whole of a text keeps its type."""
    match value:
        case str():
            if whole := _PLACEHOLDER.fullmatch(value):
                return _meant(world, *whole.groups())
            return _PLACEHOLDER.sub(lambda found: str(_meant(world, *found.groups())), value)
        case list():
            return [resolve(each, world) for each in value]
        case dict():
            return {name: resolve(each, world) for name, each in value.items()}
    return value


def resolve_arguments(types: Sequence[str], values: Sequence[Any], world: World) -> list[Any]:
    """The same for a contract's function: names become addresses where an address is wanted."""
    if len(types) != len(values):
        raise unknown(f"function of {', '.join(types) or 'nothing'} with arguments", str(values))
    return [
        world.account(str(value)) if kind == "address" else value
        for kind, value in zip(types, resolve(list(values), world), strict=True)
    ]


def _meant(world: World, name: str, of: str | None) -> Any:
    if name not in _MEANINGS:
        raise unknown("placeholder", name)
    return _MEANINGS[name](world, of or "")


def _bundle_hash(world: World, deal_id: str) -> Any:
    filing = world.filing(deal_id)
    path = f"/v1/filings/{filing['id']}/versions/{filing['version']}"
    return world.read("regulator", path)["bundle_hash"]


_MEANINGS: Mapping[str, Callable[[World, str], Any]] = {
    "deal": lambda world, _: world.deal.id,
    "filing": lambda world, deal: world.filing(deal)["id"],
    "version": lambda world, deal: world.filing(deal)["version"],
    "bundle_hash": _bundle_hash,
    "filing_on_chain": lambda world, deal: commands.digest(world.filing(deal)["id"]),
    "distribution": lambda world, _: world.read(
        "auditor", f"/v1/deals/{world.deal.id}/distributions"
    )[-1]["id"],
    "wallet": lambda world, who: world.account(who),
    "next_contract": lambda world, who: world.chain.next_contract(world.account(who)),
    "next_operation": lambda world, _: world.chain.read(TOKEN, "operationCount") + 1,
    "approved_hash": lambda world, _: "0x" + world.chain.read(TOKEN, "bundleHash").hex(),
    "role": lambda _, name: "0x" + keccak(text=name).hex(),
}
