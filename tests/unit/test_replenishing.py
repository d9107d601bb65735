"""A revolving pool projected: what principal buys pays in its turn, from the next period on."""

from __future__ import annotations

from fractions import Fraction

import pytest

from issuer.domain.errors import InvalidInput
from issuer.domain.money import floor_mul
from issuer.domain.pool.assumptions import Assumptions, Cdr, DefaultAmounts
from issuer.domain.pool.curves import After, Vector
from issuer.domain.pool.loan import Loan
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import project_pool
from issuer.domain.pool.replenish import Replenishment
from issuer.domain.projection import Case, project
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Measure, of
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.steps import Source
from tests.unit.test_projection import CLOSING, curve, run, schedule, terms

COLLECTED = of(Measure.PRINCIPAL_COLLECTIONS)
BUY = do.Purchase("originator", COLLECTED, (Source.PRINCIPAL,), until_payment=2)
REVOLVING = terms(do.PayInterest(("A",)), BUY, do.PayPrincipal(("A",), do.PrincipalMode.AVAILABLE))
SHORT = Replenishment(rate=Fraction(12, 100), months=2)
POOL = curve((20, 600_000), (4, 400_000), (0, 0), (0, 0))


def test_what_is_bought_pays_as_a_loan_of_its_own_would() -> None:
    found = run(REVOLVING, POOL, count=4, purchases=SHORT)
    assert found.distributions[0].total(Kind.PURCHASE) == 600_000
    first = Loan(id="x", balance=600_000, rate=Fraction(12, 100), remaining=2)
    rows = project_pool([first], Assumptions(), months(4, CLOSING)[1:])
    second_period = found.rows[1]
    assert second_period.interest == rows[0].interest + 4
    assert second_period.principal == rows[0].principal + 400_000
    assert second_period.opening == 400_000 + 600_000
    # The second payment buys once more, the third no longer: the notes are repaid.
    bought = second_period.principal
    assert found.distributions[1].total(Kind.PURCHASE) == bought
    assert found.distributions[2].total(Kind.PURCHASE) == 0
    again = Loan(id="y", balance=bought, rate=Fraction(12, 100), remaining=2)
    later = project_pool([again], Assumptions(), months(4, CLOSING)[2:])
    assert found.rows[2].principal == rows[1].principal + later[0].principal
    assert found.rows[3].principal == later[1].principal
    assert found.rows[3].closing == 0


def test_price_and_exchange_decide_how_much_is_bought() -> None:
    # 600,000 of pool are 900,000 of coin; they buy 600,000 again, at 80 % of its balance.
    dear = Replenishment(rate=Fraction(12, 100), months=2, price=Fraction(8, 10))
    found = run(REVOLVING, POOL, count=4, purchases=dear, fx=Fraction(3, 2))
    assert found.distributions[0].total(Kind.PURCHASE) == 900_000
    assert found.rows[1].opening == 400_000 + floor_mul(600_000, Fraction(10, 8))


def test_assumptions_by_period_go_on_counting_the_periods_of_the_deal() -> None:
    half = Vector((Fraction(0), Fraction(1, 2), Fraction(0)))
    assert [half.from_period(n).at(1) for n in (1, 2, 3, 4)] == [0, Fraction(1, 2), 0, 0]
    assert Vector((Fraction(1),), After.END).from_period(2).at(1) == 0
    assumed = Assumptions(default=Cdr(half))
    found = run(REVOLVING, POOL, count=4, purchases=SHORT, pool=assumed)
    alone = project_pool([POOL], assumed, months(4, CLOSING))
    # What was bought with the first payment is struck in the second period, as the rest is.
    assert found.rows[1].defaulted > alone[1].defaulted > 0
    assert found.rows[2].defaulted == 0


def test_a_deal_that_buys_is_not_projected_without_what_it_buys() -> None:
    with pytest.raises(InvalidInput) as refused:
        run(REVOLVING, POOL, count=4)
    assert [each.path for each in refused.value.complaints] == ["/purchases"]
    by_amount = Case(purchases=SHORT, pool=Assumptions(default=DefaultAmounts((1,))))
    with pytest.raises(InvalidInput, match="cdr"):
        project(REVOLVING, schedule(4), [POOL], by_amount)


@pytest.mark.parametrize("terms_", [{"months": 0}, {"price": Fraction(0)}, {"rate": Fraction(2)}])
def test_assets_that_nobody_could_buy_are_refused(terms_: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Replenishment(**{"rate": Fraction(1, 10), "months": 2, **terms_})  # type: ignore[arg-type]


def test_the_last_payment_buys_nothing_that_would_pay() -> None:
    endless = terms(do.PayInterest(("A",)), do.Purchase("originator", COLLECTED))
    found = run(endless, POOL, count=1, purchases=SHORT)
    assert len(found.rows) == 1
