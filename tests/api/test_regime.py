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
