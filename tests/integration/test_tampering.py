"""The database in an attacker's hand, table by table: the next mint is refused by the service itself.

Every case is a mint that would pass but for what was written past the service. What has no mint after
it, because the offering is over by then, is shown by the reconciliation and refused where it is used.
"""

# ruff: noqa: S608 - the statements are made of constants of this file

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from issuer.services import bundles
from tests.integration.forger import FAR_AHEAD, Forger
from tests.support.problems import refused, refused_by
from tests.support.simulator import private_key
from tests.support.stages import Rewinder
from tests.support.story import ATTESTERS, DEAL, PRICE_MICRO, STRANGER, Story, investor_document

StoryAt = Callable[[str], Story]

UNITS = 1_100
FILING = f"{DEAL}-f1"
ISSUED, OPEN = f"{DEAL}-s1", f"{DEAL}-s2"
CHECK = {"deal": DEAL, "tranche": "A", "units": UNITS}
OF_H1 = "WHERE id = 'H1'"


def issue(story: Story, units: int = UNITS) -> httpx.Response:
    body = story.issuance_body("H2", units)
    return story.client.post("issuer", f"/v1/deals/{DEAL}/issuances", body)


@pytest.fixture(scope="module")
def _prepared(story_of_module: Callable[[str], Story]) -> Rewinder:
    """One subscription issued to H1, and one of H2's that only waits to be issued."""
    story = story_of_module("offering_open")
    story.sell("H1", UNITS)
    story.pay_in("H2", story.subscribe("H2", UNITS))
    story.served.settle()
    return Rewinder(story)


@pytest.fixture
def story(_prepared: Rewinder) -> Story:
    return _prepared.rewind()


@pytest.fixture
def forger(story: Story) -> Forger:
    return Forger(story.served)


def test_issue_with_nothing_altered_passes(story: Story) -> None:
    dry = story.client.do("issuer", "/v1/checks/mint", CHECK)
    assert (dry["allowed"], dry["findings"], dry["refusal"], dry["mismatch"]) == (
        True,
        [],
        None,
        None,
    )
    assert all(each["passed"] for each in dry["considered"] if each["judged"])
    assert issue(story).json()["state"] == "confirmed"
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert (found["agrees"], found["differences"]) == (True, [])
    assert min(found["compared"].values()) > 0


# ---- what the rulebook refuses


def approval(path: str, value: str) -> str:
    return f"UPDATE filing SET approval = json_set(approval, '$.{path}', {value})"


def terms(path: str, value: str) -> str:
    return f"UPDATE deal SET document = json_set(document, '$.{path}', {value})"


