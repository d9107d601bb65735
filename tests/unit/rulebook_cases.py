"""One good case of every kind the rulebook judges, made from the example files, and its breaches.

A test changes one thing in a good case; a `Breach` says which rule objects to the change, and with
which facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from issuer.calendars import PRC_WORKING_DAYS, load_calendar, load_joint_calendar
from issuer.documents.collections import load_collections
from issuer.documents.deal import load_deal
from issuer.documents.filing import (
    MaterialDocument,
    SectionsDocument,
    build_bundle,
    load_filing,
)
from issuer.documents.investors import load_investors
from issuer.domain.assets import Asset
from issuer.domain.bundle import ATTESTER_ROLES, Attestation, Material
from issuer.domain.filing import Approval, Filing
from issuer.domain.investor import InvestorStatus, WalletProof
from issuer.domain.lifecycle import FilingState
from issuer.domain.plan import PlannedContract
from issuer.domain.regime import Regime
from issuer.domain.roles import Role
from issuer.domain.rulebook.access_rules import AccessCase, ListingCase, SharingCase
from issuer.domain.rulebook.cash_rules import FundingCase
from issuer.domain.rulebook.clock_rules import ClockCase, PaymentCase
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.filing_case import FilingCase
from issuer.domain.rulebook.investor_rules import DATED_AHEAD, InvestorCase
from issuer.domain.rulebook.issuance_rules import GateCase, RecipientCase
from issuer.domain.rulebook.rule import Rule, examine
from issuer.domain.rulebook.state_cures import TO_MINT, TO_TRANSFER, TO_WITHDRAW
from issuer.domain.rulebook.transfer_rules import HoldingTerms, Party, TransferCase
from issuer.domain.schedule import build_schedule

FOLDER = Path(__file__).parents[2] / "scripts/deals"
DEAL = load_deal(FOLDER / "ev-charging.yaml")
BATCH = load_collections(FOLDER / "ev-charging.collections.yaml").batches[0]
FILING_DOCUMENT = load_filing(FOLDER / "ev-charging.filing.yaml")
INVESTORS = {each.id: each for each in load_investors(FOLDER / "ev-charging.investors.yaml")}
REGIME = Regime()

HASH = "0x" + "5a" * 32
OTHER_HASH = "0x" + "a5" * 32
CHAIN_ID = 131277322940537
COIN = 1_000_000
ADMISSION_DAY = date(2026, 3, 18)


_OTHER_CURES = (TO_WITHDRAW, DATED_AHEAD, *TO_MINT.values(), *TO_TRANSFER.values())


@dataclass(frozen=True)
class Breach:
    """A case in which `rule` finds exactly `facts`. `also` are other rules the change offends."""

    name: str
    rule: Rule[Any]
    case: Any
    facts: Sequence[dict[str, Any]]
    also: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return f"{self.rule.id}-{self.name.replace(' ', '-')}"


def assert_found(rules: Sequence[Rule[Any]], breach: Breach) -> None:
    """The rule finds the facts, says its id, basis and cure, and the other rules are content."""
    findings = examine(rules, breach.case)
    own = [each for each in findings if each.statement == breach.rule.statement]
    assert [dict(each.facts) for each in own] == list(breach.facts)
    for each in own:
        assert (each.rule, each.basis) == (breach.rule.id, breach.rule.basis.value)
        assert each.source == breach.rule.source
        assert each.cure in (breach.rule.cure, *_OTHER_CURES)
    others = {each.rule for each in findings if each.statement != breach.rule.statement}
    assert others == breach.also


# --- filings: the example's second one, as submitted on 12 February 2026

_SECTIONS = {name: FILING_DOCUMENT[name] for name in SectionsDocument.model_fields}
_MATERIALS = tuple(
    MaterialDocument.model_validate(each).to_domain() for each in FILING_DOCUMENT["materials"]
)
_CONTRACTS = tuple(
    PlannedContract(name, f"0x{number:040x}", f"0x{number:064x}")
    for number, name in enumerate(
        (
            "filing_registry",
            "settlement_coin:HKDS",
            "investor_registry",
            "dvp_settlement",
            "coupon_distributor",
            "abs_token:A",
        ),
        start=1,
    )
)
_AS_WRITTEN = build_bundle("ev-charging-2", 1, _SECTIONS, _MATERIALS)
BUNDLE = replace(_AS_WRITTEN, plan=replace(_AS_WRITTEN.plan, contracts=_CONTRACTS))
#: The deal's own contracts; the register and the coin are shared between deals.
DEPLOYED = {each.name: (each.address, each.code_hash) for each in _CONTRACTS[2:]}

GOOD_FILING = FilingCase(
    filing=Filing(
        "ev-charging-2",
        "ev-charging",
        FilingState.SUBMITTED,
        supersedes="ev-charging-1",
        submitted_on=date(2026, 2, 12),
    ),
    deal=DEAL,
    periods=build_schedule(DEAL, load_joint_calendar(DEAL.schedule.calendars)),
    bundle=BUNDLE,
    bundle_hash=HASH,
    attestations=tuple(
        Attestation(role, BUNDLE.attesters[role], HASH, "0x", date(2026, 2, 12))
        for role in ATTESTER_ROLES
    ),
    elsewhere={},
    deployed=DEPLOYED,
    deployed_on=CHAIN_ID,
    chain_id=CHAIN_ID,
    predecessor=Filing("ev-charging-1", "ev-charging", FilingState.NOT_ACCEPTED),
    published=None,
    today=date(2026, 2, 12),
    regime=REGIME,
)


def with_filing(**changes: Any) -> FilingCase:
    """The good case, its filing changed."""
    return replace(GOOD_FILING, filing=replace(GOOD_FILING.filing, **changes))


def with_bundle(**changes: Any) -> FilingCase:
    """The good case, its bundle changed."""
    return replace(GOOD_FILING, bundle=replace(BUNDLE, **changes))


def with_entity(**changes: Any) -> FilingCase:
    """The good case, its entity section changed."""
    return with_bundle(entity=replace(BUNDLE.entity, **changes))


def with_plan(**changes: Any) -> FilingCase:
    """The good case, its plan changed."""
    return with_bundle(plan=replace(BUNDLE.plan, **changes))


def with_asset(**changes: Any) -> FilingCase:
    """The good case, its first asset changed."""
    return with_bundle(assets=changed_first_asset(**changes))


def changed_first_asset(**changes: Any) -> tuple[Asset, ...]:
    first, *rest = BUNDLE.assets
    return (replace(first, **changes), *rest)


def with_material(code: str, **changes: Any) -> FilingCase:
    """The good case, one of its materials changed."""
    return with_bundle(
        materials=tuple(
            replace(each, **changes) if each.code == code else each for each in BUNDLE.materials
        )
    )


def without_material(code: str) -> tuple[Material, ...]:
    return tuple(each for each in BUNDLE.materials if each.code != code)


# --- the gate: the last mint of the offering, and its recipient

ISSUING = Filing(
    "ev-charging-2",
    "ev-charging",
    FilingState.ISSUING,
    version=2,
    supersedes="ev-charging-1",
    submitted_on=date(2026, 2, 12),
    approval=Approval(
        2, HASH, date(2027, 3, 16), 100_000_000 * COIN, (("A", 80_000),), date(2026, 3, 16)
    ),
    published_on=date(2026, 3, 16),
)
GATE = GateCase(
    deal_id="ev-charging",
    filing=ISSUING,
    recomputed_hash=HASH,
    tranche_id="A",
    units=10_000,
    minted=70_000,
    today=date(2026, 4, 14),
    utc_day=date(2026, 4, 14),
    regime=REGIME,
)
RECIPIENT = RecipientCase(
    investor_id="H3",
    status=InvestorStatus.ADMITTED,
    eligible_until=date(2027, 3, 2),
    invested_micro=10_000_000 * COIN,
    minimum_micro=DEAL.offering.min_subscription_micro,
    utc_day=date(2026, 4, 14),
)

# --- clocks: the same filing on the day of that mint, and the first payment on its date

CLOCKS = ClockCase(ISSUING, date(2026, 4, 14), load_calendar(PRC_WORKING_DAYS), REGIME)
PAYMENT = PaymentCase(
    distribution="ev-charging-d1",
    period=1,
    payment_on=date(2026, 7, 15),
    paid=False,
    today=date(2026, 7, 29),
    calendar=CLOCKS.calendar,
    regime=REGIME,
)

# --- admissions, transfers, deals, cash


def asking(investor_id: str, **changes: Any) -> InvestorCase:
    """The investor of the example file, changed, asking to be admitted on 18 March 2026."""
    investor = replace(INVESTORS[investor_id], **changes)
    cap = DEAL.offering.holder_cap
    return InvestorCase(
        investor,
        sanctioned=frozenset(),
        holders=0,
        holder_cap=cap,
        today=ADMISSION_DAY,
        utc_day=ADMISSION_DAY,
        regime=REGIME,
        wallet_proof=WalletProof.GIVEN,
        wallet_has_code=False,
    )


H1 = Party(INVESTORS["H1"].wallet, "H1", InvestorStatus.ADMITTED, date(2027, 1, 20), 50_000)
H2 = Party(INVESTORS["H2"].wallet, "H2", InvestorStatus.ADMITTED, date(2027, 2, 27), 20_000)
TERMS = HoldingTerms(1_000, 3, date(2026, 5, 6))
ACTIVE = replace(ISSUING, state=FilingState.ACTIVE)
TRANSFER = TransferCase(ACTIVE, H1, H2, 1_000, TERMS, 3, date(2026, 5, 6))

REGISTRATION = DealCase(DEAL, REGIME)

FUNDING = FundingCase(needed_micro=17_156_821_840_000, available_micro=17_156_821_840_000)

# --- at the door, at a venue, to another supervisor

ACCESS = AccessCase(role=None, countries=("HK",), network=None)
LISTING = ListingCase(venue="Example Professional Exchange", retail=False)
SHARING = SharingCase(Role.OVERSEAS_REGULATOR, register={"A": 80_000}, on_chain={"A": 80_000})
