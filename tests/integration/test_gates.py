"""Two gates stand before every mint, and each holds alone.

First the database is altered behind the service's back: the service refuses although the chain
would let the mint through. Then the database says what the chain does not: the service sees that they
differ, and the chain, asked with the issuer's own key, refuses as well. Last, the service is not asked
at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.integration.forger import Forger
from tests.support.problems import refused
from tests.support.simulator import address_of
from tests.support.story import ATTESTERS, DEAL, PRICE_MICRO, WALLETS, Story, investor_document

StoryAt = Callable[[str], Story]

DVP = "dvp_settlement"
ISSUER = 4
UNITS = 1_100  # HKD 1,100,000: a little more than the smallest subscription


def wallet(investor: str) -> str:
    return str(investor_document(investor)["wallet"])


def rules_of(answer: httpx.Response) -> list[str]:
    return [finding["rule"] for finding in answer.json()["findings"]]


def supply(story: Story) -> int:
    return int(story.ledger.read("abs_token:A", "totalSupply"))


def ask_to_issue(story: Story, investor: str, units: int) -> httpx.Response:
    path = f"/v1/deals/{DEAL}/issuances"
    return story.client.post("issuer", path, story.issuance_body(investor, units))


def paid_in(story: Story, investor: str, units: int) -> None:
    story.pay_in(investor, story.subscribe(investor, units))


def refused_by_service(story: Story, investor: str, units: int) -> list[str]:
    """The rules that refused; nothing was minted and no operation written."""
    story.served.settle()
    before = story.served.fingerprint()
    answer = ask_to_issue(story, investor, units)
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == "rulebook.violated"
    assert story.served.fingerprint() == before
    return rules_of(answer)


def differing(story: Story, investor: str, units: int) -> set[str]:
    """On what database and chain differ, by the service; nothing was minted, no operation written."""
    story.served.settle()
    before = story.served.fingerprint()
    problem = refused(ask_to_issue(story, investor, units), 409, "reconciliation.mismatch")
    assert story.served.fingerprint() == before
    return {each["what"] for each in problem["differences"]}


def refused_by_chain(story: Story, investor: str, units: int, **other: Any) -> str | None:
    """The issuer's own key asks past the service: the name of the error."""
    mint = issue_directly(story, investor, units, **other)
    return story.ledger.refusal(ISSUER, DVP, "issue", *mint)


# ---- the service alone

TAMPERED = {
    "material-content": (
        "UPDATE material SET content = CAST(content || ' ' AS BLOB) WHERE code = 'M-01'",
        ["FIL-05"],
    ),
    "material-title": ("UPDATE material SET title = title || '.' WHERE code = 'M-02'", ["FIL-05"]),
    "material-declared": (
        "UPDATE material SET declared = json_set(declared, '$.forged', 1) WHERE code = 'M-03'",
        ["FIL-05"],
    ),
    "material-deleted": ("DELETE FROM material WHERE code = 'M-13'", ["FIL-05"]),
    "material-added": (
        (
            "INSERT INTO material SELECT filing_id, version, 'M-99', title, media_type, content,"
            " not_applicable, declared FROM material WHERE code = 'M-13'"
        ),
        ["FIL-05"],
    ),
    "section": (
        "UPDATE filing_version SET sections = json_set(sections, '$.entity.name', 'Another')",
        ["FIL-05"],
    ),
    "approved-hash": (
        "UPDATE filing SET approval = json_set(approval, '$.bundle_hash', '0x' || hex(zeroblob(32)))",
        ["FIL-05"],
    ),
    "approval-removed": ("UPDATE filing SET approval = 'null'", ["FIL-01"]),
    "never-published": ("UPDATE filing SET published_on = NULL", ["FIL-09"]),
    "validity-in-the-past": (
        "UPDATE filing SET approval = json_set(approval, '$.valid_until', '2020-01-01')",
        ["FIL-14"],
    ),
    "cap-lowered": (
        "UPDATE filing SET approval = json_set(approval, '$.caps[0][1]', 1)",
        ["FIL-17"],
    ),
    "cap-removed": (
        "UPDATE filing SET approval = json_set(approval, '$.caps', json('[]'))",
        ["FIL-17"],
    ),
    "adverse-determination": (
        "UPDATE filing SET security_determination = 'ADVERSE'",
        ["NEG-07"],
    ),
    "overdue-event": (
        (
            "UPDATE filing SET events = json_array(json_object('code', 'EV-03', 'noted_by',"
            " 'auditor', 'noted_on', '2020-01-01', 'due_on', '2020-01-01', 'reported_on', NULL,"
            " 'report_hash', NULL))"
        ),
        ["FIL-12"],
    ),
    **{
        f"state-{state}": (f"UPDATE filing SET state = '{state}'", ["FIL-01"])  # noqa: S608
        for state in ("APPROVED", "FILED", "SUSPENDED", "EXPIRED")
    },
}


