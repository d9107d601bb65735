"""Who may be admitted: the example's six investors, and every threshold from both sides."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from issuer.domain.investor import (
    Investor,
    InvestorClass,
    Owner,
    OwnerKind,
    Route,
    RouteEvidence,
    WalletKind,
    WalletProof,
)
from issuer.domain.rulebook import investor_rules as rules
from issuer.domain.rulebook.investor_rules import INVESTOR_RULES, InvestorCase
from issuer.domain.rulebook.rule import examine
from tests.unit.rulebook_cases import ADMISSION_DAY, INVESTORS, Breach, asking, assert_found


def owner(share: str, *, residency: str = "CN", controls: bool = False, name: str = "Li") -> Owner:
    return Owner(name, residency, Fraction(share), controls, kind=OwnerKind.PERSON)


A_SHELL = Owner("A Shell", "VG", Fraction(1), False)


def half_named(share: str) -> tuple[Owner, ...]:
    """A shell that holds this share, and names who holds half of it; somebody overseas has the rest."""
    shell = replace(A_SHELL, share=Fraction(share), owners=(owner("0.5", residency="SG"),))
    return (shell, owner(str(1 - Fraction(share)), residency="SG", name="Tan"))


def shell(share: str, *mainland: str, controls: bool) -> tuple[Owner, ...]:
    """A shell of this share, partly of mainland persons; everything else is Tan's."""
    persons = [owner(part, name=f"P{n}") for n, part in enumerate(mainland)]
    rest = str(1 - sum(map(Fraction, mainland)))
    behind = (*persons, owner(rest, residency="SG", name="Tan"))
    held = replace(A_SHELL, share=Fraction(share), controls=controls, owners=behind)
    return (held, owner(str(1 - Fraction(share)), residency="SG", name="Tan"))


def unnamed(investor: str, percent: str) -> dict[str, object]:
    return {
        "investor": investor,
        "mainland_share_percent": "0",
        "limit_percent": "25",
        "through": [],
        "unexplained_percent": percent,
    }


def with_routes(case: InvestorCase, *routes: str) -> InvestorCase:
    """The case under a regime in which these routes are open."""
    return replace(case, regime=replace(case.regime, mainland_routes=routes))


def dated(day: date) -> InvestorCase:
    return asking("H1", evidence=replace(INVESTORS["H1"].evidence, dated=day))


#: H1's leave to invest mainland money, in force on the day of admission.
LEAVE = RouteEvidence(
    "SIM-QDII-0001", INVESTORS["H1"].name, date(2025, 6, 1), ADMISSION_DAY + timedelta(days=1)
)


def by_route(evidence: RouteEvidence | None) -> InvestorCase:
    """H1, of which mainland persons control all, by a route that is open."""
    behind = (owner("1", controls=True),)
    case = asking("H1", owners=behind, route=Route.QDII, route_evidence=evidence)
    return with_routes(case, "QDII")


BEHIND_H1 = [
    {
        "investor": "H1",
        "mainland_share_percent": "100",
        "limit_percent": "25",
        "through": ["Li"],
    },
    {"investor": "H1", "controlled_by": "Li"},
]


def not_by_route(name: str, evidence: RouteEvidence | None, **facts: str) -> Breach:
    found = {"investor": "H1", "route": "QDII", **facts}
    return Breach(name, rules.no_mainland_behind_it, by_route(evidence), [found, *BEHIND_H1])


