"""The carrier: takes one command from the outbox to the chain, and its meaning back into the rows.

    pending --simulate, sign--> signed (bytes, hash and nonce stored) --send--> sent --receipt--> confirmed
        \\--refused by simulation--> refused          failed on chain --> refused

A mint that was queued while the filing allowed it is not signed if the filing no longer does.

A crash anywhere is answered by running on: the same signed bytes are sent again, never new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import Connection

from issuer.domain.errors import ChainRefused, ChainUnavailable, IssuanceError, StateConflict
from issuer.domain.operations import (
    CommandState,
    Operation,
    OperationKind,
    OperationState,
    StoredCommand,
)
from issuer.domain.roles import Actor, Role
from issuer.onchain.gateway import Receipt
from issuer.services import (
    amendment,
    collections,
    deployment,
    distribution,
    events,
    issuance,
    maturity,
    offering,
    onboarding,
    payments,
    recovery,
    review,
    support,
    winding_up,
)
from issuer.services.context import Context, address_book, log
from issuer.store import audit, outbox
from issuer.store.database import UNAVAILABLE

#: Of the chain's silences those that end by themselves, or by somebody starting the node again.
_PASSING = frozenset(
    {"chain.unreachable", "chain.unavailable", "chain.unreadable", "chain.forgotten", "chain.busy"}
)

FollowUp = Callable[[Context, Connection, Operation], None]

#: What a confirmed operation means for the service's own state.
CONFIRMED: Mapping[OperationKind, FollowUp] = {
    OperationKind.APPROVE_FILING: review.approval_anchored,
    OperationKind.RECOVER_WALLET: recovery.wallet_recovered,
    OperationKind.ISSUE_UNITS: issuance.units_issued,
    OperationKind.CLOSE_OFFERING: offering.offering_closed,
    OperationKind.REPORT_COLLECTIONS: collections.collections_arrived,
    OperationKind.RECEIVE_SUPPORT: support.support_arrived,
    OperationKind.DETERMINE_DISTRIBUTION: distribution.determination_announced,
    OperationKind.RECORD_HOLDERS: distribution.holders_recorded,
    OperationKind.PAY_DISTRIBUTION: payments.distribution_paid,
    OperationKind.PAY_FINAL: winding_up.final_payment_ended,
}
#: What is undone when the chain refuses.
REFUSED: Mapping[OperationKind, FollowUp] = {
    OperationKind.APPROVE_FILING: review.approval_refused,
    OperationKind.BEGIN_AMENDMENT: amendment.amendment_refused,
    OperationKind.CANCEL_AMENDMENT: amendment.cancellation_refused,
    OperationKind.CLOSE_FILING: maturity.closing_refused,
    OperationKind.ADMIT_INVESTOR: onboarding.admission_refused,
    OperationKind.OPEN_OFFERING: offering.offering_open_refused,
    OperationKind.CLOSE_OFFERING: offering.offering_close_refused,
    OperationKind.REPORT_COMPLETION: events.completion_refused,
    OperationKind.DETERMINE_DISTRIBUTION: distribution.determination_refused,
    OperationKind.ISSUE_UNITS: issuance.issue_refused,
    OperationKind.REPORT_COLLECTIONS: collections.collections_refused,
    OperationKind.RECEIVE_SUPPORT: support.support_refused,
    OperationKind.RECORD_HOLDERS: distribution.recording_refused,
    OperationKind.PAY_DISTRIBUTION: payments.payment_refused,
    OperationKind.PAY_FINAL: winding_up.final_payment_ended,
}

WORKER = Actor(Role.OPERATOR, "worker")
#: The acts with which an operation ends in the audit log.
ENDINGS = tuple(f"operation_{state}" for state in OperationState if state != OperationState.PENDING)


class Carrier:
    """Every step of a command's life is a transaction of its own; `ended` is called after the last one."""

    def __init__(self, context: Context, ended: Callable[[], None]) -> None:
        self.context = context
        self._ended = ended
        self._done: set[str] = set()
        self._log = structlog.get_logger("worker")

    def advance(self, command: StoredCommand) -> bool:
        """One step in a command's life; False if the chain has not answered."""
        match command.state:
            case CommandState.PENDING:
                self._sign(command)
            case CommandState.SIGNED:
                self._send(command)
            case CommandState.SENT:
                return self._confirm(command)
        return True

    def _send(self, command: StoredCommand) -> None:
        try:
            self.context.chain.send(command.raw or b"")
        except ChainUnavailable:
            if not self._overtaken(command):
                raise
            self._refuse(command, _nonce_taken(command))
        else:
            self._update(command, state=CommandState.SENT)

    def _overtaken(self, command: StoredCommand) -> bool:
        """Has another transaction of the same key taken the nonce, so that this one never can run?"""
        chain = self.context.chain
        if chain.next_nonce(command.command.signer) <= (command.nonce or 0):
            return False
        # It may have been mined itself, between the last look and this one.
        return chain.block_of(command.transaction_hash or "") is None

    def _sign(self, command: StoredCommand) -> None:
        chain = self.context.chain
        with self.context.database.reading() as connection:
            known = outbox.next_nonce(connection, command.command.signer)
            alteration = self._alteration(connection, command)
        if alteration is not None:
            self._put_aside(command, alteration)
            return
        nonce = chain.next_nonce(command.command.signer)
        if nonce < known:
            raise ChainUnavailable(
                "the database has sent more than the chain has seen: they do not belong together",
                code="chain.behind",
            )
        try:
            with self.context.database.reading() as connection:
                book = address_book(connection, command.deal_id)
            signed = chain.sign(command.command, book, nonce)
        except StateConflict as altered:
            self._refuse(command, ChainRefused(altered.message, code=altered.error_code))
            return
        except ChainRefused as refusal:
            self._refuse(command, refusal)
            return
        # In one transaction: what stops the minting comes before this command or after it.
        with self.context.database.writing() as connection:
            stopped = offering.why_stopped(connection, command)
            if stopped is None:
                self._update_in(
                    connection,
                    command,
                    state=CommandState.SIGNED,
                    nonce=nonce,
                    raw=signed.raw,
                    transaction_hash=signed.hash,
                )
        if stopped is not None:
            self._refuse(command, stopped)

    def _confirm(self, command: StoredCommand) -> bool:
        try:
            receipt = self.context.chain.confirm(
                command.transaction_hash or "", command.command.description
            )
        except ChainRefused as refusal:
            self._refuse(command, refusal)
            return True
        if receipt is None:
            if self._overtaken(command):
                self._refuse(command, _nonce_taken(command))
                return True
            self.context.chain.send(command.raw or b"")
            return False
        if self._follow_up(command, receipt):
            self._ended()
        return True

    def _follow_up(self, command: StoredCommand, receipt: Receipt) -> bool:
        """Apply in one transaction what a confirmed command means; did that end its operation?"""
        ended = False
        mined = {"block_number": receipt.block_number, "gas_used": receipt.gas_used}
        try:
            with self.context.database.writing() as connection:
                self._update_in(connection, command, state=CommandState.CONFIRMED, **mined)
                deployment.contracts_created(self.context, connection, command, receipt)
                done = outbox.commands_of(connection, command.operation_id)
                if ended := all(_is_confirmed(each) for each in done):
                    state = OperationState.CONFIRMED
                    self._finish(connection, command.operation_id, state, CONFIRMED)
        except Exception as defect:
            if _passes(defect):
                raise
            # It is on chain whatever happens here; and nobody else's commands may wait for ours.
            error, ended = self._told(defect, command), True
            with self.context.database.writing() as connection:
                self._update_in(connection, command, state=CommandState.CONFIRMED, **mined)
                self._end(connection, command.operation_id, OperationState.FAILED, error)
        return ended

    def _alteration(self, connection: Connection, command: StoredCommand) -> str | None:
        """Why a command in the outbox is not what the service wants now; None for a genuine one."""
        chain = self.context.chain
        seal = chain.seal(command.operation_id, command.deal_id, command.command)
        if seal != command.seal:
            return "was not put into the outbox by the service"
        # Rows can be set back to what they were, the log and its head on chain cannot; and what this
        # worker has seen ending stays ended, whatever is done to the log meanwhile.
        if command.operation_id in self._done or audit.has_subject(
            connection, ENDINGS, command.operation_id
        ):
            return "belongs to an operation that has ended"
        return None

    def _put_aside(self, command: StoredCommand, alteration: str) -> None:
        """Nothing follows from a command that is not genuine: it is kept for whoever looks into it."""
        what = command.command.description
        message = f"the command to {what} {alteration}: the database has been altered"
        error = {"code": "outbox.altered", "message": message}
        self._log.error("outbox_altered", command=command.id, reason=message)
        with self.context.database.writing() as connection:
            outbox.update_command(connection, command.id, state=CommandState.REFUSED, error=error)
            if outbox.get(connection, command.operation_id).state is OperationState.PENDING:
                self._end(connection, command.operation_id, OperationState.FAILED, error)
        self._ended()

    def _told(self, failure: Exception, command: StoredCommand) -> dict[str, Any]:
        """What an operation's reader is told of a follow-up that could not be made."""
        if isinstance(failure, IssuanceError):
            self._log.warning("follow_up_refused", command=command.id, code=failure.error_code)
            return {"code": failure.error_code, "message": failure.message, **failure.facts}
        self._log.error("follow_up_failed", command=command.id, exc_info=failure)
        return {"code": "simulator.defect", "message": repr(failure)}

    def _refuse(self, command: StoredCommand, refusal: ChainRefused) -> None:
        error = {"code": refusal.error_code, "message": refusal.message, **refusal.facts}
        self._log.warning("command_refused", command=command.id, code=refusal.error_code)
        refused = {"state": CommandState.REFUSED, "error": error}
        try:
            with self.context.database.writing() as connection:
                outbox.update_command(connection, command.id, **refused)
                self._finish(
                    connection, command.operation_id, OperationState.REFUSED, REFUSED, error
                )
        except Exception as defect:
            if _passes(defect):
                raise
            error = self._told(defect, command)
            with self.context.database.writing() as connection:
                outbox.update_command(connection, command.id, **refused)
                self._end(connection, command.operation_id, OperationState.FAILED, error)
        self._ended()

    def _finish(
        self,
        connection: Connection,
        operation_id: str,
        state: OperationState,
        follow_ups: Mapping[OperationKind, FollowUp],
        error: Mapping[str, Any] | None = None,
    ) -> None:
        operation = self._end(connection, operation_id, state, error)
        follow_up = follow_ups.get(operation.kind)
        if follow_up is not None:
            follow_up(self.context, connection, operation)

    def _end(
        self,
        connection: Connection,
        operation_id: str,
        state: OperationState,
        error: Mapping[str, Any] | None,
    ) -> Operation:
        """Close an operation, and enter in the log what the chain has made of it."""
        operation = outbox.get(connection, operation_id)
        outbox.finish(connection, operation_id, state, error)
        transactions = [
            each.transaction_hash
            for each in outbox.commands_of(connection, operation_id)
            if each.state is CommandState.CONFIRMED
        ]
        facts = {"kind": operation.kind.value, "transactions": transactions}
        if error is not None:
            facts["code"] = str(error["code"])
        log(connection, WORKER, f"operation_{state}", operation_id, facts)
        self._done.add(operation_id)
        return operation

    def _update(self, command: StoredCommand, **values: Any) -> None:
        with self.context.database.writing() as connection:
            self._update_in(connection, command, **values)

    def _update_in(self, connection: Connection, command: StoredCommand, **values: Any) -> None:
        outbox.update_command(connection, command.id, **values)

    def finish_without_commands(self) -> None:
        """What wants nothing of the chain is done; else nobody could ever move the clock again."""
        with self.context.database.reading() as connection:
            found = outbox.without_commands(connection)
        for operation_id in found:
            with self.context.database.writing() as connection:
                self._finish(connection, operation_id, OperationState.CONFIRMED, CONFIRMED)
            self._ended()


def _nonce_taken(command: StoredCommand) -> ChainRefused:
    return ChainRefused(
        f"cannot {command.command.description}: somebody else has used the key of the role"
        f" {command.command.signer}, and this transaction's place is taken. Nothing was done."
        " Cure: let nobody else use the key, and ask again.",
        code="command.overtaken",
    )


def _passes(error: Exception) -> bool:
    """A full disk or a silent node: what follows from a receipt is done when they are back."""
    if isinstance(error, ChainUnavailable):
        return error.error_code in _PASSING
    return isinstance(error, UNAVAILABLE)


def _is_confirmed(command: StoredCommand) -> bool:
    return command.state is CommandState.CONFIRMED
