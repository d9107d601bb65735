"""What the chain is told, in the words of the deal: by which key, and with which figures."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from issuer.documents.deal import load_deal
from issuer.domain.filing import Approval
from issuer.domain.money import MICRO_PER_COIN
from issuer.domain.operations import Command
from issuer.domain.roles import Role
from issuer.domain.waterfall.distribution import PerUnit
from issuer.onchain import commands

DEAL = load_deal(Path(__file__).parents[2] / "scripts/deals/ev-charging.yaml")
FILING = "ev-charging-1"
ON_CHAIN = commands.digest(FILING)
BUNDLE = "0x" + "b2" * 32
APPROVAL = Approval(2, BUNDLE, date(2027, 3, 16), 10**14, (("A", 80_000),), date(2026, 3, 16))
CLOSING = 1_776_211_200
"""15 April 2026, 00:00 UTC."""
MATURITY = 1_815_609_600
"""15 July 2027, 00:00 UTC."""


SOME = PerUnit(
    tranche="A",
    units=80_000,
    interest_due_micro=7,
    interest_paid_micro=7,
    interest_shortfall_micro=0,
    principal_due_micro=200,
    principal_paid_micro=200,
    principal_shortfall_micro=0,
    outstanding_before_micro=1_000,
    outstanding_after_micro=800,
)
NONE = replace(SOME, interest_paid_micro=0, principal_paid_micro=0)


def terms(min_holding: int = 0, lock_up_days: int = 0) -> dict[str, int]:
    offering = replace(
        DEAL.offering, min_holding_micro=min_holding * MICRO_PER_COIN, lock_up_days=lock_up_days
    )
    deal = replace(DEAL, offering=offering)
    return commands.token_terms(deal, deal.tranche("A"))


def test_token_terms_of_the_shipped_deal_bind_no_holder_but_by_their_number() -> None:
    assert terms() == {
        "denomination": 1_000 * MICRO_PER_COIN,
        "minHolding": 0,
        "maxHolding": 2**80 - 1,
        "holderCap": 200,
        "lockedUntil": 0,
        "maturityDate": MATURITY,
        "rank": 1,
    }


@pytest.mark.parametrize(
    ("face", "units"), [(1, 1), (1_000, 1), (1_001, 2), (1_070_000, 1_070), (1_070_500, 1_071)]
)
def test_least_holding_is_whole_units_never_worth_less_than_the_plan_says(
    face: int, units: int
) -> None:
    assert terms(min_holding=face)["minHolding"] == units


@pytest.mark.parametrize("days", [1, 40])
def test_lock_up_ends_at_midnight_utc_so_many_days_after_the_closing(days: int) -> None:
    assert terms(lock_up_days=days)["lockedUntil"] == CLOSING + days * 86_400


@pytest.mark.parametrize(
    ("command", "role", "function", "arguments"),
    [
        (commands.begin_amendment(FILING), Role.REGULATOR, "beginAmendment", ()),
        (commands.cancel_amendment(FILING), Role.REGULATOR, "cancelAmendment", ()),
        (
            commands.amend_filing(DEAL, FILING, APPROVAL),
            Role.REGULATOR,
            "amend",
            (BUNDLE, 10**14, 20_893, [80_000]),
        ),
        (commands.close_filing(FILING), Role.REGULATOR, "close", ()),
        (commands.move_filing(FILING, "revoke"), Role.REGULATOR, "revoke", ()),
    ],
)
def test_move_of_a_filing_is_signed_by_the_role_whose_part_it_is(
    command: Command, role: Role, function: str, arguments: tuple[object, ...]
) -> None:
    assert (command.signer, command.contract, command.function) == (
        role,
        commands.FILING_REGISTRY,
        function,
    )
    assert command.arguments == (ON_CHAIN, *arguments)


def test_deployment_creates_as_much_at_once_as_any_network_takes() -> None:
    tolls = load_deal(Path(__file__).parents[2] / "scripts/deals/lianxu-tolls.yaml")
    tokens = [commands.token_name(tranche.id) for tranche in tolls.tokenised]
    assert len(tokens) == 5
    made = commands.deploy_suite(tolls, frozenset(), "salt")
    batches = [[each["create"] for each in commands.creations_of(command)] for command in made]
    assert batches == [
        [],
        [
            "audit_anchor",
            "filing_registry",
            commands.coin_name(tolls),
            "deal_timelock",
            "investor_registry",
            "dvp_settlement",
            "coupon_distributor",
        ],
        tokens[:2],
        tokens[2:4],
        tokens[4:],
        *([[]] * 5),
    ]
    functions = [(each.signer, each.function) for each in made]
    assert functions == [
        (Role.OPERATOR, None),
        *([(Role.OPERATOR, "deploy")] * 4),
        *([(Role.REGISTRAR, "admitToken")] * 5),
    ]


def test_second_deal_creates_only_what_is_its_own() -> None:
    shared = frozenset(
        ("suite_deployer", "audit_anchor", "filing_registry", commands.coin_name(DEAL))
    )
    first, *rest = commands.deploy_suite(DEAL, shared, "salt")
    assert [each["create"] for each in commands.creations_of(first)] == [
        "deal_timelock",
        "investor_registry",
        "dvp_settlement",
        "coupon_distributor",
        "abs_token:A",
    ]
    assert [each.function for each in rest] == ["admitToken"]


def change(**figures: int) -> dict[str, int]:
    return {"capitalised": 0, "writtenUp": 0, "paid": 0, "writtenDown": 0} | figures


@pytest.mark.parametrize(
    ("per_unit", "calls"),
    [
        pytest.param(
            SOME,
            [
                ("approve", ({"contract": commands.COUPON_DISTRIBUTOR}, 80_000 * 207)),
                ("declare", (3, 7, change(paid=200))),
                ("pay", (3, ["0x1", "0x2"])),
            ],
            id="coin",
        ),
        pytest.param(
            replace(SOME, capitalised_micro=4, written_down_micro=5),
            [
                ("approve", ({"contract": commands.COUPON_DISTRIBUTOR}, 80_000 * 207)),
                ("declare", (3, 7, change(paid=200, capitalised=4, writtenDown=5))),
                ("pay", (3, ["0x1", "0x2"])),
            ],
            id="coin and a loss",
        ),
        pytest.param(
            replace(NONE, written_down_micro=-5),
            [("declare", (3, 0, change(writtenUp=5)))],
            id="a reversal alone",
        ),
        pytest.param(NONE, [("skip", (3,))], id="nothing"),
    ],
)
def test_payment_declares_whatever_changes_the_notes_and_pays_whoever_is_due(
    per_unit: PerUnit, calls: list[tuple[str, tuple[object, ...]]]
) -> None:
    token = {"contract": commands.token_name("A")}
    made = commands.pay_holders(DEAL, "A", 3, per_unit, ["0x1", "0x2"])
    expected = [(name, args if name == "approve" else (token, *args)) for name, args in calls]
    assert [(each.function, each.arguments) for each in made] == expected
    assert {each.signer for each in made} == {Role.PAYING_AGENT}
