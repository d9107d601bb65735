"""Operations, and the transactions they are made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from issuer.domain.roles import Role
from issuer.services.reports import OperationReport


class CommandView(BaseModel):
    """One transaction of an operation."""

    description: str
    contract: str
    function: str | None
    signer: Role
    state: str
    transaction_hash: str | None
    block_number: int | None
    gas_used: int | None
    error: dict[str, Any] | None


class OperationView(BaseModel):
    """What was asked of the chain, and how far it is."""

    id: str
    kind: str
    deal: str
    subject: str
    state: Literal["pending", "confirmed", "refused", "failed"]
    created_at: str
    error: dict[str, Any] | None = Field(description="Why the chain refused, with the rule")
    commands: list[CommandView]

    @classmethod
    def of(cls, report: OperationReport) -> OperationView:
        """The view of an operation."""
        operation = report.operation
        return cls(
            id=operation.id,
            kind=operation.kind,
            deal=operation.deal_id,
            subject=operation.subject,
            state=operation.state.value,
            created_at=operation.created_at,
            error=dict(operation.error) if operation.error else None,
            commands=[
                CommandView(
                    description=each.command.description,
                    contract=each.command.contract,
                    function=each.command.function,
                    signer=each.command.signer,
                    state=each.state,
                    transaction_hash=each.transaction_hash,
                    block_number=each.block_number,
                    gas_used=each.gas_used,
                    error=dict(each.error) if each.error else None,
                )
                for each in report.commands
            ],
        )
