"""What a pool file assumes: the base case, named scenarios, and what a question overrides."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StrictBool
from pydantic import model_validator as validator

from issuer.documents.amounts import RoundingDocument
from issuer.documents.fields import CoinAmount, Document, Id, Percent, checked
from issuer.documents.pool_fields import (
    LONGEST_MONTHS,
    PercentLevel,
    PercentVector,
    Yuan,
    parse_number,
    parse_share,
    read_curve,
)
from issuer.domain.money import parse_coin, parse_percent
from issuer.domain.pool.assumptions import (
    Assumptions,
    Cdr,
    Cpr,
    DefaultAmounts,
    Delinquency,
    FlowOrder,
    LossTiming,
    Psa,
    RateRule,
)
from issuer.domain.pool.curves import Curve
from issuer.domain.pool.replenish import Replenishment
from issuer.domain.projection import Pace

Speed = Annotated[
    str,
    checked(parse_number),
    Field(description="Per cent of the PSA benchmark: 150 is 150 PSA", examples=["150"]),
]
Share = Annotated[str, checked(parse_share), Field(description="Per cent", examples=["60"])]
_EVER = date(1900, 1, 1)
_RIVALS = (frozenset({"cpr", "psa"}), frozenset({"cdr", "default_amounts"}))
"""Fields of which one at most is given: one that a scenario gives puts the other of the base aside."""


class DelinquencyDocument(Document):
    """Payments that come late. The pool's pace must be by months."""

    missed: Annotated[Percent, Field(description="Of those who pay in time, who miss a payment")]
    roll: Annotated[
        list[Percent],
        Field(description="Of those 1-30, 31-60 and 61-90 days late, who miss the next"),
    ]
    cure: Annotated[Percent, Field(description="Of those over 90 days late, who pay all")] = "100"

    def to_domain(self) -> Delinquency:
        """The assumption."""
        first, second, third = map(parse_percent, self.roll)
        return Delinquency(
            missed=parse_percent(self.missed),
            roll=(first, second, third),
            cure=parse_percent(self.cure),
        )

    @validator(mode="after")
    def _three(self) -> DelinquencyDocument:
        if len(self.roll) != 3:
            raise ValueError("`roll` has three percentages: 1-30, 31-60 and 61-90 days late")
        return self


class ReplenishmentDocument(Document):
    """What a revolving pool buys: level loans, all alike, from the end of the period that pays them."""

    rate: Annotated[Percent, Field(description="Per cent a year")]
    months: Annotated[int, Field(ge=1, le=LONGEST_MONTHS, description="Payments they have left")]
    price: Annotated[Percent, Field(description="Paid for each 100 of balance")] = "100"
    age: Annotated[int, Field(ge=0, le=LONGEST_MONTHS, description="For PSA, in months")] = 0

    def to_domain(self) -> Replenishment:
        """The assets."""
        return Replenishment(
            rate=parse_percent(self.rate),
            months=self.months,
            price=parse_percent(self.price),
            age=self.age,
        )


