"""A projected deal: payment by payment, then what each tranche gets. Estimates, not promises."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.answers.fields import AsFound, Micro
from issuer.domain.analytics.coverage import DebtServiceCoverage, Ratio
from issuer.domain.analytics.outcome import Outcome
from issuer.domain.analytics.valuation import Valuation
from issuer.domain.money import format_decimal, format_factor
from issuer.domain.pool.project import PoolPeriod
from issuer.domain.projection import Projection
from issuer.domain.schedule import Period
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.services.measures import CONVENTIONS, Measures, Provenance
from issuer.services.projections import NOW, PLAN, Projected


class CollectionsView(AsFound):
    """What a collection period brings in coin, and what becomes of the pool."""

    interest_micro: Micro
    principal_micro: Micro
    recoveries_micro: Micro
    revenue_micro: Micro
    cash_micro: Micro = Field(description="All four together")
    defaulted_micro: Micro
    losses_micro: Micro
    pool_micro: Micro | None = Field(description="The pool after it; none if it has no balance")


class TranchePaymentView(BaseModel):
    """A payment to one tranche as a whole, and the tranche after it."""

    tranche: str
    interest_micro: Micro
    interest_shortfall_micro: Micro
    principal_micro: Micro
    principal_shortfall_micro: Micro
    put_back_micro: Micro = Field(description="For units that holders put back, besides")
    residual_micro: Micro
    written_down_micro: Micro = Field(description="In all so far")
    outstanding_micro: Micro
    factor: str = Field(description="Truncated to eight decimals", examples=["0.80000000"])


class ProjectedPaymentView(BaseModel):
    """One payment of the deal."""

    payment: int
    collection_start: date
    collection_end: date
    pays_on: date
    projected: bool = Field(description="A date lies past the published holidays and may move")
    collections: CollectionsView
    fees_micro: Micro
    support_micro: Micro = Field(description="What sponsors stood in with")
    reserve_micro: Micro = Field(description="In all reserves after it")
    waterfall: str = Field(description="Which priority of payments it followed")
    failed_tests: list[str]
    tranches: list[TranchePaymentView]


class TotalsView(BaseModel):
    """All cash of what is projected: the first three together are the rest together."""

    collections_micro: Micro
    opening_reserve_micro: Micro = Field(description="Kept when it starts, in reserves or to come")
    support_micro: Micro = Field(description="What sponsors stood in with")
    fees_micro: Micro
    interest_micro: Micro
    principal_micro: Micro = Field(description="With that of units put back")
    purchases_micro: Micro = Field(description="Paid for further assets")
    support_repaid_micro: Micro
    residual_micro: Micro
    left_in_reserve_micro: Micro = Field(description="In all reserves after the last payment")
    left_over_micro: Micro = Field(description="What did not divide by the units, kept as well")

    @classmethod
    def of(cls, projection: Projection) -> TotalsView:
        """Added up, payment by payment."""
        every, last = projection.distributions, projection.closing

        def paid(*kinds: Kind) -> int:
            return sum(each.total(kind) for each in every for kind in kinds)

        return cls(
            collections_micro=sum(each.collections_micro for each in every),
            opening_reserve_micro=every[0].opening.reserve_micro + every[0].opening.carry_micro,
            support_micro=sum(each.support_micro for each in every),
            fees_micro=paid(Kind.FEE),
            interest_micro=paid(Kind.INTEREST, Kind.INTEREST_ON_INTEREST),
            principal_micro=paid(Kind.PRINCIPAL, Kind.PUT_BACK),
            purchases_micro=paid(Kind.PURCHASE),
            support_repaid_micro=paid(Kind.SUPPORT_REPAID),
            residual_micro=paid(Kind.RESIDUAL),
            left_in_reserve_micro=last.reserve_micro,
            left_over_micro=last.carry_micro,
        )


class OutcomeView(AsFound):
    """What a tranche gets over the deal's life."""

    tranche: str
    original_micro: Micro
    interest_micro: Micro
    principal_micro: Micro
    residual_micro: Micro
    interest_unpaid_micro: Micro = Field(description="Owed after the last payment")
    written_down_micro: Micro
    loss_micro: Micro | None = Field(description="Principal that never came; none of the residual")
    average_life: str | None = Field(
        description="Years from closing, or from where a running deal goes on, by ACT/365F, truncated;"
        " none if no principal is paid"
    )
    yield_at_par: float | None = Field(
        description="A year, effective, bought at what is outstanding at the start; none if nothing is"
        " paid, and outside -99 to 1,000 per cent"
    )
    macaulay_duration: float | None = Field(description="Years, at the yield at par")
    modified_duration: float | None = Field(
        description="Years, at the yield at par; none of a negative one"
    )
    present_value_percent: float | None = Field(
        description="Of what is outstanding at the start, at `discount_rate`; none of a residual piece"
        " worth over ten times that"
    )
    repaid_on: date | None

    @classmethod
    def of(cls, found: Outcome, valued: Valuation) -> OutcomeView:
        """With the average life as a decimal."""
        years = None if found.average_life is None else format_decimal(found.average_life)
        same = {name: getattr(found, name) for name in cls.model_fields if hasattr(found, name)}
        return cls(
            **same | {"average_life": years},
            yield_at_par=valued.yield_at_par,
            macaulay_duration=valued.macaulay,
            modified_duration=valued.modified,
            present_value_percent=valued.present_value_percent,
        )


