"""What the notes of a deal may represent, who issues them, and who is paid before whom."""

from dataclasses import replace

import pytest

from issuer.domain.deal import Deal
from issuer.domain.rulebook import structure_rules, token_rules
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.token_rules import ALLOWED_ASSETS
from issuer.domain.waterfall.steps import (
    PayFee,
    PayInterest,
    PayPrincipal,
    PayResidual,
    PrincipalMode,
    RepaySupport,
    Step,
    TopUp,
    When,
)
from issuer.domain.waterfall.structure import PercentFee
from tests.unit.rulebook_cases import DEAL, REGIME, REGISTRATION, Breach, assert_found

TRUSTEE, SERVICER, INTEREST, RESERVE, PRINCIPAL, RELEASE, RESIDUAL = DEAL.waterfall
SENIOR, FIRST_LOSS = DEAL.tranches
B_INTEREST, B_PRINCIPAL = PayInterest(("B",)), PayPrincipal(("B",))
INTEREST_FIRST = (INTEREST, B_INTEREST, PRINCIPAL, B_PRINCIPAL, RESIDUAL)
#: A second class between the two, and a deal that pays its taxes.
MEZZANINE = replace(SENIOR, id="B", symbol="EVC-B", isin=None)
THREE_CLASSES = replace(
    DEAL,
    structure=replace(
        DEAL.structure,
        tranches=(SENIOR, MEZZANINE, FIRST_LOSS),
        fees=(*DEAL.fees, PercentFee("taxes", "trustee", DEAL.fees[1].share)),  # type: ignore[union-attr]
    ),
)


def terms(**changes: object) -> DealCase:
    return DealCase(replace(DEAL, **changes), REGIME)


def token(**changes: object) -> DealCase:
    return terms(token=replace(DEAL.token, **changes))


def issuer(**changes: object) -> DealCase:
    return terms(issuer=replace(DEAL.issuer, **changes))


def in_the_united_states(lock_up_days: int) -> DealCase:
    offering = replace(DEAL.offering, lock_up_days=lock_up_days)
    return terms(jurisdictions=("HK", "US_REG_S"), offering=offering)


def kept_by(payee: str | None) -> DealCase:
    tranches = (SENIOR, replace(FIRST_LOSS, retained_by=payee))
    return terms(structure=replace(DEAL.structure, tranches=tranches))


def paid(deal: Deal, *steps: Step) -> DealCase:
    return DealCase(replace(deal, structure=replace(deal.structure, waterfall=steps)), REGIME)


def class_by_class(case: DealCase) -> DealCase:
    return replace(case, regime=replace(REGIME, payment_order="class_by_class"))


def switched_on(*markets: str) -> DealCase:
    return DealCase(DEAL, replace(REGIME, jurisdictions=markets))


