"""The trustee's notices: default, its waiver, acceleration, its rescission; and what follows for payments.

The contracts hold the deal's standing, and nothing here repeats it: it is asked of them each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.domain.deal import Deal
from issuer.domain.errors import StateConflict
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import PAYING
from issuer.domain.operations import Operation, OperationKind
from issuer.domain.payment import DistributionState
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.waterfall.distribution import Distribution
from issuer.domain.waterfall.standing import AFTER, Standing
from issuer.domain.waterfall.switches import out_of_turn
from issuer.domain.ways import way_to
from issuer.onchain import commands
from issuer.services.context import Context, address_book, enqueue, log
from issuer.store import cash, deals, filings, outbox


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice does: from which standing to which, and its name on chain."""

    origin: Standing
    target: Standing
    function: str


_K = OperationKind

NOTICES: Mapping[OperationKind, Notice] = {
    _K.DECLARE_DEFAULT: Notice(Standing.PERFORMING, Standing.DEFAULTED, "declareDefault"),
    _K.WAIVE_DEFAULT: Notice(Standing.DEFAULTED, Standing.PERFORMING, "waiveDefault"),
    _K.ACCELERATE: Notice(Standing.DEFAULTED, Standing.ACCELERATED, "accelerate"),
    _K.RESCIND_ACCELERATION: Notice(
        Standing.ACCELERATED, Standing.DEFAULTED, "rescindAcceleration"
    ),
}


def give_notice(
    context: Context, actor: Actor, filing_id: str, kind: OperationKind, notice_hash: str
) -> Operation:
    """The trustee tells the deal behind a filing how it stands from now on.

    Refused while a payment that was determined before would be stopped by it midway: on chain too, what
    is declared is paid whatever happens.
    """
    authorise(actor, Act.DECLARE_DEFAULT)
    notice = NOTICES[kind]
    with context.database.writing() as connection:
        filing = filings.get(connection, filing_id)
        deal = deals.get(connection, filing.deal_id)
        _require_notes(filing)
        _require_none_under_way(connection, filing)
        stands = _ask(context, connection, filing)
        if stands is not notice.origin:
            raise StateConflict(
                f"the deal behind {filing_id} is {stands}; {_named(kind)} is for one that is"
                f" {notice.origin}. Cure: {_CURES[kind, stands]}",
                code="deal.illegal_standing",
                standing=stands.value,
                allowed_from=[notice.origin.value],
            )
        _require_stops_none(connection, deal, notice.target)
        command = commands.give_notice(filing_id, notice.function, notice_hash)
        operation = enqueue(context, connection, kind, deal.id, filing_id, [command])
        facts = {"notice_hash": notice_hash, "operation": operation.id}
        log(connection, actor, kind.value, filing_id, facts)
    return operation


def standing(context: Context, filing_id: str) -> Standing:
    """How the deal behind a filing stands, by the chain; before it has contracts, it performs."""
    with context.database.reading() as connection:
        filing = filings.get(connection, filing_id)
        return _ask(context, connection, filing)


def standing_of(context: Context, connection: Connection, deal: Deal) -> Standing:
    """The same of a deal; one without a filing in force performs."""
    filing = filings.standing_of_deal(connection, deal.id)
    return _ask(context, connection, filing) if filing else Standing.PERFORMING


def settled_standing(context: Context, connection: Connection, deal: Deal) -> Standing:
    """The same, for what is fixed by it: no notice is on its way to change it."""
    filing = filings.standing_of_deal(connection, deal.id)
    if filing is not None:
        _require_none_under_way(connection, filing)
    return standing_of(context, connection, deal)


def require_in_turn(deal: Deal, figures: Distribution, standing: Standing) -> None:
    """Refuse what the contracts would not declare as the deal stands, before anything is fixed."""
    for tranche, above in out_of_turn(deal.structure, figures, standing):
        raise StateConflict(
            f"the deal is {standing}, and {_what(standing)} goes to tranche {tranche} while {above} above"
            f" it is outstanding; the priority of payments {figures.mode!r} says otherwise for period"
            f" {figures.period}. Cure: give the deal's terms a waterfall `{AFTER[standing]}` that pays"
            f" {above} off first, or have the trustee take its notice back",
            code="distribution.senior_outstanding",
            standing=standing.value,
            tranche=tranche,
            senior=above,
            waterfall=figures.mode,
        )


# ---- helpers

_NOT_ACCELERATED = "none is needed, there is no acceleration to rescind"
#: What leads to where a notice is allowed, or that nothing is left to give notice of.
_CURES: Mapping[tuple[OperationKind, Standing], str] = {
    (_K.DECLARE_DEFAULT, Standing.DEFAULTED): "none is needed, the default is declared",
    (_K.DECLARE_DEFAULT, Standing.ACCELERATED): "none is needed, the default is declared",
    (_K.WAIVE_DEFAULT, Standing.PERFORMING): "none is needed, there is no default to waive",
    (_K.WAIVE_DEFAULT, Standing.ACCELERATED): "rescind the acceleration first",
    (_K.ACCELERATE, Standing.PERFORMING): "declare the default first",
    (_K.ACCELERATE, Standing.ACCELERATED): "none is needed, the notes are accelerated",
    (_K.RESCIND_ACCELERATION, Standing.PERFORMING): _NOT_ACCELERATED,
    (_K.RESCIND_ACCELERATION, Standing.DEFAULTED): _NOT_ACCELERATED,
}


def _named(kind: OperationKind) -> str:
    return kind.value.replace("_", " ")


def _what(standing: Standing) -> str:
    return "no principal" if standing is Standing.DEFAULTED else "nothing"


def _ask(context: Context, connection: Connection, filing: Filing) -> Standing:
    book, name = address_book(connection, filing.deal_id), commands.COUPON_DISTRIBUTOR
    if name not in book:
        return Standing.PERFORMING
    said = context.chain.ask(name, book[name], "standingOf", commands.digest(filing.id))
    return tuple(Standing)[int(said)]


def _require_notes(filing: Filing) -> None:
    if filing.state not in PAYING:
        raise StateConflict(
            f"filing {filing.id} is {filing.state}: a notice is about notes that are paid, while it is"
            f" {', '.join(sorted(PAYING))}. {way_to(filing, sorted(PAYING))}",
            code="deal.no_notes",
            state=filing.state.value,
            allowed_from=sorted(PAYING),
        )


def _require_none_under_way(connection: Connection, filing: Filing) -> None:
    if outbox.any_pending(connection, *NOTICES, subject=filing.id):
        raise StateConflict(
            f"a notice of the trustee about {filing.id} is on its way to the chain: wait until it has"
            " answered",
            code="deal.standing_under_way",
        )


def _require_stops_none(connection: Connection, deal: Deal, target: Standing) -> None:
    for each in cash.distributions(connection, deal.id):
        if each.state is DistributionState.PAID:
            continue
        for tranche, above in out_of_turn(deal.structure, each.figures, target):
            raise StateConflict(
                f"{each.id} was determined before, and pays tranche {tranche} while {above} is"
                f" outstanding: a deal that is {target} does not. Cure: pay {each.id} first; the next"
                " payment follows the notice",
                code="distribution.under_way",
                distribution=each.id,
            )