ANOTHERS = "(SELECT {0} FROM attestation WHERE role = 'counsel')"
AGAINST_A_RULE = {
    "material-content": ("FIL-05", "UPDATE material SET content = x'78' WHERE code = 'M-01'"),
    "material-title": ("FIL-05", "UPDATE material SET title = 'x' WHERE code = 'M-02'"),
    "material-type": ("FIL-05", "UPDATE material SET media_type = 'x/y' WHERE code = 'M-02'"),
    "material-waived": ("FIL-05", "UPDATE material SET not_applicable = 'x' WHERE code = 'M-09'"),
    "material-declared": (
        "FIL-05",
        "UPDATE material SET declared = json_set(declared, '$.uscc', 'x') WHERE code = 'M-03'",
    ),
    "material-removed": ("FIL-05", "DELETE FROM material WHERE code = 'M-13'"),
    "section-assets": (
        "FIL-05",
        "UPDATE filing_version SET sections = json_set(sections, '$.assets[0].balance', '1')",
    ),
    "section-attester": (
        "FIL-05",
        "UPDATE filing_version SET sections = json_set(sections, '$.attesters.counsel', '0x')",
    ),
    "attestation-removed": ("FIL-05", "DELETE FROM attestation WHERE role = 'directors'"),
    "attestations-removed": ("FIL-05", "DELETE FROM attestation"),
    "attestation-signature-of-another": (
        "FIL-05",
        (
            f"UPDATE attestation SET signature = {ANOTHERS.format('signature')}"
            " WHERE role = 'directors'"
        ),
    ),
    "attestation-of-another": (
        "FIL-05",
        (
            f"UPDATE attestation SET signature = {ANOTHERS.format('signature')},"
            f" signer = {ANOTHERS.format('signer')} WHERE role = 'directors'"
        ),
    ),
    "attestation-signature-of-nobody": (
        "FIL-05",
        "UPDATE attestation SET signature = '0x00' WHERE role = 'directors'",
    ),
    "attestation-signer": ("FIL-05", "UPDATE attestation SET signer = '0x' WHERE role = 'counsel'"),
    "attestation-role": (
        "FIL-05",
        "UPDATE attestation SET role = 'somebody' WHERE role = 'counsel'",
    ),
    "attestation-hash": (
        "FIL-05",
        "UPDATE attestation SET bundle_hash = '0x' || hex(zeroblob(32)) WHERE role = 'counsel'",
    ),
    "approved-hash": ("FIL-05", approval("bundle_hash", "'0x' || hex(zeroblob(32))")),
    "approved-version": ("filing_version.not_found", approval("version", "2")),
    "terms-coupon": ("FIL-05", terms("tranches[0].rate", "'9.99'")),
    "terms-payee": ("FIL-05", terms("payees[0].name", "'Somebody else'")),
    "terms-notice": ("FIL-05", terms("overseas_notice", "'None.'")),
    "terms-holder-cap": ("FIL-05", terms("offering.holder_cap", "100000")),
    "terms-minimum": ("FIL-05", terms("offering.min_subscription", "'1'")),
    "terms-units": ("FIL-05", terms("tranches[0].units", "90000")),
    "terms-denomination": ("input.invalid", terms("tranches[0].denomination", "'2000'")),
    "state-filed": ("FIL-01", "UPDATE filing SET state = 'FILED'"),
    "approval-removed": ("FIL-01", "UPDATE filing SET approval = 'null'"),
    "never-published": ("FIL-09", "UPDATE filing SET published_on = NULL"),
    "published-before-the-decision": ("FIL-09", "UPDATE filing SET published_on = '2026-02-01'"),
    "published-in-the-future": ("FIL-09", f"UPDATE filing SET published_on = '{FAR_AHEAD}'"),
    "token-elsewhere": (
        "AC-3",
        (
            "UPDATE contract SET address = '0x00000000000000000000000000000000000000AA'"
            " WHERE name = 'abs_token:A'"
        ),
    ),
    "deployed-on-another-chain": ("INF-02", "UPDATE meta SET value = '1' WHERE key = 'chain_id'"),
    "settlement-elsewhere": (
        "AC-3",
        (
            "UPDATE contract SET address = '0x00000000000000000000000000000000000000AA'"
            " WHERE name = 'dvp_settlement'"
        ),
    ),
}


STATUS = {"filing_version.not_found": 404, "input.invalid": 422}


@pytest.mark.parametrize(("rule", "statement"), AGAINST_A_RULE.values(), ids=AGAINST_A_RULE)
def test_issue_with_altered_rows_is_refused_by_a_rule(
    story: Story, forger: Forger, rule: str, statement: str
) -> None:
    forger.write(statement)
    before = story.served.fingerprint()
    if "." in rule:
        # The rows hardly make sense any more: nothing gets as far as a rule.
        refused(issue(story), STATUS[rule], rule)
        return
    problem = refused_by(issue(story), rule)
    assert story.served.fingerprint() == before
    dry = story.client.do("issuer", "/v1/checks/mint", CHECK)
    assert (dry["allowed"], dry["findings"]) == (False, problem["findings"])


# ---- what the chain knows better


@dataclass(frozen=True)
class Altered:
    """Statements, and what must be found to differ: {(subject, what), …}."""

    statements: tuple[str, ...]
    found: frozenset[tuple[str, str]]


