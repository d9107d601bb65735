"""Operations and their commands: written with the state that wants them, drained by the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from issuer.domain.errors import NotFound
from issuer.domain.operations import (
    Command,
    CommandState,
    Operation,
    OperationKind,
    OperationState,
    StoredCommand,
)
from issuer.domain.roles import Role
from issuer.store.tables import command, operation

#: Commands still to be carried out, in this order of their lives.
OPEN = (CommandState.PENDING, CommandState.SIGNED, CommandState.SENT)


def add(
    connection: Connection, new: Operation, commands: Sequence[Command], seals: Sequence[str]
) -> None:
    """Store an operation and what it wants on chain, each command with its seal."""
    connection.execute(
        insert(operation).values(
            id=new.id,
            kind=new.kind.value,
            deal_id=new.deal_id,
            subject=new.subject,
            state=new.state.value,
            created_at=new.created_at,
            detail=dict(new.detail),
        )
    )
    for each, seal in zip(commands, seals, strict=True):
        connection.execute(
            insert(command).values(
                operation_id=new.id,
                deal_id=new.deal_id,
                signer=each.signer.value,
                contract=each.contract,
                artifact=each.artifact,
                function=each.function,
                arguments=list(each.arguments),
                description=each.description,
                seal=seal,
                state=CommandState.PENDING.value,
            )
        )


def count(connection: Connection, kind: OperationKind, subject: str) -> int:
    """How often this has been asked for."""
    query = select(func.count()).where(
        operation.c.kind == kind.value, operation.c.subject == subject
    )
    return int(connection.execute(query).scalar_one())


def any_pending(connection: Connection, *kinds: OperationKind, subject: str | None = None) -> bool:
    """Is any operation under way, of these kinds or at all, about this subject or any?"""
    query = select(operation.c.id).where(operation.c.state == OperationState.PENDING.value)
    if kinds:
        query = query.where(operation.c.kind.in_([kind.value for kind in kinds]))
    if subject is not None:
        query = query.where(operation.c.subject == subject)
    return connection.execute(query).first() is not None


def get(connection: Connection, operation_id: str) -> Operation:
    """The operation, or `operation.not_found`."""
    query = select(operation).where(operation.c.id == operation_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("operation", operation_id)
    return _operation(row)


def of_deal(connection: Connection, deal_id: str) -> tuple[Operation, ...]:
    """All operations of a deal, oldest first."""
    rows = connection.execute(
        select(operation)
        .where(operation.c.deal_id == deal_id)
        .order_by(operation.c.created_at, operation.c.id)
    ).mappings()
    return tuple(_operation(row) for row in rows)


def commands_of(connection: Connection, operation_id: str) -> tuple[StoredCommand, ...]:
    """The commands of an operation in order."""
    rows = connection.execute(
        select(command).where(command.c.operation_id == operation_id).order_by(command.c.id)
    ).mappings()
    return tuple(_command(row) for row in rows)


def next_open(connection: Connection) -> StoredCommand | None:
    """The oldest command that is not done: strictly in order, so that intentions keep theirs.

    A row that somebody has made unreadable is nobody's intention, and holds up nobody else's.
    """
    is_open = command.c.state.in_([state.value for state in OPEN])
    ids = connection.execute(select(command.c.id).where(is_open).order_by(command.c.id)).scalars()
    for command_id in ids.all():
        try:
            row = connection.execute(select(command).where(command.c.id == command_id)).mappings()
            return _command(row.one())
        except (TypeError, ValueError):
            continue
    return None


def without_commands(connection: Connection) -> tuple[str, ...]:
    """Operations under way that want nothing of the chain, oldest first."""
    wanted = select(command.c.id).where(command.c.operation_id == operation.c.id)
    query = (
        select(operation.c.id)
        .where(operation.c.state == OperationState.PENDING.value, ~wanted.exists())
        .order_by(operation.c.created_at, operation.c.id)
    )
    return tuple(connection.execute(query).scalars())


def last_confirmed(connection: Connection) -> StoredCommand | None:
    """The command that was confirmed in the highest block."""
    row = (
        connection.execute(
            select(command)
            .where(command.c.state == CommandState.CONFIRMED.value)
            .order_by(command.c.block_number.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return _command(row) if row else None


def next_nonce(connection: Connection, signer: Role) -> int:
    """One owner of the nonces of each key: this table."""
    query = select(func.max(command.c.nonce)).where(command.c.signer == signer.value)
    highest = connection.execute(query).scalar()
    return 0 if highest is None else highest + 1


def update_command(connection: Connection, command_id: int, **values: Any) -> None:
    """Record what has become of a command."""
    if isinstance(values.get("state"), CommandState):
        values["state"] = values["state"].value
    connection.execute(update(command).where(command.c.id == command_id).values(**values))


def finish(
    connection: Connection,
    operation_id: str,
    state: OperationState,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Close an operation; after a refusal, what has not run never will."""
    connection.execute(
        update(operation)
        .where(operation.c.id == operation_id)
        .values(state=state.value, error=dict(error) if error else None)
    )
    if state is not OperationState.CONFIRMED:
        connection.execute(
            update(command)
            .where(
                command.c.operation_id == operation_id,
                command.c.state == CommandState.PENDING.value,
            )
            .values(state=CommandState.ABANDONED.value)
        )


def _operation(row: RowMapping) -> Operation:
    return Operation(
        row["id"],
        OperationKind(row["kind"]),
        row["deal_id"],
        row["subject"],
        OperationState(row["state"]),
        row["created_at"],
        row["detail"],
        row["error"],
    )


def _command(row: RowMapping) -> StoredCommand:
    return StoredCommand(
        row["id"],
        row["operation_id"],
        row["deal_id"],
        Command(
            Role(row["signer"]),
            row["contract"],
            row["function"],
            tuple(row["arguments"]),
            row["description"],
            row["artifact"],
        ),
        CommandState(row["state"]),
        row["seal"],
        row["nonce"],
        row["raw"],
        row["transaction_hash"],
        row["block_number"],
        row["gas_used"],
        row["error"],
    )
