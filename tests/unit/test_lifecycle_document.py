"""docs/lifecycle.md says what the tables say."""

import re

from issuer.domain.lifecycle import BEING_AMENDED, MOVES, FilingState, MoveName
from scripts.lifecycle import DOCUMENT, document


def test_document_is_what_the_tables_give() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == document(), "run `python scripts/lifecycle.py`"


def test_document_shows_every_state_and_every_move() -> None:
    text = document()
    for name in (*FilingState, *MOVES):
        assert re.search(rf"^\| {name} \|", text, re.MULTILINE), name


def test_diagram_has_no_way_out_of_what_is_over() -> None:
    for state in ("REVOKED", "CLOSED", "TERMINATED", "WITHDRAWN", "NOT_ACCEPTED"):
        assert f"    {state} -->" not in document()


def test_diagram_revokes_only_what_was_published() -> None:
    revoked = re.findall(r"^    (\w+) --> REVOKED: (\w+)$", document(), re.MULTILINE)
    published = {"FILED", "ISSUING", "ISSUED_REPORT_DUE", "ACTIVE", "EVENT_REPORTED", "SUSPENDED"}
    amended = {"UNDER_REVIEW", "SUPPLEMENT_REQUESTED", "CONSULTING", "REVIEW_SUSPENDED"}
    assert {state for state, move in revoked if move == "revoke"} == published
    assert {state for state, move in revoked if move == "terminate"} == amended
    assert {state for state, _ in revoked} == published | amended


def test_an_amendment_stands_only_where_moves_lead_from_its_beginning() -> None:
    """What the diagram takes for granted, found out from the moves themselves."""
    reached = {MOVES[MoveName.AMEND].target}
    while True:
        further = {
            move.target
            for move in MOVES.values()
            if move.origins & reached
            and not move.amended
            and not move.returns
            and move.amending is not False
        } | reached
        if further == reached:
            break
        reached = further
    assert reached == BEING_AMENDED
