"""The six prohibited circumstances: one failing case each, and where they end."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from issuer.domain.assets import UnderlyingAsset
from issuer.domain.bundle import Conviction, Investigation
from issuer.domain.filing import Amendment, FilingEvent
from issuer.domain.lifecycle import FilingState
from issuer.domain.roles import Role
from issuer.domain.rulebook import negative_rules as rules
from issuer.domain.rulebook.catalogue import REVIEW_RULES
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.negative_rules import NEGATIVE_RULES
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import (
    BUNDLE,
    GOOD_FILING,
    ISSUING,
    Breach,
    assert_found,
    changed_first_asset,
    with_asset,
    with_bundle,
    with_entity,
    with_filing,
)

PILES = UnderlyingAsset(
    id="PILES-1",
    asset_type="EV_CHARGING_INCOME",
    sector="EV_CHARGING",
    sector_barred=False,
    adds_hidden_government_debt=False,
    cash_source="OPERATION",
    in_dispute=False,
    transferable=True,
    obligors=(),
    dispersed_payers=True,
    legality_opinion="CLEAN",
    liens=(),
)


def beneath(**facts: Any) -> FilingCase:
    """The good case, its first asset a wrapper over piles of which all is stated but for `facts`."""
    return with_bundle(
        assets=changed_first_asset(underlying=("PILES-1",)),
        underlying_assets=(replace(PILES, **facts),),
    )


AMENDED = replace(
    ISSUING,
    state=FilingState.UNDER_REVIEW,
    amendment=Amendment(
        FilingState.FILED, 1, ISSUING.approval, FilingState.FILED, date(2026, 5, 4)
    ),
)
DAY = date(2026, 5, 5)
ARISEN = FilingEvent("EV-04", DAY, Role.AUDITOR, DAY, DAY)
SHAREHOLDER = BUNDLE.entity.controlling_shareholder


def convicted(served: date | None) -> tuple[Conviction, ...]:
    return (Conviction(SHAREHOLDER, "bribery", served),)


def conviction_facts(served: str | None) -> list[dict[str, str | None]]:
    return [{"party": SHAREHOLDER, "offence": "bribery", "sentence_completed_on": served}]


BREACHES = [
    Breach(
        "entity barred",
        rules.nothing_is_barred,
        with_entity(barred_from_financing=True),
        [{"entity": BUNDLE.entity.name}],
    ),
    Breach(
        "sector barred",
        rules.nothing_is_barred,
        with_asset(sector_barred=True),
        [{"asset": "EVC-DISTRICT-01"}],
    ),
    Breach(
        "sector on the list",
        rules.nothing_is_barred,
        with_asset(sector="GAMBLING"),
        [{"asset": "EVC-DISTRICT-01", "sector": "GAMBLING"}],
    ),
    Breach(
        "sector on the list beneath a wrapper",
        rules.nothing_is_barred,
        with_bundle(
            assets=changed_first_asset(underlying=("PILES-1",)),
            underlying_assets=(replace(PILES, sector="TOBACCO"),),
        ),
        [{"asset": "PILES-1", "sector": "TOBACCO"}],
    ),
    Breach(
        "company called after tokens of real assets",
        rules.nothing_is_barred,
        with_entity(name="Example RWA (Shanghai) Co., Ltd."),
        [
            {
                "entity": "Example RWA (Shanghai) Co., Ltd.",
                "stated_in": "name",
                "word": "RWA",
            }
        ],
        also=frozenset({"AC-2"}),
    ),
    *(
        Breach(
            f"scope that says {word} as {said}",
            rules.nothing_is_barred,
            with_entity(business_scope=f"充电设施运营；{said}相关服务"),
            [{"entity": BUNDLE.entity.name, "stated_in": "business_scope", "word": word}],
        )
        for word, said in [
            ("虚拟货币", "虚拟货币"),
            ("稳定币", "稳定币"),
            ("RWA", "rwa"),
            ("stablecoin", "Stablecoins"),
            ("虚拟货币", "虚 拟　货·币"),
            ("RWA", "ＲＷＡ"),
            ("cryptocurrency", "crypto\u200bcurrency"),
        ]
    ),
    Breach(
        "security endangered",
        rules.security_is_not_endangered,
        with_filing(security_determination="ADVERSE"),
        [{"filing": "ev-charging-2", "determination": "ADVERSE"}],
    ),
    Breach(
        "prohibited circumstance reported and not cleared",
        rules.what_has_arisen_is_cleared,
        with_filing(events=(ARISEN,)),
        [{"event": "EV-04", "noted_on": "2026-05-05"}],
    ),
    Breach(
        "determination on an earlier filing, in the log",
        rules.security_is_not_endangered,
        replace(GOOD_FILING, logged_determination="ADVERSE"),
        [{"filing": "ev-charging-2", "determination": "ADVERSE"}],
    ),
    Breach(
        "sentence served three years less a day ago",
        rules.nobody_was_convicted_lately,
        with_entity(convictions=convicted(date(2023, 2, 13))),
        conviction_facts("2023-02-13"),
    ),
    Breach(
        "sentence still being served",
        rules.nobody_was_convicted_lately,
        with_entity(convictions=convicted(None)),
        conviction_facts(None),
    ),
    Breach(
        "open investigation",
        rules.no_investigation_is_open,
        with_entity(
            investigations=(
                *BUNDLE.entity.investigations,
                Investigation("Example Tax Bureau", "invoices", concluded=False),
            )
        ),
        [{"authority": "Example Tax Bureau", "subject": "invoices"}],
    ),
    Breach(
        "ownership dispute",
        rules.title_is_clear,
        with_asset(in_dispute=True),
        [{"asset": "EVC-DISTRICT-01", "found": "ownership dispute"}],
    ),
    Breach(
        "not transferable",
        rules.title_is_clear,
        with_asset(transferable=False),
        [{"asset": "EVC-DISTRICT-01", "found": "not transferable"}],
    ),
    Breach(
        "dispute and transfer of which nobody says anything, beneath a wrapper",
        rules.title_is_clear,
        with_bundle(
            assets=changed_first_asset(underlying=("PILES-1",)),
            underlying_assets=(replace(PILES, in_dispute=None, transferable=None),),
        ),
        [
            {"asset": "PILES-1", "in_dispute": "not stated"},
            {"asset": "PILES-1", "transferable": "not stated"},
        ],
    ),
    Breach(
        "lien not released",
        rules.title_is_clear,
        with_asset(liens=(*BUNDLE.assets[0].liens, "SECOND-PLEDGE")),
        [{"asset": "EVC-DISTRICT-01", "liens_not_released": ["SECOND-PLEDGE"]}],
    ),
    Breach(
        "lien that stays beneath a wrapper",
        rules.title_is_clear,
        beneath(liens=("PLEDGE",)),
        [{"asset": "PILES-1", "liens_not_released": ["PLEDGE"]}],
    ),
    Breach(
        "liens beneath a wrapper that nobody states",
        rules.title_is_clear,
        beneath(liens=None),
        [{"asset": "PILES-1", "liens": "not stated"}],
    ),
    Breach(
        "sector beneath a wrapper that nobody states to be barred or not",
        rules.nothing_is_barred,
        beneath(sector_barred=None, sector=None),
        [
            {"asset": "PILES-1", "sector_barred": "not stated"},
            {"asset": "PILES-1", "sector": "not stated"},
        ],
    ),
    *(
        Breach(
            f"scope of business that nobody states{how}",
            rules.nothing_is_barred,
            with_entity(business_scope=scope),
            [{"entity": BUNDLE.entity.name, "business_scope": "not stated"}],
        )
        for how, scope in ((", not at all", None), (", but for a blank", " "))
    ),
    Breach(
        "ownership dispute beneath a wrapper",
        rules.title_is_clear,
        with_bundle(
            assets=changed_first_asset(underlying=("PILES-1",)),
            underlying_assets=(replace(PILES, in_dispute=True),),
        ),
        [{"asset": "PILES-1", "found": "ownership dispute"}],
    ),
    Breach(
        "asset declared to be on the negative list",
        rules.not_on_the_negative_list,
        with_asset(on_negative_list=True),
        [{"asset": "EVC-DISTRICT-01", "found": "declared by the filer"}],
    ),
    Breach(
        "two items of the negative list",
        rules.not_on_the_negative_list,
        with_asset(legality_opinion="QUALIFIED", cash_source="DISPOSAL_ONLY"),
        [{"items": ["ABSNL-5", "ABSNL-7"]}],
        also=frozenset({"ABSNL-5", "ABSNL-7"}),
    ),
]


def test_filing_as_in_the_example_is_not_prohibited() -> None:
    assert examine(NEGATIVE_RULES, GOOD_FILING) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_prohibited_circumstance_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(REVIEW_RULES, breach)


@pytest.mark.rule("NEG-03", passes=True)
def test_sentence_served_exactly_three_years_ago_no_longer_bars() -> None:
    case = with_entity(convictions=convicted(date(2023, 2, 12)))
    assert examine(REVIEW_RULES, case) == ()


def test_three_years_are_counted_to_the_submission_not_to_the_review() -> None:
    case = replace(with_entity(convictions=convicted(date(2023, 2, 13))), today=date(2026, 3, 16))
    assert [each.rule for each in examine(REVIEW_RULES, case)] == ["NEG-03"]


def test_three_years_of_a_draft_are_counted_to_today() -> None:
    case = replace(
        with_entity(convictions=convicted(date(2023, 2, 13))),
        filing=replace(GOOD_FILING.filing, state=FilingState.DRAFT, submitted_on=None),
        today=date(2026, 2, 13),
    )
    assert examine(REVIEW_RULES, case) == ()


def test_three_years_of_an_amendment_are_counted_to_its_own_submission() -> None:
    case = with_entity(convictions=convicted(date(2023, 5, 4)))
    amended = replace(case, filing=AMENDED, today=date(2026, 5, 20))
    assert examine(NEGATIVE_RULES, amended) == ()
    earlier = with_entity(convictions=convicted(date(2023, 5, 5)))
    amended = replace(earlier, filing=AMENDED, today=date(2026, 5, 20))
    assert [each.rule for each in examine(NEGATIVE_RULES, amended)] == ["NEG-03"]


def test_three_years_of_an_amendment_being_prepared_are_counted_to_today() -> None:
    published = replace(AMENDED, state=FilingState.FILED, version=1, amendment=None)
    case = with_bundle(
        version=2, entity=replace(BUNDLE.entity, convictions=convicted(date(2023, 5, 4)))
    )
    prepared = replace(case, filing=published, today=date(2026, 5, 4))
    assert examine(NEGATIVE_RULES, prepared) == ()
    assert examine(NEGATIVE_RULES, replace(prepared, today=date(2026, 5, 3))) != ()


def test_sentence_served_on_a_leap_day_bars_until_the_end_of_february() -> None:
    case = with_entity(convictions=convicted(date(2024, 2, 29)))
    until = replace(case.filing, submitted_on=date(2027, 2, 27))
    after = replace(case.filing, submitted_on=date(2027, 2, 28))
    assert examine(NEGATIVE_RULES, replace(case, filing=until)) != ()
    assert examine(NEGATIVE_RULES, replace(case, filing=after)) == ()


@pytest.mark.parametrize(
    "party",
    [
        BUNDLE.entity.name,
        BUNDLE.entity.controlling_shareholder,
        BUNDLE.entity.actual_controller,
        "91110000MADEM00027",  # of a company between the asset and the filer
    ],
)
def test_sentence_of_anybody_in_a_control_chain_bars(party: str) -> None:
    case = with_entity(convictions=(Conviction(party, "bribery", None, "BRIBERY"),))
    assert [each.rule for each in examine(REVIEW_RULES, case)] == ["NEG-03"]


@pytest.mark.rule("NEG-03", passes=True)
def test_sentence_for_another_offence_does_not_bar() -> None:
    case = with_entity(convictions=(Conviction(SHAREHOLDER, "speeding", None, "OTHER"),))
    assert examine(REVIEW_RULES, case) == ()


@pytest.mark.parametrize("scope", ["Forward contracts for energy", "电力货币化服务"])
@pytest.mark.rule("NEG-01", passes=True)
def test_scope_that_only_looks_like_a_barred_word_passes(scope: str) -> None:
    assert examine(REVIEW_RULES, with_entity(business_scope=scope)) == ()


@pytest.mark.rule("NEG-07", passes=True)
def test_prohibited_circumstance_that_is_cleared_passes() -> None:
    case = with_filing(events=(replace(ARISEN, cleared_on=DAY),))
    assert examine(NEGATIVE_RULES, case) == ()


@pytest.mark.parametrize("determination", [None, "NONE"])
@pytest.mark.rule("NEG-02", passes=True)
def test_security_not_endangered_passes(determination: str | None) -> None:
    assert examine(NEGATIVE_RULES, with_filing(security_determination=determination)) == ()


@pytest.mark.rule("NEG-05", passes=True)
def test_lien_released_at_closing_passes() -> None:
    assert BUNDLE.assets[0].liens == BUNDLE.assets[0].liens_released_at_closing
    assert BUNDLE.assets[0].liens
    assert examine(NEGATIVE_RULES, with_asset(liens=())) == ()
