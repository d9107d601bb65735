"""Projecting a deal from its pool file: one case, a grid of cases, or the largest stress borne.

Nothing here is stored, and nothing is read but what is given: a projection is an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from issuer.calendars import load_joint_calendar
from issuer.documents.fields import parse_document
from issuer.documents.pool import PoolFile
from issuer.documents.pool_assumptions import OverridesDocument
from issuer.domain.analytics.breakeven import breakeven, most_runs
from issuer.domain.analytics.outcome import Outcome, outcome, outcomes, paid_in_full
from issuer.domain.analytics.scenarios import Cell, grid
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput, NotFound
from issuer.domain.money import format_decimal
from issuer.domain.pool.periods import split_by_months
from issuer.domain.pool.pool import Asset, defaults, earns, prepays
from issuer.domain.pool.project import Contracts
from issuer.domain.projection import Progress, Projection, project, require_fits
from issuer.domain.schedule import Period, build_schedule
from issuer.domain.waterfall.state import DealState

STRESSES = ("cpr", "psa", "cdr", "severity", "revenue")
"""What a grid may vary."""

_BREAKEVENS: Mapping[str, Fraction] = {
    "cdr": Fraction(100),
    "cpr": Fraction(100),
    "severity": Fraction(100),
    "revenue": Fraction(100),
}
"""What a breakeven may be asked of, and the most that is tried, in per cent."""

_HITS: Mapping[str, tuple[str, Callable[[Asset], bool]]] = {
    "cpr": ("prepays", prepays),
    "psa": ("prepays", prepays),
    "cdr": ("defaults", defaults),
    "severity": ("defaults", defaults),
    "revenue": ("earns without a balance", earns),
}
"""What an asset that a stress changes does."""

PLAN, NOW = "plan", "now"
"""Where a projection may start."""

MAX_WORK = 500_000
"""Assets times months times scenarios that one request may ask for: seconds of a processor, not minutes."""

TOLERANCE = Fraction(1, 100)
"""A hundredth of a per cent: a finer answer than the assumptions bear."""

LONGEST_SEARCH = most_runs(Fraction(0), Fraction(100), TOLERANCE)
"""The most runs that one breakeven takes."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a projection starts: by the plan at closing, without a state; or where the deal stands now.

    `day` is what years are counted from: the closing, or the day from which the next interest runs.
    """

    periods: tuple[Period, ...]
    day: date
    state: DealState | None = None

    @classmethod
    def by_plan(cls, deal: Deal) -> Start:
        """At closing, every unit of the terms sold."""
        periods = build_schedule(deal, load_joint_calendar(deal.schedule.calendars))
        return cls(periods, deal.schedule.closing)


@dataclass(frozen=True, slots=True)
class Projected:
    """A deal projected, and what each tranche gets."""

    deal: Deal
    start: Start
    pool: PoolFile
    overrides: OverridesDocument
    projection: Projection
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A deal and its pool, asked more than once."""

    deal: Deal
    pool: PoolFile
    start: Start
    contracts: Contracts = field(init=False, repr=False)
    _paid: dict[str, frozenset[str]] = field(init=False, repr=False, default_factory=dict)
    """Which notes each case paid in full: breakevens of several notes try the same stresses."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "contracts", Contracts(self.pool.assets))

    @classmethod
    def of(cls, deal: Deal, pool: PoolFile, start: Start | None = None) -> Question:
        """From closing, unless it goes on from elsewhere; raises `InvalidInput` for another deal's pool."""
        pool.require_of(deal.id)
        return cls(deal, pool, start or Start.by_plan(deal))

    def run(self, overrides: OverridesDocument, on_progress: Progress | None = None) -> Projection:
        """One case; raises `InvalidInput` with places in the pool file."""
        case = self.pool.case(overrides)
        structure = self.deal.structure
        try:
            require_fits(structure, case)
        except InvalidInput as error:
            raise InvalidInput(self.pool.source, _under("/assumptions", error)) from error
        try:
            return project(
                structure, self.start.periods, self.contracts, case, on_progress, self.start.state
            )
        except InvalidInput as error:
            raise self._located(error) from error

    def _located(self, error: InvalidInput) -> InvalidInput:
        """The same refusal with the place in the pool file that it is about."""
        source = self.pool.source
        if any(each.rule == "pool.index.missing" for each in error.complaints):
            return InvalidInput(source, _under("/assumptions", error))
        names = [f"{asset.kind} {asset.id}" for asset in self.pool.assets]
        if error.source not in names:
            return InvalidInput(source, _at("/assumptions", error))
        if self.pool.document.tape is not None:
            return InvalidInput(source, _at("/tape", error, f"{error.source}: "))
        return InvalidInput(source, _under(f"/assets/{names.index(error.source)}", error))

    def measured(self, overrides: OverridesDocument, tranche: str) -> Outcome:
        """One tranche in one case."""
        return outcome(self.run(overrides), tranche, self.start.day)

    def paid_in_full(self, overrides: OverridesDocument) -> frozenset[str]:
        """The notes that get all they are owed in one case, which is run once however often asked."""
        key = overrides.model_dump_json(exclude_unset=True)
        if key not in self._paid:
            run = self.run(overrides)
            notes = [note.id for note in self.deal.structure.notes]
            self._paid[key] = frozenset(each for each in notes if paid_in_full(run, each))
        return self._paid[key]

    def require_note(self, tranche: str) -> None:
        """Refuse a tranche that there is not, or that is owed nothing."""
        notes = [note.id for note in self.deal.structure.notes]
        if tranche not in notes:
            hint = f"use one of the notes ({', '.join(notes)})"
            raise NotFound("tranche", tranche, hint)


