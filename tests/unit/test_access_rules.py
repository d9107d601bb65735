"""Who is shown the notes, where they are traded, and what is shared of them."""

from dataclasses import replace

import pytest

from issuer.domain.roles import Role
from issuer.domain.rulebook import access_rules as rules
from issuer.domain.rulebook.access_rules import (
    ACCESS_RULES,
    ONSHORE_PARTIES,
    SHARING_RULES,
    AccessCase,
)
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import ACCESS, LISTING, SHARING, Breach, assert_found

MAINLAND = AccessCase(role=None, countries=("CN",), network=None)

BREACHES = [
    Breach(
        "mainland visitor",
        rules.request_comes_from_overseas,
        MAINLAND,
        [{"country": "CN"}],
    ),
    Breach(
        "mainland among the countries named",
        rules.request_comes_from_overseas,
        replace(ACCESS, countries=("CN", "HK"), role=Role.INVESTOR),
        [{"country": "CN"}],
    ),
    Breach(
        "mainland network",
        rules.request_comes_from_overseas,
        replace(ACCESS, network="203.0.113.0/24", role=Role.REGISTRAR),
        [{"network": "203.0.113.0/24"}],
    ),
    Breach(
        "retail venue",
        rules.venue_is_for_professionals,
        replace(LISTING, retail=True),
        [{"venue": "Example Professional Exchange", "retail": True}],
    ),
    Breach(
        "recipient who is no supervisor",
        rules.sharing_is_whole_and_with_supervisors,
        replace(SHARING, recipient=Role.INVESTOR),
        [{"recipient": "investor"}],
    ),
    Breach(
        "register that lacks a unit",
        rules.sharing_is_whole_and_with_supervisors,
        replace(SHARING, register={"A": 79_999}),
        [{"tranche": "A", "in_register": 79_999, "on_chain": 80_000}],
    ),
    Breach(
        "tranche that the chain does not know",
        rules.sharing_is_whole_and_with_supervisors,
        replace(SHARING, register={"A": 80_000, "B": 1}),
        [{"tranche": "B", "in_register": 1, "on_chain": 0}],
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_access_against_a_rule_is_refused_by_it(breach: Breach) -> None:
    assert_found((breach.rule,), breach)


@pytest.mark.parametrize("role", sorted(ONSHORE_PARTIES))
def test_party_whose_place_is_in_the_mainland_is_served_there(role: Role) -> None:
    assert examine(ACCESS_RULES, replace(MAINLAND, role=role)) == ()


@pytest.mark.parametrize("countries", [(), ("HK",), ("MO", "SG"), ("TW",)])
@pytest.mark.rule("INV-02", passes=True)
def test_visitor_from_elsewhere_is_served(countries: tuple[str, ...]) -> None:
    assert examine(ACCESS_RULES, replace(ACCESS, countries=countries)) == ()


@pytest.mark.parametrize("role", [Role.OVERSEAS_REGULATOR, Role.REGULATOR, Role.AUDITOR])
@pytest.mark.rule("FIL-19", passes=True)
def test_supervisor_is_given_the_whole_register(role: Role) -> None:
    assert examine(SHARING_RULES, replace(SHARING, recipient=role)) == ()