class CoverageView(BaseModel):
    """DSCR, truncated to six decimals; none where nothing is due."""

    periods: list[str | None] = Field(description="Payment by payment")
    minimum: str | None
    average: str | None = Field(description="Of the payments that owe something, all alike")

    @classmethod
    def of(cls, found: DebtServiceCoverage) -> CoverageView:
        """Ratios as decimals."""
        return cls(
            periods=[_ratio(each) for each in found.periods],
            minimum=_ratio(found.minimum),
            average=_ratio(found.average),
        )


def _ratio(found: Ratio) -> str | None:
    """Fees may be more than the collections: then the ratio is below zero."""
    if found is None:
        return None
    millionths = int(abs(found) * 10**6)
    return f"{'-' if found < 0 else ''}{millionths // 10**6}.{millionths % 10**6:06d}"


class ProvenanceView(AsFound):
    """What the run was made of: the same again gives the same bytes."""

    simulator: str = Field(description="Version of the program")
    deal_hash: str = Field(
        description="SHA-256 of the deal as canonical JSON (RFC 8785), with what it leaves to defaults"
    )
    pool_hash: str = Field(description="Likewise, of the pool file")
    tape_hash: str | None = Field(description="SHA-256 of the loan tape's file; none without one")


class ProjectionView(BaseModel):
    """A deal's life under assumptions."""

    deal: str
    currency: str
    synthetic: bool = Field(description="The pool is an invented one")
    fx_rate: str
    starts: str = Field(description="`plan`: from closing; `now`: from where the deal stands")
    overrides: dict[str, Any] = Field(description="What the question changed in the base case")
    discount_rate: str = Field(description="Per cent a year, of the present values")
    made_of: ProvenanceView
    conventions: dict[str, str] = Field(description="How each figure is counted")
    called: int | None = Field(description="The payment with which the pool was bought back")
    payments: list[ProjectedPaymentView]
    totals: TotalsView
    tranches: list[OutcomeView]
    coverage: CoverageView | None = Field(
        description="DSCR; none where a note has no schedule that makes principal due"
    )

    @classmethod
    def of(cls, found: Projected, measures: Measures, made_of: Provenance) -> ProjectionView:
        """All of it."""
        projection = found.projection
        lines = zip(projection.periods, projection.rows, projection.distributions, strict=True)
        return cls(
            deal=found.deal.id,
            currency=found.deal.currency,
            synthetic=found.pool.document.synthetic,
            fx_rate=found.pool.document.fx_rate,
            starts=PLAN if found.start.state is None else NOW,
            overrides=found.overrides.model_dump(mode="json", exclude_unset=True),
            discount_rate=format_decimal(100 * measures.rate),
            made_of=ProvenanceView.model_validate(made_of),
            conventions=dict(CONVENTIONS),
            called=projection.called,
            payments=[_payment(projection, *line) for line in lines],
            totals=TotalsView.of(projection),
            tranches=[
                OutcomeView.of(*each)
                for each in zip(found.outcomes, measures.valuations, strict=True)
            ],
            coverage=CoverageView.of(measures.coverage) if measures.coverage else None,
        )


def _payment(
    projection: Projection, period: Period, row: PoolPeriod, paid: Distribution
) -> ProjectedPaymentView:
    return ProjectedPaymentView(
        payment=period.number,
        collection_start=row.start,
        collection_end=row.end,
        pays_on=period.payment,
        projected=period.projected,
        collections=CollectionsView.model_validate(paid.collections),
        fees_micro=paid.total(Kind.FEE),
        support_micro=paid.support_micro,
        reserve_micro=paid.closing.reserve_micro,
        waterfall=paid.mode,
        failed_tests=[test.id for test in paid.tests if not test.passed],
        tranches=[_tranche(projection, paid, t.id) for t in projection.structure.tranches],
    )


def _tranche(projection: Projection, paid: Distribution, tranche_id: str) -> TranchePaymentView:
    after = paid.closing.tranches[tranche_id]
    interest = paid.total(Kind.INTEREST, tranche_id)
    interest += paid.total(Kind.INTEREST_ON_INTEREST, tranche_id)
    unpaid = after.interest_shortfall_per_unit + after.interest_on_shortfall_per_unit
    owed = after.principal_shortfall_per_unit
    if any(figures.tranche == tranche_id for figures in paid.per_unit):
        owed = paid.of(tranche_id).principal_shortfall_micro
    return TranchePaymentView(
        tranche=tranche_id,
        interest_micro=interest,
        interest_shortfall_micro=unpaid * after.units,
        principal_micro=paid.total(Kind.PRINCIPAL, tranche_id),
        principal_shortfall_micro=owed * after.units,
        put_back_micro=paid.total(Kind.PUT_BACK, tranche_id),
        residual_micro=paid.total(Kind.RESIDUAL, tranche_id),
        written_down_micro=after.written_down_per_unit_micro * after.units,
        outstanding_micro=after.outstanding_per_unit_micro * after.units,
        factor=format_factor(
            after.outstanding_per_unit_micro,
            projection.structure.tranche(tranche_id).denomination_micro,
        ),
    )
