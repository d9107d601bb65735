"""What in a deal calls for its supervisor's attention, the gravest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from issuer.domain.investor import InvestorStatus
from issuer.domain.lifecycle import FilingState
from issuer.domain.money import format_micro
from issuer.domain.waterfall.standing import Standing
from issuer.services.oversight import Oversight


@dataclass(frozen=True, slots=True)
class Point:
    """One matter: what kind it is for programs, and a sentence for people."""

    matter: str
    says: str


def points(seen: Oversight) -> tuple[Point, ...]:
    """Everything that is not as it should be; nothing of it where all is well."""
    return (
        *_evidence(seen),
        *_filing(seen),
        *_enforcement(seen),
        *_payments(seen),
        *_holders(seen),
        *_rules(seen),
    )


def _evidence(seen: Oversight) -> Iterator[Point]:
    """Whether what is shown here can be believed."""
    if seen.log.flaws:
        yield Point("audit_log", f"the audit log is not intact: {len(seen.log.flaws)} flaws")
    if seen.comparison is not None and not seen.comparison.agrees:
        count = len(seen.comparison.differences)
        yield Point("reconciliation", f"database and chain differ in {count} facts")
    if seen.dossier is not None and not seen.dossier.intact:
        version = seen.dossier.stored.version
        yield Point("materials", f"version {version} is not what was submitted or approved")


def _filing(seen: Oversight) -> Iterator[Point]:
    filing = seen.filing
    if filing is None:
        return
    if filing.state in (FilingState.SUSPENDED, FilingState.REVOKED):
        yield Point("filing", f"filing {filing.id} is {filing.state}")
    if filing.security_determination == "ADVERSE":
        yield Point(
            "security", "another authority has determined that national security is at stake"
        )
    for event in filing.events:
        if event.reported_on is None:
            late = "was" if event.is_overdue(seen.today) else "is"
            matter = "event_overdue" if event.is_overdue(seen.today) else "event_due"
            yield Point(matter, f"the report of {event.code} {late} due on {event.due_on}")
        elif event.is_open:
            yield Point(
                "event_open", f"{event.code} is reported, and the regulator has not cleared it"
            )
    for event in filing.changes_to_amend():
        yield Point("amendment_due", f"{event.code} is to be in the materials by {event.amend_by}")


def _payments(seen: Oversight) -> Iterator[Point]:
    """Payment dates that have passed, whether or not anybody has noted it (SET-12)."""
    for each in seen.late:
        days = f"{each.days_late} day{'s' if each.days_late > 1 else ''}"
        missed = f"period {each.period} was to be paid on {each.payment_on} and is {days} late"
        if each.today > each.grace_until:
            yield Point("payment_default", f"{missed}: grace ended on {each.grace_until}")
        else:
            yield Point("payment_delayed", f"{missed}: within grace until {each.grace_until}")


def _enforcement(seen: Oversight) -> Iterator[Point]:
    if seen.standing is not Standing.PERFORMING:
        yield Point("standing", f"the trustee has declared the deal {seen.standing}")
    halted = [each.tranche for each in seen.tranches if each.paused]
    if halted:
        yield Point("paused", f"enforcement has halted {', '.join(halted)}")


def _holders(seen: Oversight) -> Iterator[Point]:
    for hit in seen.sanctions.hits:
        listed = ", ".join(hit.listed)
        yield Point(
            "sanctions", f"the list names {listed}: investor {hit.investor} is {hit.status}"
        )
    unknown = {each.wallet for each in seen.holdings if each.registered is None}
    if unknown:
        yield Point("unknown_holders", f"{len(unknown)} wallets hold units and are nobody's")
    frozen = {each.investor_id for each in seen.holdings if each.status is InvestorStatus.FROZEN}
    if frozen:
        yield Point("frozen", f"frozen with units: {', '.join(sorted(filter(None, frozen)))}")
    aside = sum(each.set_aside_micro for each in seen.periods)
    if aside:
        yield Point(
            "set_aside", f"{format_micro(aside)} {seen.deal.currency} is set aside for holders"
        )


def _rules(seen: Oversight) -> Iterator[Point]:
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for each in seen.findings:
        by_rule[each.finding.rule].append(each.subject)
    for rule, subjects in sorted(by_rule.items()):
        yield Point("rule", f"{rule} would not pass today: {', '.join(dict.fromkeys(subjects))}")
    if seen.blocked_requests:
        count = seen.blocked_requests
        yield Point("blocked_requests", f"{count} requests from the mainland were turned away")
