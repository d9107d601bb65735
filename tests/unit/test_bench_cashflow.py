"""The benchmark compares like with like: exact and float projections of one tape agree."""

from dataclasses import astuple

import pytest

from issuer.domain.pool.periods import months
from issuer.domain.pool.project import project_pool
from scripts import bench_cashflow as bench


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
