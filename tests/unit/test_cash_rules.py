"""Cash before tokens and coupons, and a reference for every conversion."""

from dataclasses import replace

import pytest

from issuer.domain.rulebook import cash_rules as rules
from issuer.domain.rulebook.cash_rules import COLLECTION_RULES, FUNDING_RULES
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
BREACHES = FUNDING_BREACHES + COLLECTION_BREACHES


def test_payment_of_exactly_what_is_there_passes() -> None:
    assert FUNDING.available_micro == FUNDING.needed_micro
    assert examine(FUNDING_RULES, FUNDING) == ()


def test_batch_of_the_example_passes() -> None:
    assert examine(COLLECTION_RULES, BATCH) == ()


@pytest.mark.parametrize("breach", FUNDING_BREACHES, ids=str)
def test_payment_beyond_the_cash_is_refused(breach: Breach) -> None:
    assert_found(FUNDING_RULES, breach)


@pytest.mark.parametrize("breach", COLLECTION_BREACHES, ids=str)
def test_batch_without_its_references_is_held(breach: Breach) -> None:
    assert_found(COLLECTION_RULES, breach)
