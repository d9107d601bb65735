"""What `abs-sim verify` looks at besides the log and the chain: stored documents, signatures, commands."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from issuer.domain.operations import OperationState
from issuer.services import bundles
from issuer.services.context import Context
from issuer.store import filings, outbox

ENDED = frozenset(OperationState) - {OperationState.PENDING}


def materials(context: Context, connection: Connection, deal_id: str) -> Iterator[str]:
    """Whatever was approved, and is no longer what was approved or is no longer signed."""
    for filing in filings.of_deal(connection, deal_id):
        if filing.approval is None:
            continue
        stored = filings.get_version(connection, filing.id, filing.approval.version)
        found = bundles.recompute(connection, stored)
        if found != filing.approval.bundle_hash:
            yield (
                f"filing {filing.id}: deal and materials of version {stored.version} hash to {found},"
                f" and {filing.approval.bundle_hash} was approved"
            )
        standing = bundles.standing_attestations(
            stored, filing.approval.bundle_hash, context.chain.chain_id
        )
        for each in stored.attestations:
            if each not in standing:
                yield f"filing {filing.id}: the signature of {each.role} is not that of {each.signer}"


def commands(context: Context, connection: Connection, deal_id: str) -> Iterator[str]:
    """Commands that are not as the service put them into the outbox."""
    for operation in outbox.of_deal(connection, deal_id):
        try:
            stored = outbox.commands_of(connection, operation.id)
        except (TypeError, ValueError):
            yield f"operation {operation.id}: a command cannot be read, it was altered"
            continue
        for each in stored:
            if context.chain.seal(operation.id, each.deal_id, each.command) != each.seal:
                yield f"operation {operation.id}: the command to {each.command.description} was altered"
            elif operation.state in ENDED and each.state in outbox.OPEN:
                yield f"operation {operation.id} is {operation.state}, and a command of it is {each.state}"
