"""Every error of every contract has a code, and where a rule stands behind it, that rule."""

import json
import re
from pathlib import Path

import pytest

from chain.artifacts import ArtifactStore
from issuer.domain.rulebook.catalogue import rules_named
from issuer.onchain.refusals import OF_UNITS, REFUSALS, refusal

STORE = ArtifactStore(Path(__file__).resolve().parents[2] / "chain" / "artifacts")
DECLARED = {
    (entry["name"], name)
    for name in STORE.names
    if not STORE.load(name).source.startswith("contracts/mocks/bench/")  # only measured against
    for entry in STORE.load(name).abi
    if entry["type"] == "error"
}
#: What no ABI declares: the language's own errors, and what a node or a client says.
FROM_OUTSIDE = {"Error", "Panic", "Unknown", "Empty", "ExecutionFailed", "NotReproduced"}
RULES = sorted({rule for _, rule, _ in REFUSALS.values() if rule is not None})


@pytest.mark.parametrize(("error", "contract"), sorted(DECLARED))
def test_declare_error_in_a_contract_has_a_refusal(error: str, contract: str) -> None:
    assert error in REFUSALS, f"{contract} can raise it"


def test_list_refusals_names_no_error_that_nothing_raises() -> None:
    assert set(REFUSALS) == {error for error, _ in DECLARED} | FROM_OUTSIDE


@pytest.mark.parametrize("rule", RULES)
def test_list_refusals_names_a_rule_of_the_catalogue(rule: str) -> None:
    assert rules_named(rule)


@pytest.mark.parametrize("error", REFUSALS)
def test_refuse_by_each_error_says_code_rule_and_cure(error: str) -> None:
    code, rule, cure = REFUSALS[error]
    found = refusal(error, {}, "issue 5 units")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", code)
    assert found.error_code == code
    assert found.facts == {"error": error, "operands": {}, "rule": rule, "cure": cure}
    assert found.message == f"the chain refused to issue 5 units: {error}(). Cure: {cure}"
    assert cure


@pytest.mark.parametrize("error", OF_UNITS)
def test_refuse_for_want_of_units_blames_no_rule_and_no_coin(error: str) -> None:
    operands = {"needed": 5}
    units = refusal(error, operands, "transfer", of_units=True)
    coin = refusal(error, operands, "issue")
    assert units.facts["rule"] is None
    assert coin.facts["rule"] == "SET-08"
    assert units.error_code.startswith("transfer.")
    assert "coin" not in units.message
    # Any other error says the same whoever raises it.
    other = refusal("TransfersLocked", {}, "transfer", of_units=True)
    assert other.facts == refusal("TransfersLocked", {}, "transfer").facts


def test_refuse_by_an_error_nobody_knows_says_so() -> None:
    found = refusal("Surprise", {"data": b"\x01\x02"}, "transfer")
    assert (found.error_code, found.facts["rule"]) == ("chain.unknown_error", None)
    assert found.facts["operands"] == {"data": "0x0102"}


def test_refuse_with_a_number_beyond_json_gives_it_as_text() -> None:
    most = 2**256 - 1
    operands = {"cap": most, "revoked": True, "id": b"\xff" * 32, "account": "0xA1"}
    found = refusal("CapExceeded", operands, "mint")
    shown = json.loads(json.dumps(found.facts["operands"]))
    assert shown == {"cap": str(most), "revoked": True, "id": "0x" + "ff" * 32, "account": "0xA1"}
    assert f"cap={most}" in found.message


def test_declare_error_operands_are_single_values_that_json_can_show() -> None:
    types = {
        parameter["type"]
        for name in STORE.names
        for entry in STORE.load(name).abi
        if entry["type"] == "error"
        for parameter in entry["inputs"]
    }
    assert all(re.fullmatch(r"u?int\d+|bytes(\d+)?|address|bool|string", kind) for kind in types)