def project_once(
    deal: Deal,
    pool: PoolFile,
    overrides: OverridesDocument,
    on_progress: Progress | None = None,
    start: Start | None = None,
) -> Projected:
    """Project one case."""
    asked = Question.of(deal, pool, start)
    projection = asked.run(overrides, on_progress)
    found = outcomes(projection, asked.start.day)
    return Projected(deal, asked.start, pool, overrides, projection, found)


def require_applies(pool: PoolFile, stresses: Iterable[str], source: str, path: str) -> None:
    """Refuse stresses that change nothing in this pool; each stands for its own name in `path`."""
    documents = (pool.document.assumptions, *pool.document.scenarios.values())
    lent = any(each.purchases for each in documents)
    hit = [
        name
        for name, (_, by) in _HITS.items()
        if (lent and by is not earns) or any(map(by, pool.assets))
    ]
    cure = f"stress {' or '.join(f'`{name}`' for name in hit)} instead" if hit else "stress nothing"
    refused = [
        Complaint(
            path.format(name),
            "projection.stress.void",
            f"no asset of this pool {_HITS[name][0]}: {cure}",
        )
        for name in stresses
        if name not in hit
    ]
    if refused:
        raise InvalidInput(source, refused)


def require_bounded(payments: Sequence[int], start: Start, scenarios: int = 1) -> None:
    """Refuse what would take too long, before any of it is computed.

    `payments` are those that each asset has left: past the deal's last month they cost as well.
    """
    months = sum(
        len(split_by_months((each.collection_start, each.collection_end))) for each in start.periods
    )
    work = sum(max(each, months) for each in payments) * scenarios
    if work > MAX_WORK:
        message = (
            f"{len(payments):,} assets over {months:,} months or more, {scenarios} times, are"
            f" {work:,} steps, and a request may take {MAX_WORK:,}: group the loans into"
            " representative lines, or run `abs-sim project` on the files"
        )
        raise InvalidInput("request body", [Complaint("/pool/assets", "projection.work", message)])


def project_grid(
    question: Question,
    base: OverridesDocument,
    axes: Sequence[tuple[str, Sequence[str]]],
    tranche: str,
    on_progress: Progress | None = None,
) -> Iterator[Cell[str, str, Outcome]]:
    """A tranche in every pair of the values of two stresses, rows first."""
    question.require_note(tranche)
    (down, rows), (across, columns) = axes
    require_applies(question.pool, (down, across), "grid", "/grid")
    cases = {
        (row, column): changed(base, {down: row, across: column})
        for row in rows
        for column in columns
    }
    return grid(
        rows,
        columns,
        lambda row, column: question.measured(cases[row, column], tranche),
        on_progress,
    )


def largest_borne(
    question: Question,
    base: OverridesDocument,
    stress: str,
    tranche: str,
    on_progress: Progress | None = None,
) -> Fraction | None:
    """Up to which percentage of the stress the tranche gets all it is owed; of revenue, down to which.

    `None` if it does not even at the mildest.
    """
    question.require_note(tranche)
    if stress not in _BREAKEVENS:
        message = f"{stress!r} is nothing to break even in: use one of {', '.join(_BREAKEVENS)}"
        raise InvalidInput("breakeven", [Complaint("/breakeven", "breakeven.stress", message)])
    require_applies(question.pool, (stress,), "breakeven", "/breakeven")
    most = _BREAKEVENS[stress]
    falls = stress == "revenue"

    def value(step: Fraction) -> Fraction:
        return most - step if falls else step

    def borne(step: Fraction) -> bool:
        case = changed(base, {stress: format_decimal(value(step))})
        return tranche in question.paid_in_full(case)

    found = breakeven(borne, Fraction(0), most, TOLERANCE, on_progress)
    return None if found is None else value(found)


def changed(base: OverridesDocument, figures: Mapping[str, str]) -> OverridesDocument:
    """The overrides with figures replaced; raises `InvalidInput`."""
    kept: dict[str, Any] = base.model_dump(exclude_unset=True, mode="json")
    if "psa" in figures:
        kept.pop("cpr", None)
    if "cpr" in figures:
        kept.pop("psa", None)
    return parse_document(OverridesDocument, {**kept, **figures}, "overrides")


def _under(path: str, error: InvalidInput) -> list[Complaint]:
    return [Complaint(f"{path}{c.path}", c.rule, c.message) for c in error.complaints]


def _at(path: str, error: InvalidInput, about: str = "") -> list[Complaint]:
    return [Complaint(path, c.rule, f"{about}{c.message}") for c in error.complaints]
