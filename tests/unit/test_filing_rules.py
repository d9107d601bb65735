"""What a filing must contain and what in it must agree: one change each, and who objects."""

from dataclasses import replace
from datetime import date

import pytest

from issuer.domain.bundle import AuthorityApproval
from issuer.domain.filing import Filing, FilingState, Supplement
from issuer.domain.plan import Proceeds
from issuer.domain.rulebook import filing_rules as rules
from issuer.domain.rulebook.catalogue import REVIEW_RULES, supplements_are_answered_in_time
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    CHAIN_ID,
    DEPLOYED,
    GOOD_FILING,
    HASH,
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
SUBMITTED = date(2026, 2, 12)
TOTAL = 100_000_000_000_000
TRANCHE_A, TRANCHE_S = BUNDLE.plan.tranches
SUPPLEMENT = Supplement(("M-13",), "which fields leave", date(2026, 2, 13), date(2026, 4, 2))


def approvals(subject: str, **changes: object) -> tuple[AuthorityApproval, ...]:
    """The approvals of the file, the one on `subject` changed."""
    return tuple(
        replace(each, **changes) if each.subject == subject else each for each in BUNDLE.approvals
    )


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
        [{"asset": "EVC-DISTRICT-01", "controller_uscc": SOMEBODY_ELSE}],
    ),
    Breach(
        "security assessment left out",
        rules.all_materials_are_there,
        with_bundle(materials=without_material("M-10")),
        [{"material": "M-10", "title": "Security assessment or cyber review outcome"}],
    ),
    Breach(
        "document without a word",
        rules.all_materials_are_there,
        with_material("M-12", content=b""),
        [{"material": "M-12", "title": "Cash-flow forecast report and stress"}],
    ),
    Breach(
        "plan stated not to apply",
        rules.all_materials_are_there,
        with_material("M-05", content=b"", not_applicable="There is no plan."),
        [{"material": "M-05", "found": "stated not to apply: it always does"}],
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
        [{"subject": "cyber_security", "dated": "2026-02-13"}],
    ),
    Breach(
        "draft with an approval of tomorrow",
        rules.other_approvals_come_first,
        replace(
            with_bundle(approvals=approvals("cyber_security", dated=date(2026, 2, 13))),
            filing=replace(GOOD_FILING.filing, state=FilingState.DRAFT, submitted_on=None),
        ),
        [{"subject": "cyber_security", "dated": "2026-02-13"}],
    ),
    Breach(
        "equity form",
        rules.form_belongs_here,
        with_plan(form="EQUITY"),
        [{"form": "EQUITY"}],
    ),
    Breach(
        "total above the sum",
        rules.tranches_add_up,
        with_plan(total_micro=TOTAL + 1, cap_micro=TOTAL + 1),
        [{"sum_of_tranches_micro": TOTAL, "plan_total_micro": TOTAL + 1}],
        also=frozenset({"AC-2"}),
    ),
    Breach(
        "one micro-unit above the cap",
        rules.tranches_add_up,
        with_plan(cap_micro=TOTAL - 1),
        [{"plan_total_micro": TOTAL, "cap_micro": TOTAL - 1}],
    ),
    Breach(
        "tranches add up but differ from the deal's",
        rules.tranches_add_up,
        with_plan(
            tranches=(
                replace(TRANCHE_A, principal_micro=TRANCHE_A.principal_micro + 1),
                replace(TRANCHE_S, principal_micro=TRANCHE_S.principal_micro - 1),
            )
        ),
        [
            {"tranche": "A", "plan_micro": 80_000_000_000_001, "deal_micro": 80_000_000_000_000},
            {"tranche": "S", "plan_micro": 19_999_999_999_999, "deal_micro": 20_000_000_000_000},
        ],
    ),
    Breach(
        "retained tranche planned as a token",
        rules.tranches_add_up,
        with_plan(tranches=(TRANCHE_A, replace(TRANCHE_S, tokenised=True))),
        [{"tranche": "S", "plan_tokenised": True, "deal_tokenised": False}],
    ),
    Breach(
        "two documents differ",
        rules.documents_agree,
        with_material("M-05", declared={"uscc": SOMEBODY_ELSE}),
        [
            {
                "field": "uscc",
                "stated": {
                    "entity": FILER,
                    "M-01": FILER,
                    "M-03": FILER,
                    "M-05": SOMEBODY_ELSE,
                },
            }
        ],
    ),
    Breach(
        "documents agree against the plan",
        rules.documents_agree,
        with_bundle(
            materials=tuple(
                replace(each, declared={"issue_total_micro": "1"})
                if "uscc" in each.declared
                else each
                for each in BUNDLE.materials
            )
        ),
        [
            {
                "field": "issue_total_micro",
                "stated": {"plan": str(TOTAL), "M-01": "1", "M-03": "1", "M-05": "1"},
            }
        ],
    ),
    Breach(
        "another chain",
        rules.contracts_are_those_of_the_plan,
        replace(GOOD_FILING, chain_id=31337),
        [{"plan_chain_id": CHAIN_ID, "chain_id": 31337}],
        also=frozenset({"INF-02"}),
    ),
    Breach(
        "code on chain differs",
        rules.contracts_are_those_of_the_plan,
        replace(
            GOOD_FILING,
            deployed=DEPLOYED | {"abs_token:A": (DEPLOYED["abs_token:A"][0], OTHER_HASH)},
        ),
        [
            {
                "contract": "abs_token:A",
                "deployed": (DEPLOYED["abs_token:A"][0], OTHER_HASH),
                "planned": DEPLOYED["abs_token:A"],
            }
        ],
    ),
    Breach(
        "contract on chain not in the plan",
        rules.contracts_are_those_of_the_plan,
        replace(GOOD_FILING, deployed=DEPLOYED | {"abs_token:B": ("0x0b", HASH)}),
        [{"contract": "abs_token:B", "deployed": ("0x0b", HASH), "planned": None}],
    ),
    Breach(
        "nothing on chain",
        rules.contracts_are_those_of_the_plan,
        replace(GOOD_FILING, deployed={}),
        [
            {
                "deployed": "no contract of the deal",
                "planned": sorted(each.name for each in BUNDLE.plan.contracts),
            }
        ],
    ),
    Breach(
        "assets do not add up to the pool",
        rules.pool_covers_the_tranches,
        with_asset(balance_micro=BUNDLE.assets[0].balance_micro + 1),
        [
            {
                "sum_of_assets_micro": 112_000_000_000_001,
                "pool_balance_micro": 112_000_000_000_000,
            }
        ],
    ),
    Breach(
        "surplus one micro-unit too small",
        rules.pool_covers_the_tranches,
        with_plan(overcollateral_micro=12_000_000_000_001),
        [{"pool_balance_micro": 112_000_000_000_000, "needed_micro": 112_000_000_000_001}],
    ),
    Breach(
        "right ends the day before",
        rules.rights_outlive_the_notes,
        with_asset(right_ends_on=date(2028, 7, 14)),
        [
            {
                "asset": "EVC-DISTRICT-01",
                "right_ends_on": "2028-07-14",
                "legal_final_maturity": "2028-07-15",
            }
        ],
    ),
    Breach(
        "asset listed twice",
        rules.assets_are_financed_once,
        with_asset(id="EVC-DISTRICT-02"),
        [{"asset": "EVC-DISTRICT-02", "found": "twice in this filing"}],
    ),
    Breach(
        "asset in another live filing",
        rules.assets_are_financed_once,
        replace(GOOD_FILING, elsewhere={"EVC-DISTRICT-05": "other-1"}),
        [{"asset": "EVC-DISTRICT-05", "also_in_filing": "other-1"}],
    ),
    Breach(
        "uses one micro-unit short",
        rules.proceeds_are_accounted_for,
        with_plan(net_proceeds_micro=76_000_000_000_001),
        [{"sum_of_uses_micro": 76_000_000_000_000, "net_proceeds_micro": 76_000_000_000_001}],
    ),
    Breach(
        "use in virtual currency",
        rules.proceeds_are_accounted_for,
        with_plan(uses=(Proceeds("Mining farm", 76_000_000_000_000, virtual_currency=True),)),
        [{"use": "Mining farm", "found": "virtual-currency business"}],
    ),
]

