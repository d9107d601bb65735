"""Operations and their chain commands: what a use case wants written on chain, before it is.

An operation is what an API client polls. Its commands are executed in order, each exactly once: a
crash is answered by running on with the same signed bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from issuer.domain.roles import Role


class OperationKind(StrEnum):
    """The use case behind an operation; `issuer/worker.py` maps each to what follows from it."""

    DEPLOY_DEAL = "deploy_deal"
    APPROVE_FILING = "approve_filing"
    SUSPEND_FILING = "suspend_filing"
    LIFT_SUSPENSION = "lift_suspension"
    REVOKE_FILING = "revoke_filing"
    BEGIN_AMENDMENT = "begin_amendment"
    CANCEL_AMENDMENT = "cancel_amendment"
    CLOSE_FILING = "close_filing"
    ADMIT_INVESTOR = "admit_investor"
    RENEW_INVESTOR = "renew_investor"
    FREEZE_INVESTOR = "freeze_investor"
    CLEAR_INVESTOR = "clear_investor"
    RECOVER_WALLET = "recover_wallet"
    PAUSE_TRANSFERS = "pause_transfers"
    UNPAUSE_TRANSFERS = "unpause_transfers"
    FORCE_TRANSFER = "force_transfer"
    OPEN_OFFERING = "open_offering"
    ISSUE_UNITS = "issue_units"
    CLOSE_OFFERING = "close_offering"
    REPORT_COMPLETION = "report_completion"
    REPORT_COLLECTIONS = "report_collections"
    RECEIVE_SUPPORT = "receive_support"
    DETERMINE_DISTRIBUTION = "determine_distribution"
    RECORD_HOLDERS = "record_holders"
    PAY_DISTRIBUTION = "pay_distribution"
    RELEASE_PAYMENT = "release_payment"
    PAY_FINAL = "pay_final"
    DECLARE_DEFAULT = "declare_default"
    WAIVE_DEFAULT = "waive_default"
    ACCELERATE = "accelerate"
    RESCIND_ACCELERATION = "rescind_acceleration"
    SUPPLY_COIN = "supply_coin"


class OperationState(StrEnum):
    """CONFIRMED: every command is on chain. REFUSED: one was refused, those after it never ran.

    FAILED: the chain has confirmed, but what should follow here raised; a defect, to be looked at.
    """

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED = "failed"


class CommandState(StrEnum):
    """PENDING → SIGNED (bytes stored) → SENT → CONFIRMED; or REFUSED; or ABANDONED after one."""

    PENDING = "pending"
    SIGNED = "signed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Command:
    """One intended transaction. `contract` is a name in the deal's address book.

    `function` None creates the contract from the artifact `artifact`. Arguments are JSON; an argument
    `{"contract": NAME}` or `{"account": ROLE}` stands for an address that is looked up when the
    command is signed, because an earlier command may be what creates it. `{"create": NAME, "artifact":
    ARTIFACT, "with": [...]}` stands for the code that creates a contract, with its own arguments.
    """

    signer: Role
    contract: str
    function: str | None
    arguments: tuple[Any, ...]
    description: str
    artifact: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A use case's writes on chain. `detail` is what its follow-up needs to know."""

    id: str
    kind: OperationKind
    deal_id: str
    subject: str
    state: OperationState
    created_at: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredCommand:
    """A command with its place in the outbox and what has become of it.

    `seal` proves that the service itself put it there for its signer: a row that somebody wrote into
    the database carries none that is right.
    """

    id: int
    operation_id: str
    deal_id: str
    command: Command
    state: CommandState
    seal: str = ""
    nonce: int | None = None
    raw: bytes | None = None
    transaction_hash: str | None = None
    block_number: int | None = None
    gas_used: int | None = None
    error: Mapping[str, Any] | None = None
