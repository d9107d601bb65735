"""Errors: one form, a stable code, what would cure it; and nothing is stored after any of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.problems import malformed, refused, refused_by
from tests.support.story import DEAL, Story, document, investor_document

REASON = {"reason": "a reason"}
WALLET = investor_document("H1")["wallet"]


@pytest.fixture
def admitted(standing_at: Callable[[str], Story]) -> Story:
    """A filed deal with three investors. Whatever a test does here, nothing may be stored."""
    return standing_at("admitted")


# ---- ids that name nothing


UNKNOWN = [
    ("operator", "GET", "/v1/deals/nothing", None, "deal"),
    ("operator", "GET", "/v1/deals/nothing/deployment", None, "deal"),
    ("operator", "POST", "/v1/deals/nothing/deployment", None, "deal"),
    ("filer", "GET", "/v1/deals/nothing/filings", None, "deal"),
    ("filer", "POST", "/v1/deals/nothing/filings", document("ev-charging.filing.yaml"), "deal"),
    ("filer", "GET", "/v1/filings/nothing", None, "filing"),
    ("filer", "POST", "/v1/filings/nothing/submission", None, "filing"),
    ("regulator", "POST", "/v1/filings/nothing/formality-check", None, "filing"),
    ("regulator", "POST", "/v1/filings/nothing/revocation", REASON, "filing"),
    ("auditor", "POST", "/v1/filings/nothing/checks", None, "filing"),
    ("auditor", "POST", "/v1/filings/nothing/deadlines", None, "filing"),
    ("registrar", "POST", "/v1/deals/nothing/investors", investor_document("H1"), "deal"),
    ("registrar", "GET", "/v1/deals/nothing/investors", None, "deal"),
    ("registrar", "GET", "/v1/investors/nothing", None, "investor"),
    ("enforcement", "POST", "/v1/investors/nothing/freeze", REASON, "investor"),
    ("enforcement", "POST", "/v1/investors/nothing/clearance", REASON, "investor"),
    ("issuer", "POST", "/v1/deals/nothing/offering/open", None, "deal"),
    ("issuer", "POST", "/v1/deals/nothing/offering/close", None, "deal"),
    ("H1", "POST", "/v1/deals/nothing/subscriptions", {"tranche": "A", "units": 1}, "deal"),
    ("H1", "GET", "/v1/deals/nothing/subscriptions", None, "deal"),
    (
        "issuer",
        "POST",
        "/v1/deals/nothing/issuances",
        {"tranche": "A", "investor": "H1", "units": 1},
        "deal",
    ),
    ("issuer", "POST", "/v1/checks/mint", {"deal": "no", "tranche": "A", "units": 1}, "deal"),
    ("issuer", "POST", "/v1/checks/mint", {"deal": DEAL, "tranche": "Z", "units": 1}, "tranche"),
    ("auditor", "GET", "/v1/deals/nothing/tranches/A", None, "deal"),
    ("auditor", "GET", f"/v1/deals/{DEAL}/tranches/Z", None, "tranche"),
    ("auditor", "GET", "/v1/deals/nothing/ledger", None, "deal"),
    ("auditor", "GET", "/v1/deals/nothing/ledger/postings", None, "deal"),
    ("auditor", "GET", "/v1/deals/nothing/collections", None, "deal"),
    ("auditor", "GET", "/v1/deals/nothing/distributions", None, "deal"),
    ("paying_agent", "POST", "/v1/deals/nothing/distributions", {"period": 1}, "deal"),
    ("paying_agent", "POST", "/v1/deals/nothing/distributions/dry-run", {"period": 1}, "deal"),
    ("paying_agent", "GET", "/v1/distributions/nothing", None, "distribution"),
    ("paying_agent", "POST", "/v1/distributions/nothing/record", None, "distribution"),
    ("paying_agent", "POST", "/v1/distributions/nothing/payment", None, "distribution"),
    (
        "H1",
        "POST",
        "/v1/distributions/nothing/releases",
        {"investor": "H1"},
        "distribution",
    ),
    ("operator", "GET", "/v1/operations/nothing", None, "operation"),
    ("operator", "GET", "/v1/rules/XXX-99", None, "rule"),
    (
        "operator",
        "POST",
        "/v1/simulation/coin",
        {"deal": "nothing", "wallet": WALLET, "amount": "1", "reference": "r"},
        "deal",
    ),
    (
        "operator",
        "POST",
        "/v1/simulation/api-keys",
        {"role": "investor", "name": "n", "investor": "nobody"},
        "investor",
    ),
]


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "kind"),
    UNKNOWN,
    ids=[f"{case[1]} {case[2]} {case[4]}" for case in UNKNOWN],
)
def test_request_about_an_unknown_id_is_not_found(
    admitted: Story, who: str, method: str, path: str, body: Any, kind: str
) -> None:
    problem = refused(admitted.client.call(who, method, path, body), 404, f"{kind}.not_found")
    assert problem["id"] in problem["detail"]


# ---- moves that the state does not allow


BEFORE_APPROVAL = [
    "CONSULTING",
    "DRAFT",
    "REVIEW_SUSPENDED",
    "SUBMITTED",
    "SUPPLEMENT_REQUESTED",
    "UNDER_REVIEW",
]
CANCELLABLE = ["SUPPLEMENT_REQUESTED", "UNDER_REVIEW"]
MOVES = [
    ("filer", "submission", None, "submit", ["DRAFT"]),
    ("filer", "supplement", None, "answer_supplement", ["SUPPLEMENT_REQUESTED"]),
    ("filer", "amendment/cancellation", None, "cancel_amendment", CANCELLABLE),
    ("regulator", "consultation", REASON, "consult", ["UNDER_REVIEW"]),
    ("regulator", "consultation/conclusion", REASON, "conclude_consultation", ["CONSULTING"]),
    ("regulator", "review-suspension", REASON, "suspend_review", ["UNDER_REVIEW"]),
    ("filer", "review-suspension/lift", REASON, "resume_review", ["REVIEW_SUSPENDED"]),
    ("regulator", "termination", REASON, "terminate", BEFORE_APPROVAL),
    ("issuer", "maturity", None, "mature", ["ACTIVE", "EVENT_REPORTED"]),
    ("paying_agent", "final-payment", None, "pay_final", ["MATURED"]),
    ("issuer", "closure", None, "close", ["MATURED"]),
    ("filer", "reports", {"code": "EV-01", "report": "r"}, "report_completion", None),
    ("regulator", "formality-check", None, "accept", ["SUBMITTED"]),
    (
        "regulator",
        "supplement-request",
        {"materials": ["M-13"], "note": "n"},
        "request_supplement",
        ["UNDER_REVIEW"],
    ),
    (
        "regulator",
        "approval",
        {"version": 1, "bundle_hash": "0x" + "00" * 32},
        "approve",
        ["UNDER_REVIEW"],
    ),
    ("regulator", "suspension/lift", REASON, "lift", ["SUSPENDED"]),
    (
        "filer",
        "withdrawal",
        None,
        "withdraw",
        BEFORE_APPROVAL,
    ),
]


@pytest.mark.parametrize(("who", "step", "body", "move", "origins"), MOVES, ids=lambda v: str(v))
def test_move_of_a_filed_filing_from_another_state_names_move_and_origins(
    admitted: Story, who: str, step: str, body: Any, move: str, origins: list[str] | None
) -> None:
    answer = admitted.client.post(who, f"/v1/filings/{admitted.filing}/{step}", body)
    problem = refused(answer, 409, "filing.illegal_move")
    assert (problem["move"], problem["state"]) == (move, "FILED")
    assert problem["allowed_from"] == (origins or ["ISSUED_REPORT_DUE"])
    assert "Cure: " in problem["detail"]


def test_closing_an_offering_that_is_not_open_names_move_and_origins(admitted: Story) -> None:
    answer = admitted.client.post("issuer", f"/v1/deals/{DEAL}/offering/close")
    problem = refused(answer, 409, "filing.illegal_move")
    assert (problem["move"], problem["allowed_from"]) == ("close_offering", ["ISSUING"])


def test_registering_a_deal_twice_is_refused(admitted: Story) -> None:
    answer = admitted.client.post("operator", "/v1/deals", document("ev-charging.yaml"))
    problem = refused(answer, 409, "deal.exists")
    assert problem["deal"] == DEAL
    assert "Cure: go on with it, or give this one another id" in problem["detail"]


def test_deploying_a_deal_twice_is_refused(admitted: Story) -> None:
    answer = admitted.client.post("operator", f"/v1/deals/{DEAL}/deployment")
    refused(answer, 409, "deal.deployed")


def test_registering_a_deal_against_the_rules_names_rule_and_cure(admitted: Story) -> None:
    deal = {**document("ev-charging.yaml"), "id": "another"}
    deal["settlement"]["licence"] = "FRS99"
    answer = admitted.client.post("operator", "/v1/deals", deal)
    refused_by(answer, "SET-03")


def test_registering_a_deal_that_the_service_cannot_carry_out_names_what_it_lacks(
    admitted: Story,
) -> None:
    deal = {**document("ev-charging.yaml"), "id": "put"}
    put_back = {"put_back": {"tranches": ["A"], "payments": [3], "support": ["reserve"]}}
    *before, last = deal["waterfall"]
    deal["waterfall"] = [*before, put_back, last]
    answer = admitted.client.post("operator", "/v1/deals", deal)
    assert "nothing here redeems the units of some holders" in answer.text
    malformed(answer, "/waterfall")
    assert admitted.client.get(None, "/v1/deals/put").status_code == 404


# ---- bodies that are not what they should be


def change(document_: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with the value at a pointer replaced, added, or (`...`) removed."""
    *parents, last = (int(part) if part.isdigit() else part for part in path[1:].split("/"))
    here: Any = document_
    for part in parents:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return document_


