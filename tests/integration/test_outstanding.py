"""What a unit stands for, through the whole service: losses and their reversal, interest that accrues."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.integration.books import (
    DRY_RUN,
    PAYING_AGENT,
    pay_period,
    require_books_follow_chain,
    revenue,
    shown,
)
from tests.integration.two_classes import HOLDINGS, UNITS, TellOf, TwoClasses, terms
from tests.support.problems import refused
from tests.support.story import DEAL, MICRO

REPORT = f"/v1/deals/{DEAL}/investor-report"
FACE = 1_000 * MICRO
DAYS = (91, 92, 92)
_FEES = [{"pay_fee": "trustee"}, {"pay_fee": "servicer"}]
_SENIOR = [{"pay_interest": "A"}, {"top_up": "reserve"}, {"pay_principal": "A"}]
_END = [{"release": "reserve"}, {"pay_residual": "S"}]


def with_losses(interest_base: str) -> dict[str, Any]:
    """What a quarter lacks of HKD 3 million is a loss of class B; a twentieth of all cash reverses one."""
    lacking = {"sum": [{"measure": "collections", "percent": "-100"}], "plus": "3000000"}
    again = [{"measure": "collections", "percent": "5"}]
    schedule = ["0", "0", "0", "0", "1000"]
    steps = [
        *(*_FEES, *_SENIOR, {"pay_interest": "B"}, {"pay_principal": "B"}),
        {"write_up": {"tranches": ["B"], "amount": again}},
        {"write_down": {"tranches": ["B"], "amount": lacking}},
        *_END,
    ]
    return terms({}, {"principal_schedule": schedule, "interest_base": interest_base}, steps)


def accruing() -> dict[str, Any]:
    """Class A is repaid in two quarters; B's interest accrues, and what is left then repays it."""
    steps = [
        *(*_FEES, *_SENIOR, {"capitalise": "B"}),
        {"pay_principal": {"tranches": ["B"], "mode": "available"}},
        *_END,
    ]
    return terms({"principal_schedule": ["500", "500"]}, {}, steps)


def interest(base: int, quarter: int) -> int:
    """Of class B for one of the first three quarters, per unit."""
    return base * Fraction(8, 100) * Fraction(DAYS[quarter - 1], 365) // 1


def events(story: TwoClasses, tranche: str, name: str) -> list[dict[str, int]]:
    """What a token has said of this kind."""
    chain, address = (
        story.served.simulator.context.chain,
        story.ledger.address(f"abs_token:{tranche}"),
    )
    said = chain.events([address], 0, chain.head()[0])
    return [dict(each.args) for each in said if each.name == name]


# ---- losses


