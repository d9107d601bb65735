"""Clocks: FIL-07, FIL-08 and FIL-13 on a filing, SET-12 on a payment. What is late is found here; what
follows from it is the time-outs' (`issuer/services/deadlines.py`), and for a late review nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from issuer.domain.calendar import HolidayCalendar
from issuer.domain.filing import Filing
from issuer.domain.lifecycle import FilingState
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.rule import CuredOtherwise, Facts, Rule, rule


@dataclass(frozen=True, slots=True)
class ClockCase:
    """A filing on a day. `calendar` is that of PRC working days."""

    filing: Filing
    today: date
    calendar: HolidayCalendar
    regime: Regime


@dataclass(frozen=True, slots=True)
class PaymentCase:
    """A payment to holders on a day; `distribution` is its id, determined or not."""

    distribution: str
    period: int
    payment_on: date
    paid: bool
    today: date
    calendar: HolidayCalendar
    regime: Regime

    @property
    def is_late(self) -> bool:
        """Not made, and its day has passed."""
        return not self.paid and self.today > self.payment_on

    @property
    def days_late(self) -> int:
        """Calendar days since its day, for one that is late."""
        return (self.today - self.payment_on).days if self.is_late else 0

    @property
    def grace_until(self) -> date:
        """The last day of grace, in PRC working days after the payment date."""
        return self.calendar.add_business_days(
            self.payment_on, self.regime.grace_days, allow_projected=True
        ).date


def review_due_on(case: ClockCase) -> date | None:
    """The last day of the review; None while its clock stands still, and once it is decided."""
    if case.filing.state is not FilingState.UNDER_REVIEW:
        return None
    return case.filing.review.due_on(case.regime.review_days, case.calendar)


#: What was published has its tokens, which no other filing of the deal can have.
_REVOKED = (
    "Answer in time; now anybody may have the time-out carried out, which revokes the filing: only the"
    " deal registered anew can be filed."
)


@rule(
    "FIL-07",
    "The regulator may ask for supplements; the review clock stops until the answer, which is due"
    " in time.",
    "监管机构可要求补充材料，补充期间停止计时；逾期未补充的终止备案。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 19",
    cure="Answer in time; afterwards a new filing is needed.",
    figures=("supplement_answer_days",),
)
def supplements_are_answered_in_time(case: ClockCase) -> Iterator[Facts]:
    """The answer is not late."""
    supplement = case.filing.supplement
    if supplement is not None and case.today > supplement.due_on:
        late = {"due_on": supplement.due_on.isoformat(), "today": case.today.isoformat()}
        yield late if case.filing.amendment is None else CuredOtherwise(_REVOKED, late)


@rule(
    "FIL-08",
    "The review finishes within its working days from complete materials; supplements, consultations"
    " and suspensions of the review do not count.",
    "自收到完备材料之日起在规定的工作日内完成审核；补充材料、征求意见和中止审核期间不计入。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 19",
    cure="Decide; a late decision is valid all the same.",
    figures=("review_days",),
)
def review_finishes_in_time(case: ClockCase) -> Iterator[Facts]:
    """Days under review only."""
    due = review_due_on(case)
    if due is not None and case.today > due:
        used = case.filing.review.used_on(case.today, case.calendar)
        yield {"working_days_used": used, "due_on": due.isoformat()}


@rule(
    "FIL-13",
    "A material change between filing and issuance is amended in time.",
    "备案后、发行前发生重大变化的，应在规定期限内更新备案材料。",
    basis=Basis.ANALOGY,
    source="Application guideline No. 1, 2.10",
    cure="Submit the amended materials.",
    figures=("event_report_days",),
)
def changes_are_amended_in_time(case: ClockCase) -> Iterator[Facts]:
    """No amendment is late."""
    for event in case.filing.overdue_amendments(case.today):
        yield {
            "event": event.code,
            "amend_by": event.amend_by.isoformat() if event.amend_by else "",
        }


CLOCK_RULES: tuple[Rule[ClockCase], ...] = (
    supplements_are_answered_in_time,
    review_finishes_in_time,
    changes_are_amended_in_time,
)


@rule(
    "SET-12",
    "A payment held up by the exchange of currency is delayed, and in default only when the days of"
    " grace have ended.",
    "因换汇原因延迟的兑付属于延期，宽限期届满前不构成违约。",
    basis=Basis.DESIGN,
    source="days of grace after the payment date",
    cure="Pay; what is not paid when grace ends is reported as a default (EV-06).",
    figures=("grace_days",),
)
def payments_are_made_within_grace(case: PaymentCase) -> Iterator[Facts]:
    """Paid, or still within the days of grace."""
    if not case.paid and case.today > case.grace_until:
        yield {
            "distribution": case.distribution,
            "payment_on": case.payment_on.isoformat(),
            "grace_until": case.grace_until.isoformat(),
        }


PAYMENT_RULES: tuple[Rule[PaymentCase], ...] = (payments_are_made_within_grace,)
