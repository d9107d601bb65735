"""Collections: cash in renminbi as reported, converted, and arrived as coin; and the state of the pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping

from issuer.calendars import load_joint_calendar
from issuer.domain.collections import CollectionBatch, convert, held_reason
from issuer.domain.deal import Deal
from issuer.domain.errors import Complaint, InvalidInput, StateConflict
from issuer.domain.ledger import collection_entry
from issuer.domain.money import MAX_MICRO, format_fen
from issuer.domain.operations import CommandState, Operation, OperationKind
from issuer.domain.reported import PoolReport, ServicerReport, losses_beyond_defaults
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.data_rules import REPORT_RULES, ReportCase
from issuer.domain.rulebook.rule import require
from issuer.domain.schedule import Period, build_schedule
from issuer.onchain import commands
from issuer.services.context import Context, enqueue, log, not_deployed, stamp, today
from issuer.services.log_comparison import reported_content
from issuer.store import books, cash, deals, outbox, reported


@dataclass(frozen=True, slots=True)
class Reported:
    """What the servicer has reported of a deal. A batch is a row: as reported, converted or held."""

    batches: Sequence[RowMapping]
    pool_reports: tuple[PoolReport, ...]


def periods_of(deal: Deal) -> tuple[Period, ...]:
    """All periods of the deal, in order."""
    return build_schedule(deal, load_joint_calendar(deal.schedule.calendars))


def period_of(deal: Deal, number: int) -> Period:
    """One of the deal's periods; `period.unknown` if it has no such one."""
    schedule = periods_of(deal)
    for period in schedule:
        if period.number == number:
            return period
    raise InvalidInput(
        deal.id,
        [Complaint("/period", "period.unknown", f"the deal has periods 1 to {len(schedule)}")],
    )


def report_collections(
    context: Context, actor: Actor, deal_id: str, report: ServicerReport
) -> tuple[Reported, Operation | None]:
    """Store reported batches; those with an exchange and a remittance arrive as coin, others are held.

    A batch that was held may be reported again with the references it lacked, and the pool of a period
    until that is determined.
    """
    authorise(actor, Act.REPORT_COLLECTIONS)
    batches = report.batches
    require("reporting collections", REPORT_RULES, ReportCase.of(batches))
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        if not deals.address_book(connection, deal_id):
            raise not_deployed(deal_id)
        arriving = []
        for batch in batches:
            _require_in_time(connection, deal, batch)
            if _store(connection, deal_id, batch):
                arriving.append(batch)
        operation = _bring_in(context, connection, deal, arriving) if arriving else None
        rows = cash.batches(connection, deal_id)
        _require_within_the_books(rows)
        pool_hashes = _store_pool_reports(connection, deal, report.pool_reports)
        named = [batch.id for batch in batches]
        facts: dict[str, Any] = {
            "batches": named,
            "content_hashes": {
                row["id"]: reported_content(row) for row in rows if row["id"] in named
            },
        }
        if pool_hashes:
            facts["pool_report_hashes"] = pool_hashes
        log(connection, actor, "report_collections", deal_id, facts)
        found = Reported(rows, tuple(reported.pool_reports(connection, deal_id).values()))
    return found, operation


def collections_of(context: Context, deal_id: str) -> Reported:
    """All that the servicer has reported of a deal."""
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        pool_reports = reported.pool_reports(connection, deal_id)
        return Reported(cash.batches(connection, deal_id), tuple(pool_reports.values()))


def collections_arrived(_: Context, connection: Connection, operation: Operation) -> None:
    """The coin is on the deal's account: it is available to the period's waterfall."""
    _arrive(connection, operation.deal_id, operation.detail["batches"])


def collections_refused(_: Context, connection: Connection, operation: Operation) -> None:
    """Batches whose coin came before the refusal are available; the others are held."""
    sent = outbox.commands_of(connection, operation.id)  # one for each batch, in order
    arrived = []
    for command, batch_id in zip(sent, operation.detail["batches"], strict=True):
        if command.state is CommandState.CONFIRMED:
            arrived.append(batch_id)
        else:
            cash.set_batch_state(connection, operation.deal_id, batch_id, cash.HELD)
    _arrive(connection, operation.deal_id, arrived)


def _arrive(connection: Connection, deal_id: str, batch_ids: Sequence[str]) -> None:
    amounts = {row["id"]: row["coin_micro"] for row in cash.batches(connection, deal_id)}
    for batch_id in batch_ids:
        cash.set_batch_state(connection, deal_id, batch_id, cash.AVAILABLE)
        entry = collection_entry(f"collection:{batch_id}", batch_id, amounts[batch_id])
        books.post(connection, deal_id, [entry], stamp(connection))


def _require_within_the_books(rows: Sequence[RowMapping]) -> None:
    total = sum(row["coin_micro"] or 0 for row in rows)
    if total > MAX_MICRO:
        raise InvalidInput(
            "collections",
            [
                Complaint(
                    "/batches",
                    "collections.range",
                    f"the deal's collections add up to {total} micro-units, more than the books hold",
                )
            ],
        )


