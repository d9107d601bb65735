"""What a refused move says of the way to where it is allowed."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from issuer.domain.errors import StateConflict
from issuer.domain.filing import Amendment, Approval, Filing
from issuer.domain.lifecycle import MOVES, FilingState, MoveName
from issuer.domain.moves import apply_move
from issuer.domain.ways import way_to

S = FilingState
APPROVAL = Approval(1, "0x" + "5a" * 32, date(2027, 3, 16), 10**14, (("A", 1),), date(2026, 3, 16))
AMENDMENT = Amendment(S.ISSUING, 1, APPROVAL, S.ISSUING, date(2026, 4, 14))
PUBLISHED = (
    "what leads there is approve by the regulator, then publish by the service, once the chain has"
    " confirmed"
)


def filing(state: FilingState, **changes: object) -> Filing:
    return Filing("one-f1", "one", state, **changes)  # type: ignore[arg-type]


def refusal(state: FilingState, move: MoveName, **changes: object) -> str:
    role = min(MOVES[move].roles, default=None)
    with pytest.raises(StateConflict) as refused:
        apply_move(filing(state, **changes), move, role)
    return refused.value.message


@pytest.mark.parametrize(
    ("state", "move", "cure"),
    [
        (S.DRAFT, MoveName.ACCEPT, "what leads there is submit by the filer"),
        (
            S.DRAFT,
            MoveName.REQUEST_SUPPLEMENT,
            "what leads there is submit by the filer, then accept by the regulator",
        ),
        (S.UNDER_REVIEW, MoveName.OPEN_OFFERING, PUBLISHED),
        (
            S.CONSULTING,
            MoveName.APPROVE,
            "what leads there is conclude_consultation by the other_authority or the regulator",
        ),
        (S.FILED, MoveName.CLOSE, "the next step on the way there is open_offering by the issuer"),
        (S.EXPIRED, MoveName.APPROVE, "what leads there is amend by the filer"),
        (S.TERMINATED, MoveName.SUBMIT, "file anew, naming this filing as the one superseded"),
        (S.REVOKED, MoveName.LIFT, "none, the filing is at its end"),
        (S.ACTIVE, MoveName.LIFT, "none, nothing that is done next leads there"),
        (
            S.SUBMITTED,
            MoveName.SUBMIT,
            "withdraw it and draft a filing anew, naming it as the one superseded",
        ),
        (S.ACTIVE, MoveName.OPEN_OFFERING, "none, nothing that is done next leads there"),
    ],
)
def test_refused_move_says_what_leads_to_where_it_is_allowed(
    state: FilingState, move: MoveName, cure: str
) -> None:
    assert refusal(state, move).endswith(f". Cure: {cure}")


@pytest.mark.parametrize("state", [S.NOT_ACCEPTED, S.TERMINATED, S.WITHDRAWN])
def test_refused_move_of_a_superseded_filing_names_the_one_to_go_on_with(
    state: FilingState,
) -> None:
    said = refusal(state, MoveName.SUBMIT, superseded_by="one-f2")
    assert said.endswith(". Cure: go on with one-f2, which supersedes this filing")


@pytest.mark.parametrize("move", [MoveName.ACCEPT, MoveName.NOT_ACCEPT])
def test_formality_check_is_refused_by_the_name_that_callers_know(move: MoveName) -> None:
    said = "filing one-f1 is DRAFT; the formality check is allowed from SUBMITTED. "
    assert refusal(S.DRAFT, move).startswith(said)


def test_way_leads_back_to_where_the_filing_was_stopped() -> None:
    suspended = filing(S.SUSPENDED, suspended_in=S.ISSUING)
    assert way_to(suspended, [S.ISSUING]) == "Cure: what leads there is lift by the regulator"
    amended = filing(S.APPROVED, amendment=AMENDMENT)
    assert way_to(amended, [S.ISSUING]).startswith("Cure: what leads there is publish by the serv")
    assert way_to(filing(S.EXPIRED, suspended_in=S.ISSUING), [S.ISSUING]).endswith(
        "amend by the filer, then approve by the regulator, then publish by the service, once the"
        " chain has confirmed"
    )


def test_being_amended_or_not_is_refused_with_the_move_for_it() -> None:
    first, again = filing(S.UNDER_REVIEW), filing(S.UNDER_REVIEW, amendment=AMENDMENT)
    for each, move, cure in (
        (first, MoveName.CANCEL_AMENDMENT, "withdraw it instead"),
        (again, MoveName.WITHDRAW, "cancel the amendment (cancel_amendment) instead"),
    ):
        with pytest.raises(StateConflict) as refused:
            apply_move(each, move, min(MOVES[move].roles))
        assert refused.value.message.endswith(f"Cure: {cure}")


def test_every_refusal_for_the_state_has_a_cure() -> None:
    for state, move in product(FilingState, MOVES.values()):
        if state not in move.origins:
            assert way_to(filing(state), move.origins).startswith("Cure: ")