BREACHES = [
    not_by_route("open route without evidence", None, route_evidence="not stated"),
    not_by_route(
        "open route with a blank reference",
        replace(LEAVE, approval_reference=" "),
        route_evidence="not stated",
    ),
    not_by_route(
        "open route on somebody else's quota",
        replace(LEAVE, quota_holder="Example Bank"),
        quota_holder="Example Bank",
        found="neither the investor nor an owner",
    ),
    not_by_route(
        "open route whose approval ends that very day",
        replace(LEAVE, expires=ADMISSION_DAY),
        approval_dated="2025-06-01",
        approval_expires="2026-03-18",
        utc_day="2026-03-18",
    ),
    not_by_route(
        "open route with an approval of tomorrow",
        replace(LEAVE, dated=ADMISSION_DAY + timedelta(days=1)),
        approval_dated="2026-03-19",
        approval_expires="2026-03-19",
        utc_day="2026-03-18",
    ),
    Breach(
        "mainland resident of the example",
        rules.investor_is_overseas_and_known,
        asking("mainland-resident"),
        [{"investor": "mainland-resident", "residency": "CN"}],
    ),
    Breach(
        "retail class",
        rules.not_retail_not_onshore,
        asking("H1", investor_class=InvestorClass.RETAIL),
        [{"investor": "H1", "class": "RETAIL"}],
    ),
    Breach(
        "marketed onshore",
        rules.not_retail_not_onshore,
        asking("H1", marketing_channel="CN"),
        [{"investor": "H1", "marketing_channel": "CN"}],
    ),
    Breach(
        "Hong Kong shell of the example",
        rules.no_mainland_behind_it,
        asking("hk-shell"),
        [
            {
                "investor": "hk-shell",
                "mainland_share_percent": "81",
                "limit_percent": "25",
                "through": [
                    "Example Lotus Limited (BVI) > Zhao Example",
                    "Example Lotus Limited (BVI) > Qian Example",
                ],
            },
            {
                "investor": "hk-shell",
                "controlled_by": "Example Lotus Limited (BVI) > Zhao Example",
            },
        ],
    ),
    Breach(
        "mainland phone",
        rules.no_sign_of_the_mainland,
        asking("H1", phone="+8613800000000"),
        [{"investor": "H1", "phone": "+86"}],
    ),
    Breach(
        "mainland identity document",
        rules.no_sign_of_the_mainland,
        asking("H1", identity_document_country="CN"),
        [{"investor": "H1", "identity_document_country": "CN"}],
    ),
    Breach(
        "mainland bank account and phone",
        rules.no_sign_of_the_mainland,
        asking("H1", phone="+862155500100", bank_account_country="CN"),
        [{"investor": "H1", "phone": "+86", "bank_account_country": "CN"}],
    ),
    Breach(
        "vault",
        rules.investor_is_overseas_and_known,
        asking("H1", wallet_kind=WalletKind.VAULT),
        [{"investor": "H1", "wallet_kind": "VAULT"}],
    ),
    *(
        Breach(
            f"wallet proof {proof.value}",
            rules.investor_is_overseas_and_known,
            replace(asking("H1"), wallet_proof=proof),
            [{"investor": "H1", "wallet": INVESTORS["H1"].wallet, "wallet_proof": proof.value}],
        )
        for proof in (WalletProof.NOT_GIVEN, WalletProof.BY_ANOTHER_KEY)
    ),
    Breach(
        "contract that calls itself a wallet",
        rules.investor_is_overseas_and_known,
        replace(asking("H1"), wallet_proof=WalletProof.NOT_GIVEN, wallet_has_code=True),
        [{"investor": "H1", "wallet": INVESTORS["H1"].wallet, "wallet_is": "a contract"}],
    ),
    Breach(
        "trading pool",
        rules.wallet_is_no_market,
        asking("H1", wallet_kind=WalletKind.POOL),
        [{"investor": "H1", "wallet_kind": "POOL"}],
        also=frozenset({"INV-01"}),
    ),
    Breach(
        "lending pool",
        rules.wallet_is_no_market,
        asking("H1", wallet_kind=WalletKind.LENDING),
        [{"investor": "H1", "wallet_kind": "LENDING"}],
        also=frozenset({"INV-01"}),
    ),
    Breach(
        "bridge",
        rules.wallet_is_no_bridge,
        asking("H1", wallet_kind=WalletKind.BRIDGE),
        [{"investor": "H1", "wallet_kind": "BRIDGE"}],
        also=frozenset({"INV-01"}),
    ),
    Breach(
        "company that owns itself",
        rules.no_mainland_behind_it,
        asking(
            "H1", owners=(replace(A_SHELL, owners=(owner("1", residency="HK", name="A SHELL"),)),)
        ),
        [
            {
                "investor": "H1",
                "circular": "Example Asset Management (Hong Kong) Limited > A Shell > A SHELL",
            }
        ],
    ),
    Breach(
        "route that is closed",
        rules.no_mainland_behind_it,
        asking("H1", route=Route.QDII),
        [{"investor": "H1", "route": "QDII", "open_routes": []}],
    ),
    Breach(
        "other route than the open one",
        rules.no_mainland_behind_it,
        with_routes(asking("H1", route=Route.ODI, owners=(owner("0.25"),)), "QDII"),
        [
            {"investor": "H1", "route": "ODI", "open_routes": ["QDII"]},
            {
                "investor": "H1",
                "mainland_share_percent": "25",
                "limit_percent": "25",
                "through": ["Li"],
            },
        ],
    ),
    Breach(
        "vehicle of as many as the cap, beside one holder",
        rules.within_the_holder_cap,
        replace(asking("H1", vehicle_investors=200), holders=1),
        [{"admitted": 1, "behind_this_one": 200, "cap": 200}],
    ),
    Breach(
        "exactly a quarter in two pieces",
        rules.no_mainland_behind_it,
        asking("H1", owners=(owner("0.2"), owner("0.05", name="Wu"))),
        [
            {
                "investor": "H1",
                "mainland_share_percent": "25",
                "limit_percent": "25",
                "through": ["Li", "Wu"],
            }
        ],
    ),
    Breach(
        "company of which no owner is named",
        rules.no_mainland_behind_it,
        asking("H2", owners=()),
        [unnamed("H2", "100")],
    ),
    Breach(
        "fund of which only a tenth is named",
        rules.no_mainland_behind_it,
        asking("H3", owners=(owner("0.1", residency="LU"),)),
        [unnamed("H3", "90")],
    ),
    Breach(
        "exactly a quarter unnamed, two levels down",
        rules.no_mainland_behind_it,
        asking("H2", owners=half_named("0.5")),
        [unnamed("H2", "25")],
    ),
    Breach(
        "mainland minority and an unnamed one that are a quarter together",
        rules.no_mainland_behind_it,
        asking("H2", owners=(owner("0.2"), owner("0.75", residency="SG", name="Tan"))),
        [{**unnamed("H2", "5"), "mainland_share_percent": "20", "through": ["Li"]}],
    ),
    *(
        Breach(
            f"shell behind which nobody is named, {kind}",
            rules.no_mainland_behind_it,
            asking("H2", owners=(replace(A_SHELL, controls=True, kind=kind),)),
            [unnamed("H2", "100")],
        )
        for kind in (None, OwnerKind.COMPANY)
    ),
    Breach(
        "majority of a company that controls, though said not to control it",
        rules.no_mainland_behind_it,
        asking("H2", owners=shell("0.4", "0.6", controls=True)),
        [{"investor": "H2", "controlled_by": "A Shell > P0"}],
    ),
    Breach(
        "majority of a majority, in hands that have it only together",
        rules.no_mainland_behind_it,
        asking("H2", owners=shell("0.49", "0.255", "0.255", controls=True)),
        [{"investor": "H2", "controlled_by": "mainland persons together"}],
    ),
    Breach(
        "control with one percent",
        rules.no_mainland_behind_it,
        asking("H1", owners=(owner("0.01", controls=True),)),
        [{"investor": "H1", "controlled_by": "Li"}],
    ),
    Breach(
        "cap reached",
        rules.within_the_holder_cap,
        replace(asking("H1"), holders=200),
        [{"admitted": 200, "behind_this_one": 1, "cap": 200}],
    ),
    Breach(
        "name on the list, whatever its capitals",
        rules.not_sanctioned,
        replace(
            asking("H3", name="EXAMPLE Clean Energy"),
            sanctioned=frozenset({"example clean energy"}),
        ),
        [{"investor": "H3", "listed": ["example clean energy"]}],
    ),
    Breach(
        "owner's owner on the list",
        rules.not_sanctioned,
        replace(asking("H1"), sanctioned=frozenset({"example family trust"})),
        [{"investor": "H1", "listed": ["example family trust"]}],
    ),
    *(
        Breach(
            f"owner's owner on the list, written with {how}",
            rules.not_sanctioned,
            replace(
                asking("H2", owners=(owner("1", residency="SG", name=name),)),
                sanctioned=frozenset({"example 赵例"}),
            ),
            [{"investor": "H2", "listed": ["example 赵例"]}],
        )
        for how, name in {
            "full-width letters": "ＥＸＡＭＰＬＥ 赵例",
            "double spaces": " Example  赵例 ",
            "mixed case and quotes": "“eXaMpLe” 赵例",
            "an ideographic space": "Example　赵　例",
        }.items()
    ),
    Breach(
        "wallet on the list",
        rules.not_sanctioned,
        replace(asking("H1"), sanctioned=frozenset({INVESTORS["H1"].wallet.casefold()})),
        [{"investor": "H1", "listed": [INVESTORS["H1"].wallet.casefold()]}],
    ),
    Breach(
        "stale evidence of the example",
        rules.evidence_is_fresh,
        asking("stale-evidence"),
        [
            {
                "investor": "stale-evidence",
                "evidence_dated": "2025-02-28",
                "eligible_until": "2026-02-28",
                "utc_day": "2026-03-18",
            }
        ],
    ),
    Breach(
        "evidence exactly twelve months old",
        rules.evidence_is_fresh,
        dated(date(2025, 3, 18)),
        [
            {
                "investor": "H1",
                "evidence_dated": "2025-03-18",
                "eligible_until": "2026-03-18",
                "utc_day": "2026-03-18",
            }
        ],
    ),
    Breach(
        "evidence of tomorrow",
        rules.evidence_is_fresh,
        dated(date(2026, 3, 19)),
        [
            {
                "investor": "H1",
                "evidence_dated": "2026-03-19",
                "today": "2026-03-18",
            }
        ],
    ),
]