BAD_UNITS = [
    pytest.param(1.0, id="float"),
    pytest.param("50000", id="text"),
    pytest.param(True, id="bool"),
    pytest.param(None, id="null"),
    pytest.param(0, id="zero"),
    pytest.param(-1, id="negative"),
    pytest.param(2**53, id="huge"),
    pytest.param(..., id="missing"),
]


@pytest.mark.parametrize("units", BAD_UNITS)
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("H1", f"/v1/deals/{DEAL}/subscriptions"),
        ("issuer", f"/v1/deals/{DEAL}/issuances"),
        ("issuer", "/v1/checks/mint"),
    ],
)
def test_units_that_are_no_such_number_are_refused_at_their_place(
    admitted: Story, who: str, path: str, units: Any
) -> None:
    body = {"tranche": "A", "units": units}
    if path.endswith("issuances"):
        body["investor"] = "H1"
    if path.endswith("mint"):
        body["deal"] = DEAL
    if units is ...:
        del body["units"]
    malformed(admitted.client.post(who, path, body), "/units")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/name", ...),
        ("/name", ""),
        ("/name", 7),
        ("/name", "\ud800"),
        ("/names", "too many"),
        ("/version", 2),
        ("/currency", "hkd"),
        ("/filer/uscc", "91310000MADEM00018"),
        ("/tranches/0/units", 80_000.0),
        ("/tranches/0/units", "80000"),
        ("/tranches/0/units", -80_000),
        ("/tranches/0/denomination", 1_000),
        ("/tranches/0/denomination", "1e3"),
        ("/tranches/0/denomination", "9" * 40),
        ("/tranches/0/rate", 5.8),
        ("/schedule/closing", "2026-02-30"),
        ("/schedule/closing", "15.4.2026"),
        ("/schedule/record_time", "6 pm"),
        ("/waterfall/0", {"pay_everybody": "trustee"}),
    ],
    ids=str,
)
def test_deal_with_a_malformed_field_is_refused_at_its_place(
    admitted: Story, path: str, value: Any
) -> None:
    deal = change({**document("ev-charging.yaml"), "id": "another"}, path, value)
    headers = {"X-API-Key": admitted.client.keys["operator"], "Content-Type": "application/json"}
    content = json.dumps(deal).encode()
    malformed(admitted.client.http.post("/v1/deals", content=content, headers=headers), path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/wallet", WALLET.lower()),
        ("/wallet", "0x" + "0" * 40),
        ("/wallet", "nowhere"),
        ("/residency", "Hong Kong"),
        ("/us_person", "no"),
        ("/evidence/dated", "yesterday"),
        ("/evidence", ...),
        ("/beneficial_owners/0/share", 40.0),
        ("/beneficial_owners/0/share", "-40"),
        ("/beneficial_owners/0/shares", "40"),
    ],
    ids=str,
)
def test_investor_with_a_malformed_field_is_refused_at_its_place(
    admitted: Story, path: str, value: Any
) -> None:
    body = change(investor_document("H2"), path, value)
    for where in (f"/v1/deals/{DEAL}/investors", f"/v1/deals/{DEAL}/investors/checks"):
        malformed(admitted.client.post("registrar", where, body), path)


