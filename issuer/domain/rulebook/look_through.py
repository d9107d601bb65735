"""Looking through wrappers: from an asset of the register down to the last asset beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from issuer.domain.assets import UnderlyingAsset
from issuer.domain.rulebook.filing_case import FilingCase


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is met beneath an asset. `trace` leads there from the register, both ends included.

    Where nothing can be seen, `asset` is None and `obstacle` says why.
    """

    trace: tuple[str, ...]
    asset: UnderlyingAsset | None
    obstacle: str | None = None


def beneath(case: FilingCase, asset: UnderlyingAsset) -> Iterator[Sighting]:
    """Everything beneath an asset, each asset once; a cycle and a bottomless nest are met, too."""
    described = {each.id: each for each in (*case.bundle.assets, *case.bundle.underlying_assets)}
    yield from _descend(asset, (asset.id,), described, case.regime.look_through_depth, {asset.id})


def _descend(
    asset: UnderlyingAsset,
    trace: tuple[str, ...],
    described: Mapping[str, UnderlyingAsset],
    depth: int,
    seen: set[str],
) -> Iterator[Sighting]:
    for name in asset.underlying:
        path = (*trace, name)
        found = described.get(name)
        if name in trace:
            yield Sighting(path, None, "cycle")
        elif found is None:
            yield Sighting(path, None, "not described in underlying_assets")
        elif len(trace) > depth:
            yield Sighting(path, None, f"deeper than {depth} levels")
        elif name not in seen:
            seen.add(name)
            yield Sighting(path, found)
            yield from _descend(found, path, described, depth, seen)


def pool(case: FilingCase) -> tuple[UnderlyingAsset, ...]:
    """The register and all that can be seen beneath it, each asset once."""
    found: dict[str, UnderlyingAsset] = {each.id: each for each in case.bundle.assets}
    for asset in case.bundle.assets:
        for sighting in beneath(case, asset):
            if sighting.asset is not None:
                found.setdefault(sighting.asset.id, sighting.asset)
    return tuple(found.values())


def bottom(case: FilingCase, asset: UnderlyingAsset) -> tuple[UnderlyingAsset, ...]:
    """The assets whose cash it is in the end: those with nothing beneath."""
    seen = (asset, *(each.asset for each in beneath(case, asset) if each.asset is not None))
    return tuple(each for each in seen if not each.underlying)