def _require_in_time(connection: Connection, deal: Deal, batch: CollectionBatch) -> None:
    period = period_of(deal, batch.period)
    day = today(connection)
    complaints = []
    if batch.cny_fen <= 0 or (not held_reason(batch) and convert(batch).coin_micro <= 0):
        complaints.append(
            Complaint("/cny", "collections.range", "a batch brings something: more than zero")
        )
    if not period.collection_start <= batch.received_on:
        complaints.append(
            Complaint(
                "/received_on",
                "collections.before_period",
                f"{batch.received_on} lies before period {period.number}, which begins on"
                f" {period.collection_start}",
            )
        )
    if batch.received_on > day:
        complaints.append(
            Complaint(
                "/received_on", "collections.future", f"{batch.received_on} is after today, {day}"
            )
        )
    if batch.fx and batch.fx.rate_date > day:
        complaints.append(
            Complaint(
                "/fx/rate_date", "collections.future", f"{batch.fx.rate_date} is after today, {day}"
            )
        )
    if complaints:
        raise InvalidInput(f"batch {batch.id}", complaints)
    require_undetermined(connection, deal.id, batch.period, "report the batch for a later one")


def require_undetermined(connection: Connection, deal_id: str, period: int, cure: str) -> None:
    """Refuse what would change the figures of a period that is determined."""
    if any(each.period == period for each in cash.distributions(connection, deal_id)):
        raise StateConflict(
            f"period {period} is determined already; {cure}",
            code="distribution.exists",
            period=period,
        )


def _store_pool_reports(
    connection: Connection, deal: Deal, new: Sequence[PoolReport]
) -> dict[str, str]:
    """Store them; period -> what the log keeps of its report."""
    day = today(connection)
    complaints = [
        complaint
        for index, each in enumerate(new)
        for complaint in _of_pool_report(f"/pool_reports/{index}", deal, each, day)
    ]
    merged = reported.pool_reports(connection, deal.id) | {each.period: each for each in new}
    for each, losses, defaulted in losses_beyond_defaults(merged.values()):
        index = new.index(each) if each in new else None
        complaints.append(
            Complaint(
                "/pool_reports" if index is None else f"/pool_reports/{index}/losses",
                "pool_report.losses",
                f"by period {each.period} {format_fen(losses)} are lost of {format_fen(defaulted)}"
                " that ever defaulted: what is lost has defaulted before, so correct one of the two",
            )
        )
    if complaints:
        raise InvalidInput("pool reports", complaints)
    for each in new:
        cure = "report what has changed since with a later one"
        require_undetermined(connection, deal.id, each.period, cure)
    return {
        str(each.period): reported_content(reported.put_pool_report(connection, deal.id, each))
        for each in new
    }


def _of_pool_report(path: str, deal: Deal, new: PoolReport, day: date) -> Iterator[Complaint]:
    period = period_of(deal, new.period)
    if day < period.collection_end:
        yield Complaint(
            f"{path}/period",
            "collections.future",
            f"period {new.period} collects until {period.collection_end}, and today is {day}: report"
            " the pool when that is over",
        )
    if new.fx_rate_date > day:
        yield Complaint(
            f"{path}/fx/rate_date",
            "collections.future",
            f"{new.fx_rate_date} is after today, {day}",
        )
    if max(new.pool_micro, new.defaulted_micro, new.losses_micro) > MAX_MICRO:
        yield Complaint(
            path, "collections.range", f"an amount in coin exceeds {MAX_MICRO} micro-units"
        )


def _store(connection: Connection, deal_id: str, batch: CollectionBatch) -> bool:
    """Store a batch; True if its coin is to be brought in."""
    conversion = None if held_reason(batch) else convert(batch)
    known = {row["id"]: row for row in cash.batches(connection, deal_id)}.get(batch.id)
    if known is None:
        cash.add_batch(connection, deal_id, batch, conversion)
    elif known["state"] != cash.HELD or known["cny_fen"] != batch.cny_fen:
        raise StateConflict(
            f"the batch {batch.id!r} has been reported already",
            code="collections.exists",
            batch=batch.id,
        )
    elif conversion:
        cash.complete_batch(connection, deal_id, batch, conversion)
    return conversion is not None


def _bring_in(
    context: Context, connection: Connection, deal: Deal, batches: Sequence[CollectionBatch]
) -> Operation:
    return enqueue(
        context,
        connection,
        OperationKind.REPORT_COLLECTIONS,
        deal.id,
        batches[0].id,
        [
            commands.supply_account(
                deal, convert(batch).coin_micro, f"{deal.id}:collection:{batch.id}"
            )
            for batch in batches
        ],
        {"batches": [batch.id for batch in batches]},
    )
