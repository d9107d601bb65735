"""Investors and what they subscribe."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from api.answers.fields import Micro


class InvestorView(BaseModel):
    """An investor on the register."""

    id: str
    name: str
    residency: str
    investor_class: str
    wallet: str
    status: str
    eligible_until: date


class SubscriptionView(BaseModel):
    """A subscription."""

    id: str
    deal: str
    tranche: str
    investor: str
    units: int
    price_micro: Micro
    state: str
    pay_to: str | None = Field(description="Approve this contract for the price, in the coin")
    coin: str | None