def altered(*statements: str, found: tuple[str, ...]) -> Altered:
    """`found` as `subject: what`."""
    split = (each.rpartition(": ") for each in found)
    return Altered(statements, frozenset((subject, what) for subject, _, what in split))


H1, H2, H3 = (investor_document(each)["wallet"] for each in ("H1", "H2", "H3"))
SWAP = tuple(
    f"UPDATE investor SET wallet = '{wallet}',"
    f" document = json_set(document, '$.wallet', '{wallet}') WHERE id = '{investor}'"
    for investor, wallet in (("H1", "0x"), ("H3", H1), ("H1", H3))
)
ENTRY = f"entry_id = 'subscription:{ISSUED}'"
DIFFERENT = {
    "cap-raised": altered(approval("caps[0][1]", "1000000"), found=("tranche A: cap",)),
    "validity-extended": altered(
        approval("valid_until", f"'{FAR_AHEAD}'"),
        found=(f"filing {FILING}: last day", "tranche A: end of minting"),
    ),
    "total-raised": altered(approval("filed_total_micro", "1"), found=(f"filing {FILING}: total",)),
    "investor-wallets-swapped": altered(
        *SWAP,
        found=(
            "investor H1: evidence",
            "investor H1: expiry in A",
            "investor H3: evidence",
            "investor H3: expiry in A",
            f"subscription {ISSUED}: mint",
        ),
    ),
    "investor-wallet-of-a-stranger": altered(
        "UPDATE investor SET wallet = '0x00000000000000000000000000000000000000AA' " + OF_H1,
        found=(
            "investor H1: wallet",
            "investor H1: evidence",
            "investor H1: expiry in A",
            f"investor of {H1}: admission",
            f"subscription {ISSUED}: mint",
        ),
    ),
    "investor-eligibility-extended": altered(
        f"UPDATE investor SET eligible_until = '{FAR_AHEAD}' {OF_H1}",
        found=("investor H1: expiry in A",),
    ),
    "investor-frozen": altered(
        f"UPDATE investor SET status = 'FROZEN' {OF_H1}",
        found=("investor H1: freeze in A",),
    ),
    "investor-class": altered(
        f"UPDATE investor SET document = json_set(document, '$.opted_in', json('true')) {OF_H1}",
        found=("investor H1: evidence",),
    ),
    "investor-owner": altered(
        "UPDATE investor SET document = json_set(document, '$.beneficial_owners[0].residency', 'HK')"
        " WHERE id = 'H2'",
        found=("investor H2: evidence",),
    ),
    "admission-removed": altered(
        "DELETE FROM admission WHERE investor_id = 'H3'",
        found=(f"investor of {H3}: admission",),
    ),
    "subscription-units": altered(
        f"UPDATE subscription SET units = units - 1 WHERE id = '{ISSUED}'",
        found=(f"subscription {ISSUED}: mint", "tranche A: units issued"),
    ),
    "subscription-price": altered(
        f"UPDATE subscription SET price_micro = 1 WHERE id = '{ISSUED}'",
        found=(f"subscription {ISSUED}: mint", f"entry subscription:{ISSUED}: postings"),
    ),
    "subscription-of-another": altered(
        f"UPDATE subscription SET investor_id = 'H3' WHERE id = '{ISSUED}'",
        found=(f"subscription {ISSUED}: mint", f"entry subscription:{ISSUED}: postings"),
    ),
    "subscription-open-again": altered(
        f"UPDATE subscription SET state = 'OPEN', operation_number = NULL WHERE id = '{ISSUED}'",
        found=(
            "subscription of operation 1 in A: mint",
            "tranche A: units issued",
            "tranche A: operations",
            f"entry subscription:{ISSUED}: postings",
        ),
    ),
    "subscription-on-its-way": altered(
        f"UPDATE subscription SET state = 'ISSUING' WHERE id = '{ISSUED}'",
        found=(f"subscription {ISSUED}: on its way", f"entry subscription:{ISSUED}: postings"),
    ),
    "subscription-number": altered(
        f"UPDATE subscription SET operation_number = 7 WHERE id = '{ISSUED}'",
        found=(
            f"subscription {ISSUED}: mint",
            "subscription of operation 1 in A: mint",
            "tranche A: operations",
        ),
    ),
    "subscription-removed": altered(
        f"DELETE FROM subscription WHERE id = '{ISSUED}'",
        found=(
            "subscription of operation 1 in A: mint",
            "tranche A: units issued",
            "tranche A: operations",
            f"entry subscription:{ISSUED}: postings",
        ),
    ),
    "subscription-issued-for-nothing": altered(
        "INSERT INTO subscription SELECT 'forged', deal_id, tranche_id, 'H3', units, price_micro,"
        f" 'ISSUED', subscribed_at, 2 FROM subscription WHERE id = '{ISSUED}'",
        found=(
            "subscription forged: mint",
            "tranche A: units issued",
            "tranche A: operations",
            "entry subscription:forged: postings",
        ),
    ),
    "subscription-open-with-number": altered(
        f"UPDATE subscription SET operation_number = 2 WHERE id = '{OPEN}'",
        found=(f"subscription {OPEN}: operation number",),
    ),
    "subscription-open-cheaper": altered(
        f"UPDATE subscription SET price_micro = 1 WHERE id = '{OPEN}'",
        found=(f"subscription {OPEN}: price",),
    ),
    "holding-raised": altered(
        "UPDATE holding SET units = units + 1",
        found=(f"holder {H1} of A: units", "tranche A: units in the register"),
    ),
    "holding-removed": altered(
        "DELETE FROM holding",
        found=(f"holder {H1} of A: units", "tranche A: units in the register"),
    ),
    "holding-moved": altered(
        f"UPDATE holding SET wallet = '{H3}'",
        found=(f"holder {H1} of A: units", f"holder {H3} of A: units"),
    ),
    "posting-amount": altered(
        f"UPDATE posting SET amount_micro = amount_micro - 1 WHERE account = 'proceeds' AND {ENTRY}",
        found=(f"entry subscription:{ISSUED}: postings",),
    ),
    "posting-account": altered(
        f"UPDATE posting SET account = 'reserve' WHERE account = 'proceeds' AND {ENTRY}",
        found=(
            f"entry subscription:{ISSUED}: postings",
            "coin HKDS: held for the deals",
        ),
    ),
    "posting-removed": altered(
        f"DELETE FROM posting WHERE {ENTRY}",
        found=(f"entry subscription:{ISSUED}: postings",),
    ),
    "posting-forged": altered(
        "INSERT INTO posting (deal_id, entry_id, memo, account, amount_micro, posted_at)"
        " SELECT deal_id, 'forged', memo, account, amount_micro, posted_at FROM posting",
        found=("entry forged: postings",),
    ),
    "register-elsewhere": altered(
        "UPDATE contract SET address = '0x00000000000000000000000000000000000000AA'"
        " WHERE name = 'filing_registry'",
        found=("contract filing_registry: code",),
    ),
    "coin-elsewhere": altered(
        "UPDATE contract SET address = '0x00000000000000000000000000000000000000AA'"
        " WHERE name = 'settlement_coin:HKDS'",
        found=("contract settlement_coin:HKDS: code",),
    ),
    "contract-removed": altered(
        "DELETE FROM contract WHERE name = 'coupon_distributor'",
        found=("contract coupon_distributor: its place in the address book",),
    ),
    "code-hash": altered(
        "UPDATE contract SET code_hash = '0x' || hex(zeroblob(32)) WHERE name = 'abs_token:A'",
        found=("contract abs_token:A: code hash",),
    ),
    "hidden-behind-an-operation": altered(
        f"UPDATE investor SET eligible_until = '{FAR_AHEAD}' {OF_H1}",
        "INSERT INTO operation (id, kind, deal_id, subject, state, created_at, detail)"
        f" VALUES ('forged', 'renew_investor', '{DEAL}', 'H1', 'pending', '2026', '{{}}')",
        found=("investor H1: expiry in A",),
    ),
    "blocks-not-read": altered(
        "UPDATE meta SET value = '1000000' WHERE key = 'last_block'",
        "UPDATE holding SET units = 1",
        found=(f"holder {H1} of A: units", "tranche A: units in the register"),
    ),
}


