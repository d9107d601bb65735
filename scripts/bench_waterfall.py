"""How long a priority of payments takes, exactly and in floats, and a grid of scenarios, in one run.

Four classes one after the other over 360 months, with a fee, interest pro rata, a reserve and a test
that turns what is left over to principal; conservation is asserted in every period. Times are the
best of some runs, in seconds of the processor. The float ladder knows neither reserve nor test nor
carry: it is the least anybody would write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from issuer.domain.analytics.scenarios import grid
from issuer.domain.pool.assumptions import Assumptions, Cdr, Cpr
from issuer.domain.pool.curves import constant
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import Contracts, PoolPeriod, project_pool
from issuer.domain.pool.rep_lines import RepLine, group_loans
from issuer.domain.schedule import Period
from issuer.domain.waterfall import steps as do
from issuer.domain.waterfall.amounts import Amount, Measure, Term, of
from issuer.domain.waterfall.distribution import Distribution, Kind
from issuer.domain.waterfall.run import distribute
from issuer.domain.waterfall.state import Collections, Inputs, opening_state
from issuer.domain.waterfall.steps import PrincipalMode, Sharing
from issuer.domain.waterfall.structure import (
    BalanceFee,
    Comparison,
    Reserve,
    Structure,
    Test,
    Tranche,
)
from scripts.bench_cashflow import KEYS, LAG, MONTHS, best_of, tape

NAMES = ("A", "B", "C", "D")
SHARES = (Fraction(70, 100), Fraction(12, 100), Fraction(8, 100), Fraction(5, 100))
RATES = (Fraction(3, 100), Fraction(4, 100), Fraction(5, 100), Fraction(6, 100))
FEE = Fraction(1, 100)
STEPS = [Fraction(step, 100) for step in range(0, 20, 2)]


def structure_on(pool_micro: int) -> Structure:
    """Classes of 1,000 a note on 95 % of the pool."""
    face = 1_000 * 10**6
    classes = tuple(
        Tranche(name, name, True, name, None, int(pool_micro * share) // face, face, rate, ())
        for name, share, rate in zip(NAMES, SHARES, RATES, strict=True)
    )
    first_loss = Tranche("S", "S", False, None, "originator", 1, pool_micro // 20, None, ())
    # What brings the notes down with the pool: principal collected, and what was lost.
    amortised = Amount((Term(Measure.POOL_BEFORE), Term(Measure.POOL, (), Fraction(-1))))
    return Structure(
        tranches=(*classes, first_loss),
        fees=(BalanceFee("servicer", "servicer", FEE, of(Measure.POOL_BEFORE)),),
        reserves=(Reserve("reserve", of(Measure.OUTSTANDING, *NAMES, times=Fraction(1, 100)), 0),),
        tests=(
            Test(
                "oc",
                of(Measure.POOL),
                of(Measure.OUTSTANDING, *NAMES),
                Comparison.AT_LEAST,
                Fraction(102, 100),
            ),
        ),
        waterfall=(
            do.PayFee(("servicer",)),
            do.PayInterest(NAMES, Sharing.PRO_RATA, support=("reserve",)),
            do.TopUp("reserve"),
            do.PayPrincipal(NAMES, PrincipalMode.AVAILABLE, limit=amortised),
            do.When("oc", then=(do.PayPrincipal(NAMES, PrincipalMode.AVAILABLE),)),
            do.Release("reserve"),
            do.PayResidual("S"),
        ),
        pool_micro=pool_micro,
    )


def run(structure: Structure, rows: tuple[PoolPeriod, ...]) -> list[Distribution]:
    """Carry the structure out over the projected months."""
    day = date(2026, 1, 1)
    state, results = opening_state(structure), []
    for number, row in enumerate(rows, start=1):
        month = Period(number, day, day, day, day, day, day, day, 30, Fraction(1, 12), False)
        cash = Collections(
            interest_micro=row.interest,
            principal_micro=row.principal,
            recoveries_micro=row.recoveries,
            defaulted_micro=row.defaulted,
            losses_micro=row.losses,
            pool_micro=row.closing,
        )
        results.append(distribute(structure, state, Inputs(cash), month))
        state = results[-1].closing
    return results


@dataclass(slots=True)
class Ladder:
    """The same classes in floats."""

    balances: list[float]
    interest: float = 0.0

    def period(self, row: PoolPeriod) -> None:
        """Fee, interest in order, principal in order."""
        cash = float(row.collections) - row.opening * float(FEE) / 12
        for index, rate in enumerate(RATES):
            paid = min(self.balances[index] * float(rate) / 12, cash)
            cash -= paid
            self.interest += paid
        left = min(float(row.opening - row.closing), cash)
        for index, balance in enumerate(self.balances):
            paid = min(balance, left)
            self.balances[index] -= paid
            left -= paid


def ladder(structure: Structure, rows: tuple[PoolPeriod, ...]) -> Ladder:
    """Carry the float ladder out over the projected months."""
    found = Ladder([float(each.original_micro) for each in structure.tranches[:4]])
    for row in rows:
        found.period(row)
    return found


def scenario(pool: Contracts | tuple[RepLine, ...], cpr: Fraction, cdr: Fraction) -> int:
    """The principal that the most junior class gets back, exactly."""
    terms = Assumptions(prepayment=Cpr(constant(cpr)), default=Cdr(constant(cdr)), recovery_lag=LAG)
    rows = project_pool(pool, terms, months(MONTHS + LAG))
    results = run(structure_on(rows[0].opening), rows)
    return sum(result.total(Kind.PRINCIPAL, "D") for result in results)


def main() -> None:
    """Measure and print."""
    lines = group_loans(tape(10_000), KEYS)
    terms = Assumptions(prepayment=Cpr(constant(STEPS[4])), default=Cdr(constant(STEPS[1])))
    rows = project_pool(lines, terms, months(MONTHS))
    structure = structure_on(rows[0].opening)
    exact, results = best_of(3, lambda: run(structure, rows))
    floats, _ = best_of(3, lambda: ladder(structure, rows))
    print(f"4 classes, {len(rows)} periods, {sum(len(each.lines) for each in results):,} lines")
    for name, seconds in (("exact, conservation asserted", exact), ("float ladder", floats)):
        print(f"  {name:42} {seconds:8.4f} s {seconds / exact:6.2f} x")
    pool = Contracts(lines)
    seconds, cells = best_of(
        1, lambda: list(grid(STEPS, STEPS, lambda cpr, cdr: scenario(pool, cpr, cdr)))
    )
    anew, again = best_of(1, lambda: [scenario(lines, STEPS[4], cdr) for cdr in STEPS])
    if again != [cell.result for cell in cells if cell.row == STEPS[4]]:
        raise SystemExit("contracts added up once and anew give different figures")
    whole = sum(cell.result == cells[0].result for cell in cells)
    print(f"grid of {len(cells)} scenarios of {len(lines)} lines: {seconds:.1f} s,", end=" ")
    print(f"{seconds / len(cells) / exact:.1f} x one waterfall each;", end=" ")
    print(f"class D gets {whole} times the same as without defaults")
    ratio = anew / len(again) / (seconds / len(cells))
    print(f"  with the contracts added up anew each time: {ratio:.2f} x as long")


if __name__ == "__main__":
    main()
