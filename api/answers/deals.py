"""Deals: contracts, tranches, and the database beside the chain."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.answers.fields import Micro


class ContractView(BaseModel):
    """A line of the address book, in the form the plan (M-05) wants it."""

    name: str
    address: str
    code_hash: str
    artifact: str
    transaction_hash: str = Field(description="Empty for what was on the chain already")
    block_number: int
    shared: bool = Field(description="Shared by the deals of this chain: not part of the plan")


class DeploymentView(BaseModel):
    """The contracts of a deal."""

    chain_id: int
    contracts: list[ContractView]


class DifferenceView(BaseModel):
    """One fact on which database and chain disagree."""

    subject: str = Field(description="What it is a fact about, such as `subscription ev-s1`")
    what: str
    in_database: str | None
    on_chain: str | None


class ReconciliationView(BaseModel):
    """Database and chain compared, fact by fact."""

    deal: str
    block_number: int = Field(description="The chain as it was after this block")
    agrees: bool = Field(description="Nothing differs; otherwise nothing is minted")
    compared: dict[str, int] = Field(description="How many facts of each kind were compared")
    differences: list[DifferenceView]


class HolderView(BaseModel):
    """A wallet's units in the register and on chain."""

    wallet: str
    investor: str | None
    status: str | None
    units_in_register: int
    units_on_chain: int


class TrancheView(BaseModel):
    """A tokenised tranche: the token's facts, and the register beside them."""

    token: str
    supply: int
    cap: int
    mint_until: datetime
    outstanding_per_unit_micro: Micro
    written_down_per_unit_micro: Micro = Field(description="Lost by write-downs not reversed")
    capitalised_per_unit_micro: Micro = Field(description="Interest added to principal, in all")
    ex_payment_per_unit_micro: Micro = Field(
        description="Outstanding once the payment to holders of an earlier record date is made"
    )
    factor: str = Field(description="Above one while capitalised interest is not repaid")
    epoch: int
    filing_status: str = Field(description="What the chain has pushed into the token")
    transfers_open: bool
    paused: bool = Field(description="Halted by enforcement; a regulator's suspension is a status")
    holders: list[HolderView]
    agrees: bool = Field(description="Register and chain hold the same")
