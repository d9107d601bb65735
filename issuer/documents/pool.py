"""The pool file: what a deal's pool holds, and what is assumed of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool
from pydantic import model_validator as validator

from issuer.documents.fields import DealId, Document, Id, Rate, Text, parse_document
from issuer.documents.loan_tape import load_loan_tape
from issuer.documents.pool_assets import AssetDocument
from issuer.documents.pool_assumptions import AssumptionsDocument, OverridesDocument
from issuer.documents.pool_fields import LONGEST_MONTHS, Number, parse_number
from issuer.documents.text import read_file
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import MICRO_PER_FEN, parse_coin, parse_percent, parse_rate
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.pool import Asset, Pool
from issuer.domain.pool.rep_lines import GroupField, Key, group_loans
from issuer.domain.projection import Case


class KeyDocument(Document):
    """Loans stay apart unless the field lies in one band."""

    field: Annotated[GroupField, Field(strict=False, description="What may differ within a line")]
    width: Annotated[
        Number | None,
        Field(description="Of a band: per cent, payments or months; without, all stay apart"),
    ] = None

    def to_domain(self) -> Key:
        """The key."""
        if self.width is None:
            return Key(self.field)
        scale = 100 if self.field is GroupField.RATE else 1
        return Key(self.field, parse_number(self.width) / scale)


class PoolDocument(Document):
    """A pool file. The same model is part of a request body."""

    version: Annotated[Literal[1], Field(description="Of this form of file")]
    deal: Annotated[DealId, Field(description="Whose pool it is")]
    synthetic: Annotated[StrictBool, Field(description="true for invented pools")]
    fx_rate: Annotated[
        Rate,
        Field(description="Coin per CNY, assumed throughout; each amount is rounded down once"),
    ]
    assets: Annotated[list[AssetDocument] | None, Field(description="What it holds")] = None
    tape: Annotated[
        Text | None, Field(description="Instead: a file of loans as CSV, beside the pool file")
    ] = None
    grouping: Annotated[
        list[KeyDocument] | None,
        Field(description="Of a tape, as representative lines; loan by loan without"),
    ] = None
    assumptions: Annotated[AssumptionsDocument, Field(description="The base case")]
    scenarios: Annotated[
        dict[Id, AssumptionsDocument], Field(description="By name, what each changes in it")
    ] = Field(default_factory=dict)

    @validator(mode="after")
    def _assets_or_tape(self) -> PoolDocument:
        if (self.assets is None) == (self.tape is None):
            raise ValueError("give either `assets` or `tape`")
        if self.grouping is not None and self.tape is None:
            raise ValueError("`grouping` is for a tape: leave it out")
        if self.assets == []:
            raise ValueError("`assets` is empty: give one or more")
        return self


@dataclass(frozen=True, slots=True)
class PoolFile:
    """A pool with its assumptions, ready to be projected. `tape_hash` is the SHA-256 of the tape's file."""

    source: str
    document: PoolDocument
    assets: tuple[Asset, ...]
    tape_hash: str | None = None

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The names, in the order of the file."""
        return tuple(self.document.scenarios)

    def case(self, overrides: OverridesDocument | None = None) -> Case:
        """The base case, changed by a scenario and by figures; raises `InvalidInput`."""
        over = overrides or OverridesDocument()
        assumed, path = self.document.assumptions, "/assumptions"
        if over.scenario is not None:
            self.require_scenario(over.scenario, self.source, "/scenarios")
            scenario = self.document.scenarios[over.scenario]
            assumed, path = assumed.overridden(scenario.stated()), f"/scenarios/{over.scenario}"
        assumed = assumed.overridden(over.figures())
        with _placed(self.source, path):
            return _case(assumed, self.document)

    def require_scenario(self, name: str | None, source: str, path: str) -> None:
        """Refuse a scenario that the file does not name, at the place where it was asked for."""
        if name is not None and name not in self.document.scenarios:
            choice = ", ".join(self.scenarios) or "none is defined"
            message = f"{self.source} has no scenario {name!r}: use one of ({choice})"
            raise InvalidInput(source, [Complaint(path, "pool.scenario.unknown", message)])

    def require_of(self, deal_id: str) -> None:
        """Refuse a pool of another deal."""
        if self.document.deal != deal_id:
            message = (
                f"is the pool of {self.document.deal!r}, not of {deal_id!r}: give the deal's own"
            )
            raise InvalidInput(self.source, [Complaint("/deal", "pool.deal", message)])


def _case(assumed: AssumptionsDocument, document: PoolDocument) -> Case:
    call = assumed.clean_up_call
    return Case(
        pool=assumed.pool(),
        fx=parse_rate(document.fx_rate),
        revenue=parse_percent(assumed.revenue),
        fixings={name: parse_percent(rate) for name, rate in assumed.fixings.items()},
        support_micro={name: parse_coin(amount) for name, amount in assumed.support.items()},
        call=None if call is None else parse_percent(call),
        put={name: parse_percent(share) for name, share in assumed.put.items()},
        purchases=assumed.purchases.to_domain() if assumed.purchases else None,
        pace=assumed.pace,
        to_micro=MICRO_PER_FEN,  # servicers report whole fen, so what is projected can be reported
    )


def parse_pool(document: Mapping[str, Any], source: str, folder: Path | None = None) -> PoolFile:
    """Check a pool document; raises `InvalidInput` with every complaint.

    `folder` is where a tape is looked for; without one, as in a request, a tape is refused.
    """
    return read_pool(parse_document(PoolDocument, document, source), source, folder)


def read_pool(parsed: PoolDocument, source: str, folder: Path | None = None) -> PoolFile:
    """Build what a well-formed document says; all of it is tried, scenarios too."""
    assets = _of_tape(parsed, source, folder) if parsed.tape else _listed(parsed, source)
    found = PoolFile(source, parsed, assets, _tape_hash(parsed, folder))
    for scenario in (None, *found.scenarios):
        found.case(OverridesDocument(scenario=scenario))
    return found


def load_pool(path: Path | str) -> PoolFile:
    """Read and check the pool file at `path`; raises `InvalidInput`."""
    path = Path(path)
    return parse_pool(read_file(path), path.name, path.parent)


def _of_tape(document: PoolDocument, source: str, folder: Path | None) -> tuple[Asset, ...]:
    if folder is None:
        message = "a request has no files beside it: list the loans in `assets`"
        raise InvalidInput(source, [Complaint("/tape", "pool.tape.request", message)])
    tape = folder / (document.tape or "")
    if not tape.is_file():
        message = (
            f"there is no file {document.tape!r} beside the pool file: correct it, or put it there"
        )
        raise InvalidInput(source, [Complaint("/tape", "pool.tape.unreadable", message)])
    loans = load_loan_tape(tape)
    _require_short(loans, source)
    if document.grouping is None:
        return loans
    with _placed(source, "/grouping"):
        return group_loans(loans, [key.to_domain() for key in document.grouping])


def _tape_hash(document: PoolDocument, folder: Path | None) -> str | None:
    if document.tape is None or folder is None:
        return None
    return "0x" + hashlib.sha256((folder / document.tape).read_bytes()).hexdigest()


def _require_short(loans: Sequence[Loan], source: str) -> None:
    """Payments beyond a hundred years are past what dates can say."""
    for loan in loans:
        months = max(loan.remaining, loan.balloon_term or 0) * loan.interval
        if months > LONGEST_MONTHS:
            message = f"loan {loan.id} is paid over {months} months: at most {LONGEST_MONTHS}"
            raise InvalidInput(source, [Complaint("/tape", "pool.tape.months", message)])


def _listed(document: PoolDocument, source: str) -> tuple[Asset, ...]:
    assets, complaints = [], []
    for index, each in enumerate(document.assets or ()):
        try:
            assets.append(each.to_domain())
        except InvalidInput as error:
            complaints += _under(error, f"/assets/{index}")
    if complaints:
        raise InvalidInput(source, complaints)
    with _placed(source, ""):
        return Pool(tuple(assets)).assets


@contextmanager
def _placed(source: str, path: str) -> Iterator[None]:
    """Say of a refusal within where in the file it belongs."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(source, _under(error, path)) from error


def _under(error: InvalidInput, path: str) -> list[Complaint]:
    return [Complaint(f"{path}{c.path}", c.rule, c.message) for c in error.complaints]
