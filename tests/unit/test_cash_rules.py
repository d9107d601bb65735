"""Cash before tokens and coupons, and a reference for every conversion."""

from dataclasses import replace
from typing import Any

import pytest

from issuer.domain.proceeds import ProceedsTransfer
from issuer.domain.rulebook import cash_rules as rules
from issuer.domain.rulebook.cash_rules import (
    COLLECTION_RULES,
    FUNDING_RULES,
    PROCEEDS_RULES,
    ProceedsCase,
)
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import BATCH, FUNDING, Breach, assert_found

assert BATCH.fx is not None
WITHOUT_EXCHANGE = replace(BATCH, fx=None)
WITHOUT_REFERENCE = replace(BATCH, fx=replace(BATCH.fx, reference=None))
WITHOUT_REMITTANCE = replace(BATCH, fx=replace(BATCH.fx, outward_reference=" "))


def held(reason: str) -> list[dict[str, object]]:
    return [{"batch": "2026-q2", "cny_fen": 1_948_625_037, "held": reason}]


FUNDING_BREACHES = [
    Breach(
        "one micro-unit short",
        rules.cash_is_there,
        replace(FUNDING, available_micro=FUNDING.needed_micro - 1),
        [
            {
                "needed_micro": 17_156_821_840_000,
                "available_micro": 17_156_821_839_999,
            }
        ],
    )
]
COLLECTION_BREACHES = [
    Breach(
        "no exchange",
        rules.conversion_has_a_reference,
        WITHOUT_EXCHANGE,
        held("no exchange is recorded: add the rate, its date and both references"),
    ),
    Breach(
        "no exchange reference",
        rules.conversion_has_a_reference,
        WITHOUT_REFERENCE,
        held("the exchange has no reference: add the bank's"),
    ),
    Breach(
        "blank remittance reference",
        rules.conversion_has_a_reference,
        WITHOUT_REMITTANCE,
        held("the outward remittance has no reference: add the bank's"),
    ),
]
PILES, LOAN = "New charging piles", "Repayment of the loan"
FILED = {PILES: 44, LOAN: 5}


def using(
    use: str, amount_micro: int, reference: str = "SIM-SAFE-1", **changes: Any
) -> ProceedsCase:
    """The second transfer, after 40 have gone to the piles; 49 were filed, and 9 are left in cash."""
    first = ProceedsTransfer("ev-charging", PILES, 40, "SIM-SAFE-0", "2026-04-16")
    new = ProceedsTransfer("ev-charging", use, amount_micro, reference, "2026-04-17")
    return replace(ProceedsCase(new, FILED, 49, (first,), 9), **changes)


USING = using(PILES, 4)


def beyond(limit: str, amount: int, at_most: int) -> list[dict[str, object]]:
    return [{"limit": limit, "micro": amount, "at_most_micro": at_most}]


PROCEEDS_BREACHES = [
    Breach(
        "use that was not filed",
        rules.proceeds_go_to_their_use,
        using("Mining rigs", 1),
        [{"use": "Mining rigs", "filed_uses": [PILES, LOAN]}],
    ),
    Breach(
        "a micro-unit beyond the use",
        rules.proceeds_go_to_their_use,
        using(PILES, 5),
        beyond("filed for the use", 45, 44),
    ),
    Breach(
        "a micro-unit beyond the net proceeds",
        rules.proceeds_go_to_their_use,
        using(PILES, 4, net_micro=43),
        beyond("net proceeds", 44, 43),
    ),
    Breach(
        "a micro-unit beyond the cash",
        rules.proceeds_go_to_their_use,
        using(PILES, 4, available_micro=3),
        beyond("cash received", 4, 3),
    ),
    Breach(
        "blank reference",
        rules.proceeds_go_to_their_use,
        using(LOAN, 5, " "),
        [{"use": LOAN, "inbound_reference": None}],
    ),
]
BREACHES = FUNDING_BREACHES + COLLECTION_BREACHES + PROCEEDS_BREACHES


@pytest.mark.parametrize("breach", PROCEEDS_BREACHES, ids=str)
def test_transfer_beyond_what_was_filed_is_refused(breach: Breach) -> None:
    assert_found(PROCEEDS_RULES, breach)


@pytest.mark.parametrize("case", [USING, using(LOAN, 5), using(PILES, 4, available_micro=4)])
@pytest.mark.rule("SET-10", passes=True)
def test_transfer_of_exactly_what_is_left_passes(case: ProceedsCase) -> None:
    assert examine(PROCEEDS_RULES, case) == ()


@pytest.mark.rule("SET-08", passes=True)
def test_payment_of_exactly_what_is_there_passes() -> None:
    assert FUNDING.available_micro == FUNDING.needed_micro
    assert examine(FUNDING_RULES, FUNDING) == ()


@pytest.mark.rule("SET-09", passes=True)
def test_batch_of_the_example_passes() -> None:
    assert examine(COLLECTION_RULES, BATCH) == ()


@pytest.mark.parametrize("breach", FUNDING_BREACHES, ids=str)
def test_payment_beyond_the_cash_is_refused(breach: Breach) -> None:
    assert_found(FUNDING_RULES, breach)


@pytest.mark.parametrize("breach", COLLECTION_BREACHES, ids=str)
def test_batch_without_its_references_is_held(breach: Breach) -> None:
    assert_found(COLLECTION_RULES, breach)
