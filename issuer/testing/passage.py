"""The way of the example deal from an empty simulator to its first coupon, in stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from issuer.testing.deal import ExampleDeal

#: Who buys how many units.
ALLOTMENT: Mapping[str, int] = MappingProxyType({"H1": 50_000, "H2": 20_000, "H3": 10_000})


def _drafted(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-02-12T10:00")
    deal.draft()


def _submitted(deal: ExampleDeal) -> None:
    deal.sign()
    deal.submit()


def _filed(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-03-02T11:00")
    deal.approve()


def _admitted(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-03-18T10:00")
    for investor in ALLOTMENT:
        deal.admit(investor)


def _offering_open(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-04-13T10:00")
    deal.open_offering()


def _issued(deal: ExampleDeal) -> None:
    for investor, units in ALLOTMENT.items():
        deal.sell(investor, units)


def _active(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-04-15T18:00")
    deal.close_offering()
    deal.clock.move_to("2026-04-20T10:00")
    deal.report_completion()


def _collected(deal: ExampleDeal) -> None:
    deal.clock.move_to("2026-07-06T12:00")
    deal.report_collections()


#: Stage -> what leads to it from the one before. The dates are those of the worked example.
_STEPS: Mapping[str, Callable[[ExampleDeal], object]] = MappingProxyType(
    {
        "registered": ExampleDeal.register,
        "deployed": ExampleDeal.deploy,
        "drafted": _drafted,
        "submitted": _submitted,
        "under_review": ExampleDeal.check_formality,
        "filed": _filed,
        "admitted": _admitted,
        "offering_open": _offering_open,
        "issued": _issued,
        "active": _active,
        "collected": _collected,
        "determined": ExampleDeal.determine,
        "recorded": ExampleDeal.record,
        "paid": ExampleDeal.pay,
    }
)
STAGES = ("fresh", *_STEPS)


def lead(deal: ExampleDeal, stage: str, since: str = STAGES[0]) -> None:
    """Lead a deal from the stage it is at to a later one; `ValueError` for what is no stage."""
    for each in STAGES[require_stage(since) + 1 : require_stage(stage) + 1]:
        _STEPS[each](deal)


def require_stage(stage: str) -> int:
    """Where a stage stands in the passage; `ValueError` for what is no stage."""
    if stage not in STAGES:
        raise ValueError(f"{stage!r} is no stage of the example deal. Stages: {', '.join(STAGES)}")
    return STAGES.index(stage)