def differing(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["subject"], each["what"]) for each in problem["differences"]}


@pytest.mark.parametrize("case", DIFFERENT.values(), ids=DIFFERENT)
def test_issue_with_rows_that_differ_from_the_chain_is_refused_until_they_agree(
    story: Story, forger: Forger, case: Altered
) -> None:
    tables = ("filing", "investor", "admission", "subscription", "holding", "posting", "contract")
    with forger.tampering(*tables):
        # The worker would take up a forged operation, and end it, at a moment of its own.
        with story.served.simulator.worker.paused():
            for statement in case.statements:
                forger.write(statement)
            before = story.served.fingerprint()
            problem = refused(issue(story), 409, "reconciliation.mismatch")
            assert differing(problem) == case.found
            assert "Cure" in problem["detail"]
            assert story.served.fingerprint() == before
        dry = story.client.do("issuer", "/v1/checks/mint", CHECK)
        assert (dry["allowed"], dry["findings"]) == (False, [])
        assert dry["mismatch"]["code"] == "reconciliation.mismatch"
        assert differing(dry["mismatch"]) == case.found
        path = f"/v1/deals/{DEAL}/reconciliation"
        assert differing(story.client.read("auditor", path)) == case.found
    if len(case.statements) == 1:
        assert issue(story).json()["state"] == "confirmed"


