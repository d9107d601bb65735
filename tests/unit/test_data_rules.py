"""No person is named in what crosses the border."""

from dataclasses import replace

import pytest

from issuer.domain.rulebook import data_rules as rules
from issuer.domain.rulebook.data_rules import REPORT_RULES, ReportCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import BATCH, Breach, assert_found

assert BATCH.fx is not None
REPORT = ReportCase.of([BATCH])
ID_CARD, MOBILE, MAIL = "identity card number", "mobile number", "e-mail address"


def named(text: str) -> ReportCase:
    return ReportCase.of([replace(BATCH, id=text)])


def told(kind: str, place: str = "/batches/0/id") -> list[dict[str, str]]:
    return [{"place": place, "looks_like": kind}]


BREACHES = [
    Breach(name, rules.report_names_no_person, named(text), told(kind))
    for name, text, kind in (
        ("card", "110101199003078515", ID_CARD),
        ("card with X within an id", "pile-11010119900307851x", ID_CARD),
        ("mobile", "13800138000", MOBILE),
        ("mobile within an id", "driver_13800138000_q2", MOBILE),
        ("mobile with a prefix", "+86 138 0013 8000", MOBILE),
        ("mobile in full-width digits", "１３８００１３８０００", MOBILE),
        ("mail", "li.example@example.cn", MAIL),
    )
] + [
    Breach(
        "mail in the bank's reference of the second batch",
        rules.report_names_no_person,
        ReportCase.of(
            [BATCH, replace(BATCH, fx=replace(BATCH.fx, reference="for li@example.com"))]
        ),
        told(MAIL, "/batches/1/fx/reference"),
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_report_that_names_a_person_is_refused_and_not_repeated(breach: Breach) -> None:
    assert_found(REPORT_RULES, breach)
    assert breach.case.texts["/batches/0/id"] not in str(breach.facts)


@pytest.mark.parametrize(
    "text",
    [
        BATCH.id,
        "district-01",
        "SIM-FX-20260702-0001",
        "110101199013078515",  # no month 13
        "12800138000",  # no such prefix
        "138001380001",  # a digit too many
        "1101011990030785150",
        "a@b",
    ],
)
@pytest.mark.rule("TOK-08", passes=True)
def test_report_of_figures_and_references_is_accepted(text: str) -> None:
    assert examine(REPORT_RULES, named(text)) == ()


def test_report_without_an_exchange_is_scanned_too() -> None:
    assert examine(REPORT_RULES, ReportCase.of([replace(BATCH, fx=None)])) == ()
