"""Whole runs of pytest with the plugin: what a failure shows, what a stranger to it pays, and Anvil."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.commands import ROOT
from tests.support.projects import outcomes, run_tests, sections
from tests.support.shared import once

FAILING = """
def test_a_rule(abs_deal_at):
    abs_deal_at("deployed").issue("H1", 50_000)


def test_the_chain(abs_deal_at):
    deal = abs_deal_at("deployed")
    deal.supply_coin("H2", 1_500_000, "a deposit")
    deal.transfer("H1", "H2", 1)


def test_an_operation(abs_deal_at):
    deal = abs_deal_at("deployed")
    deal.supply_coin("0x" + "0" * 40, 5, "to nobody")


def test_an_input(abs_deal_at):
    abs_deal_at("deployed").supply_coin("H1", 0, "nothing")


def test_a_conflict(abs_deal_at):
    abs_deal_at("deployed").clock.move_to("2026-02-01")


def test_something_else(abs_deal_at):
    deal = abs_deal_at("deployed")
    for number in range(6):
        deal.supply_coin("H1", 1_000, f"deposit {number}")
    assert deal.coin_of("H1") == 5_000


def test_that_passes(abs_deal_at):
    assert abs_deal_at("deployed").coin_of("H1") == 0


def test_without_the_plugin():
    raise ValueError("not ours")
"""

STRANGER = """
import sys


def test_of_somebody_else():
    loaded = {name for name in sys.modules if name.partition(".")[0] in ("issuer", "chain", "api")}
    assert loaded == {"issuer", "issuer.pytest_plugin"}
    heavy = ("web3", "eth", "eth_tester", "eth_account", "sqlalchemy", "alembic", "pydantic", "httpx")
    assert not [name for name in heavy if name in sys.modules]
"""


#: Of a server's, say; tests must not be led away by it.
ELSEWHERE = {"ABS_RPC_URL": "http://127.0.0.1:1", "ABS_START": "2030-01-01T00:00:00+08:00"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CompletedProcess[str]:
    """Two workers of pytest-xdist share the tests: each has simulators of its own."""
    folder = tmp_path_factory.mktemp("failing")
    return once(
        tmp_path_factory,
        "failing-flows",
        lambda: run_tests(folder, FAILING, "-n", "2", environment=ELSEWHERE),
    )


@pytest.fixture(scope="module")
def failed(run: CompletedProcess[str]) -> dict[str, str]:
    """Test -> the section below its traceback."""
    assert outcomes(run) == {"failed": 7, "passed": 1}, run.stdout + run.stderr
    return sections(run)


def test_every_failure_with_a_deal_is_explained_and_no_other(failed: dict[str, str]) -> None:
    explained = {"a_rule", "the_chain", "an_operation", "an_input", "a_conflict", "something_else"}
    assert set(failed) == {f"test_{name}" for name in explained}
    for section in failed.values():
        assert section.startswith("simulated time  2026-02-09 09:00 in Hong Kong\nblock ")


def test_a_violated_rule_is_shown_with_facts_and_cure(failed: dict[str, str]) -> None:
    assert (
        "\nRuleViolated rulebook.violated\n  FIL-01  The filing is completed"
        in failed["test_a_rule"]
    )
    assert "\n    deal = ev-charging\n" in failed["test_a_rule"]
    assert "\n    cure: Complete the filing" in failed["test_a_rule"]
    assert "\nno operations since the test began\n" in failed["test_a_rule"]


def test_a_contract_s_refusal_and_its_events_are_decoded(failed: dict[str, str]) -> None:
    section = failed["test_the_chain"]
    assert "\n  FIL-01  FilingNotApproved\n" in section
    assert "\n    cure: " in section
    assert "\n  confirmed  supply_coin  ev-charging:a deposit\n" in section
    assert "  settlement_coin:HKDS  Transfer(from=nobody, to=H2, value=1,500,000)" in section


def test_a_refused_operation_is_shown_with_its_code(failed: dict[str, str]) -> None:
    section = failed["test_an_operation"]
    assert "\nChainRefused coin.invalid_account\n" in section
    assert "\n    receiver = nobody\n" in section
    assert "\n  refused    supply_coin  ev-charging:to nobody: coin.invalid_account\n" in section
    assert "\nno events since the test began" in section


def test_a_malformed_input_is_shown_with_its_place(failed: dict[str, str]) -> None:
    section = failed["test_an_input"]
    assert "\nInvalidInput input.invalid\n  /amount  more than zero, " in section
    assert "(amount.range)\n" in section


def test_any_other_refusal_is_shown_with_its_facts(failed: dict[str, str]) -> None:
    section = failed["test_a_conflict"]
    assert "\nStateConflict clock.backwards\n" in section
    assert "\n    now = 2026-02-09T09:00:00+08:00\n" in section


def test_what_happened_before_an_ordinary_failure_is_shown_in_short(
    failed: dict[str, str],
) -> None:
    section = failed["test_something_else"]
    assert section.count("confirmed  supply_coin") == 6
    assert "\nevents since the test began, the last 10 of 12 (-v shows all)\n" in section
    assert section.count("settlement_coin:HKDS") == 10


def test_a_refusal_s_traceback_ends_in_the_test(run: CompletedProcess[str]) -> None:
    assert "\ntest_flows.py:3: RuleViolated\n" in run.stdout
    assert "issuer/services" not in run.stdout


def test_everything_is_shown_when_asked_for(tmp_path: Path) -> None:
    chosen = ("-k", "something_else or a_rule", "-v", "--full-trace")
    done = run_tests(tmp_path, FAILING, *chosen)
    section = sections(done)["test_something_else"]
    assert section.count("settlement_coin:HKDS") == 12
    assert "-v shows all" not in section
    assert "issuer/services" in done.stdout


def test_who_does_not_use_the_plugin_loads_none_of_it(tmp_path: Path) -> None:
    done = run_tests(tmp_path, STRANGER)
    assert outcomes(done) == {"passed": 1}, done.stdout


def test_without_anvil_the_run_ends_at_once_with_the_cure(tmp_path: Path) -> None:
    environment = {"ABS_ANVIL": str(tmp_path / "nowhere")}
    done = run_tests(tmp_path, FAILING, "--abs-backend", "anvil", environment=environment)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--abs-backend anvil: no executable Anvil at" in done.stderr
    assert "Cure: `cd contracts && npm ci`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.anvil
def test_the_same_tests_pass_on_anvil_and_failures_are_explained(tmp_path: Path) -> None:
    same = (ROOT / "tests" / "plugin" / "test_example_deal.py").read_text("utf-8")
    failing = FAILING[FAILING.index("def test_the_chain") : FAILING.index("def test_an_operation")]
    done = run_tests(tmp_path, same + failing, "--abs-backend", "anvil")
    assert outcomes(done) == {"failed": 1, "passed": same.count("\ndef test_") + 4}, done.stdout
    section = sections(done)["test_the_chain"]
    assert "of chain 31337; the test began at" in section
    assert "  settlement_coin:HKDS  Transfer(from=nobody, to=H2, value=1,500,000)" in section
