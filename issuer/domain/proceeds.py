"""The proceeds of the issue: every transfer onshore, to a use that the filing names (SET-10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProceedsTransfer:
    """One transfer onshore. `use` is a purpose of the plan, `inbound_reference` the bank's for it."""

    deal_id: str
    use: str
    amount_micro: int
    inbound_reference: str
    recorded_at: str

    @property
    def id(self) -> str:
        """A bank's reference stands for one transfer of a deal."""
        return f"{self.deal_id}/{self.inbound_reference}"