# ---- what takes more than one statement


STATES = {
    "drafted": {"FIL-05"},  # nobody has signed
    "under_review": {"publication", "status", "bundle hash"},
    "filed": {"offering"},
}


@pytest.mark.parametrize("stage", STATES)
def test_issue_under_a_filing_moved_on_by_hand_is_refused(story_at: StoryAt, stage: str) -> None:
    story = story_at(stage)
    story.clock("04-13T10:00")
    forger = Forger(story.served)
    if stage == "filed":
        forger.write("UPDATE filing SET state = 'ISSUING'")
    else:
        forger.approve(story.filing)
    forger.admit("H2")
    forger.subscribe(ISSUED, "H2", UNITS)
    answer = issue(story)
    if stage == "drafted":
        refused_by(answer, *STATES[stage])
    else:
        problem = refused(answer, 409, "reconciliation.mismatch")
        assert STATES[stage] <= {what for _, what in differing(problem)}


@pytest.mark.parametrize("move", ["suspension", "revocation"])
def test_issue_under_a_filing_taken_out_of_force_and_put_back_by_hand_is_refused(
    story: Story, forger: Forger, move: str
) -> None:
    story.client.do("regulator", f"/v1/filings/{FILING}/{move}", {"reason": "false materials"})
    forger.write("UPDATE filing SET state = 'ISSUING', suspended_in = NULL")
    problem = refused(issue(story), 409, "reconciliation.mismatch")
    assert (f"filing {FILING}", "status") in differing(problem)


def test_issue_under_an_expired_filing_put_back_by_hand_is_refused(
    story: Story, forger: Forger
) -> None:
    story.clock("2027-03-02T08:00")
    story.client.do("auditor", f"/v1/filings/{FILING}/deadlines")
    forger.write("UPDATE filing SET state = 'ISSUING'")
    refused_by(issue(story), "FIL-14")
    forger.write(approval("valid_until", f"'{FAR_AHEAD}'"))
    problem = refused(issue(story), 409, "reconciliation.mismatch")
    assert (f"filing {FILING}", "last day") in differing(problem)


def test_issue_after_an_adverse_determination_was_erased_is_refused_by_what_the_log_says(
    story: Story, forger: Forger
) -> None:
    path = f"/v1/filings/{FILING}/security-determination"
    story.client.do("other_authority", path, {"determination": "ADVERSE"})
    forger.write("UPDATE filing SET security_determination = NULL, state = 'ISSUING'")
    refused_by(issue(story), "NEG-07")


