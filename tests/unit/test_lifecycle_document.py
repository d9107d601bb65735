"""docs/lifecycle.md says what the tables say."""

import re

from issuer.domain.lifecycle import MOVES, FilingState
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