class AssumptionsDocument(Document):
    """What is assumed. Rates are in per cent a year, or one for each step of the pool's `pace`."""

    cpr: Annotated[PercentVector | None, Field(description="Prepayment rate")] = None
    psa: Annotated[Speed | None, Field(description="Prepayment by age, instead of `cpr`")] = None
    cdr: Annotated[PercentVector | None, Field(description="Default rate")] = None
    default_amounts: Annotated[
        list[Yuan] | None,
        Field(description="Defaults of each step of the pool, instead of `cdr`"),
    ] = None
    severity: Annotated[Share, Field(description="Of a default, what is lost")] = "100"
    recovery_lag: Annotated[
        int,
        Field(
            ge=0, le=LONGEST_MONTHS, description="Steps of the pool from default to first recovery"
        ),
    ] = 0
    recovery_timing: Annotated[
        list[Percent], Field(description="Parts of what is recovered, step after step")
    ] = Field(default_factory=lambda: ["100"])
    delinquency: Annotated[DelinquencyDocument | None, Field(description="Late payments")] = None
    indices: Annotated[
        dict[Id, PercentLevel],
        Field(description="Rates that loans float on, per cent a year; or steps by date"),
    ] = Field(default_factory=dict)
    rate_rule: Annotated[
        RateRule, Field(strict=False, description="How a rate a year becomes that of a period")
    ] = RateRule.MONTHLY
    cpr_rule: Annotated[
        RateRule | None, Field(strict=False, description="Of `cpr`, if not `rate_rule`")
    ] = None
    cdr_rule: Annotated[
        RateRule | None, Field(strict=False, description="Of `cdr`, if not `rate_rule`")
    ] = None
    rounding: Annotated[
        RoundingDocument | None,
        Field(description="Of every amount of every asset and period, as engines in cents do"),
    ] = None
    order: Annotated[
        FlowOrder, Field(strict=False, description="What is struck first in a period")
    ] = FlowOrder.SCHEDULED_THEN_PREPAID
    interest_on_defaulted: Annotated[
        StrictBool, Field(description="What defaults still pays the period's interest")
    ] = False
    interest_on_prepaid: Annotated[
        StrictBool, Field(description="What prepays bears the period's interest")
    ] = True
    loss_timing: Annotated[
        LossTiming, Field(strict=False, description="When a part of a default is a loss")
    ] = LossTiming.AT_DEFAULT
    revenue: Annotated[
        Percent, Field(description="What comes in of the revenue of capacity, rents and curves")
    ] = "100"
    fixings: Annotated[
        dict[Id, Percent],
        Field(description="Of the indices that tranches float on; those of the deal without"),
    ] = Field(default_factory=dict)
    support: Annotated[
        dict[Id, CoinAmount],
        Field(description="What each sponsor can stand in with at each payment, in coin"),
    ] = Field(default_factory=dict)
    clean_up_call: Annotated[
        Percent | None,
        Field(
            description="The pool is bought back at its balance once that is at most this share of the"
            " original one, if the price redeems all notes"
        ),
    ] = None
    put: Annotated[
        dict[Id, Percent],
        Field(description="Of each tranche, the units put back whenever its holders may"),
    ] = Field(default_factory=dict)
    purchases: Annotated[
        ReplenishmentDocument | None, Field(description="For a deal that buys further assets")
    ] = None
    pace: Annotated[
        Pace,
        Field(
            strict=False,
            description="What rates act on once, and vectors and lags count: each month of a collection"
            " period, or the whole of it",
        ),
    ] = Pace.MONTH

    @validator(mode="after")
    def _no_rivals(self) -> AssumptionsDocument:
        for names in _RIVALS:
            if all(getattr(self, name) is not None for name in names):
                raise ValueError(f"give either {' or '.join(f'`{n}`' for n in sorted(names))}")
        return self

    def overridden(self, over: dict[str, Any]) -> AssumptionsDocument:
        """These with fields replaced; a field that replaces its rival puts that aside."""
        aside = {name for names in _RIVALS if names & over.keys() for name in names}
        return self.model_copy(update={**dict.fromkeys(aside), **over})

    def stated(self) -> dict[str, Any]:
        """The fields that the file gives."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    def pool(self) -> Assumptions:
        """What concerns the pool; raises `InvalidInput`."""
        return Assumptions(
            prepayment=self._prepayment(),
            default=self._default(),
            severity=parse_percent(self.severity),
            recovery_lag=self.recovery_lag,
            recovery_timing=tuple(map(parse_percent, self.recovery_timing)),
            delinquency=self.delinquency.to_domain() if self.delinquency else None,
            indices={name: _curve(level) for name, level in self.indices.items()},
            rate_rule=self.rate_rule,
            order=self.order,
            interest_on_defaulted=self.interest_on_defaulted,
            interest_on_prepaid=self.interest_on_prepaid,
            loss_timing=self.loss_timing,
            rounding=self.rounding.to_domain() if self.rounding else None,
        )

    def _prepayment(self) -> Cpr | Psa:
        if self.psa is not None:
            return Psa(parse_number(self.psa) / 100)
        return Cpr() if self.cpr is None else Cpr(self.cpr.to_domain(), self.cpr_rule)

    def _default(self) -> Cdr | DefaultAmounts:
        if self.default_amounts is not None:
            return DefaultAmounts(tuple(map(parse_coin, self.default_amounts)))
        return Cdr() if self.cdr is None else Cdr(self.cdr.to_domain(), self.cdr_rule)


class OverridesDocument(Document):
    """What one question changes: first the scenario, then the figures named here."""

    scenario: Annotated[Id | None, Field(description="One of the pool file's")] = None
    cpr: Annotated[PercentVector | None, Field(description="Prepayment rate, per cent a year")] = (
        None
    )
    psa: Annotated[Speed | None, Field(description="Prepayment by age, instead of `cpr`")] = None
    cdr: Annotated[PercentVector | None, Field(description="Default rate, per cent a year")] = None
    severity: Annotated[Share | None, Field(description="Of a default, what is lost")] = None
    revenue: Annotated[Percent | None, Field(description="What comes in of revenue")] = None

    def figures(self) -> dict[str, Any]:
        """The fields given, but for the scenario."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"scenario"}}
        return {name: value for name, value in given.items() if value is not None}

    @validator(mode="after")
    def _one_prepayment(self) -> OverridesDocument:
        if self.cpr is not None and self.psa is not None:
            raise ValueError("give either `cpr` or `psa`")
        return self


def _curve(level: Any) -> Curve:
    """A rate that does not change is one since the first date a file may name."""
    if isinstance(level, str):
        return Curve(((_EVER, parse_percent(level)),))
    return read_curve(level, parse_percent)