@pytest.mark.parametrize("investor", [INVESTORS[name] for name in ("H1", "H2", "H3")])
def test_investor_of_the_example_is_admitted(investor: Investor) -> None:
    assert examine(INVESTOR_RULES, asking(investor.id)) == ()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_investor_with_one_fault_is_refused_by_its_rule(breach: Breach) -> None:
    assert_found(INVESTOR_RULES, breach)


@pytest.mark.parametrize(
    ("investor_id", "rule"),
    [("mainland-resident", "INV-01"), ("hk-shell", "INV-04"), ("stale-evidence", "INV-13")],
)
def test_refused_investor_of_the_example_breaks_one_rule_only(investor_id: str, rule: str) -> None:
    assert {each.rule for each in examine(INVESTOR_RULES, asking(investor_id))} == {rule}


@pytest.mark.parametrize(
    ("day", "cure"),
    [
        (date(2026, 3, 19), "Bring evidence dated today at the latest."),
        (date(2025, 3, 18), "Bring evidence that is recent enough."),
    ],
)
def test_evidence_from_the_future_is_not_told_that_it_is_too_old(day: date, cure: str) -> None:
    (finding,) = examine(INVESTOR_RULES, dated(day))
    assert (finding.rule, finding.cure) == ("INV-13", cure)


