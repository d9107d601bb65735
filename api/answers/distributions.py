"""Collections in, coupons out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from api.answers.operations import OperationView
from api.answers.reported import PoolReportView
from issuer.domain.collections import Collected
from issuer.domain.waterfall.standing import Standing


class BatchView(BaseModel):
    """A batch of cash and its conversion; a held one has none."""

    id: str
    period: int
    of: Collected = Field(description="REVENUE is that of pools without a balance")
    cny_fen: str
    received_on: date
    state: Literal["HELD", "ARRIVING", "AVAILABLE"]
    coin_micro: Micro | None
    dropped_micro: str | None = Field(description="The fraction of a micro-unit dropped")
    fx_reference: str | None


class CollectionsView(BaseModel):
    """All that is reported of a deal; `operation` brings in the coin of the batches just reported."""

    batches: list[BatchView]
    pool_reports: list[PoolReportView]
    operation: OperationView | None


class LineView(BaseModel):
    """One step of the priority of payments."""

    step: int
    kind: str
    subject: str
    payee: str
    due_micro: Micro
    paid_micro: Micro
    shortfall_micro: Micro


class PerUnitView(BaseModel):
    """What one unit is due and paid."""

    tranche: str
    units: int
    interest_due_micro: Micro
    interest_paid_micro: Micro
    principal_due_micro: Micro
    principal_paid_micro: Micro
    payable_micro: Micro
    declared_micro: Micro
    outstanding_before_micro: Micro
    outstanding_after_micro: Micro
    capitalised_micro: Micro
    written_down_micro: Micro


class TestView(BaseModel):
    """A test and how it came out; without a denominator the numerator itself was compared."""

    __test__ = False  # not one of pytest's

    id: str
    numerator_micro: Micro
    denominator_micro: Micro | None
    threshold: str
    passed: bool


class HolderPaymentView(BaseModel):
    """One holder of record."""

    tranche: str
    investor: str
    wallet: str
    units: int
    interest_micro: Micro
    principal_micro: Micro
    total_micro: Micro
    outcome: str
    transaction_hash: str | None


class IdentityView(BaseModel):
    """collections + support + reserve before + carry before = paid + reserve after + carry after."""

    collections_micro: Micro
    support_micro: Micro
    reserve_before_micro: Micro
    carry_before_micro: Micro
    paid_micro: Micro
    reserve_after_micro: Micro
    carry_after_micro: Micro
    holds: bool


class CollectedView(BaseModel):
    """The cash of a collection period by kind, and what was reported of the pool, if anything was."""

    revenue_micro: Micro
    interest_micro: Micro
    principal_micro: Micro
    recoveries_micro: Micro
    defaulted_micro: Micro
    losses_micro: Micro
    pool_micro: Micro | None


class FiguresView(BaseModel):
    """A period's priority of payments."""

    period: int
    collections: CollectedView
    standing: Standing = Field(description="Of the deal when it was determined, by its trustee")
    waterfall: str = Field(
        description="`normal`, the one a test has switched to, or the one of the standing"
    )
    tests: list[TestView]
    lines: list[LineView]
    per_unit: list[PerUnitView]
    identity: IdentityView


class DryRunView(FiguresView):
    """What would be paid if the period were determined now."""

    determination_on: date
    record_at: datetime
    payment_on: date
    projected: bool
    fixings: dict[str, str] = Field(description="Percent a year, by index")
    support_micro: dict[str, Micro] = Field(description="What each sponsor can stand in with")
    holders: list[HolderPaymentView]


class DistributionView(FiguresView):
    """A determined distribution and what has become of each holder's part."""

    id: str
    deal: str
    state: str
    record_at: datetime
    holders: list[HolderPaymentView]
