"""The open points: each with a basis, overridden by a file, and none shown as law that is not."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from issuer.documents.regime import SHIPPED, load_regime, parse_regime, regime_document
from issuer.documents.text import read_file
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.regime import FIGURE_NAMES, Basis, Regime


def own(**stated: Any) -> Regime:
    """The shipped regime with these figures of a file of one's own."""
    return parse_regime(stated, "own.yaml", Regime())


def complaints(**stated: Any) -> list[Complaint]:
    with pytest.raises(InvalidInput) as refusal:
        own(**stated)
    return list(refusal.value.complaints)


def test_shipped_file_states_every_figure_as_the_domain_has_it() -> None:
    # A figure that is added to `Regime` is added to the file, in the form that this shows.
    assert read_file(SHIPPED) == regime_document(Regime())
    assert load_regime() == Regime()


@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_figure_has_a_basis_and_a_source(name: str) -> None:
    basis, source = Regime().basis_of(name)
    assert basis in Basis
    assert source


def test_basis_of_what_is_no_figure_is_refused() -> None:
    for name in ("nothing", "origins"):
        with pytest.raises(KeyError):
            Regime().basis_of(name)


def test_own_file_overrides_what_it_states_and_nothing_else() -> None:
    regime = own(
        review_days={"value": 25, "basis": "unverified", "source": "a remark at a conference"},
        obligor_share={"value": "12.5 %"},
    )
    assert (regime.review_days, regime.obligor_share) == (25, Fraction(125, 1000))
    assert regime.basis_of("review_days") == (Basis.UNVERIFIED, "a remark at a conference")
    assert regime.supplement_answer_days == Regime().supplement_answer_days
    assert regime_document(regime)["obligor_share"] == {
        "value": "12.5 %",
        "basis": "design",
        "source": "set in own.yaml",
    }
    changed = {name for name in FIGURE_NAMES if regime.figure(name) != Regime().figure(name)}
    assert changed == {"review_days", "obligor_share"}


def test_own_file_that_repeats_the_shipped_value_keeps_its_basis() -> None:
    assert own(conviction_years={"value": 3}) == Regime()
    assert own(conviction_years={"value": 3, "basis": "text"}) == Regime()


def test_own_file_is_read_from_disk(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "settlement: {value: lenient}\nlicences_live_from: {value: {FRS09: 2027-01-01}}"
    )
    regime = load_regime(file)
    assert regime.settlement == "lenient"
    assert regime_document(regime)["licences_live_from"]["value"] == {"FRS09": "2027-01-01"}
    assert parse_regime(regime_document(regime), "again", Regime()) == regime


@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_no_figure_but_those_of_the_text_can_be_stated_as_text(name: str) -> None:
    stated = {name: {**regime_document(Regime())[name], "basis": "text"}}
    if Regime().basis_of(name)[0] is Basis.TEXT:
        assert own(**stated) == Regime()
    else:
        (complaint,) = complaints(**stated)
        assert (complaint.path, complaint.rule) == (f"/{name}/basis", "regime.basis")
        assert name in complaint.message
        assert "analogy" in complaint.message


def test_other_value_than_the_text_s_cannot_be_stated_as_text() -> None:
    (complaint,) = complaints(conviction_years={"value": 5, "basis": "text"})
    assert complaint.rule == "regime.basis"
    assert own(conviction_years={"value": 5}).basis_of("conviction_years")[0] is Basis.DESIGN


@pytest.mark.parametrize(
    ("stated", "path"),
    [
        ({"reviewdays": {"value": 20}}, "/reviewdays"),
        ({"review_days": 20}, "/review_days"),
        ({"review_days": None}, "/review_days"),
        ({"review_days": {"basis": "design"}}, "/review_days/value"),
        ({"review_days": {"value": -1}}, "/review_days/value"),
        ({"review_days": {"value": 0}}, "/review_days/value"),
        ({"review_days": {"value": "20"}}, "/review_days/value"),
        ({"review_days": {"value": True}}, "/review_days/value"),
        ({"review_days": {"value": 10**6}}, "/review_days/value"),
        ({"review_days": {"value": 20, "basis": "law"}}, "/review_days/basis"),
        ({"review_days": {"value": 20, "source": ""}}, "/review_days/source"),
        ({"review_days": {"value": 20, "note": "x"}}, "/review_days/note"),
        ({"commingling_days": {"value": -1}}, "/commingling_days/value"),
        ({"obligor_share": {"value": "101 %"}}, "/obligor_share/value"),
        ({"obligor_share": {"value": "-1 %"}}, "/obligor_share/value"),
        ({"obligor_share": {"value": "0.15"}}, "/obligor_share/value"),
        ({"obligor_share": {"value": 15}}, "/obligor_share/value"),
        ({"settlement": {"value": "generous"}}, "/settlement/value"),
        ({"negative_list": {"value": "2030"}}, "/negative_list/value"),
        ({"jurisdictions": {"value": ["HK", "CN"]}}, "/jurisdictions/value/1"),
        ({"mainland_routes": {"value": ["QFII"]}}, "/mainland_routes/value/0"),
        ({"licensed_coins": {"value": ["frs 01"]}}, "/licensed_coins/value/0"),
        ({"licences_live_from": {"value": {"FRS01": "soon"}}}, "/licences_live_from/value/FRS01"),
        ({"transfers_while_event_open": {"value": 1}}, "/transfers_while_event_open/value"),
    ],
)
def test_impossible_figure_is_refused_by_name(stated: dict[str, Any], path: str) -> None:
    (complaint,) = complaints(**stated)
    assert complaint.path == path
    assert complaint.message


def test_candidate_cannot_be_stated_as_approved_without_a_consent() -> None:
    system = {"id": "pujiang", "name": "Pujiang", "leg": "ONSHORE", "status": "APPROVED"}
    (complaint,) = complaints(infrastructure={"value": [system]})
    assert (complaint.path, complaint.rule) == ("/infrastructure/value", "INF-04")
    assert "Leave the system a CANDIDATE" in complaint.message
    consented = {**system, "consent_reference": "PBOC-SIM-7"}
    (found,) = own(infrastructure={"value": [consented]}).infrastructure
    assert found.is_approved
    assert not any(each.is_approved for each in Regime().infrastructure)


@pytest.mark.parametrize("written", [10, "10", [10], None])
def test_figure_that_is_not_stated_in_full_is_refused_naming_its_parts(written: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        own(review_days=written)
    (complaint,) = refused.value.complaints
    assert complaint.path == "/review_days"
    assert "`value`, `basis` and `source`" in complaint.message
