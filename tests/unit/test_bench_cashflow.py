"""The benchmark compares like with like: exact and float projections of one tape agree."""

from dataclasses import astuple, replace

import pytest

from issuer.domain.pool.assumptions import Assumptions
from issuer.domain.pool.periods import months
from issuer.domain.pool.project import project_pool
from scripts import bench_cashflow as bench
from scripts import bench_waterfall as waterfall


def test_exact_and_float_projections_of_one_tape_agree() -> None:
    loans = bench.tape(40)
    exact = bench.in_coin(project_pool(loans, bench.TERMS, months(bench.MONTHS + bench.LAG)))
    floats = bench.python_floats(loans)
    assert astuple(floats) == pytest.approx(astuple(exact), rel=1e-9)


def test_the_benchmark_prints_its_comparison(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "20"])
    bench.main()
    printed = capsys.readouterr().out
    for word in ("20 loans", "exact, loan by loan", "plain Python floats", "grouping: interest"):
        assert word in printed


def test_waterfall_and_ladder_repay_the_classes_alike() -> None:
    """Without defaults and reserve both pay down what the pool amortises, in the same order."""
    rows = project_pool(bench.tape(40), Assumptions(), months(24))
    structure = waterfall.structure_on(rows[0].opening)
    fee, interest, _, principal, *_, residual = structure.waterfall
    plain = (fee, replace(interest, support=()), principal, residual)
    structure = replace(structure, reserves=(), waterfall=plain)
    closing = waterfall.run(structure, rows)[-1].closing
    floats = waterfall.ladder(structure, rows).balances
    for name, balance in zip(waterfall.NAMES, floats, strict=True):
        state = closing.tranches[name]
        assert abs(state.outstanding_per_unit_micro * state.units - balance) < 2 * state.units
