"""Every operation against every role: one table, checked against what the application publishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from issuer.domain.roles import PERMISSIONS, Act, Role
from tests.support.problems import refused
from tests.support.story import DEAL, Story, document, instant, investor_document, offer

NOTHING = "nothing"
REASON = {"reason": "by the role matrix"}
HASH = "0x" + "ab" * 32

#: Operation -> the act it needs; None: anybody, without a key. A path of the API that changes
#: something and has no row here fails the first test.
ACTS: dict[tuple[str, str], Act | None] = {
    ("POST", "/v1/deals"): Act.REGISTER_DEAL,
    ("POST", "/v1/deals/{deal}/deployment"): Act.DEPLOY_DEAL,
    ("POST", "/v1/deals/{deal}/filings"): Act.DRAFT_FILING,
    ("POST", "/v1/filings/{filing}/attestations"): Act.DRAFT_FILING,
    ("POST", "/v1/filings/{filing}/submission"): Act.SUBMIT_FILING,
    ("POST", "/v1/filings/{filing}/checks"): Act.READ_MATERIALS,
    ("POST", "/v1/filings/{filing}/formality-check"): Act.CHECK_FORMALITY,
    ("POST", "/v1/filings/{filing}/supplement-request"): Act.REQUEST_SUPPLEMENT,
    ("POST", "/v1/filings/{filing}/versions"): Act.ANSWER_SUPPLEMENT,
    ("POST", "/v1/filings/{filing}/supplement"): Act.ANSWER_SUPPLEMENT,
    ("POST", "/v1/filings/{filing}/withdrawal"): Act.WITHDRAW_FILING,
    ("POST", "/v1/filings/{filing}/consultation"): Act.CONSULT,
    ("POST", "/v1/filings/{filing}/consultation/conclusion"): Act.CONSULT,
    ("POST", "/v1/filings/{filing}/review-suspension"): Act.SUSPEND_REVIEW,
    ("POST", "/v1/filings/{filing}/review-suspension/lift"): Act.SUSPEND_REVIEW,
    ("POST", "/v1/filings/{filing}/termination"): Act.TERMINATE_FILING,
    ("POST", "/v1/filings/{filing}/amendment"): Act.AMEND_FILING,
    ("POST", "/v1/filings/{filing}/amendment/cancellation"): Act.AMEND_FILING,
    ("POST", "/v1/filings/{filing}/maturity"): Act.MATURE_FILING,
    ("POST", "/v1/filings/{filing}/final-payment"): Act.PAY_DISTRIBUTION,
    ("POST", "/v1/filings/{filing}/closure"): Act.CLOSE_FILING,
    ("POST", "/v1/filings/{filing}/approval"): Act.APPROVE_FILING,
    ("POST", "/v1/filings/{filing}/events"): Act.NOTE_EVENT,
    ("POST", "/v1/filings/{filing}/reports"): Act.REPORT_EVENT,
    ("POST", "/v1/filings/{filing}/event-clearance"): Act.CLEAR_EVENT,
    ("POST", "/v1/filings/{filing}/suspension"): Act.SUSPEND_FILING,
    ("POST", "/v1/filings/{filing}/suspension/lift"): Act.LIFT_SUSPENSION,
    ("POST", "/v1/filings/{filing}/revocation"): Act.REVOKE_FILING,
    ("POST", "/v1/filings/{filing}/security-determination"): Act.DETERMINE_SECURITY,
    ("POST", "/v1/filings/{filing}/deadlines"): Act.ENFORCE_DEADLINES,
    ("POST", "/v1/deals/{deal}/investors"): Act.ADMIT_INVESTOR,
    ("POST", "/v1/deals/{deal}/investors/checks"): Act.ADMIT_INVESTOR,
    ("PUT", "/v1/investors/{investor}"): Act.ADMIT_INVESTOR,
    ("POST", "/v1/investors/{investor}/freeze"): Act.FREEZE_INVESTOR,
    ("POST", "/v1/investors/{investor}/clearance"): Act.FREEZE_INVESTOR,
    ("POST", "/v1/investors/{investor}/recovery"): Act.RECOVER_WALLET,
    ("PUT", "/v1/sanctions"): Act.UPDATE_SANCTIONS,
    ("POST", "/v1/deals/{deal}/pause"): Act.PAUSE_TRANSFERS,
    ("POST", "/v1/deals/{deal}/pause/lift"): Act.PAUSE_TRANSFERS,
    ("POST", "/v1/deals/{deal}/forced-transfers"): Act.FORCE_TRANSFER,
    ("POST", "/v1/filings/{filing}/default"): Act.DECLARE_DEFAULT,
    ("POST", "/v1/filings/{filing}/default/waiver"): Act.DECLARE_DEFAULT,
    ("POST", "/v1/filings/{filing}/acceleration"): Act.DECLARE_DEFAULT,
    ("POST", "/v1/filings/{filing}/acceleration/rescission"): Act.DECLARE_DEFAULT,
    ("POST", "/v1/deals/{deal}/offering/open"): Act.OPEN_OFFERING,
    ("POST", "/v1/deals/{deal}/offering/close"): Act.CLOSE_OFFERING,
    ("POST", "/v1/deals/{deal}/subscriptions"): Act.SUBSCRIBE,
    ("POST", "/v1/deals/{deal}/subscriptions/{subscription}/withdrawal"): Act.WITHDRAW_SUBSCRIPTION,
    ("POST", "/v1/deals/{deal}/issuances"): Act.ISSUE_UNITS,
    ("POST", "/v1/deals/{deal}/listings"): Act.LIST_NOTES,
    ("POST", "/v1/checks/mint"): Act.ISSUE_UNITS,
    ("POST", "/v1/checks/subscription"): Act.SUBSCRIBE,
    ("POST", "/v1/checks/filing"): Act.READ_MATERIALS,
    ("POST", "/v1/checks/transfer"): None,  # any key will do, an investor's for its own wallet
    ("POST", "/v1/comparisons"): None,  # likewise
    ("POST", "/v1/projections"): None,  # any key will do: it says nothing of holders
    ("POST", "/v1/deals/{deal}/proceeds"): Act.USE_PROCEEDS,
    ("POST", "/v1/deals/{deal}/purchases"): Act.BUY_ASSETS,
    ("POST", "/v1/deals/{deal}/collections"): Act.REPORT_COLLECTIONS,
    ("POST", "/v1/deals/{deal}/fixings"): Act.ENTER_FIXING,
    ("POST", "/v1/deals/{deal}/support"): Act.RECEIVE_SUPPORT,
    ("POST", "/v1/deals/{deal}/distributions"): Act.DETERMINE_DISTRIBUTION,
    ("POST", "/v1/deals/{deal}/distributions/dry-run"): Act.DETERMINE_DISTRIBUTION,
    ("POST", "/v1/distributions/{distribution_id}/record"): Act.DETERMINE_DISTRIBUTION,
    ("POST", "/v1/distributions/{distribution_id}/payment"): Act.PAY_DISTRIBUTION,
    ("POST", "/v1/distributions/{distribution_id}/releases"): Act.COLLECT_PAYMENT,
    ("POST", "/v1/simulation/clock"): Act.MOVE_CLOCK,
    ("POST", "/v1/simulation/coin"): Act.SUPPLY_COIN,
    ("POST", "/v1/simulation/accounts"): Act.PERMIT_ACCOUNT,
    ("POST", "/v1/simulation/api-keys"): Act.ISSUE_API_KEY,
}

#: Reading that is not for everybody -> the act it needs, and whether an investor may see its own.
READS: dict[str, tuple[Act, bool]] = {
    "/v1/deals/{deal}/tranches/{tranche}": (Act.READ_HOLDERS, False),
    "/v1/deals/{deal}/reconciliation": (Act.READ_HOLDERS, False),
    "/v1/deals/{deal}/ledger": (Act.READ_LEDGER, False),
    "/v1/deals/{deal}/proceeds": (Act.READ_LEDGER, False),
    "/v1/deals/{deal}/purchases": (Act.READ_LEDGER, False),
    "/v1/deals/{deal}/ledger/postings": (Act.READ_LEDGER, False),
    "/v1/deals/{deal}/investors": (Act.READ_INVESTORS, False),
    "/v1/filings/{filing}/versions/{version}": (Act.READ_MATERIALS, False),
    "/v1/investors/{investor}": (Act.READ_INVESTORS, True),
    "/v1/deals/{deal}/subscriptions": (Act.READ_HOLDERS, True),
    "/v1/distributions/{distribution_id}": (Act.READ_HOLDERS, True),
    "/v1/deals/{deal}/investor-report": (Act.READ_HOLDERS, True),
    "/v1/deals/{deal}/supervision": (Act.READ_SUPERVISION, False),
    "/v1/audit": (Act.READ_AUDIT, False),
    "/v1/audit/verification": (Act.READ_AUDIT, False),
}

#: Reading that the log tells of.
LOGGED_READS: dict[str, Act] = {"/v1/deals/{deal}/export": Act.EXPORT_DEAL}

CASES = [
    pytest.param(method, path, act, id=f"{method} {path}")
    for (method, path), act in ACTS.items()
    if act is not None
]


def key_of(role: Role) -> str:
    """Who asks in this role: for the investor, H1 with its own key."""
    return "H1" if role is Role.INVESTOR else role.value


def at(path: str, story: Story, deal: str = DEAL) -> str:
    """The path with ids of things that exist, or of a deal, a filing and so on that do not."""
    real = deal == DEAL
    return path.format(
        deal=deal,
        filing=story.filing if real else NOTHING,
        investor="H1" if real else NOTHING,
        distribution_id=story.distribution if real else NOTHING,
        subscription=f"{deal}-s1",
        tranche="A",
        version=1,
    )


def body_of(path: str, deal: str = DEAL) -> Any:
    """A well-formed body, so that nothing but the role can be wrong."""
    wallet = investor_document("H1")["wallet"]
    new_deal = {**document("ev-charging.yaml"), "id": "another"}
    bodies: dict[str, Any] = {
        "/v1/deals": new_deal if deal == DEAL else document("ev-charging.yaml"),
        "/v1/deals/{deal}/filings": document("ev-charging.filing.yaml"),
        "/v1/filings/{filing}/attestations": {"role": "counsel", "signature": "0x" + "11" * 65},
        "/v1/filings/{filing}/supplement-request": {"materials": ["M-13"], "note": "more"},
        "/v1/filings/{filing}/versions": {"materials": []},
        "/v1/filings/{filing}/approval": {"version": 1, "bundle_hash": HASH},
        "/v1/filings/{filing}/events": {"code": "EV-03"},
        "/v1/filings/{filing}/reports": {"code": "EV-03", "report": "a report"},
        "/v1/filings/{filing}/event-clearance": {"code": "EV-03"},
        "/v1/filings/{filing}/consultation": REASON,
        "/v1/filings/{filing}/consultation/conclusion": REASON,
        "/v1/filings/{filing}/review-suspension": REASON,
        "/v1/filings/{filing}/review-suspension/lift": REASON,
        "/v1/filings/{filing}/termination": REASON,
        "/v1/filings/{filing}/suspension": REASON,
        "/v1/filings/{filing}/suspension/lift": REASON,
        "/v1/filings/{filing}/revocation": REASON,
        "/v1/filings/{filing}/security-determination": {"determination": "ADVERSE"},
        "/v1/deals/{deal}/investors": investor_document("H1"),
        "/v1/deals/{deal}/investors/checks": investor_document("H1"),
        "/v1/investors/{investor}": investor_document("H1"),
        "/v1/investors/{investor}/freeze": REASON,
        "/v1/investors/{investor}/clearance": REASON,
        "/v1/investors/{investor}/recovery": {"wallet": wallet, "order_hash": HASH},
        "/v1/deals/{deal}/pause": REASON,
        "/v1/deals/{deal}/pause/lift": REASON,
        "/v1/deals/{deal}/forced-transfers": {
            "tranche": "A",
            "sender": "H1",
            "receiver": "H2",
            "units": 2_000,
            "order_hash": HASH,
        },
        "/v1/filings/{filing}/default": {"notice_hash": HASH},
        "/v1/filings/{filing}/default/waiver": {"notice_hash": HASH},
        "/v1/filings/{filing}/acceleration": {"notice_hash": HASH},
        "/v1/filings/{filing}/acceleration/rescission": {"notice_hash": HASH},
        "/v1/sanctions": {"reference": "a list", "entries": ["Nobody"]},
        "/v1/deals/{deal}/subscriptions": {"tranche": "A", "units": 2_000},
        "/v1/deals/{deal}/issuances": {"tranche": "A", "investor": "H1", "units": 2_000},
        "/v1/deals/{deal}/listings": {"venue": "a professional exchange", "retail": False},
        "/v1/checks/mint": {"deal": deal, "tranche": "A", "units": 1},
        "/v1/checks/subscription": {"deal": deal, "tranche": "A", "units": 1},
        "/v1/checks/filing": {"filing": f"{deal}-1"},
        "/v1/deals/{deal}/collections": {**document("ev-charging.collections.yaml"), "deal": deal},
        "/v1/deals/{deal}/fixings": {
            "period": 1,
            "index": "HIBOR-3M",
            "rate": "4.25",
            "fixed_on": "2026-04-13",
            "source": "a source",
        },
        "/v1/deals/{deal}/support": {
            "period": 1,
            "sponsor": "parent",
            "amount": "1",
            "received_on": "2026-07-01",
            "reference": "a reference",
        },
        "/v1/deals/{deal}/proceeds": {"use": "a use", "amount": "1", "inbound_reference": "r"},
        "/v1/deals/{deal}/purchases": offer(),
        "/v1/deals/{deal}/distributions": {"period": 1},
        "/v1/deals/{deal}/distributions/dry-run": {"period": 1},
        "/v1/distributions/{distribution_id}/releases": {"investor": "H1"},
        "/v1/simulation/clock": {"now": instant("12-01T10:00")},
        "/v1/simulation/coin": {"deal": deal, "wallet": wallet, "amount": "1", "reference": "r"},
        "/v1/simulation/accounts": {"address": wallet, "label": "a wallet"},
        "/v1/simulation/api-keys": {"role": "auditor", "name": "another auditor"},
    }
    return bodies.get(path)


@pytest.fixture
def held(standing_at: Callable[[str], Story]) -> Story:
    """A deal in the middle of a payment: everything a path can name exists."""
    return standing_at("recorded")


def test_table_of_acts_covers_every_operation_that_changes_something(held: Story) -> None:
    paths = held.client.read(None, "/openapi.json")["paths"]
    published = {
        (method.upper(), path)
        for path, operations in paths.items()
        for method in operations
        if method != "get"
    }
    assert published == set(ACTS)


def test_every_act_of_the_table_of_roles_is_reachable() -> None:
    # An act that no operation asks for would be a permission to nothing.
    used = {act for act in ACTS.values() if act} | {act for act, _ in READS.values()}
    assert used | set(LOGGED_READS.values()) == set(Act)


@pytest.mark.parametrize(("method", "path", "act"), CASES)
def test_operation_by_a_role_without_permission_is_refused_and_changes_nothing(
    held: Story, method: str, path: str, act: Act
) -> None:
    for role in set(Role) - PERMISSIONS[act]:
        answer = held.client.call(key_of(role), method, at(path, held), body_of(path))
        problem = refused(answer, 403, "role.missing")
        assert problem["allowed_roles"] == sorted(PERMISSIONS[act])
        assert problem["role"] == role
        assert all(allowed in problem["detail"] for allowed in PERMISSIONS[act])


@pytest.mark.parametrize(("method", "path", "act"), CASES)
def test_operation_without_a_known_key_is_refused_and_changes_nothing(
    held: Story, method: str, path: str, act: Act
) -> None:
    where, body = at(path, held), body_of(path)
    refused(held.client.call(None, method, where, body), 401, "api_key.missing")
    unknown = {"X-API-Key": "abs_operator_nobody-has-issued-this"}
    answer = held.client.http.request(method, where, json=body, headers=unknown)
    refused(answer, 401, "api_key.unknown")


@pytest.fixture(scope="module")
def changing(story_of_module: Callable[[str], Story]) -> Story:
    """A deal that the allowed operations may change."""
    return story_of_module("admitted")


@pytest.mark.parametrize(("method", "path", "act"), CASES)
def test_operation_by_a_role_with_permission_is_not_a_matter_of_roles(
    changing: Story, method: str, path: str, act: Act
) -> None:
    # About things that do not exist: what the refusal says then is that there is no such thing.
    for role in PERMISSIONS[act]:
        answer = changing.client.call(
            key_of(role), method, at(path, changing, NOTHING), body_of(path, NOTHING)
        )
        assert answer.status_code in (200, 201, 202, 404, 409, 422), answer.text
        assert "role.missing" not in answer.text


@pytest.mark.parametrize("path", READS)
def test_reading_by_a_role_without_permission_is_refused(held: Story, path: str) -> None:
    act, own = READS[path]
    for role in Role:
        answer = held.client.get(key_of(role), at(path, held))
        if role in PERMISSIONS[act] or (own and role is Role.INVESTOR):
            assert answer.status_code == 200, f"{role}: {answer.text}"
        else:
            refused(answer, 403, "role.missing")
    refused(held.client.get(None, at(path, held)), 401, "api_key.missing")


@pytest.mark.parametrize("path", LOGGED_READS)
def test_reading_that_is_logged_is_for_its_roles_only(changing: Story, path: str) -> None:
    for role in Role:
        answer = changing.client.get(key_of(role), at(path, changing))
        if role in PERMISSIONS[LOGGED_READS[path]]:
            assert answer.status_code == 200, f"{role}: {answer.text}"
        else:
            refused(answer, 403, "role.missing")
    refused(changing.client.get(None, at(path, changing)), 401, "api_key.missing")


def test_reading_what_is_public_needs_no_key(held: Story) -> None:
    paths = held.client.read(None, "/openapi.json")["paths"]
    operation = "/v1/operations/{operation}"
    not_public = {*READS, *LOGGED_READS, operation}
    public = [path for path, each in paths.items() if "get" in each and path not in not_public]
    assert len(public) > 10
    for path in public:
        where = path.replace("{rule}", "FIL-01")
        assert held.client.get(None, at(where, held)).status_code == 200, path


def test_reading_an_operation_needs_a_key_of_whatever_role(held: Story) -> None:
    where = f"/v1/operations/{_some_operation(held)}"
    refused(held.client.get(None, where), 401, "api_key.missing")
    assert held.client.get("auditor", where).status_code == 200


def _some_operation(story: Story) -> str:
    # Its id follows from what it is: this one deployed the deal.
    with story.served.simulator.context.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT id FROM operation LIMIT 1").scalar_one()
    return str(found)