def test_document_with_several_faults_lists_all_of_them(admitted: Story) -> None:
    body = investor_document("H2")
    body.update(wallet="nowhere", residency="XX", hobby="chess")
    del body["name"]
    answer = admitted.client.post("registrar", f"/v1/deals/{DEAL}/investors", body)
    malformed(answer, "/wallet", "/residency", "/hobby", "/name")


def test_field_name_with_a_slash_is_escaped_in_the_pointer(admitted: Story) -> None:
    body = {"now": "2026-12-01T10:00:00+08:00", "a/b~c": 1}
    malformed(admitted.client.post("operator", "/v1/simulation/clock", body), "/a~1b~0c")


@pytest.mark.parametrize("amount", [1, 1.5, "1e3", "-1", "0", "1,000", "", " 1", "0.0000001", "٣"])
def test_coin_amount_that_is_no_exact_positive_amount_is_refused(
    admitted: Story, amount: Any
) -> None:
    body = {"deal": DEAL, "wallet": WALLET, "amount": amount, "reference": "r"}
    malformed(admitted.client.post("operator", "/v1/simulation/coin", body), "/amount")


@pytest.mark.parametrize("limit", ["0", "1001", "many", "-1"])
def test_reading_the_audit_log_by_a_wrong_limit_is_refused(admitted: Story, limit: str) -> None:
    malformed(admitted.client.get("auditor", f"/v1/audit?limit={limit}"), "/limit")