TOKEN_BREACHES = [
    Breach(
        "certifies ownership",
        token_rules.certifies_cash_flow_rights,
        token(claim_type="OWNERSHIP"),
        [{"claim_type": "OWNERSHIP"}],
    ),
    Breach(
        "repaid by the issuer",
        token_rules.certifies_cash_flow_rights,
        token(repayment_source="ISSUER"),
        [{"repayment_source": "ISSUER"}],
    ),
    Breach(
        "issued onshore",
        token_rules.certifies_cash_flow_rights,
        issuer(jurisdiction="CN"),
        [{"issuer": DEAL.issuer.name, "jurisdiction": "CN"}],
        also=frozenset({"TOK-05"}),
    ),
    Breach("equity", token_rules.is_an_abs, token(form="EQUITY"), [{"form": "EQUITY"}]),
    Breach(
        "mineral right",
        token_rules.asset_class_is_allowed,
        terms(asset_class="MINERAL_RIGHT"),
        [{"asset_class": "MINERAL_RIGHT", "allowed": sorted(ALLOWED_ASSETS)}],
    ),
    Breach(
        "coupon follows a virtual currency",
        token_rules.follows_no_price,
        token(linked_to="BTC"),
        [{"linked_to": "BTC"}],
    ),
    Breach("leveraged", token_rules.follows_no_price, token(leveraged=True), [{"leveraged": True}]),
    Breach(
        "bearer form", token_rules.is_offered_as_a_security, token(bearer=True), [{"bearer": True}]
    ),
    Breach(
        "market switched off",
        token_rules.is_offered_as_a_security,
        switched_on("HK"),
        [{"jurisdiction": "SG", "switched_on": ["HK"]}],
    ),
    Breach(
        "a day too short for Regulation S",
        token_rules.regulation_s_locks_up,
        in_the_united_states(39),
        [{"lock_up_days": 39, "at_least": 40}],
    ),
]
STRUCTURE_BREACHES = [
    Breach(
        "account of the servicer",
        structure_rules.accounts_are_the_issuer_s,
        terms(accounts=(replace(DEAL.accounts[0], owner="SERVICER"), DEAL.accounts[1])),
        [{"account": "onshore-collections", "owner": "SERVICER"}],
    ),
    Breach(
        "no account",
        structure_rules.accounts_are_the_issuer_s,
        terms(accounts=()),
        [{"accounts": []}],
    ),
    Breach(
        "issued onshore, says the structure",
        structure_rules.issuer_has_a_single_purpose,
        issuer(jurisdiction="CN"),
        [{"issuer": DEAL.issuer.name, "jurisdiction": "CN"}],
        also=frozenset({"TOK-01"}),
    ),
    Breach(
        "a micro-unit of other debt",
        structure_rules.issuer_has_a_single_purpose,
        issuer(other_debt_micro=1),
        [{"issuer": DEAL.issuer.name, "other_debt_micro": 1}],
    ),
    Breach(
        "filer issues itself",
        structure_rules.issuer_has_a_single_purpose,
        issuer(name=DEAL.filer.name),
        [{"issuer": DEAL.filer.name, "found": "the filer itself"}],
    ),
    Breach(
        "principal before interest",
        structure_rules.payments_are_in_order,
        paid(DEAL, TRUSTEE, SERVICER, PRINCIPAL, INTEREST, RESERVE, RESIDUAL),
        [{"step": "pay_interest: A", "comes_after": "pay_principal: A"}],
    ),
    Breach(
        "fee after interest",
        structure_rules.payments_are_in_order,
        paid(DEAL, TRUSTEE, INTEREST, SERVICER, RESERVE, PRINCIPAL, RESIDUAL),
        [{"step": "pay_fee: servicer", "comes_after": "pay_interest: A"}],
    ),
    Breach(
        "reserve after principal, class by class",
        structure_rules.payments_are_in_order,
        class_by_class(paid(DEAL, TRUSTEE, SERVICER, INTEREST, PRINCIPAL, RESERVE, RESIDUAL)),
        [{"step": "top_up: reserve", "comes_after": "pay_principal: A"}],
    ),
    Breach(
        "reserve before senior interest",
        structure_rules.payments_are_in_order,
        paid(DEAL, TRUSTEE, SERVICER, RESERVE, INTEREST, PRINCIPAL, RESIDUAL),
        [{"step": "pay_interest: A", "comes_after": "top_up: reserve"}],
    ),
    Breach(
        "sponsor repaid before senior principal",
        structure_rules.payments_are_in_order,
        paid(DEAL, INTEREST, RepaySupport("bank"), PRINCIPAL, RESIDUAL),
        [{"step": "pay_principal: A", "comes_after": "repay_support: bank"}],
    ),
    Breach(
        "residual before the seniors",
        structure_rules.payments_are_in_order,
        paid(DEAL, RESIDUAL, TRUSTEE, SERVICER, INTEREST, RESERVE, PRINCIPAL),
        [{"step": "pay_fee: trustee", "comes_after": "pay_residual: S"}],
    ),
    Breach(
        "taxes after fees",
        structure_rules.payments_are_in_order,
        paid(THREE_CLASSES, TRUSTEE, PayFee(("taxes",)), INTEREST, PRINCIPAL, RESIDUAL),
        [{"step": "pay_fee: taxes", "comes_after": "pay_fee: trustee"}],
    ),
    Breach(
        "junior interest before senior principal, class by class",
        structure_rules.payments_are_in_order,
        class_by_class(paid(THREE_CLASSES, *INTEREST_FIRST)),
        [{"step": "pay_principal: A", "comes_after": "pay_interest: B"}],
    ),
    Breach(
        "junior interest before senior interest",
        structure_rules.payments_are_in_order,
        paid(THREE_CLASSES, B_INTEREST, INTEREST, PRINCIPAL, B_PRINCIPAL, RESIDUAL),
        [{"step": "pay_interest: A", "comes_after": "pay_interest: B"}],
    ),
    Breach(
        "junior principal before senior principal",
        structure_rules.payments_are_in_order,
        paid(THREE_CLASSES, INTEREST, B_INTEREST, B_PRINCIPAL, PRINCIPAL, RESIDUAL),
        [{"step": "pay_principal: A", "comes_after": "pay_principal: B"}],
    ),
    Breach(
        "junior principal before its own interest",
        structure_rules.payments_are_in_order,
        paid(THREE_CLASSES, INTEREST, PRINCIPAL, B_PRINCIPAL, B_INTEREST, RESIDUAL),
        [{"step": "pay_interest: B", "comes_after": "pay_principal: B"}],
    ),
    Breach(
        "junior principal first in a branch",
        structure_rules.payments_are_in_order,
        paid(
            THREE_CLASSES,
            INTEREST,
            B_INTEREST,
            When("late", (B_PRINCIPAL, PRINCIPAL), (PRINCIPAL, B_PRINCIPAL)),
            RESIDUAL,
        ),
        [{"step": "pay_principal: A", "comes_after": "pay_principal: B"}],
    ),
    Breach(
        "senior interest after a branch with its principal",
        structure_rules.payments_are_in_order,
        paid(THREE_CLASSES, When("late", (PRINCIPAL,), (B_INTEREST,)), INTEREST, RESIDUAL),
        [
            {"step": "pay_interest: A", "comes_after": "pay_principal: A"},
        ],
    ),
    Breach(
        "first loss kept by somebody else",
        structure_rules.originator_keeps_the_first_loss,
        kept_by("trustee"),
        [{"tranche": "S", "kept_by": DEAL.payee("trustee").name}],
    ),
    Breach(
        "first loss kept by nobody",
        structure_rules.originator_keeps_the_first_loss,
        kept_by(None),
        [{"tranche": "S", "kept_by": None}],
    ),
    Breach(
        "first loss repaid before the seniors",
        structure_rules.originator_keeps_the_first_loss,
        paid(DEAL, INTEREST, PayPrincipal(("S",)), PRINCIPAL, RESIDUAL),
        [{"tranche": "S", "principal_before": "A"}],
        also=frozenset({"TOK-06"}),
    ),
]
BREACHES = TOKEN_BREACHES + STRUCTURE_BREACHES