@pytest.mark.rule("INV-12", passes=True)
@pytest.mark.parametrize("listed", ["example 赵", "example 赵例 co", "0x2546", ""])
def test_name_that_is_only_like_one_on_the_list_is_accepted(listed: str) -> None:
    case = asking("H2", owners=(owner("1", residency="SG", name="Example 赵例"),))
    assert examine(INVESTOR_RULES, replace(case, sanctioned=frozenset({listed}))) == ()


@pytest.mark.rule("INV-04", passes=True)
def test_mainland_minority_just_below_a_quarter_is_accepted() -> None:
    case = asking("H1", owners=(owner("0.24999999"), owner("0.75", residency="HK")))
    assert examine(INVESTOR_RULES, case) == ()


@pytest.mark.rule("INV-04", passes=True)
def test_mainland_controller_of_a_company_without_control_is_accepted() -> None:
    passive = Owner("Passive Ltd.", "HK", Fraction(1, 10), False, (owner("1", controls=True),))
    assert examine(INVESTOR_RULES, asking("H1", owners=(passive,))) == ()


@pytest.mark.rule("INV-04", passes=True)
@pytest.mark.parametrize(
    "owners",
    [
        shell("0.4", "0.6", controls=False),
        shell("0.49", "0.25", "0.25", controls=True),
        (replace(A_SHELL, kind=OwnerKind.SUPERVISED),),
    ],
)
def test_owners_whom_mainland_persons_do_not_control_are_accepted(
    owners: tuple[Owner, ...],
) -> None:
    assert examine(INVESTOR_RULES, asking("H2", owners=owners)) == ()