@pytest.mark.parametrize("base", ["outstanding", "before_write_downs"])
def test_loss_is_written_down_bears_interest_as_the_terms_say_and_is_reversed(
    tell_of: TellOf, base: str
) -> None:
    story = tell_of(with_losses(base))
    dry = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    assert story.of("B", dry)["written_down_micro"] == 150 * MICRO
    # No cash at all: three million over 20,000 units.
    first = pay_period(story, 1, 0)
    assert first["state"] == "PAID"
    assert story.of("B", first)["outstanding_after_micro"] == 850 * MICRO
    assert story.on_chain("B") == (850 * MICRO, 150 * MICRO, 0)
    assert story.on_chain("A") == (FACE, 0, 0)
    assert events(story, "B", "WrittenDown") == [
        {"epoch": 1, "perUnit": 150 * MICRO, "from": FACE, "to": 850 * MICRO}
    ]
    settled = [story.ledger.read(f"abs_token:{name}", "settledEpoch") for name in UNITS]
    assert settled == [1, 1]
    assert {name: story.coin_of(name) for name in ("H1", "H2", "H3")} == {"H1": 0, "H2": 0, "H3": 0}
    story.require_agreement()
    require_books_follow_chain(story)

    second = pay_period(story, 2, 40_000_000 * MICRO)
    bears = 850 * MICRO if base == "outstanding" else FACE
    due = interest(FACE, 1) + interest(bears, 2)
    assert story.of("B", second)["interest_paid_micro"] == due
    assert story.coin_of("H3") == HOLDINGS["B"]["H3"] * due
    assert story.of("B", second)["written_down_micro"] == -100 * MICRO
    assert story.on_chain("B") == (950 * MICRO, 50 * MICRO, 0)
    assert events(story, "B", "WrittenUp") == [
        {"epoch": 2, "perUnit": 100 * MICRO, "from": 850 * MICRO, "to": 950 * MICRO}
    ]
    story.require_agreement()
    require_books_follow_chain(story)

    third = pay_period(story, 3, 38_000_000 * MICRO)
    bears = 950 * MICRO if base == "outstanding" else FACE
    assert story.of("B", third)["interest_paid_micro"] == interest(bears, 3)
    assert story.on_chain("B") == (FACE, 0, 0)  # no more than was lost
    story.require_agreement()

    report = story.client.read("auditor", REPORT)
    shown_of_b = [period["tranches"][1] for period in report["periods"]]
    assert [each["written_down_micro"] for each in shown_of_b] == [
        str(amount * UNITS["B"] * MICRO) for amount in (150, -100, -50)
    ]
    assert [each["factor"] for each in shown_of_b] == ["0.85000000", "0.95000000", "1.00000000"]
    view = story.client.read("issuer", f"/v1/deals/{DEAL}/tranches/B")
    assert (view["outstanding_per_unit_micro"], view["written_down_per_unit_micro"]) == (
        str(FACE),
        "0",
    )


def to_the_record_date(story: TwoClasses) -> None:
    """The first quarter, without any revenue, until its holders are recorded."""
    dates = story.client.do("paying_agent", DRY_RUN, {"period": 1})
    story.clock(f"{dates['determination_on']}T10:00")
    story.determine(1)
    story.clock(dates["record_at"][:16])
    story.record()
    story.clock(f"{dates['payment_on']}T10:00")


def declare(story: TwoClasses, written_down: int) -> bool:
    """The paying agent's key declares the first payment of B past the service."""
    change = {"capitalised": 0, "writtenUp": 0, "paid": 0, "writtenDown": written_down}
    token = story.ledger.address("abs_token:B")
    return story.ledger.send(PAYING_AGENT, "coupon_distributor", "declare", token, 1, 0, change)


def test_loss_declared_past_the_service_is_not_declared_again(tell_of: TellOf) -> None:
    story = tell_of(with_losses("outstanding"))
    to_the_record_date(story)
    view = f"/v1/deals/{DEAL}/tranches/B"
    assert story.client.read("issuer", view)["ex_payment_per_unit_micro"] == str(850 * MICRO)
    assert declare(story, 150 * MICRO)
    assert declare(story, 150 * MICRO) is False
    story.pay()
    assert shown(story)["state"] == "PAID"
    assert story.on_chain("B") == (850 * MICRO, 150 * MICRO, 0)
    story.require_agreement()


def test_loss_declared_with_another_figure_shows_in_the_reconciliation(tell_of: TellOf) -> None:
    story = tell_of(with_losses("outstanding"))
    to_the_record_date(story)
    assert declare(story, 149 * MICRO)
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert found["agrees"] is False
    assert [
        (each["what"], each["in_database"], each["on_chain"]) for each in found["differences"]
    ] == [
        ("outstanding per unit", str(850 * MICRO), str(851 * MICRO)),
        ("written down per unit", str(150 * MICRO), str(149 * MICRO)),
    ]


