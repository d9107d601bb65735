"""The regime over HTTP, and the log's word on which figures were in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from issuer.bootstrap import build
from issuer.config import Settings
from issuer.documents.regime import regime_document
from issuer.domain.errors import InvalidInput
from issuer.domain.regime import Regime
from issuer.domain.roles import Actor, Role
from issuer.services import audit_log
from issuer.store.audit import AuditRow
from tests.support.problems import refused
from tests.support.simulator import Client, serve
from tests.support.story import DEAL, Story, document

AUDITOR = Actor(Role.AUDITOR, "test")


def regime_rows(settings: Settings) -> list[AuditRow]:
    """Start and stop a simulator; what its log says of the regime."""
    with build(settings) as simulator:
        rows = audit_log.read(simulator.context, AUDITOR, 0, 1000)
    return [row for row in rows if "regime_hash" in row.facts]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.yaml"
    file.write_text("review_days: {value: 25}")
    return file


def test_everybody_may_see_the_figures_with_basis_and_source(tmp_path: Path, own: Path) -> None:
    with serve(tmp_path, regime=own) as served:
        client = Client(served.url, served.keys)
        shown = client.call(None, "GET", "/v1/regime").json()
        client.http.close()
    assert shown["review_days"] == {"value": 25, "basis": "design", "source": "set in own.yaml"}
    assert {**regime_document(Regime()), "review_days": shown["review_days"]} == shown


def test_list_of_rules_tells_a_rule_from_a_route(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        client = Client(served.url, served.keys)
        listed = client.read(None, "/v1/rules")
        (shown,) = client.read(None, "/v1/rules/CIR-01")
        client.http.close()
    kinds = {each["kind"] for each in listed if each["id"].startswith("CIR-")}
    assert (kinds, shown["kind"]) == ({"route"}, "route")
    assert {each["kind"] for each in listed if not each["id"].startswith("CIR-")} == {"rule"}


def test_start_with_other_figures_is_entered_in_the_log(tmp_path: Path, own: Path) -> None:
    shipped = Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_port=0)
    changed = shipped.model_copy(update={"regime": own})
    assert [row.act for row in regime_rows(shipped)] == ["begin"]
    assert len(regime_rows(shipped)) == 1
    begin, change = regime_rows(changed)
    assert (change.act, change.subject) == ("change_regime", "regime")
    assert change.facts["regime_hash"] != begin.facts["regime_hash"]
    assert change.facts["own_figures"]["review_days"]["value"] == 25
    assert len(regime_rows(changed)) == 2
    *_, back = regime_rows(shipped)
    assert back.facts == {"regime_hash": begin.facts["regime_hash"], "own_figures": {}}


def test_simulator_does_not_start_on_a_bad_regime_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("review_days: {value: -1}")
    settings = Settings(database=f"sqlite:///{tmp_path / 'abs.db'}", rpc_port=0, regime=file)
    with pytest.raises(InvalidInput, match="/review_days/value"):
        build(settings)
    assert not (tmp_path / "abs.db").exists()


def test_coin_that_the_lenient_profile_takes_is_flagged(tmp_path: Path) -> None:
    file = tmp_path / "lenient.yaml"
    file.write_text("settlement: {value: lenient}")
    unlicensed = document("ev-charging.yaml")
    unlicensed["settlement"]["licence"] = None
    with serve(tmp_path, regime=file) as served:
        client = Client(served.url, served.keys)
        (flag,) = client.do("operator", "/v1/deals", unlicensed)["flags"]
        client.http.close()
    assert "SET-05" in flag


def test_units_are_not_minted_under_a_regime_that_forbids_the_deal(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        story = Story(served).reach("offering_open")
        story.close()
    stricter = tmp_path / "own.yaml"
    stricter.write_text("licences_live_from: {value: {FRS01: 2026-04-14}}")
    with serve(tmp_path, regime=stricter) as served:
        client = Client(served.url, served.keys)
        body = {"deal": "ev-charging", "tranche": "A", "units": 1}
        found = client.do("issuer", "/v1/checks/mint", body)
        client.http.close()
    assert [each["rule"] for each in found["findings"]] == ["SET-03"]
    assert found["findings"][0]["figures"]["licences_live_from"]["basis"] == "design"


@pytest.mark.parametrize(
    ("open_transfers", "state"), [(True, "EVENT_REPORTED"), (False, "SUSPENDED")]
)
def test_reported_event_stops_transfers_here_and_on_chain_if_the_regime_says_so(
    tmp_path: Path, open_transfers: bool, state: str
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"transfers_while_event_open: {{value: {str(open_transfers).lower()}}}")
    with serve(tmp_path, regime=file) as served:
        story = Story(served).reach("active")
        report = {"code": "EV-07", "report": "cash flow is below the stress threshold"}
        path = f"/v1/filings/{story.filing}/reports"
        story.client.do("auditor", f"/v1/filings/{story.filing}/events", {"code": "EV-07"})
        story.client.do("filer", path, report)
        served.settle()
        assert story.filing_now()["state"] == state
        on_chain = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")["filing_status"]
        assert on_chain == ("APPROVED" if open_transfers else "SUSPENDED")
        agreed = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
        assert agreed["agrees"], agreed["differences"]
        story.close()


@pytest.mark.parametrize("open_transfers", [True, False])
def test_completion_reported_while_an_event_is_open_leads_to_where_the_regime_says(
    tmp_path: Path, open_transfers: bool
) -> None:
    """With it on, holders transfer beside the open event; off, they wait from the first day on."""
    file = tmp_path / "own.yaml"
    file.write_text(f"transfers_while_event_open: {{value: {str(open_transfers).lower()}}}")
    with serve(tmp_path, regime=file) as served:
        story = Story(served).reach("issued")
        story.clock("04-15T18:00")
        story.close_offering()
        _report(story, "EV-07")
        assert story.filing_now()["state"] == "ISSUED_REPORT_DUE"
        _report(story, "EV-01")
        stopped = "EVENT_REPORTED" if open_transfers else "SUSPENDED"
        assert _stands(story) == (stopped, open_transfers)
        clear = f"/v1/filings/{story.filing}/event-clearance"
        if not open_transfers:
            _refused_to_lift(story)
        story.client.do("regulator", clear, {"code": "EV-07"})
        if not open_transfers:
            _lift(story)
        assert _stands(story) == ("ACTIVE", True)
        story.close()


def test_event_that_is_only_noted_stops_transfers_too_if_the_regime_says_so(
    tmp_path: Path,
) -> None:
    """Who does not report what an authority knows is not better off than who does."""
    file = tmp_path / "own.yaml"
    file.write_text("transfers_while_event_open: {value: false}")
    with serve(tmp_path, regime=file) as served:
        story = Story(served).reach("active")
        path = f"/v1/filings/{story.filing}"
        noted = story.client.do("oracle", f"{path}/events", {"code": "EV-03"})
        assert noted["state"] == "SUSPENDED"
        for _ in ("noted", "reported"):
            _refused_to_lift(story)
            _report(story, "EV-03")
        story.client.do("regulator", f"{path}/event-clearance", {"all": True})
        _lift(story)
        assert _stands(story) == ("ACTIVE", True)
        # A payment in default is noted by whoever points at it.
        story.clock("07-30T00:00")
        assert story.client.do("H1", f"{path}/deadlines")["state"] == "SUSPENDED"
        assert _stands(story) == ("SUSPENDED", True)
        story.close()


def _report(story: Story, code: str) -> None:
    body = {"code": code, "report": f"what there is to say of {code}"}
    story.client.do("filer", f"/v1/filings/{story.filing}/reports", body)


def _lift(story: Story) -> None:
    reason = {"reason": "the cause is removed"}
    story.client.do("regulator", f"/v1/filings/{story.filing}/suspension/lift", reason)


def _refused_to_lift(story: Story) -> None:
    path = f"/v1/filings/{story.filing}/suspension/lift"
    answer = story.client.post("regulator", path, {"reason": "too early"})
    refused(answer, 409, "filing.event_open")


def _stands(story: Story) -> tuple[str, bool]:
    """The filing's state, and whether transfers are open by the token, with which the chain agrees."""
    story.served.settle()
    state = str(story.filing_now()["state"])
    agreed = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")
    assert agreed["agrees"], agreed["differences"]
    position = story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
    assert position["filing_status"] == ("SUSPENDED" if state == "SUSPENDED" else "APPROVED")
    return state, position["transfers_open"]
