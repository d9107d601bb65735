"""The proceeds after the closing: sent onshore to the filed uses, and accounted for (SET-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from issuer.documents.filing import build_bundle
from issuer.domain.errors import Complaint, InvalidInput, IssuanceBug, StateConflict
from issuer.domain.filing import Filing
from issuer.domain.ledger import PROCEEDS, Entry, proceeds_entry
from issuer.domain.lifecycle import FilingState
from issuer.domain.operations import OperationKind, OperationState
from issuer.domain.plan import Plan
from issuer.domain.proceeds import ProceedsTransfer
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.cash_rules import PROCEEDS_RULES, ProceedsCase
from issuer.domain.rulebook.rule import require
from issuer.services import bundles
from issuer.services.context import Context, log, stamp
from issuer.services.log_comparison import content_of
from issuer.store import books, deals, filings, outbox, proceeds

#: The offering is closed, its result is certain, and nothing stands against the deal.
USABLE = frozenset({FilingState.ISSUED_REPORT_DUE, FilingState.ACTIVE, FilingState.EVENT_REPORTED})


@dataclass(frozen=True, slots=True)
class ProceedsReport:
    """What was filed, what has gone where, and what is left. Amounts in coin micro-units."""

    net_micro: int
    filed_micro: Mapping[str, int]
    transfers: tuple[ProceedsTransfer, ...]
    balance_micro: int

    def used_micro(self, use: str) -> int:
        """What has gone to one use."""
        return sum(each.amount_micro for each in self.transfers if each.use == use)


def record_transfer(
    context: Context,
    actor: Actor,
    deal_id: str,
    use: str,
    amount_micro: int,
    inbound_reference: str,
) -> ProceedsTransfer:
    """Enter a transfer onshore in the books, if the filing provides for it and the cash is there."""
    authorise(actor, Act.USE_PROCEEDS)
    if amount_micro <= 0:
        complaint = Complaint("/amount", "proceeds.range", "a transfer moves more than zero")
        raise InvalidInput("transfer of proceeds", [complaint])
    with context.database.writing() as connection:
        deals.get(connection, deal_id)
        new = ProceedsTransfer(deal_id, use, amount_micro, inbound_reference, stamp(connection))
        filing = _usable(connection, deal_id)
        _require_not_closing(connection, deal_id)
        done = proceeds.of_deal(connection, deal_id)
        if new.id in {each.id for each in done}:
            raise StateConflict(
                f"the transfer {inbound_reference!r} is recorded already",
                code="proceeds.exists",
                inbound_reference=inbound_reference,
            )
        plan = _approved_plan(connection, filing)
        case = ProceedsCase(
            new,
            {each.purpose: each.amount_micro for each in plan.uses},
            plan.net_proceeds_micro,
            done,
            books.balances(connection, deal_id).get(PROCEEDS, 0),
        )
        require(f"using proceeds of {deal_id}", PROCEEDS_RULES, case)
        proceeds.add(connection, new)
        books.post(connection, deal_id, [entry_of(new)], stamp(connection))
        facts = {"use": use, "amount_micro": str(amount_micro), "content_hash": content_of(new)}
        log(connection, actor, "use_proceeds", new.id, facts)
    return new


def report(context: Context, actor: Actor, deal_id: str) -> ProceedsReport:
    """The filed uses beside what was recorded; before an approval nothing is filed."""
    authorise(actor, Act.READ_LEDGER)
    with context.database.reading() as connection:
        deals.get(connection, deal_id)
        filing = filings.standing_of_deal(connection, deal_id)
        approved = filing is not None and filing.approval is not None
        plan = _approved_plan(connection, filing) if filing and approved else None
        return ProceedsReport(
            plan.net_proceeds_micro if plan else 0,
            {each.purpose: each.amount_micro for each in plan.uses} if plan else {},
            proceeds.of_deal(connection, deal_id),
            books.balances(connection, deal_id).get(PROCEEDS, 0),
        )


def entry_of(transfer: ProceedsTransfer) -> Entry:
    """What a transfer moves in the books."""
    name = f"proceeds:{transfer.inbound_reference}"
    return proceeds_entry(name, transfer.use, transfer.amount_micro)


def _usable(connection: Connection, deal_id: str) -> Filing:
    filing = filings.standing_of_deal(connection, deal_id)
    if filing is None or filing.state not in USABLE:
        state = filing.state.value if filing else None
        raise StateConflict(
            "proceeds are used once the offering is closed, while the filing is in force;"
            f" its state is {state or 'missing'}",
            code="proceeds.not_now",
            state=state,
        )
    return filing


def _require_not_closing(connection: Connection, deal_id: str) -> None:
    """Until the chain has closed the offering, the reserve is still in the proceeds."""
    for each in outbox.of_deal(connection, deal_id):
        if each.kind is OperationKind.CLOSE_OFFERING and each.state is OperationState.PENDING:
            raise StateConflict(
                "the closing is on its way to the chain; try again when it is done",
                code="proceeds.closing",
                operation=each.id,
            )


def _approved_plan(connection: Connection, filing: Filing) -> Plan:
    """The plan that was approved, and not what somebody has made of it since."""
    if filing.approval is None:
        raise IssuanceBug(f"the filing {filing.id} is {filing.state} without an approval")
    stored = filings.get_version(connection, filing.id, filing.approval.version)
    if bundles.recompute(connection, stored) != filing.approval.bundle_hash:
        raise StateConflict(
            f"the materials of {filing.id} are not those that were approved. Cure: put the database"
            " back from a copy",
            code="filing.altered",
        )
    return build_bundle(filing.id, stored.version, stored.sections, stored.materials).plan