def wiped_out(*, reversed_later: bool) -> dict[str, Any]:
    """Class A is due in one quarter, and so much is lacking then that nothing is left of B."""
    lacking = {"sum": [{"measure": "collections", "percent": "-100"}], "plus": "100000000"}
    again = [{"measure": "collections", "percent": "5"}]
    steps = [
        *(*_FEES, *_SENIOR, {"pay_interest": "B"}, {"pay_principal": "B"}),
        *([{"write_up": {"tranches": ["B"], "amount": again}}] if reversed_later else []),
        {"write_down": {"tranches": ["B"], "amount": lacking}},
        *_END,
    ]
    last = {"principal_schedule": ["0", "0", "0", "0", "1000"]}
    return terms({"principal_schedule": ["1000"]}, last, steps)


def test_class_written_down_to_nothing_keeps_the_filing_open_while_it_may_be_written_up(
    tell_of: TellOf,
) -> None:
    story = tell_of(wiped_out(reversed_later=True))
    pay_period(story, 1, 70_000_000 * MICRO)
    assert (story.on_chain("A")[0], story.on_chain("B")) == (0, (0, FACE, 0))
    path = f"/v1/filings/{story.filing}/maturity"
    problem = refused(story.client.post("issuer", path), 409, "filing.notes_outstanding")
    assert problem["written_down_per_unit_micro"] == {"B": str(FACE)}
    assert problem["outstanding_per_unit_micro"] == {}
    # What is lost is a payment missed all the same, if nobody determines it.
    story.clock("2026-10-19T10:00")
    (attention,) = story.client.read("regulator", f"/v1/deals/{DEAL}/supervision")["attention"]
    assert attention["matter"] == "payment_delayed"
    assert attention["says"].startswith("period 2 was to be paid on 2026-10-15")


def test_class_lost_for_good_lets_the_filing_mature(tell_of: TellOf) -> None:
    story = tell_of(wiped_out(reversed_later=False))
    pay_period(story, 1, 70_000_000 * MICRO)
    assert story.on_chain("B") == (0, FACE, 0)
    story.client.do("issuer", f"/v1/filings/{story.filing}/maturity")


# ---- interest that accrues


def test_accruing_class_grows_beyond_its_denomination_and_is_paid_off(tell_of: TellOf) -> None:
    story = tell_of(accruing())
    first = pay_period(story, 1, 0)
    grown = FACE + interest(FACE, 1)
    assert story.of("B", first)["capitalised_micro"] == interest(FACE, 1) == 19_945_205
    assert story.on_chain("B") == (grown, 0, grown - FACE)
    assert events(story, "B", "InterestCapitalised") == [
        {"epoch": 1, "perUnit": grown - FACE, "from": FACE, "to": grown}
    ]
    view = story.client.read("issuer", f"/v1/deals/{DEAL}/tranches/B")
    assert (view["factor"], view["ex_payment_per_unit_micro"]) == ("1.01994520", str(grown))
    assert view["capitalised_per_unit_micro"] == str(grown - FACE)
    story.require_agreement()

    dates = story.client.do("paying_agent", DRY_RUN, {"period": 2})
    story.clock(f"{dates['determination_on']}T10:00")
    story.collect(revenue(2, 100_000_000 * MICRO, dates["determination_on"]))
    story.determine(2)
    early = story.client.post("issuer", f"/v1/filings/{story.filing}/maturity").json()
    assert early["outstanding_per_unit_micro"] == {"A": str(FACE), "B": str(grown)}
    story.clock(dates["record_at"][:16])
    story.record()
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    owed = grown + interest(grown, 2)
    assert story.of("B", shown(story))["principal_paid_micro"] == owed
    assert story.coin_of("H3") == HOLDINGS["B"]["H3"] * owed
    assert story.on_chain("B") == (0, 0, owed - FACE)
    story.require_agreement()
    require_books_follow_chain(story)
    report = story.client.read("auditor", REPORT)
    assert [period["tranches"][1]["factor"] for period in report["periods"]] == [
        "1.01994520",
        "0.00000000",
    ]
    story.client.do("issuer", f"/v1/filings/{story.filing}/maturity")
    story.require_agreement()
