"""In which coin, deposit or currency a deal may be settled, under either profile."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from issuer.domain.regime import Regime
from issuer.domain.rulebook import settlement_rules as rules
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.deal_rules import DEAL_RULES
from issuer.domain.rulebook.rule import examine
from issuer.domain.rulebook.settlement_rules import flags
from tests.unit.rulebook_cases import DEAL, REGIME, REGISTRATION, Breach, assert_found

LENIENT = replace(REGIME, settlement="lenient")
LICENCES = {"licences": ["FRS01", "FRS02"]}


def coin(regime: Regime = REGIME, **changes: object) -> DealCase:
    return DealCase(replace(DEAL, settlement=replace(DEAL.settlement, **changes)), regime)


def opening(day: date, **changes: object) -> DealCase:
    """The offering opens on that day."""
    case = coin(**changes)
    offering = replace(DEAL.offering, opens=day)
    return replace(case, deal=replace(case.deal, offering=offering))


BREACHES = [
    Breach(
        "coin pegged to the offshore renminbi, whatever its symbol",
        rules.no_renminbi_stablecoin,
        coin(peg="CNH"),
        [{"coin": "HKDS", "peg": "CNH", "kind": "STABLECOIN"}],
    ),
    Breach(
        "renminbi coin that calls itself a deposit",
        rules.no_renminbi_stablecoin,
        coin(peg="CNY", kind="DEPOSIT", bank="HSBC"),
        [{"coin": "HKDS", "peg": "CNY", "kind": "DEPOSIT"}],
    ),
    Breach(
        "paid in the issuer's own token",
        rules.coin_is_independent,
        coin(symbol="EVC-A"),
        [{"coin": "EVC-A", "found": "a token of the issuer's own"}],
    ),
    Breach(
        "coin of an issuer whom the mainland controls",
        rules.coin_is_independent,
        coin(issuer_jurisdiction="CN"),
        [{"coin": "HKDS", "issuer_jurisdiction": "CN"}],
    ),
    Breach(
        "unknown licence",
        rules.coin_is_licensed,
        coin(licence="FRS99"),
        [{"coin": "HKDS", "licence": "FRS99", **LICENCES}],
    ),
    Breach(
        "unknown licence, leniently",
        rules.coin_is_licensed,
        coin(LENIENT, licence="FRS99"),
        [{"coin": "HKDS", "licence": "FRS99", **LICENCES}],
    ),
    Breach(
        "coin without a licence",
        rules.coin_is_licensed,
        coin(licence=None),
        [{"coin": "HKDS", "licence": None, **LICENCES}],
        also=frozenset({"SET-05"}),
    ),
    Breach(
        "kind that nobody knows",
        rules.coin_is_licensed,
        coin(kind="POINTS", licence=None),
        [{"coin": "HKDS", "licence": None, **LICENCES}],
        also=frozenset({"SET-05"}),
    ),
    Breach(
        "the day before the licence is live",
        rules.coin_is_licensed,
        opening(date(2026, 4, 9)),
        [
            {
                "coin": "HKDS",
                "licence": "FRS01",
                "live_from": "2026-04-10",
                "offering_opens": "2026-04-09",
            }
        ],
    ),
    Breach(
        "second licence is not live yet",
        rules.coin_is_licensed,
        coin(licence="FRS02"),
        [
            {
                "coin": "HKDS",
                "licence": "FRS02",
                "live_from": "2026-07-01",
                "offering_opens": "2026-04-13",
            }
        ],
    ),
    Breach(
        "licence of which nobody knows when it is live",
        rules.coin_is_licensed,
        coin(replace(REGIME, licences_live_from=())),
        [
            {
                "coin": "HKDS",
                "licence": "FRS01",
                "live_from": None,
                "offering_opens": "2026-04-13",
            }
        ],
    ),
    Breach(
        "reserve a ten-thousandth short",
        rules.licensed_coin_keeps_its_promises,
        coin(reserve=Fraction(9999, 10000)),
        [{"coin": "HKDS", "reserve": "99.99 %"}],
    ),
    Breach(
        "redeemed after two days",
        rules.licensed_coin_keeps_its_promises,
        coin(redemption_days=2),
        [{"coin": "HKDS", "redemption_days": 2, "at_most": 1}],
    ),
    Breach(
        "pays interest",
        rules.licensed_coin_keeps_its_promises,
        coin(interest_rate=Fraction(1, 1000)),
        [{"coin": "HKDS", "interest_rate": "0.1 %"}],
    ),
    Breach(
        "no licence under the strict profile",
        rules.unlicensed_coin_is_for_the_lenient,
        coin(licence=None),
        [{"coin": "HKDS", "licence": None, "profile": "strict"}],
        also=frozenset({"SET-03"}),
    ),
    Breach(
        "e-CNY overseas",
        rules.ecny_stays_onshore,
        coin(kind="ECNY", licence=None, peg="CNY"),
        [{"coin": "HKDS", "leg": "OFFSHORE"}],
    ),
    Breach(
        "deposit of a bank that is not listed",
        rules.deposit_is_a_listed_bank_s,
        coin(kind="DEPOSIT", licence=None, bank="Example Bank"),
        [{"coin": "HKDS", "bank": "Example Bank", "banks": ["BOCHK", "HASE", "HSBC", "SCB"]}],
    ),
    Breach(
        "deposit of no bank",
        rules.deposit_is_a_listed_bank_s,
        coin(kind="DEPOSIT", licence=None),
        [{"coin": "HKDS", "bank": None, "banks": ["BOCHK", "HASE", "HSBC", "SCB"]}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_settlement_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(DEAL_RULES, breach)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(coin(peg="CNY", consent_reference="PBOC-SIM-1"), id="renminbi-with-consent"),
        pytest.param(
            coin(issuer_jurisdiction="CN", consent_reference="PBOC-SIM-1"),
            id="mainland-issuer-with-consent",
        ),
        pytest.param(coin(issuer_jurisdiction=None), id="issuer-not-stated"),
        pytest.param(opening(date(2026, 4, 10)), id="first-day-of-the-licence"),
        pytest.param(opening(date(2026, 7, 1), licence="FRS02"), id="second-licence-once-live"),
        pytest.param(coin(reserve=Fraction(101, 100)), id="more-than-reserved"),
        pytest.param(coin(redemption_days=0), id="redeemed-at-once"),
        pytest.param(
            coin(LENIENT, licence=None, reserve=Fraction(1, 2)), id="unlicensed-and-lenient"
        ),
        pytest.param(coin(kind="ECNY", licence=None, peg="CNY", leg="ONSHORE"), id="ecny-onshore"),
        pytest.param(
            coin(kind="ECNY", licence=None, consent_reference="PBOC-SIM-2"), id="ecny-with-consent"
        ),
        pytest.param(
            coin(kind="DEPOSIT", licence=None, bank="HSBC", interest_rate=Fraction(2, 100)),
            id="deposit-of-a-listed-bank",
        ),
    ],
)
def test_settlement_within_the_rules_is_accepted(case: DealCase) -> None:
    assert examine(DEAL_RULES, case) == ()


def test_unlicensed_coin_that_the_lenient_profile_takes_is_flagged() -> None:
    (flag,) = flags(coin(LENIENT, licence=None))
    assert flag.startswith("SET-05")
    assert "professional investors only" in flag
    assert flags(REGISTRATION) == ()
