"""The service's gate before every mint: FIL rules on the filing, INV rules on the holder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from issuer.domain.events import COMPLETION, PROHIBITION
from issuer.domain.filing import ADVERSE, Filing
from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import MINTABLE
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.rule import CuredOtherwise, Facts, Rule, rule
from issuer.domain.rulebook.state_cures import TO_CLEAR, TO_MINT, TO_WITHDRAW, in_state


@dataclass(frozen=True, slots=True)
class GateCase:
    """A deal about to mint. `recomputed_hash` is made from the stored materials, now.

    `logged_determination` is what the audit log says another authority last determined of the deal.

    `minted` counts units minted or on their way to be. `utc_day` is the contracts' day: validity
    ends with it on both sides at the same instant; reports fall due by the Hong Kong date `today`.
    """

    deal_id: str
    filing: Filing | None
    recomputed_hash: str | None
    tranche_id: str
    units: int
    minted: int
    today: date
    utc_day: date
    regime: Regime
    logged_determination: str | None = None


@dataclass(frozen=True, slots=True)
class RecipientCase:
    """The holder-to-be. Amounts in coin micro-units."""

    investor_id: str
    status: InvestorStatus | None
    eligible_until: date | None
    invested_micro: int
    minimum_micro: int
    utc_day: date


@rule(
    "FIL-01",
    "The filing is completed before any related business starts.",
    "开展相关业务前应当完成备案。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, filing duty",
    cure="Complete the filing, have it approved and published, and open the offering.",
)
def filing_comes_first(case: GateCase) -> Iterator[Facts]:
    """There is an approved filing, and it is in a state in which units may be minted."""
    if case.filing is None:
        yield {"deal": case.deal_id, "filing": None}
    elif case.filing.state not in MINTABLE:
        state = case.filing.state
        yield in_state(state, {"filing": case.filing.id, "state": state.value}, TO_MINT)
    elif case.filing.approval is None:
        # The rules below read the approval: without one they would have nothing to object to.
        yield {"filing": case.filing.id, "state": case.filing.state.value, "approval": None}


@rule(
    "FIL-05",
    "The materials in store are those that were approved.",
    "存储的备案材料应与获准材料一致。",
    basis=Basis.DESIGN,
    source="comparison by design, after the truth duty of Announcement [2026] No. 1",
    cure="Restore the approved materials, or file the change and have it approved.",
)
def materials_are_those_approved(case: GateCase) -> Iterator[Facts]:
    """The hash recomputed from the stored materials equals the approved one."""
    approval = case.filing.approval if case.filing else None
    if approval and approval.bundle_hash != case.recomputed_hash:
        yield {"approved_hash": approval.bundle_hash, "recomputed_hash": case.recomputed_hash}


@rule(
    "FIL-09",
    "The result of a completed filing is published.",
    "备案结果应予公示。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, publication",
    cure="Wait until the anchor of the approval is confirmed on chain.",
)
def filing_is_published(case: GateCase) -> Iterator[Facts]:
    """Approved means published and anchored; neither before the decision nor in the future."""
    approval = case.filing.approval if case.filing else None
    if case.filing is None or approval is None:
        return
    published = case.filing.published_on
    if published is None:
        yield {"filing": case.filing.id, "published": False}
    elif not approval.decided_on <= published <= case.today:
        days = {
            "published_on": published.isoformat(),
            "decided_on": approval.decided_on.isoformat(),
        }
        yield {"filing": case.filing.id, **days}


@rule(
    "FIL-11",
    "The completed issuance is reported in time.",
    "境外发行完成后应及时报告。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, reporting; days recalled from listing notices",
    cure="Report the completed issuance (EV-01).",
    figures=("completion_report_days",),
)
def completion_is_reported(case: GateCase) -> Iterator[Facts]:
    """No completion report is overdue."""
    yield from _overdue(case, only_completion=True)


@rule(
    "FIL-12",
    "Major risks and other major matters are reported promptly.",
    "发生重大风险或其他重大事项应及时报告。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, reporting; the days by analogy, art. 22",
    cure="Report the event that is named.",
    figures=("event_report_days",),
)
def events_are_reported(case: GateCase) -> Iterator[Facts]:
    """No other known event is overdue."""
    yield from _overdue(case, only_completion=False)


def _overdue(case: GateCase, *, only_completion: bool) -> Iterator[Facts]:
    for event in case.filing.overdue_events(case.today) if case.filing else ():
        if (event.code == COMPLETION) is only_completion:
            yield {"event": event.code, "due_on": event.due_on.isoformat()}


@rule(
    "FIL-13",
    "Nothing is issued on materials that a material change has overtaken.",
    "备案后发生重大变化的，更新备案材料前不得发行。",
    basis=Basis.ANALOGY,
    source="Application guideline No. 1, 2.10; no mint meanwhile by design",
    cure="Amend the filing and have it approved again.",
)
def materials_show_every_change(case: GateCase) -> Iterator[Facts]:
    """Every material change known before the issuance is in the approved version."""
    for event in case.filing.changes_to_amend() if case.filing else ():
        yield {"event": event.code, "noted_on": event.noted_on.isoformat()}


@rule(
    "FIL-14",
    "Issuance happens while the filing is valid.",
    "备案有效期内未完成发行的，应更新材料。",
    basis=Basis.ANALOGY,
    source="Application guideline No. 1, 2.9",
    cure="Amend the filing with updated materials, and have it approved again.",
    figures=("validity_months",),
)
def filing_has_not_expired(case: GateCase) -> Iterator[Facts]:
    """The last day is the one before `valid_until`, as on chain."""
    approval = case.filing.approval if case.filing else None
    if approval and case.utc_day >= approval.valid_until:
        yield {
            "valid_until": approval.valid_until.isoformat(),
            "utc_day": case.utc_day.isoformat(),
        }


@rule(
    "FIL-17",
    "All draws together stay within the filed total.",
    "分次发行合计不得超过备案总额。",
    basis=Basis.ANALOGY,
    source="Application guideline No. 1, 2.4",
    cure="Issue fewer units, or file the larger amount.",
)
def within_the_filed_total(case: GateCase) -> Iterator[Facts]:
    """Units minted, on their way and asked for, against the tranche's filed cap."""
    approval = case.filing.approval if case.filing else None
    if approval is None:
        return
    cap = approval.cap_of(case.tranche_id)
    if case.minted + case.units > cap:
        yield {
            "tranche": case.tranche_id,
            "cap_units": cap,
            "minted_units": case.minted,
            "asked_units": case.units,
        }