LATE = Breach(
    "answered a day late",
    supplements_are_answered_in_time,
    replace(with_filing(supplement=SUPPLEMENT), today=date(2026, 4, 3)),
    [{"due_on": "2026-04-02", "today": "2026-04-03"}],
)


def test_filing_as_in_the_example_passes_every_rule() -> None:
    assert examine(REVIEW_RULES, GOOD_FILING) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_filing_with_one_change_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


def test_filing_with_three_faults_gets_three_findings() -> None:
    case = with_bundle(
        materials=without_material("M-10"),
        assets=changed_first_asset(in_dispute=True),
        plan=replace(BUNDLE.plan, form="EXTERNAL_DEBT"),
    )
    assert [each.rule for each in examine(REVIEW_RULES, case)] == ["FIL-03", "FIL-16", "NEG-05"]


def test_material_stated_not_to_apply_is_accepted() -> None:
    case = with_material("M-10", content=b"", not_applicable="No assessment is required.")
    assert examine(REVIEW_RULES, case) == ()


def test_first_filing_that_supersedes_none_is_accepted() -> None:
    case = replace(with_filing(supersedes=None), predecessor=None)
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize(
    "state",
    [
        FilingState.NOT_ACCEPTED,
        FilingState.TERMINATED,
        FilingState.WITHDRAWN,
        FilingState.EXPIRED,
        FilingState.REVOKED,
    ],
)
def test_filing_after_one_that_ended_is_accepted(state: FilingState) -> None:
    case = replace(GOOD_FILING, predecessor=Filing("ev-charging-1", "ev-charging", state))
    assert examine(REVIEW_RULES, case) == ()


