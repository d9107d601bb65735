"""What is late: a supplement, a review, an amendment, a payment; and what is on its last day."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.filing import Amendment, Approval, FilingEvent, ReviewClock, Supplement
from issuer.domain.lifecycle import FilingState
from issuer.domain.roles import Role
from issuer.domain.rulebook import clock_rules as rules
from issuer.domain.rulebook.clock_rules import CLOCK_RULES, ClockCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import CLOCKS, PAYMENT, Breach, assert_found

SUPPLEMENT = Supplement(("M-13",), "which fields leave", date(2026, 2, 13), date(2026, 4, 2))
CHANGE = FilingEvent(
    "EV-02",
    date(2026, 4, 9),
    Role.AUDITOR,
    date(2026, 4, 14),
    reported_on=date(2026, 4, 10),
    report_hash="0x",
    amend_by=date(2026, 4, 14),
)
#: Accepted on 12 February; the festival and its working Saturdays make 18 March the twentieth day.
RUNNING = ReviewClock(0, date(2026, 2, 12))


def on(day: date, **changes: object) -> ClockCase:
    """The good case on a day, its filing changed."""
    return replace(CLOCKS, today=day, filing=replace(CLOCKS.filing, **changes))


BREACHES = [
    Breach(
        "answered a day late",
        rules.supplements_are_answered_in_time,
        on(date(2026, 4, 3), supplement=SUPPLEMENT),
        [{"due_on": "2026-04-02", "today": "2026-04-03"}],
    ),
    Breach(
        "the twenty-first day of review",
        rules.review_finishes_in_time,
        on(date(2026, 3, 19), state=FilingState.UNDER_REVIEW, review=RUNNING),
        [{"working_days_used": 21, "due_on": "2026-03-18"}],
    ),
    Breach(
        "reported, and amended too late",
        rules.changes_are_amended_in_time,
        on(date(2026, 4, 15), events=(CHANGE,)),
        [{"event": "EV-02", "amend_by": "2026-04-14"}],
    ),
    Breach(
        "unpaid when grace has ended",
        rules.payments_are_made_within_grace,
        replace(PAYMENT, today=date(2026, 7, 30)),
        [
            {
                "distribution": "ev-charging-d1",
                "payment_on": "2026-07-15",
                "grace_until": "2026-07-29",
            }
        ],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_clock_that_has_run_out_is_found(breach: Breach) -> None:
    moment = CLOCK_RULES if isinstance(breach.case, ClockCase) else rules.PAYMENT_RULES
    assert_found(moment, breach)


@pytest.mark.parametrize(
    "case",
    [
        on(date(2026, 4, 2), supplement=SUPPLEMENT),
        on(date(2026, 3, 18), state=FilingState.UNDER_REVIEW, review=RUNNING),
        on(date(2026, 12, 1), review=RUNNING),
        on(date(2026, 12, 1), state=FilingState.CONSULTING, review=ReviewClock(19)),
        on(date(2026, 4, 14), events=(CHANGE,)),
        on(date(2026, 4, 15), events=(replace(CHANGE, amended_on=date(2026, 4, 14)),)),
        on(date(2026, 4, 15), events=(CHANGE,), state=FilingState.ACTIVE),
    ],
    ids=[
        "last day of the supplement",
        "twentieth day of review",
        "decided long ago",
        "a clock that stands still",
        "last day of the amendment",
        "amended in time",
        "issued meanwhile",
    ],
)
def test_clock_on_its_last_day_or_stopped_is_in_time(case: ClockCase) -> None:
    assert examine(CLOCK_RULES, case) == ()


def test_payment_made_late_is_no_default_and_within_grace_it_is_delayed() -> None:
    late = replace(PAYMENT, today=date(2026, 9, 1), paid=True)
    assert examine(rules.PAYMENT_RULES, late) == ()
    assert examine(rules.PAYMENT_RULES, PAYMENT) == ()


def test_days_of_grace_are_the_regimes() -> None:
    strict = replace(PAYMENT, regime=replace(PAYMENT.regime, grace_days=9))
    (found,) = examine(rules.PAYMENT_RULES, strict)
    assert found.facts["grace_until"] == "2026-07-28"


def test_supplement_of_an_amendment_that_is_late_is_cured_otherwise() -> None:
    """What was published cannot be filed anew: its tokens are attached to it."""
    approval = Approval(1, "0x", date(2027, 3, 16), 1, (), date(2026, 3, 16))
    amendment = Amendment(FilingState.FILED, 1, approval, FilingState.FILED, date(2026, 3, 20))
    first, amended = (
        examine(CLOCK_RULES, on(date(2026, 4, 3), supplement=SUPPLEMENT, **changes))
        for changes in ({}, {"amendment": amendment})
    )
    assert [each.rule for each in (*first, *amended)] == ["FIL-07", "FIL-07"]
    assert "a new filing is needed" in first[0].cure
    assert "only the deal registered anew" in amended[0].cure


@pytest.mark.parametrize(
    ("today", "paid", "late", "days"),
    [
        (date(2026, 7, 15), False, False, 0),
        (date(2026, 7, 16), False, True, 1),
        (date(2026, 7, 30), False, True, 15),
        (date(2026, 7, 30), True, False, 0),
    ],
)
def test_payment_is_late_from_the_day_after_its_own(
    today: date, paid: bool, late: bool, days: int
) -> None:
    case = replace(PAYMENT, today=today, paid=paid)
    assert (case.is_late, case.days_late, case.grace_until) == (late, days, date(2026, 7, 29))