def test_lift_after_an_adverse_determination_was_erased_is_refused_by_what_the_log_says(
    story: Story, forger: Forger
) -> None:
    path = f"/v1/filings/{FILING}/security-determination"
    story.client.do("other_authority", path, {"determination": "ADVERSE"})
    forger.write("UPDATE filing SET security_determination = NULL")
    lift = f"/v1/filings/{FILING}/suspension/lift"
    answer = story.client.post("regulator", lift, {"reason": "it seems to be gone"})
    refused(answer, 409, "filing.determination_adverse")


def resign(story: Story, forger: Forger, numbers: dict[str, int]) -> str:
    """Every attestation anew, over what lies there now, by these accounts; the hash signed."""
    digest = forger.bundle_hash(FILING)
    chain_id = story.served.simulator.context.chain.chain_id
    for role, number in numbers.items():
        data = bundles.typed_data(FILING, 1, role, digest, chain_id)
        signed = Account.sign_message(encode_typed_data(full_message=data), private_key(number))
        forger.write(
            "UPDATE attestation SET signature = ?, signer = ?, bundle_hash = ? WHERE role = ?",
            "0x" + bytes(signed.signature).hex(),
            Account.from_key(private_key(number)).address,
            digest,
            role,
        )
    return digest


def test_issue_materials_signed_by_a_stranger_are_refused(story: Story, forger: Forger) -> None:
    resign(story, forger, {"counsel": STRANGER})
    refused_by(issue(story), "FIL-05")


def test_issue_terms_and_hash_altered_and_signed_anew_by_those_named_differ_from_the_anchor(
    story: Story, forger: Forger
) -> None:
    forger.write(terms("tranches[0].rate", "'9.99'"))
    digest = resign(story, forger, dict(ATTESTERS))
    forger.write(approval("bundle_hash", f"'{digest}'"))
    problem = refused(issue(story), 409, "reconciliation.mismatch")
    assert differing(problem) == {
        (f"filing {FILING}", "bundle hash"),
        ("tranche A", "bundle hash"),
    }


@pytest.mark.parametrize(
    "change",
    [
        f"units = 2200, price_micro = {2200 * PRICE_MICRO}",
        f"tranche_id = 'A', investor_id = 'H2', units = 2200, price_micro = {2200 * PRICE_MICRO}",
    ],
)
def test_issue_an_open_subscription_that_is_not_what_was_asked_for_is_refused(
    story: Story, forger: Forger, change: str
) -> None:
    forger.write(f"UPDATE subscription SET {change} WHERE id = '{OPEN}'")
    problem = refused(issue(story, 2_200), 409, "subscription.altered")
    assert (problem["logged"]["units"], problem["stored"]["units"]) == (UNITS, 2_200)


def test_issue_a_subscription_nobody_made_is_refused(story: Story, forger: Forger) -> None:
    forger.subscribe("forged", "H2", 2_200)
    problem = refused(issue(story, 2_200), 409, "subscription.altered")
    assert problem["logged"] is None


# ---- what has no mint after it


