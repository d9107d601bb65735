"""The tree of refusals.

    IssuanceError            what a caller can act on; each has a stable dotted code and typed facts
    ├─ InvalidInput          a file, document or value is malformed: nothing was stored
    ├─ NotFound              an id names nothing
    ├─ NotPermitted          the caller's role may not do this
    ├─ StateConflict         the move is illegal in the present state, or was made already
    ├─ RuleViolated          the rulebook forbids it; carries one finding per violated rule
    │  └─ AccessBlocked      and forbids it to whoever asks from there
    ├─ ChainRefused          a contract refused it; carries the error's name and operands
    ├─ ChainUnavailable      the chain cannot be reached or does not belong to this database
    └─ StoreUnavailable      the database cannot be read or written now
    IssuanceBug              a broken invariant: never caught below the top handler

Codes are the same whether Python or Solidity refused. HTTP statuses live in `api/problems.py` only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


class IssuanceError(Exception):
    """A refusal: `code` for programs, the message for people, `facts` for both."""

    code: ClassVar[str] = "issuance.refused"

    def __init__(self, message: str, *, code: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.facts: dict[str, Any] = facts


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with an input: where (`/path/to/field`), which rule, what to do about it."""

    path: str
    rule: str
    message: str


class InvalidInput(IssuanceError):
    """A malformed file, document or value. `complaints` lists all that is wrong with it."""

    code = "input.invalid"

    def __init__(self, source: str, complaints: Sequence[Complaint]) -> None:
        listed = "; ".join(f"{c.path or '/'}: {c.message} [{c.rule}]" for c in complaints)
        super().__init__(f"{source}: {listed}")
        self.source = source
        self.complaints = tuple(complaints)


class NotFound(IssuanceError):
    """No such thing."""

    code = "not_found"

    def __init__(self, kind: str, identifier: str, hint: str = "") -> None:
        message = f"there is no {kind} {identifier!r}"
        super().__init__(
            f"{message}: {hint}" if hint else message, code=f"{kind}.not_found", id=identifier
        )


class Unauthenticated(IssuanceError):
    """No API key, or one that nobody has issued."""

    code = "api_key.missing"


class NotPermitted(IssuanceError):
    """The caller's role may not do this."""

    code = "role.missing"


class StateConflict(IssuanceError):
    """The move is illegal in the present state, or has been made already."""

    code = "state.conflict"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated rule: its id, what was found, the basis of the rule, and what would cure it.

    `figures` are the open points it rests on: name -> {value, basis, source}.
    """

    rule: str
    statement: str
    facts: Mapping[str, Any]
    basis: str
    source: str
    cure: str
    figures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class RuleViolated(IssuanceError):
    """The rulebook forbids the act."""

    code = "rulebook.violated"

    def __init__(self, act: str, findings: Sequence[Finding]) -> None:
        rules = ", ".join(dict.fromkeys(f.rule for f in findings))
        first = findings[0]
        super().__init__(f"{act} refused by {rules}: {first.statement} Cure: {first.cure}")
        self.act = act
        self.findings = tuple(findings)


class AccessBlocked(RuleViolated):
    """The rulebook forbids serving whoever asks from there, or shows a sign of being there."""

    code = "access.blocked"


class ChainRefused(IssuanceError):
    """A contract refused the call. `facts` holds the error's name, its operands and the rule."""

    code = "chain.refused"


class ChainUnavailable(IssuanceError):
    """The chain cannot be reached, or it is not the chain this database belongs to."""

    code = "chain.unavailable"


class StoreUnavailable(IssuanceError):
    """The database cannot be read or written now: its disk is full, or others hold it."""

    code = "database.unavailable"


class IssuanceBug(Exception):
    """A broken invariant. Its message is for the log, never for the caller."""