def test_approval_granted_on_the_day_of_submission_is_accepted() -> None:
    case = with_bundle(approvals=approvals("cyber_security", dated=SUBMITTED))
    assert examine(REVIEW_RULES, case) == ()


def test_approval_not_needed_has_no_date_and_is_accepted() -> None:
    case = with_bundle(approvals=approvals("data_export", status="NOT_APPLICABLE", dated=None))
    assert examine(REVIEW_RULES, case) == ()


def test_approval_brought_with_a_supplement_is_accepted() -> None:
    case = with_bundle(version=2, approvals=approvals("data_export", dated=date(2026, 2, 24)))
    assert examine(REVIEW_RULES, replace(case, today=date(2026, 2, 24))) == ()


def test_plan_below_the_cap_is_accepted() -> None:
    assert examine(REVIEW_RULES, with_plan(cap_micro=TOTAL + 1)) == ()


def test_documents_that_differ_in_spaces_only_agree() -> None:
    spaced = BUNDLE.entity.name.replace(" ", "  ")
    assert examine(REVIEW_RULES, with_entity(name=spaced)) == ()
    assert examine(REVIEW_RULES, with_material("M-03", declared={"entity_name": spaced})) == ()


def test_right_that_ends_on_the_final_maturity_is_accepted() -> None:
    assert examine(REVIEW_RULES, with_asset(right_ends_on=date(2028, 7, 15))) == ()


def test_supplement_answered_a_day_late_is_refused() -> None:
    assert_found((supplements_are_answered_in_time,), LATE)


@pytest.mark.parametrize("supplement", [None, SUPPLEMENT])
def test_supplement_answered_on_the_last_day_is_accepted(supplement: Supplement | None) -> None:
    case = replace(with_filing(supplement=supplement), today=date(2026, 4, 2))
    assert examine((supplements_are_answered_in_time,), case) == ()