@pytest.mark.rule("INV-04", passes=True)
def test_unnamed_minority_just_below_a_quarter_is_accepted() -> None:
    for owners in ((owner("0.7500001", residency="SG"),), half_named("0.4999999")):
        assert examine(INVESTOR_RULES, asking("H2", owners=owners)) == ()


@pytest.mark.rule("INV-04", passes=True)
def test_licensed_institution_need_not_name_its_owners() -> None:
    assert examine(INVESTOR_RULES, asking("H1", owners=())) == ()


@pytest.mark.rule("INV-10", passes=True)
def test_last_place_below_the_cap_is_given() -> None:
    assert examine(INVESTOR_RULES, replace(asking("H1"), holders=199)) == ()


@pytest.mark.rule("INV-10", passes=True)
def test_vehicle_that_fills_the_cap_exactly_is_accepted() -> None:
    case = replace(asking("H1", vehicle_investors=200), holders=0)
    assert examine(INVESTOR_RULES, case) == ()
    assert examine(INVESTOR_RULES, replace(asking("H1", vehicle_investors=1), holders=199)) == ()


@pytest.mark.parametrize("phone", ["+85255500100", "+8860255500100", "+6555500100", "+18655500100"])
@pytest.mark.rule("INV-02", passes=True)
def test_phone_overseas_is_accepted(phone: str) -> None:
    countries = {"identity_document_country": "HK", "bank_account_country": "MO"}
    assert examine(INVESTOR_RULES, asking("H1", phone=phone, **countries)) == ()


@pytest.mark.parametrize("kind", [WalletKind.OWN, WalletKind.CUSTODY])
@pytest.mark.rule("INV-01", passes=True)
@pytest.mark.rule("TOK-07", passes=True)
@pytest.mark.rule("INF-03", passes=True)
def test_wallet_of_a_holder_is_accepted(kind: WalletKind) -> None:
    assert examine(INVESTOR_RULES, asking("H1", wallet_kind=kind)) == ()


@pytest.mark.rule("INV-01", passes=True)
@pytest.mark.parametrize("proof", WalletProof)
def test_wallet_that_need_only_be_declared_is_accepted_whatever_proves_it(
    proof: WalletProof,
) -> None:
    case = replace(asking("H1"), wallet_proof=proof, wallet_has_code=True)
    declared = replace(case.regime, wallet_proof="declared")
    assert examine(INVESTOR_RULES, replace(case, regime=declared)) == ()


@pytest.mark.parametrize("route", Route)
@pytest.mark.rule("INV-04", passes=True)
def test_mainland_money_by_an_open_route_is_accepted(route: Route) -> None:
    behind = (owner("1", controls=True),)
    case = with_routes(asking("H1", owners=behind, route=route, route_evidence=LEAVE), *Route)
    assert examine(INVESTOR_RULES, case) == ()
    # The route opens nothing else: its investor is not resident in the mainland.
    resident = replace(case, investor=replace(case.investor, residency="CN"))
    assert {each.rule for each in examine(INVESTOR_RULES, resident)} == {"INV-01"}


def test_two_owners_of_one_name_beside_each_other_are_no_circle() -> None:
    twice = (owner("0.5", residency="HK"), owner("0.5", residency="HK"))
    assert examine(INVESTOR_RULES, asking("H1", owners=twice)) == ()


@pytest.mark.parametrize("day", [date(2025, 3, 19), ADMISSION_DAY])
@pytest.mark.rule("INV-13", passes=True)
def test_evidence_within_twelve_months_is_accepted(day: date) -> None:
    assert examine(INVESTOR_RULES, dated(day)) == ()