@rule(
    "NEG-07",
    "A prohibited circumstance that arises after the filing stops the issuance.",
    "备案后出现禁止情形的，应当停止发行。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 25",
    cure=TO_CLEAR,
)
def no_prohibition_has_arisen(case: GateCase) -> Iterator[Facts]:
    """Whenever it came, also between approval and publication, and whoever has erased it since."""
    if case.filing is None:
        return
    if ADVERSE in (case.filing.security_determination, case.logged_determination):
        yield CuredOtherwise(TO_WITHDRAW, {"filing": case.filing.id, "determination": ADVERSE})
    for event in case.filing.events:
        # Reporting it does not end it, and clearing it does not report it.
        if event.code == PROHIBITION and None in (event.reported_on, event.cleared_on):
            yield {"filing": case.filing.id, "event": event.code}


GATE_RULES: tuple[Rule[GateCase], ...] = (
    filing_comes_first,
    materials_are_those_approved,
    filing_is_published,
    completion_is_reported,
    events_are_reported,
    materials_show_every_change,
    filing_has_not_expired,
    within_the_filed_total,
    no_prohibition_has_arisen,
)


@rule(
    "INV-01",
    "Units go to investors whom the registrar has admitted, and to nobody else.",
    "仅限经登记机构准入的境外合格投资者。",
    basis=Basis.SOURCE,
    source="commentary; identity allow-list by design",
    cure="Have the registrar admit the investor to this deal.",
)
def recipient_is_admitted(case: RecipientCase) -> Iterator[Facts]:
    """Known to the registrar for this deal."""
    if case.status is None:
        yield {"investor": case.investor_id, "admitted": False}


@rule(
    "INV-10",
    "A subscription reaches the minimum.",
    "认购金额不得低于最低限额。",
    basis=Basis.ANALOGY,
    source="CSRC announcement [2014] 49 art. 29",
    cure="Subscribe for more units.",
)
def subscription_reaches_the_minimum(case: RecipientCase) -> Iterator[Facts]:
    """What the investor holds of the offering, this subscription included."""
    if case.invested_micro < case.minimum_micro:
        yield {
            "investor": case.investor_id,
            "invested_micro": case.invested_micro,
            "minimum_micro": case.minimum_micro,
        }


@rule(
    "INV-12",
    "A frozen investor receives nothing.",
    "被冻结的投资者不得受让。",
    basis=Basis.DESIGN,
    source="screening and its effect by design, after the AML duty of Document 42",
    cure="None until enforcement clears the investor.",
)
def recipient_is_not_frozen(case: RecipientCase) -> Iterator[Facts]:
    """Status of the investor."""
    if case.status is InvestorStatus.FROZEN:
        yield {"investor": case.investor_id, "status": InvestorStatus.FROZEN.value}


@rule(
    "INV-13",
    "An investor whose eligibility has expired receives nothing; it is still paid, and may leave.",
    "资格过期的投资者不得受让，但可获付款及退出。",
    basis=Basis.DESIGN,
    source="yearly re-attestation",
    cure="Renew the evidence with the registrar.",
)
def recipient_has_not_expired(case: RecipientCase) -> Iterator[Facts]:
    """At the start of the expiry day, UTC, as on chain."""
    if case.eligible_until is not None and case.utc_day >= case.eligible_until:
        yield {"investor": case.investor_id, "eligible_until": case.eligible_until.isoformat()}


RECIPIENT_RULES: tuple[Rule[RecipientCase], ...] = (
    recipient_is_admitted,
    subscription_reaches_the_minimum,
    recipient_is_not_frozen,
    recipient_has_not_expired,
)

#: What is looked at of the filing when an investor subscribes; the rest when its units are minted.
SUBSCRIPTION_RULES: tuple[Rule[GateCase], ...] = (filing_comes_first,)