def test_deal_of_the_example_passes_every_rule() -> None:
    assert examine(DEAL_RULES, REGISTRATION) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_deal_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(DEAL_RULES, breach)


@pytest.mark.parametrize("asset_class", sorted(ALLOWED_ASSETS))
@pytest.mark.rule("TOK-03", passes=True)
def test_asset_class_of_the_list_is_accepted(asset_class: str) -> None:
    assert examine(DEAL_RULES, terms(asset_class=asset_class)) == ()


@pytest.mark.rule("INV-07", passes=True)
def test_forty_days_satisfy_regulation_s() -> None:
    assert examine(DEAL_RULES, in_the_united_states(40)) == ()


def test_deal_that_names_no_market_is_accepted_whatever_is_switched_on() -> None:
    assert examine(DEAL_RULES, DealCase(replace(DEAL, jurisdictions=()), REGIME)) == ()


@pytest.mark.parametrize(
    "steps",
    [
        (INTEREST, PRINCIPAL, RESIDUAL),
        (PayFee(("taxes",)), SERVICER, TRUSTEE, INTEREST, RESERVE, PRINCIPAL, RESIDUAL),
        (INTEREST, TopUp("reserve"), PRINCIPAL, B_INTEREST, B_PRINCIPAL, RESIDUAL),
        (INTEREST, PRINCIPAL, PayPrincipal(("S",)), PayResidual("S")),
        (INTEREST, When("late", (PRINCIPAL, B_INTEREST), (PRINCIPAL,)), B_PRINCIPAL, RESIDUAL),
    ],
)
@pytest.mark.rule("TOK-06", passes=True)
def test_order_class_by_class_is_accepted_whatever_the_regime(steps: tuple[Step, ...]) -> None:
    deal = paid(THREE_CLASSES, *steps)
    assert examine(DEAL_RULES, deal) == ()
    assert examine(DEAL_RULES, class_by_class(deal)) == ()


@pytest.mark.parametrize(
    "steps",
    [
        INTEREST_FIRST,
        (INTEREST, B_INTEREST, TopUp("reserve"), PRINCIPAL, B_PRINCIPAL, RESIDUAL),
        (INTEREST, PRINCIPAL, TopUp("reserve"), RESIDUAL),
        (INTEREST, When("late", (PRINCIPAL, B_PRINCIPAL), INTEREST_FIRST[1:-1]), RESIDUAL),
        # What is left after the scheduled principal goes to it as well.
        (INTEREST, PRINCIPAL, B_INTEREST, PayPrincipal(("A",), PrincipalMode.AVAILABLE), RESIDUAL),
    ],
)
@pytest.mark.rule("TOK-06", passes=True)
def test_junior_interest_or_a_late_reserve_is_accepted(steps: tuple[Step, ...]) -> None:
    assert examine(DEAL_RULES, paid(THREE_CLASSES, *steps)) == ()


def test_order_of_payments_that_is_refused_names_the_figure_that_refuses_it() -> None:
    refused = class_by_class(paid(THREE_CLASSES, *INTEREST_FIRST))
    (finding,) = examine(DEAL_RULES, refused)
    assert finding.figures["payment_order"]["value"] == "class_by_class"
