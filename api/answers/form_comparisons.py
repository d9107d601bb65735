"""A deal as a traditional securitisation and as tokens: both forms, and all that is assumed."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from api.answers.fields import Micro
from api.answers.projections import ProvenanceView
from issuer.domain.analytics.comparison import Assumption, Form
from issuer.domain.money import format_micro
from issuer.services.measures import Provenance
from issuer.services.projections import Projected
from issuer.services.two_forms import Compared


class FlowView(BaseModel):
    """A day, and the amount that is paid or traded on it."""

    on: date
    amount_micro: Micro


class AssumptionView(BaseModel):
    """A figure that somebody states, with what it rests on."""

    value: str = Field(description="Amounts in coin; counts as whole numbers", examples=["8000"])
    basis: str
    source: str

    @classmethod
    def of(cls, name: str, stated: Assumption) -> AssumptionView:
        """As a file would state it."""
        if name.endswith("_micro"):
            value = format_micro(stated.value).replace(",", "")
        else:
            value = str(stated.value)
        return cls(value=value, basis=stated.basis.value, source=stated.source)


class FormView(BaseModel):
    """One form of the deal."""

    issue_micro: dict[str, Micro] = Field(description="Costs of the issue, by kind")
    ongoing_micro: dict[str, Micro] = Field(description="Costs of the deal's life, by kind")
    cost_micro: Micro = Field(description="Both together")
    waiting_micro: dict[str, Micro] = Field(
        description="What money on its way costs the holders: of payments and of trades"
    )
    payment_seconds: list[int] = Field(description="From each payment to money in a bank")
    settlement_seconds: list[int] = Field(description="From each trade to the buyer's notes")
    money_seconds: list[int] = Field(description="From each trade to the seller's money in a bank")
    minimum_subscription_micro: Micro
    minimum_transfer_micro: Micro
    most_holders: int

    @classmethod
    def of(cls, found: Form) -> FormView:
        """Without its assumptions: they are told together."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class FormComparisonView(BaseModel):
    """Both forms on one run of the deal."""

    deal: str
    currency: str
    synthetic: bool
    overrides: dict[str, Any] = Field(description="What the question changed in the base case")
    made_of: ProvenanceView
    face_micro: Micro
    cash_micro: Micro = Field(description="What the notes are paid, in both forms alike")
    payments: list[FlowView]
    trades: list[FlowView] = Field(description="Assumed ones")
    traditional: FormView = Field(description="Notes on a register that intermediaries keep")
    tokens: FormView
    assumptions: dict[str, dict[str, AssumptionView]] = Field(
        description="Of the traditional form, of the tokens, and of the market that both share"
    )

    @classmethod
    def of(cls, run: Projected, found: Compared, made_of: Provenance) -> FormComparisonView:
        """All of it."""
        comparison, notes = found.comparison, found.notes
        stated = {
            "traditional": comparison.traditional.assumptions,
            "tokens": comparison.tokens.assumptions,
            "market": comparison.market,
        }
        return cls(
            deal=run.deal.id,
            currency=run.deal.currency,
            synthetic=run.deal.synthetic or run.pool.document.synthetic,
            overrides=run.overrides.model_dump(mode="json", exclude_unset=True),
            made_of=ProvenanceView.model_validate(made_of),
            face_micro=notes.face_micro,
            cash_micro=comparison.cash_micro,
            payments=[FlowView(on=day, amount_micro=amount) for day, amount in notes.payments],
            trades=[FlowView(on=day, amount_micro=amount) for day, amount in notes.trades],
            traditional=FormView.of(comparison.traditional),
            tokens=FormView.of(comparison.tokens),
            assumptions={
                section: {
                    name.removesuffix("_micro"): AssumptionView.of(name, each)
                    for name, each in figures.items()
                }
                for section, figures in stated.items()
            },
        )