@pytest.mark.parametrize(("statement", "rules"), TAMPERED.values(), ids=TAMPERED)
def test_issue_tampered_database_is_refused_until_restored(
    story_at: StoryAt, statement: str, rules: list[str]
) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    story.subscribe("H1", UNITS)
    with forger.tampering("filing", "filing_version", "material"):
        forger.write(statement)
        assert refused_by_service(story, "H1", UNITS) == rules
    check = {"deal": DEAL, "tranche": "A", "units": UNITS}
    assert story.client.do("issuer", "/v1/checks/mint", check)["refusal"] is None


@pytest.mark.rule("FIL-05")
def test_issue_tampered_material_is_refused_although_the_chain_would_mint(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    paid_in(story, "H1", UNITS)
    before = supply(story)
    with forger.tampering("material"):
        forger.write("UPDATE material SET content = CAST('false' AS BLOB) WHERE code = 'M-01'")
        assert refused_by_service(story, "H1", UNITS) == ["FIL-05"]
        direct = issue_directly(story, "H1", UNITS)
        assert story.ledger.refusal(ISSUER, DVP, "issue", *direct) is None
    assert story.issue("H1", UNITS)["state"] == "confirmed"
    assert supply(story) == before + UNITS


# ---- a database that says what the chain does not


def test_issue_forged_approval_without_anchor_is_refused_by_both(story_at: StoryAt) -> None:
    story = story_at("under_review")
    story.clock("03-02T11:00")
    forger = Forger(story.served)
    forger.approve(story.filing)
    forger.admit("H1")
    forger.subscribe(f"{DEAL}-s1", "H1", 50_000)
    found = differing(story, "H1", 50_000)
    assert {"status", "publication", "bundle hash", "offering", "evidence"} <= found
    assert refused_by_chain(story, "H1", 50_000) == "FilingNotApproved"
    assert supply(story) == 0


def test_issue_cap_raised_in_database_is_refused_by_both(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    story.sell("H1", UNITS)
    paid_in(story, "H2", 80_000)
    assert refused_by_service(story, "H2", 80_000) == ["FIL-17"]
    with forger.tampering("filing"):
        forger.write("UPDATE filing SET approval = json_set(approval, '$.caps[0][1]', 1000000)")
        assert differing(story, "H2", 80_000) == {"cap"}
    assert refused_by_chain(story, "H2", 80_000) == "CapExceeded"


def test_issue_material_and_approved_hash_changed_together_is_refused_by_both(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    paid_in(story, "H1", UNITS)
    with forger.tampering("filing", "material"):
        forger.write("UPDATE material SET content = CAST('false' AS BLOB) WHERE code = 'M-01'")
        forged = forger.bundle_hash(story.filing)
        forger.write("UPDATE filing SET approval = json_set(approval, '$.bundle_hash', ?)", forged)
        # Nobody has signed what lies there now.
        assert refused_by_service(story, "H1", UNITS) == ["FIL-05"] * len(ATTESTERS)
    assert refused_by_chain(story, "H1", UNITS, digest=forged) == "BundleHashMismatch"


def test_issue_expiry_moved_in_database_is_refused_by_both(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    paid_in(story, "H1", UNITS)
    story.clock("2027-03-02T08:00")  # midnight UTC: the first second of the expiry day
    assert refused_by_service(story, "H1", UNITS) == ["FIL-14"]
    forger.write("UPDATE filing SET approval = json_set(approval, '$.valid_until', '2030-01-01')")
    forger.write("UPDATE investor SET eligible_until = '2030-01-01' WHERE id = 'H1'")
    assert differing(story, "H1", UNITS) == {"last day", "end of minting", "expiry in A"}
    assert refused_by_chain(story, "H1", UNITS) == "FilingExpired"


def test_issue_investor_admitted_in_database_only_is_refused_by_both(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    investor = "mainland-resident"
    with forger.tampering("investor", "admission"):
        forger.admit(investor)
        story.give_key(investor)
        paid_in(story, investor, UNITS)
        assert differing(story, investor, UNITS) == {"evidence", "expiry in A"}
    assert refused_by_chain(story, investor, UNITS) == "ERC7943CannotReceive"


def test_issue_frozen_investor_cleared_in_database_only_is_refused_by_both(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    forger = Forger(story.served)
    paid_in(story, "H3", UNITS)
    story.client.do("enforcement", "/v1/investors/H3/freeze", {"reason": "under examination"})
    assert refused_by_service(story, "H3", UNITS) == ["INV-12"]
    with forger.tampering("investor"):
        forger.write("UPDATE investor SET status = 'ADMITTED' WHERE id = 'H3'")
        assert differing(story, "H3", UNITS) == {"freeze in A"}
        assert refused_by_chain(story, "H3", UNITS) == "ERC7943CannotReceive"
    story.client.do("enforcement", "/v1/investors/H3/clearance", {"reason": "cleared"})
    assert story.issue("H3", UNITS)["state"] == "confirmed"


# ---- the chain alone, the service not asked


def issue_directly(story: Story, investor: str, units: int, **other: Any) -> tuple[Any, ...]:
    """Arguments of a mint that would be in order but for `other`."""
    token = "abs_token:A"
    return (
        story.ledger.address(token),
        wallet(investor),
        units,
        other.get("digest") or story.ledger.read(token, "bundleHash"),
        other.get("number") or story.ledger.read(token, "operationCount") + 1,
    )


def refused_directly(story: Story, *issue: Any) -> str | None:
    """The issuer's key mints past the service: the name of the error. Sent for good, it changes nothing."""
    before = supply(story)
    error = story.ledger.refusal(ISSUER, DVP, "issue", *issue)
    assert story.ledger.send(ISSUER, DVP, "issue", *issue) is False
    assert supply(story) == before
    return error


@pytest.mark.rule("FIL-01")
def test_issuer_key_without_filing_is_refused_by_chain(story_at: StoryAt) -> None:
    story = story_at("deployed")
    mint = issue_directly(story, "H1", UNITS, digest=b"\x11" * 32)
    assert refused_directly(story, *mint) == "FilingNotApproved"


def test_issuer_key_outside_the_filing_is_refused_by_chain(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    left = 80_000 - supply(story)
    for mint, error in (
        (issue_directly(story, "H1", left + 1), "CapExceeded"),
        (issue_directly(story, "H1", UNITS, digest=b"\x11" * 32), "BundleHashMismatch"),
        (issue_directly(story, "mainland-resident", UNITS), "ERC7943CannotReceive"),
        (issue_directly(story, "H1", UNITS, number=9_999), "OperationOutOfSequence"),
        (issue_directly(story, "H1", 0), "NothingToIssue"),
    ):
        assert refused_directly(story, *mint) == error


def test_issuer_key_mints_only_against_coin_and_each_operation_once(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    mint = issue_directly(story, "H2", UNITS)
    assert refused_directly(story, *mint) == "ERC20InsufficientAllowance"
    paid_in(story, "H2", UNITS)
    assert story.ledger.send(ISSUER, DVP, "issue", *mint) is True
    assert (story.units_of("H2"), story.coin_of("H2")) == (UNITS, 0)
    proceeds = story.ledger.read("settlement_coin:HKDS", "balanceOf", address_of(4))
    assert proceeds == UNITS * PRICE_MICRO
    assert refused_directly(story, *mint) == "OperationOutOfSequence"


@pytest.mark.rule("FIL-14")
def test_issuer_key_after_the_expiry_is_refused_by_chain(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    story.clock("2027-03-02T07:59")
    early = issue_directly(story, "H1", UNITS)
    assert story.ledger.refusal(ISSUER, DVP, "issue", *early) != "FilingExpired"
    story.clock("2027-03-02T08:00")
    assert refused_directly(story, *early) == "FilingExpired"


def test_issue_after_a_mint_past_the_service_is_refused_until_somebody_has_looked_into_it(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    paid_in(story, "H2", UNITS)
    assert story.ledger.send(ISSUER, DVP, "issue", *issue_directly(story, "H2", UNITS))
    paid_in(story, "H1", UNITS)
    assert differing(story, "H1", UNITS) == {"mint", "units issued", "operations"}
    assert refused_by_chain(story, "H1", UNITS, number=1) == "OperationOutOfSequence"


# ---- suspension and revocation, on both sides


def test_suspend_then_lift_stops_and_resumes_minting_on_both_sides(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    paid_in(story, "H1", UNITS)
    path = f"/v1/filings/{story.filing}/suspension"
    story.client.do("regulator", path, {"reason": "a matter to be looked into"})
    assert refused_by_service(story, "H1", UNITS) == ["FIL-01"]
    assert refused_directly(story, *issue_directly(story, "H1", UNITS)) == "FilingSuspended"
    # Whatever the database says.
    forger = Forger(story.served)
    with forger.tampering("filing"):
        forger.write("UPDATE filing SET state = 'ISSUING', suspended_in = NULL")
        assert differing(story, "H1", UNITS) == {"status", "filing status"}
        assert refused_by_chain(story, "H1", UNITS) == "FilingSuspended"
    story.client.do("regulator", f"{path}/lift", {"reason": "cleared up"})
    assert story.issue("H1", UNITS)["state"] == "confirmed"


def test_suspend_before_the_chain_has_heard_refuses_in_the_service(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    paid_in(story, "H1", UNITS)
    story.served.simulator.worker.stop()
    path = f"/v1/filings/{story.filing}/suspension"
    answer = story.client.post("regulator", path, {"reason": "at once"}, wait=0)
    assert answer.json()["state"] == "pending"
    assert refused_by_service(story, "H1", UNITS) == ["FIL-01"]


def test_suspend_active_deal_stops_transfers_until_lifted(story_at: StoryAt) -> None:
    story = story_at("active")
    transfer = (WALLETS["H1"], "abs_token:A", "transfer", wallet("H2"), 100)
    path = f"/v1/filings/{story.filing}/suspension"
    story.client.do("regulator", path, {"reason": "a matter to be looked into"})
    assert story.ledger.refusal(*transfer) == "FilingSuspended"
    assert story.ledger.send(*transfer) is False
    check = {
        "deal": DEAL,
        "tranche": "A",
        "sender": wallet("H1"),
        "receiver": wallet("H2"),
        "units": 100,
    }
    answer = story.client.do("H1", "/v1/checks/transfer", check)
    assert answer["allowed"] is False
    assert answer["chain_refusal"]["error"] == "FilingSuspended"
    story.client.do("regulator", f"{path}/lift", {"reason": "cleared up"})
    assert story.client.do("H1", "/v1/checks/transfer", check)["allowed"] is True
    assert story.ledger.send(*transfer) is True


def test_revoke_offering_is_final_on_both_sides(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    paid_in(story, "H1", UNITS)
    filing = f"/v1/filings/{story.filing}"
    story.client.do("regulator", f"{filing}/revocation", {"reason": "false materials"})
    assert "FIL-01" in refused_by_service(story, "H1", UNITS)
    assert refused_directly(story, *issue_directly(story, "H1", UNITS)) == "FilingRevoked"
    for path, body in (
        ("/suspension/lift", {"reason": "please"}),
        ("/revocation", {"reason": "again"}),
        ("/approval", story.approval_body()),
    ):
        answer = story.client.post("regulator", filing + path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "filing.illegal_move"), path
    digest, on_chain = b"\x22" * 32, story.ledger.read("abs_token:A", "filingId")
    for function, arguments in (
        ("lift", (on_chain,)),
        ("suspend", (on_chain,)),
        ("approve", (on_chain, digest, address_of(8), 1, 40_000, [1])),
    ):
        refused = story.ledger.refusal(1, "filing_registry", function, *arguments)
        assert refused == "UnexpectedStatus", function
    forger = Forger(story.served)
    forger.write("UPDATE filing SET state = 'ISSUING'")
    assert differing(story, "H1", UNITS) == {"status", "filing status", "cap"}
    assert refused_by_chain(story, "H1", UNITS) == "FilingRevoked"
