"""What `make slither` lets pass: only what is explained, and nothing that is explained in vain."""

import pytest

from scripts.slither import EXPLAINED, complaints, explained, place_of

CONTRACT = {"type": "contract", "name": "Vault"}
PAY = {"type": "function", "name": "pay", "type_specific_fields": {"parent": CONTRACT}}
FOUND = {"check": "timestamp", "elements": [PAY], "description": "Vault.pay asks the time\n"}


def test_a_finding_that_nobody_explained_is_told_in_slithers_words():
    assert complaints([FOUND], set()) == ["timestamp at Vault.pay\n  Vault.pay asks the time"]


def test_an_explained_finding_passes():
    assert complaints([FOUND, FOUND], {("timestamp", "Vault.pay")}) == []


def test_an_explanation_is_for_its_detector_only():
    assert len(complaints([FOUND], {("calls-loop", "Vault.pay")})) == 2


def test_an_explanation_of_what_is_gone_is_told():
    told = complaints([], {("timestamp", "Vault.pay")})
    assert told == ["timestamp at Vault.pay: explained, but not found"]


def test_a_reentrancy_is_known_by_what_is_written_after_the_call():
    writes = {
        "type": "node",
        "name": "left = 0",
        "additional_fields": {"underlying_type": "variables_written", "variable_name": "left"},
    }
    finding = {"check": "reentrancy-no-eth", "elements": [PAY, writes]}
    assert place_of(finding) == ("reentrancy-no-eth", "Vault.pay writes left")


def test_a_variable_is_known_by_its_function_and_name():
    variable = {"type": "variable", "name": "sum", "type_specific_fields": {"parent": PAY}}
    finding = {"check": "uninitialized-local", "elements": [variable]}
    assert place_of(finding) == ("uninitialized-local", "Vault.pay.sum")


def test_every_explanation_has_its_reason():
    assert explained(EXPLAINED.read_text("utf-8"))
    with pytest.raises(SystemExit, match=r"timestamp at Vault\.pay: `why` is missing"):
        explained("- {detector: timestamp, at: [Vault.pay], why: ' '}")


def test_nothing_is_explained_twice():
    entry = "- {detector: timestamp, at: [Vault.pay], why: days}\n"
    with pytest.raises(SystemExit, match=r"timestamp at Vault\.pay is explained twice"):
        explained(entry * 2)
