"""What a row of the audit log is evidence of: the facts that its act has stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from issuer.store.audit import AuditRow


def said_of_acts(row: AuditRow) -> Iterator[tuple[str, str, str, Any]]:
    """(kind, subject, fact, value) of each fact that a row of the log is evidence of."""
    facts = row.facts
    match row.act:
        case "subscribe":
            yield from (("subscription", row.subject, name, value) for name, value in facts.items())
            yield "subscription", row.subject, "withdrawn", False
        case "withdraw_subscription":
            yield "subscription", row.subject, "withdrawn", True
        case "report_collections":
            yield from (
                (kind, f"{row.subject}/{each}", "content", value)
                for kind, hashes in _OF_A_REPORT.items()
                for each, value in dict(facts.get(hashes) or {}).items()
            )
        case "note_event" | "report_event" | "clear_event":
            yield from _said_of_events(row)
        case act if act in _OF_A_DAY:
            yield _OF_A_DAY[act], f"{row.subject} on {facts.get('day')}", "made", True
        case act:
            for kind, fact, name in _EVIDENCE.get(act, ()):
                yield kind, _WHOLE.get(kind, row.subject), fact, facts.get(name)


def _said_of_events(row: AuditRow) -> Iterator[tuple[str, str, str, Any]]:
    facts = row.facts
    event = f"{row.subject}/{facts.get('event')}"
    if row.act == "note_event":
        yield "event", f"{event} due {facts.get('due_on')}{to_amend(facts)}", "noted", True
    elif row.act == "report_event":
        yield "report", f"{event} {facts.get('hash')}{to_amend(facts)}", "made", True
    else:
        for cleared in facts.get("cleared") or ():
            yield "clearance", f"{row.subject}/{cleared} on {facts.get('day')}", "made", True


def to_amend(event: Mapping[str, Any]) -> str:
    """Part of what an event is: that the materials are to be amended as well, and until when."""
    amend_by = event.get("amend_by")
    return f", to be amended by {amend_by}" if amend_by else ""


#: Act -> (kind, fact, name of the fact in the log) where a row says one thing of its subject.
_EVIDENCE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "register_deal": (("deal", "document", "document_hash"),),
    "admit_investor": (
        ("investor", "document", "document_hash"),
        ("investor", "eligibility", "until"),
    ),
    "renew_investor": (
        ("investor", "document", "document_hash"),
        ("investor", "eligibility", "until"),
    ),
    "determine_distribution": (("distribution", "figures", "figures_hash"),),
    "use_proceeds": (("proceeds", "content", "content_hash"),),
    "enter_fixing": (("fixing", "content", "content_hash"),),
    "receive_support": (("support", "content", "content_hash"),),
    "buy_assets": (("purchase", "content", "content_hash"),),
    "move_clock": (("clock", "instant", "to"),),
    "begin": (("clock", "instant", "to"),),
    "update_sanctions": (("sanctions", "content", "content_hash"),),
}
#: What a servicer reports -> where the log has the hash of each.
_OF_A_REPORT = {"collections": "content_hashes", "pool report": "pool_report_hashes"}
#: Acts that events show as done on a day, and as what.
_OF_A_DAY = {
    "amend_filing": "amendment",
    "answer_supplement": "amendment",
}
#: There is one of each, whatever the acts are about.
_WHOLE = {"clock": "now", "sanctions": "list"}
