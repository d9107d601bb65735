"""The proceeds and their uses."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from issuer.domain.proceeds import ProceedsTransfer


class ProceedsTransferView(BaseModel):
    """One transfer onshore."""

    use: str
    amount_micro: Micro
    inbound_reference: str
    recorded_at: str

    @classmethod
    def of(cls, transfer: ProceedsTransfer) -> ProceedsTransferView:
        """As it was recorded."""
        return cls(
            use=transfer.use,
            amount_micro=transfer.amount_micro,
            inbound_reference=transfer.inbound_reference,
            recorded_at=transfer.recorded_at,
        )


class ProceedsUseView(BaseModel):
    """One use of the plan."""

    use: str
    filed_micro: Micro
    used_micro: Micro


class ProceedsView(BaseModel):
    """Balance = what came in - what has gone to the reserve and to the uses."""

    net_micro: Micro = Field(description="Net proceeds, as filed")
    uses: list[ProceedsUseView]
    transfers: list[ProceedsTransferView]
    balance_micro: Micro = Field(description="Left on the proceeds account, by the ledger")