def test_reading_the_audit_log_since_a_number_no_row_can_have_is_refused(admitted: Story) -> None:
    malformed(admitted.client.get("auditor", "/v1/audit?since=" + "9" * 30), "/since")


# ---- requests that cannot be read at all


def send(story: Story, content: bytes, content_type: str = "application/json") -> Any:
    """A raw body to the clock, as the operator."""
    headers = {"X-API-Key": story.client.keys["operator"], "Content-Type": content_type}
    return story.client.http.post("/v1/simulation/clock", content=content, headers=headers)


@pytest.mark.parametrize(
    ("content", "place"),
    [(b'{"now": ', ""), (b"", ""), (b"[]", ""), (b"null", ""), (b"{}", "/now")],
)
def test_json_body_that_is_no_such_object_is_refused(
    admitted: Story, content: bytes, place: str
) -> None:
    malformed(send(admitted, content), place)


@pytest.mark.parametrize("content", [b'{"now": "\xff"}', b"[" * 100_000])
def test_json_body_that_cannot_be_read_is_refused(admitted: Story, content: bytes) -> None:
    refused(send(admitted, content), 400, "request.refused")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_body_of_another_content_type_is_refused_naming_what_to_send(
    admitted: Story, content_type: str | None
) -> None:
    headers = {"X-API-Key": admitted.client.keys["operator"]}
    headers |= {"Content-Type": content_type} if content_type else {}
    body = b"now: 2026-12-01T10:00:00+08:00"
    answer = admitted.client.http.post("/v1/simulation/clock", content=body, headers=headers)
    (complaint,) = malformed(answer, "")["complaints"]
    assert complaint["message"] == "send Content-Type application/json or application/yaml"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"now": 1, "now": 2}', "'now' is given twice: keep one"),
        (b'{"now": [{"a": 1, "b": 2, "a": 1}]}', "'a' is given twice: keep one"),
        (b'{\n  "now": 1,,\n}', "line 2, column 12: Expecting property name"),
        (b'{"now": ', "line 1, column 9: Expecting value"),
    ],
)
def test_json_body_is_read_as_strictly_as_yaml(
    admitted: Story, content: bytes, message: str
) -> None:
    (complaint,) = malformed(send(admitted, content), "")["complaints"]
    assert complaint["message"].startswith(message)
    assert complaint["rule"].startswith("json.")


def test_json_body_with_one_name_in_two_objects_is_read(admitted: Story) -> None:
    malformed(send(admitted, b'{"now": {"a": 1}, "a": {"a": 1}}'), "/now", "/a")


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"{}", "/now", "is required: add it"),
        (
            b'{"now": "2026-12-01T10:00:00+08:00", "then": 1}',
            "/then",
            "is no field of this document: correct its spelling or leave it out",
        ),
        (b"[]", "", "must be a mapping of names to values"),
        (b"", "", "a body is required: send it as application/json or application/yaml"),
    ],
)
def test_malformed_body_is_told_in_the_words_of_a_document(
    admitted: Story, content: bytes, place: str, message: str
) -> None:
    (complaint,) = malformed(send(admitted, content), place)["complaints"]
    assert complaint["message"] == message


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"now: [1", "yaml.syntax"),
        (b"now: &a 1", "yaml.anchor"),
        (b"now: 1\nnow: 2", "yaml.duplicate_key"),
        (b"now: !!python/object:os.system 1", "yaml.tag"),
        (b"[" * 40, "yaml.depth"),
        (b"- 1", "file.not_a_mapping"),
        (b"now: \xff", "yaml.characters"),
        (b"a" * 1_000_001, "file.size"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_yaml_body_that_cannot_be_read_is_refused_by_its_rule(
    admitted: Story, content: bytes, rule: str
) -> None:
    problem = malformed(send(admitted, content, "application/yaml"), "")
    assert problem["complaints"][0]["rule"] == rule


def test_body_larger_than_the_limit_is_refused(admitted: Story) -> None:
    refused(send(admitted, b" " * 4_000_001), 413, "request.too_large")


def test_route_that_does_not_exist_is_not_found(admitted: Story) -> None:
    problem = refused(admitted.client.get(None, "/v1/nothing"), 404, "route.not_found")
    assert problem["detail"] == "nothing is at /v1/nothing: see /docs for what there is"


def test_method_that_a_resource_does_not_know_is_refused(admitted: Story) -> None:
    answer = admitted.client.call("operator", "DELETE", f"/v1/deals/{DEAL}/filings")
    problem = refused(answer, 405, "route.method_not_allowed")
    assert "does not know DELETE: send GET, POST; see /docs" in problem["detail"]
    assert answer.headers["allow"] == "GET, POST"
