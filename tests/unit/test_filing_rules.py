"""What makes a filing one that may be taken up: one change each, and who objects."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.bundle import Attestation, AuthorityApproval
from issuer.domain.filing import Amendment, Filing
from issuer.domain.lifecycle import FilingState
from issuer.domain.plan import Draw
from issuer.domain.rulebook import filing_rules as rules
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    DEAL,
    GOOD_FILING,
    HASH,
    ISSUING,
    OTHER_HASH,
    Breach,
    assert_found,
    changed_first_asset,
    with_asset,
    with_bundle,
    with_entity,
    with_filing,
    with_material,
    with_plan,
    without_material,
)

FILER = BUNDLE.entity.uscc
SOMEBODY_ELSE = "91110000MADEM00027"
SUBSIDIARY = "91440000MADEM00035"
SUBMITTED = date(2026, 2, 12)
CLOSING = date(2026, 4, 15)
SOLD = 80_000_000_000_000
TRANCHE_A, _ = BUNDLE.plan.tranches
ARRANGER, TRUSTEE = BUNDLE.intermediaries


def approvals(subject: str, **changes: object) -> tuple[AuthorityApproval, ...]:
    """The approvals of the file, the one on `subject` changed."""
    return tuple(
        replace(each, **changes) if each.subject == subject else each for each in BUNDLE.approvals
    )


def signed_on(day: date) -> tuple[Attestation, ...]:
    """All signatures, given on that day."""
    return tuple(replace(each, signed_on=day) for each in GOOD_FILING.attestations)


BREACHES = [
    Breach(
        "overseas filer",
        rules.filer_controls_the_assets,
        with_entity(jurisdiction="HK"),
        [{"filer": BUNDLE.entity.name, "jurisdiction": "HK"}],
    ),
    Breach(
        "filer is not the deal's",
        rules.filer_controls_the_assets,
        replace(
            GOOD_FILING,
            deal=replace(
                GOOD_FILING.deal, filer=replace(GOOD_FILING.deal.filer, uscc=SOMEBODY_ELSE)
            ),
        ),
        [{"filer_uscc": FILER, "deal_filer_uscc": SOMEBODY_ELSE}],
    ),
    Breach(
        "asset under another's control",
        rules.filer_controls_the_assets,
        with_asset(controller_uscc=SOMEBODY_ELSE),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "controller_uscc": SOMEBODY_ELSE,
                "control_chain": [],
            }
        ],
    ),
    Breach(
        "control chain that ends in another",
        rules.filer_controls_the_assets,
        with_asset(
            controller_uscc=SOMEBODY_ELSE, control_chain=(SOMEBODY_ELSE, FILER, SOMEBODY_ELSE)
        ),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "controller_uscc": SOMEBODY_ELSE,
                "control_chain": [SOMEBODY_ELSE, FILER, SOMEBODY_ELSE],
            }
        ],
    ),
    Breach(
        "control chain that does not begin with the controller",
        rules.filer_controls_the_assets,
        with_asset(controller_uscc=SOMEBODY_ELSE, control_chain=(FILER,)),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "controller_uscc": SOMEBODY_ELSE,
                "control_chain": [FILER],
            }
        ],
    ),
    Breach(
        "no assets",
        rules.the_three_sections_are_full,
        with_bundle(assets=()),
        [{"section": "assets", "found": "no asset"}],
        also=frozenset({"AC-4"}),
    ),
    Breach(
        "tranche missing from the plan",
        rules.the_three_sections_are_full,
        with_plan(tranches=(TRANCHE_A,)),
        [{"section": "plan.tranches", "planned": ["A"], "deal": ["A", "S"]}],
        also=frozenset({"AC-1"}),
    ),
    Breach(
        "contracts not filled in",
        rules.the_three_sections_are_full,
        with_plan(contracts=()),
        [{"section": "plan.contracts", "found": "no contract"}],
        also=frozenset({"AC-3"}),
    ),
    Breach(
        "one signature missing",
        rules.every_responsible_role_attests,
        replace(GOOD_FILING, attestations=GOOD_FILING.attestations[:-1]),
        [{"attester": "counsel", "bundle_hash": HASH}],
    ),
    Breach(
        "one signature over another version",
        rules.every_responsible_role_attests,
        replace(
            GOOD_FILING,
            attestations=(
                replace(GOOD_FILING.attestations[0], bundle_hash=OTHER_HASH),
                *GOOD_FILING.attestations[1:],
            ),
        ),
        [{"attester": "legal_representative", "bundle_hash": HASH}],
        also=frozenset({"AC-10"}),
    ),
    Breach(
        "one signature by a key not named",
        rules.every_responsible_role_attests,
        replace(
            GOOD_FILING,
            attestations=(
                *GOOD_FILING.attestations[:-1],
                replace(GOOD_FILING.attestations[-1], signer=BUNDLE.attesters["arranger"]),
            ),
        ),
        [{"attester": "counsel", "bundle_hash": HASH}],
    ),
    Breach(
        "earlier filing not named",
        rules.names_the_filing_before,
        with_filing(supersedes=None),
        [{"supersedes": None, "earlier_filing": "ev-charging-1"}],
    ),
    Breach(
        "names a filing there is not",
        rules.names_the_filing_before,
        replace(GOOD_FILING, predecessor=None),
        [{"supersedes": "ev-charging-1", "earlier_filing": None}],
    ),
    Breach(
        "earlier filing still under review",
        rules.names_the_filing_before,
        replace(
            GOOD_FILING,
            predecessor=Filing("ev-charging-1", "ev-charging", FilingState.UNDER_REVIEW),
        ),
        [{"earlier_filing": "ev-charging-1", "state": "UNDER_REVIEW"}],
    ),
    Breach(
        "tokens belong to an earlier filing",
        rules.names_the_filing_before,
        replace(
            GOOD_FILING,
            published=Filing("ev-charging-1", "ev-charging", FilingState.EXPIRED),
        ),
        [{"published_filing": "ev-charging-1", "state": "EXPIRED"}],
    ),
    Breach(
        "issuance documents without the disclaimer",
        rules.says_it_is_no_endorsement,
        with_material("M-02", content=b"The notes are approved by the CSRC."),
        [{"material": "M-02", "missing": rules.DISCLAIMER}],
    ),
    Breach(
        "notice of the deal without the disclaimer",
        rules.says_it_is_no_endorsement,
        replace(GOOD_FILING, deal=replace(DEAL, overseas_notice="Buy.")),
        [{"deal": "ev-charging", "missing_in_overseas_notice": rules.DISCLAIMER}],
    ),
    Breach(
        "subject nobody decided",
        rules.other_approvals_come_first,
        with_bundle(approvals=BUNDLE.approvals[:-1]),
        [{"subject": "data_export", "status": "missing"}],
    ),
    Breach(
        "approval pending",
        rules.other_approvals_come_first,
        with_bundle(approvals=approvals("foreign_exchange", status="PENDING", dated=None)),
        [{"subject": "foreign_exchange", "status": "PENDING"}],
    ),
    Breach(
        "one authority grants and another refuses",
        rules.other_approvals_come_first,
        with_bundle(
            approvals=(
                replace(BUNDLE.approvals[0], authority="Ministry", status="REFUSED"),
                *BUNDLE.approvals,
            )
        ),
        [{"subject": "cross_border_investment", "status": "REFUSED"}],
    ),
    Breach(
        "granted without a date",
        rules.other_approvals_come_first,
        with_bundle(approvals=approvals("cyber_security", dated=None)),
        [{"subject": "cyber_security", "status": "GRANTED", "dated": None}],
    ),
    Breach(
        "granted the day after the submission",
        rules.other_approvals_come_first,
        replace(
            with_bundle(approvals=approvals("cyber_security", dated=date(2026, 2, 13))),
            today=date(2026, 2, 20),
        ),
        [{"subject": "cyber_security", "dated": "2026-02-13", "latest": "2026-02-12"}],
    ),
    Breach(
        "security review brought with a supplement",
        rules.other_approvals_come_first,
        replace(
            with_bundle(version=2, approvals=approvals("cyber_security", dated=date(2026, 2, 13))),
            today=date(2026, 2, 24),
        ),
        [{"subject": "cyber_security", "dated": "2026-02-13", "latest": "2026-02-12"}],
    ),
    Breach(
        "approval granted after those responsible had signed",
        rules.other_approvals_come_first,
        replace(
            with_bundle(version=2, approvals=approvals("data_export", dated=date(2026, 2, 24))),
            attestations=signed_on(date(2026, 2, 23)),
            today=date(2026, 3, 2),
        ),
        [{"subject": "data_export", "dated": "2026-02-24", "latest": "2026-02-23"}],
    ),
    Breach(
        "draft with an approval of tomorrow",
        rules.other_approvals_come_first,
        replace(
            with_bundle(approvals=approvals("cyber_security", dated=date(2026, 2, 13))),
            filing=replace(GOOD_FILING.filing, state=FilingState.DRAFT, submitted_on=None),
        ),
        [{"subject": "cyber_security", "dated": "2026-02-13", "latest": "2026-02-12"}],
    ),
    Breach(
        "equity form",
        rules.form_belongs_here,
        with_plan(form="EQUITY"),
        [{"form": "EQUITY", "authority": "CSRC, under the overseas-listing rules"}],
    ),
    Breach(
        "external debt",
        rules.form_belongs_here,
        with_plan(form="EXTERNAL_DEBT"),
        [{"form": "EXTERNAL_DEBT", "authority": "NDRC and SAFE"}],
    ),
    Breach(
        "form of another name",
        rules.form_belongs_here,
        with_plan(form="MEMBERSHIP"),
        [{"form": "MEMBERSHIP", "authority": "CSRC with other departments"}],
    ),
    Breach(
        "draws that leave a part of the sale out",
        rules.draws_are_filed_together,
        with_plan(draws=(Draw(date(2026, 4, 15), SOLD // 2), Draw(CLOSING, SOLD // 2 - 1))),
        [{"sum_of_draws_micro": SOLD - 1, "tokenised_micro": SOLD}],
    ),
    Breach(
        "mainland group that does not vouch",
        rules.mainland_groups_vouch,
        with_bundle(intermediaries=(replace(ARRANGER, compliance_attestation=None), TRUSTEE)),
        [{"intermediary": ARRANGER.name, "role": "arranger", "group_parent": "CN"}],
    ),
    Breach(
        "intermediary of a group that nobody states",
        rules.mainland_groups_vouch,
        with_bundle(intermediaries=(replace(ARRANGER, group_parent=None),)),
        [{"intermediary": ARRANGER.name, "role": "arranger", "group_parent": "not stated"}],
    ),
    Breach(
        "intermediaries that nobody states",
        rules.mainland_groups_vouch,
        with_bundle(intermediaries=None),
        [{"intermediaries": "not stated"}],
    ),
]


def test_filing_as_in_the_example_passes_every_rule() -> None:
    assert examine(REVIEW_RULES, GOOD_FILING) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_filing_with_one_change_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


def test_filing_with_three_faults_is_told_of_each() -> None:
    case = with_bundle(
        materials=without_material("M-10"),
        assets=changed_first_asset(in_dispute=True),
        plan=replace(BUNDLE.plan, form="EXTERNAL_DEBT"),
    )
    found = [each.rule for each in examine(REVIEW_RULES, case)]
    assert found == ["FIL-03", "FIL-16", "M-10", "NEG-05"]


@pytest.mark.rule("FIL-06", passes=True)
def test_first_filing_that_supersedes_none_is_accepted() -> None:
    case = replace(with_filing(supersedes=None), predecessor=None)
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize(
    "state",
    [
        FilingState.NOT_ACCEPTED,
        FilingState.TERMINATED,
        FilingState.WITHDRAWN,
    ],
)
@pytest.mark.rule("FIL-06", passes=True)
def test_filing_after_one_that_ended_unpublished_is_accepted(state: FilingState) -> None:
    case = replace(GOOD_FILING, predecessor=Filing("ev-charging-1", "ev-charging", state))
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize("chain", [(SOMEBODY_ELSE, FILER), (SOMEBODY_ELSE, SUBSIDIARY, FILER)])
@pytest.mark.rule("FIL-02", passes=True)
def test_asset_of_a_subsidiary_is_accepted_with_its_chain_of_control(chain: tuple[str]) -> None:
    case = with_asset(controller_uscc=SOMEBODY_ELSE, control_chain=chain)
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.rule("FIL-10", passes=True)
def test_disclaimer_in_chinese_is_accepted_however_it_is_spaced() -> None:
    text = f"发行文件。{rules.DISCLAIMER_ZH[:4]}\n  {rules.DISCLAIMER_ZH[4:]}。"
    assert examine(REVIEW_RULES, with_material("M-02", content=text.encode())) == ()


@pytest.mark.parametrize("draws", [(SOLD,), (SOLD // 2, SOLD // 2)])
@pytest.mark.rule("FIL-17", passes=True)
def test_draws_that_add_up_to_the_sale_are_accepted(draws: tuple[int]) -> None:
    case = with_plan(draws=tuple(Draw(CLOSING, amount) for amount in draws))
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize("parent", ["HK", "SG"])
@pytest.mark.rule("FIL-18", passes=True)
def test_intermediary_of_no_mainland_group_needs_no_attestation(parent: str) -> None:
    changed = replace(ARRANGER, group_parent=parent, compliance_attestation=None)
    assert examine(REVIEW_RULES, with_bundle(intermediaries=(changed,))) == ()


def test_approval_of_external_debt_is_looked_at_where_there_is_one() -> None:
    debt = AuthorityApproval("NDRC", "external_debt_ndrc", "PENDING", None, "SIM-1")
    case = with_bundle(approvals=(*BUNDLE.approvals, debt))
    assert [each.rule for each in examine(REVIEW_RULES, case)] == ["FIL-15"]


@pytest.mark.rule("FIL-15", passes=True)
def test_approval_granted_on_the_day_of_submission_is_accepted() -> None:
    case = with_bundle(approvals=approvals("cyber_security", dated=SUBMITTED))
    assert examine(REVIEW_RULES, case) == ()


def test_security_review_of_an_amendment_comes_before_the_amendment() -> None:
    amendment = Amendment(
        FilingState.FILED, 1, ISSUING.approval, FilingState.FILED, date(2026, 5, 4)
    )
    reviewed = with_bundle(version=2, approvals=approvals("cyber_security", dated=CLOSING))
    amended = replace(GOOD_FILING.filing, amendment=amendment, version=2)
    assert examine(REVIEW_RULES, replace(reviewed, filing=amended)) == ()
    late = with_bundle(version=2, approvals=approvals("cyber_security", dated=date(2026, 5, 5)))
    (found,) = examine(REVIEW_RULES, replace(late, filing=amended))
    assert (found.rule, found.facts["latest"]) == ("FIL-15", "2026-05-04")


@pytest.mark.rule("FIL-15", passes=True)
def test_approval_not_needed_has_no_date_and_is_accepted() -> None:
    case = with_bundle(approvals=approvals("data_export", status="NOT_APPLICABLE", dated=None))
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.rule("FIL-15", passes=True)
def test_approval_brought_with_a_supplement_is_accepted() -> None:
    case = with_bundle(version=2, approvals=approvals("data_export", dated=date(2026, 2, 24)))
    brought = replace(case, today=date(2026, 2, 24), attestations=signed_on(date(2026, 2, 24)))
    assert examine(REVIEW_RULES, brought) == ()