PAID = f"{DEAL}-d1"
LATER = {
    "entitlement-units": (
        "recorded",
        "UPDATE entitlement SET units = units + 1 WHERE investor_id = 'H1'",
        "units of record",
    ),
    "entitlement-exchanged": (
        "recorded",
        "UPDATE entitlement SET units = 30000 - units WHERE investor_id IN ('H2', 'H3')",
        "units",
    ),
    "entitlement-amount": (
        "recorded",
        "UPDATE entitlement SET interest_micro = interest_micro + 1 WHERE investor_id = 'H1'",
        "amounts",
    ),
    "entitlement-removed": (
        "recorded",
        "DELETE FROM entitlement WHERE investor_id = 'H1'",
        "units of record",
    ),
    "entitlement-paid-by-hand": (
        "recorded",
        "UPDATE entitlement SET outcome = 'PAID' WHERE investor_id = 'H1'",
        "coin",
    ),
    "entitlement-due-again": (
        "paid",
        "UPDATE entitlement SET outcome = 'DUE' WHERE investor_id = 'H1'",
        "coin",
    ),
    "entitlement-set-aside-by-hand": (
        "paid",
        "UPDATE entitlement SET outcome = 'SET_ASIDE' WHERE investor_id = 'H1'",
        "setAsideOf",
    ),
    "distribution-state": (
        "paid",
        "UPDATE distribution SET state = 'DETERMINED'",
        "state",
    ),
    "distribution-removed": ("paid", "DELETE FROM distribution", "closed record dates"),
    "distribution-interest": (
        "paid",
        (
            "UPDATE distribution SET determination ="
            " json_set(determination, '$.per_unit[0].interest_paid_micro', 1)"
        ),
        "interest per unit",
    ),
    "distribution-outstanding": (
        "paid",
        (
            "UPDATE distribution SET determination ="
            " json_set(determination, '$.per_unit[0].outstanding_after_micro', 1)"
        ),
        "outstanding per unit",
    ),
    "record-date": (
        "determined",
        "UPDATE distribution SET record_at = record_at + 1",
        "record date",
    ),
    "batch-coin": (
        "collected",
        "UPDATE collection_batch SET coin_micro = coin_micro + 1",
        "arrival",
    ),
    "posting-of-a-fee": (
        "paid",
        "DELETE FROM posting WHERE entry_id LIKE 'paid:%'",
        "postings",
    ),
    "reserve": ("active", "DELETE FROM posting WHERE entry_id = 'reserve:opening'", "postings"),
}


@pytest.mark.parametrize(("stage", "statement", "what"), LATER.values(), ids=LATER)
def test_reconcile_rows_altered_after_the_offering_shows_what_differs(
    story_at: StoryAt, stage: str, statement: str, what: str
) -> None:
    story = story_at("active").reach(stage)
    path = f"/v1/deals/{DEAL}/reconciliation"
    assert story.client.read("auditor", path)["differences"] == []
    Forger(story.served).write(statement)
    found = story.client.read("auditor", path)
    assert found["agrees"] is False
    assert what in {each["what"] for each in found["differences"]}


def test_determine_collections_that_never_came_is_refused(story_at: StoryAt) -> None:
    story = story_at("active").reach("collected")
    forger = Forger(story.served)
    story.clock("07-08T10:00")
    path = f"/v1/deals/{DEAL}/distributions"
    with forger.tampering("collection_batch"):
        forger.write("UPDATE collection_batch SET coin_micro = coin_micro + 1")
        answer = story.client.post("paying_agent", path, {"period": 1})
        refused(answer, 409, "reconciliation.mismatch")
    assert story.determine()["state"] == "confirmed"


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE distribution SET determination ="
            " json_set(determination, '$.lines[0].paid_micro', 1)"
        ),
        "UPDATE collection_batch SET coin_micro = coin_micro - 1",
        terms("fees[0].amount", "'1'"),
        "UPDATE distribution SET period = 2",
    ],
    ids=["figures", "batch", "terms", "period"],
)
def test_record_pay_and_report_figures_that_no_longer_follow_are_refused(
    story_at: StoryAt, statement: str
) -> None:
    story = story_at("active").reach("determined")
    forger, path = Forger(story.served), f"/v1/distributions/{PAID}"
    story.clock("07-10T18:00")
    tables = ("distribution", "collection_batch", "deal")
    with forger.tampering(*tables):
        forger.write(statement)
        refused(story.client.post("paying_agent", f"{path}/record"), 409, "distribution.altered")
        refused(
            story.client.get("auditor", f"/v1/deals/{DEAL}/investor-report"),
            409,
            "distribution.altered",
        )
    story.record()
    story.clock("07-15T10:00")
    with forger.tampering(*tables):
        forger.write(statement)
        refused(story.client.post("paying_agent", f"{path}/payment"), 409, "distribution.altered")
    assert story.pay()["state"] == "confirmed"
