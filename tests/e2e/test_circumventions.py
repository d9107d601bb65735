"""Every way round the regime, tried as `abs-sim circumvent` tries it, and how it tells of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.circumventing import library
from api.loopback import Loopback
from issuer.circumvention.scenario import Scenario, parse_scenario
from issuer.circumvention.trial import TrialCourt
from issuer.domain.rulebook.routes import ROUTES
from issuer.testing.stages import Stages
from tests.support.commands import run

SCENARIOS = library()
TRIED = [each for each in SCENARIOS if each.attempt]
LEAST_THAT_RUN = 18

SALE = {
    "version": 1,
    "id": "CIR-01",
    "title": "A sale to an admitted investor",
    "title_zh": "向合格投资者转让",
    "route": "H1 sells to H2.",
    "start": "active",
    "attempt": [
        {
            "wallet": "H1",
            "send": "abs_token:A.transfer",
            "with": ["H2", 1_000],
            "refused_by": ["INV-01"],
        }
    ],
    "blocked_by": ["INV-01"],
    "where": "chain",
    "twin": {
        "route": "The same.",
        "steps": [{"wallet": "H1", "send": "abs_token:A.transfer", "with": ["H2", 1_000]}],
    },
}


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialCourt]:
    with Stages(tmp_path_factory.mktemp("stages"), "embedded") as stages, Loopback() as loopback:
        yield TrialCourt(stages, loopback.url_of)


@pytest.mark.parametrize("scenario", TRIED, ids=lambda each: each.id)
def test_attempt_is_blocked_without_effect_and_its_honest_twin_passes(
    court: TrialCourt, scenario: Scenario
) -> None:
    verdict = court.hear(scenario)
    assert (verdict.faults, verdict.twin_faults) == ((), ())


def test_every_route_has_a_scenario_that_says_what_the_rulebook_says() -> None:
    told = {each.id: each for each in SCENARIOS if each.is_route}
    assert list(told) == [route.id for route in ROUTES]
    for route in ROUTES:
        scenario = told[route.id]
        assert (scenario.title, scenario.title_zh) == (route.attempt, route.attempt_zh)
        assert (tuple(scenario.blocked_by), scenario.where) == (route.blocked_by, route.gate)
        assert (scenario.needs or "", (scenario.detection or "").strip()) == (
            route.needs,
            route.detection,
        )


def test_enough_routes_run_and_the_others_say_why_not() -> None:
    routes = [each for each in SCENARIOS if each.is_route]
    assert sum(each.runs for each in routes) >= LEAST_THAT_RUN
    assert all(each.runs or each.needs or each.detection for each in routes)


def test_every_prohibited_circumstance_has_a_failing_and_a_passing_fixture() -> None:
    found = {each.id for each in TRIED if not each.is_route}
    assert found >= {f"NEG-{n:02}" for n in range(1, 8)} | {f"ABSNL-{n}" for n in range(1, 9)}


# ---- what a fault looks like


def changed(**change: object) -> Scenario:
    return parse_scenario({**SALE, **change}, "sale")


def test_attempt_that_nothing_refuses_is_a_fault_and_so_is_what_came_of_it(
    court: TrialCourt,
) -> None:
    verdict = court.hear(changed())
    assert verdict.faults == (
        "H1 calls abs_token:A.transfer: nothing refused it",
        "units of H1: 50000 has become 49000, expected 50000",
        "units of H2: 20000 has become 21000, expected 20000",
    )
    assert not verdict.holds
    assert verdict.twin_faults == ()


def test_attempt_refused_by_another_rule_is_a_fault(court: TrialCourt) -> None:
    step = {**SALE["attempt"][0], "with": ["stranger", 1], "refused_by": ["FIL-01"]}  # type: ignore[index]
    verdict = court.hear(changed(attempt=[step], blocked_by=["FIL-01"]))
    assert [fault.rpartition(": ")[2] for fault in verdict.faults] == ["INV-01), not by FIL-01"]


def test_attempt_refused_as_something_else_is_a_fault(court: TrialCourt) -> None:
    step = {**SALE["attempt"][0], "with": ["stranger", 1], "refused_as": "CapExceeded"}  # type: ignore[index]
    (fault,) = court.hear(changed(attempt=[step])).faults
    assert fault.endswith("not as CapExceeded")


def test_twin_that_is_refused_is_a_fault(court: TrialCourt) -> None:
    step = {"wallet": "H1", "send": "abs_token:A.transfer", "with": ["stranger", 1]}
    verdict = court.hear(changed(twin={"route": "A sale to a stranger.", "steps": [step]}))
    assert len(verdict.twin_faults) == 1
    assert not verdict.holds


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"wallet": "H1", "send": "abs_token:Z.transfer", "with": []}, "abs_token:Z"),
        ({"wallet": "H1", "send": "abs_token:A.steal", "with": []}, "abs_token:A.steal"),
        ({"wallet": "H1", "send": "abs_token:A.transfer", "with": ["H9", 1]}, "H9"),
        ({"wallet": "H1", "send": "abs_token:A.transfer", "with": ["H2"]}, "function of"),
        ({"as": "auditor", "get": "/v1/filings/{fling}"}, "fling"),
        ({"database": "UPDATE material SET code = 'M-17' WHERE code = 'M-18'"}, "row"),
        ({"file": {"change": {"assets.EVC-DISTRICT-99.liens": []}}}, "EVC-DISTRICT-99"),
    ],
)
def test_scenario_that_speaks_of_what_is_not_there_is_a_fault(
    court: TrialCourt, step: dict[str, object], said: str
) -> None:
    first, *_ = court.hear(changed(before=[step])).faults
    assert first.startswith("cannot be tried: ")
    assert said in first


# ---- the command


def test_command_tells_of_a_route_what_blocked_it_the_rule_the_cure_and_the_twin() -> None:
    done = run("circumvent", "cir-03", "CIR-22")
    assert (done.returncode, done.stderr) == (0, "")
    for said in (
        "✓ CIR-03  Buy through a Hong Kong shell of mainland persons",
        "409 rulebook.violated INV-04",
        "ERC7943CannotReceive(account=hk-shell) INV-01",
        "Cure: ",
        "is admitted, and receives units ✓",
        "○ CIR-22",
        "Blocked by the rules they name: 1 of 1 (1 by both gates).",
        "Found out, not blocked: CIR-22.",
    ):
        assert said in done.stdout, said


def test_command_ends_with_1_when_a_route_is_not_blocked(tmp_path: Path) -> None:
    file = tmp_path / "CIR-01.yaml"
    file.write_text(str(SALE).replace("'", '"'), encoding="utf-8")
    done = run("circumvent", file)
    assert done.returncode == 1
    assert "✗ CIR-01" in done.stdout
    assert "nothing refused it" in done.stdout
    assert "Not as they should be: CIR-01." in done.stdout


def test_command_without_a_route_lists_them() -> None:
    done = run("circumvent")
    assert done.returncode == 0
    assert all(route.id in done.stdout for route in ROUTES)


@pytest.mark.parametrize("asked", ["CIR-99", "nowhere.yaml"])
def test_command_refuses_a_route_that_there_is_not(asked: str) -> None:
    done = run("circumvent", asked)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
