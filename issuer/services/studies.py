"""A deal in every case that its pool file names, and the most stress that each note bears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from issuer.documents.pool import PoolFile
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.deal import Deal
from issuer.domain.pool.pool import defaults, earns
from issuer.domain.report.build import investor_report
from issuer.domain.report.model import Report
from issuer.reporting.case_charts import CasePaper
from issuer.reporting.projection_page import Borne
from issuer.services.measures import measure
from issuer.services.projections import (
    LONGEST_SEARCH,
    Projected,
    Question,
    largest_borne,
    project_once,
)

Progress = Callable[[int, int], None]
BASE = "base"


@dataclass(frozen=True, slots=True)
class Study:
    """Every case, the base first, and what the notes bear beyond the base."""

    cases: tuple[CasePaper, ...]
    borne: tuple[Borne, ...]


def study(
    deal: Deal,
    pool: PoolFile,
    overrides: OverridesDocument,
    rate: Fraction,
    on_progress: Progress | None = None,
) -> Study:
    """Run every case with the figures of `overrides`; one that names a scenario is run alone.

    Breakevens count from the first case: of defaults where the pool has a balance, of revenue where
    it earns without one.
    """
    names = (None, *pool.scenarios) if overrides.scenario is None else (overrides.scenario,)
    searches = [(note.id, stress) for stress in _stresses(pool) for note in deal.structure.notes]
    tell = on_progress or _untold
    total = len(names) + len(searches) * LONGEST_SEARCH
    runs = {}
    for done, name in enumerate(names, 1):
        case = overrides.model_copy(update={"scenario": name})
        runs[name or BASE] = project_once(deal, pool, case)
        tell(done, total)
    question = Question.of(deal, pool)
    borne = []
    for done, (note, stress) in enumerate(searches):
        before = len(names) + done * LONGEST_SEARCH

        def further(runs: int, _: int, before: int = before) -> None:
            tell(before + runs, total)

        borne.append(Borne(note, stress, largest_borne(question, overrides, stress, note, further)))
    tell(total, total)
    return Study(tuple(_paper(name, run, rate) for name, run in runs.items()), tuple(borne))


def _untold(done: int, total: int) -> None:
    """Nobody asked how far it is."""


def _stresses(pool: PoolFile) -> list[str]:
    hits = (("cdr", defaults), ("revenue", earns))
    return [name for name, hit in hits if any(map(hit, pool.assets))]


def _paper(name: str, run: Projected, rate: Fraction) -> CasePaper:
    measured = measure(run, rate)
    return CasePaper(
        name,
        _report(run),
        run.outcomes,
        measured.valuations,
        measured.coverage,
        run.projection.called,
    )


def _report(run: Projected) -> Report:
    found = run.projection
    return investor_report(found.structure, found.distributions, found.periods)
