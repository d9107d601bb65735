"""A dry run says what the act then meets: allowed if it succeeds, and otherwise by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from issuer.domain.errors import ChainRefused, IssuanceError, NotFound, RuleViolated
from issuer.domain.lifecycle import FilingState
from issuer.domain.roles import Act
from issuer.domain.schedule import HONG_KONG
from issuer.services import issuance, offering, review, supervision, transfers
from issuer.services.verdicts import Verdict
from issuer.testing.deal import TRANCHE, ExampleDeal
from issuer.testing.stages import Stages

INVESTORS = ("H1", "H2", "H3", "hk-shell")
UNITS = st.sampled_from((1, 1_069, 1_070, 10_000, 50_000, 80_000))


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with Stages(tmp_path_factory.mktemp("stages"), "embedded") as made:
        yield made


# ---- what may have happened to a deal before


def _expire(deal: ExampleDeal) -> None:
    deal.clock.move_to((deal.clock.now + timedelta(days=400)).isoformat())


#: H1's evidence ends the day before; the filing stands until March.
EVIDENCE_ENDED = datetime(2027, 1, 21, 10, tzinfo=HONG_KONG)


def _evidence_ends(deal: ExampleDeal) -> None:
    if deal.clock.now < EVIDENCE_ENDED:
        deal.clock.move_to(EVIDENCE_ENDED.isoformat())


HAPPENINGS: dict[str, Callable[[ExampleDeal], object]] = {
    "H1 frozen": lambda deal: deal.freeze("H1"),
    "H2 frozen": lambda deal: deal.freeze("H2"),
    "suspended": lambda deal: deal.suspend(),
    "evidence of H1 ended": _evidence_ends,
    "everything ended": _expire,
}
happened = st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=2, unique=True)


def refused_by(error: IssuanceError) -> set[str]:
    """The rules that a refusal names; none where it is no rule's."""
    if isinstance(error, RuleViolated):
        return {each.rule for each in error.findings}
    rule = error.facts.get("rule") if isinstance(error, ChainRefused) else None
    return {rule} if rule else set()


def refusal_of(act: Callable[[], object]) -> IssuanceError | None:
    try:
        act()
    except IssuanceError as error:
        return error
    return None


def assert_agrees(verdict: Verdict, refusal: IssuanceError | None) -> None:
    assert verdict.allowed is (refusal is None), f"said {verdict.refusal}, then came {refusal}"
    if refusal is None:
        assert all(each.passed for each in verdict.considered)
    elif verdict.refusal is not None:
        assert verdict.refusal.error_code == refusal.error_code
        assert {each.rule for each in verdict.findings} == refused_by(refusal)


def thorough(test: Any) -> Any:
    """Every example is a real deal wound back; shrinking would take longer than reading."""
    return settings(
        max_examples=15,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(test)


@dataclass(frozen=True)
class Asked:
    """A mint: who subscribed what, what was paid in, and what is then to be minted for whom."""

    subscriber: str
    subscribed: int
    paid_in: bool
    investor: str
    units: int


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Mostly for whom it was subscribed, and as many."""
    subscriber, units = draw(st.sampled_from(INVESTORS[:3])), draw(UNITS)
    strange = draw(st.integers(0, 4)) == 0
    return Asked(
        subscriber,
        units,
        draw(st.booleans()) or draw(st.booleans()),
        draw(st.sampled_from(INVESTORS)) if strange else subscriber,
        draw(UNITS) if strange else units,
    )


@thorough
@given(stage=st.sampled_from(("admitted", "offering_open", "issued")), ask=asked(), before=happened)
def test_mint_meets_what_its_dry_run_said(
    stages: Stages, stage: str, ask: Asked, before: list[str]
) -> None:
    deal, _ = stages.take(stage)
    try:
        subscribe(deal, ask)
        for each in before:
            HAPPENINGS[each](deal)
        mint = issuance.Mint(deal.id, TRANCHE, ask.units, ask.investor)
        issuer = deal.service.actor("issuer")
        try:
            verdict = issuance.check_mint(deal.service.context, issuer, mint)
        except NotFound:
            with pytest.raises(NotFound):
                deal.issue(ask.investor, ask.units)
            return
        assert_agrees(verdict, refusal_of(lambda: deal.issue(ask.investor, ask.units)))
    finally:
        stages.give_back(deal)


def subscribe(deal: ExampleDeal, ask: Asked) -> None:
    """As far as the deal lets it."""
    try:
        found = deal.subscribe(ask.subscriber, ask.subscribed)
    except RuleViolated:
        return
    if ask.paid_in:
        deal.pay_in(found)


def told(verdict: Verdict) -> list[tuple[str, str]]:
    """Rules and cures, which are the same for whoever asks."""
    return [(each.rule, each.cure) for each in verdict.findings]


@thorough
@given(
    stage=st.sampled_from(("issued", "active")),
    sender=st.sampled_from(INVESTORS),
    receiver=st.sampled_from(INVESTORS),
    units=UNITS,
    before=happened,
)
def test_transfer_meets_what_its_dry_run_said(
    stages: Stages, stage: str, sender: str, receiver: str, units: int, before: list[str]
) -> None:
    deal, _ = stages.take(stage)
    try:
        for each in before:
            HAPPENINGS[each](deal)
        wallets = deal.account(sender), deal.account(receiver)
        transfer = transfers.Transfer(deal.id, TRANCHE, *wallets, units)
        # Whoever is not on the register has no key to ask with; the others ask for their own wallet.
        askers = [sender, "registrar"] if sender != "hk-shell" else ["registrar"]
        verdict, *others = (
            transfers.check_transfer(deal.service.context, deal.service.actor(each), transfer)
            for each in askers
        )
        for other in others:
            assert (other.allowed, told(other)) == (verdict.allowed, told(verdict))
        said = refusal_of(lambda: deal.transfer(sender, receiver, units))
        assert verdict.allowed is (said is None), f"said {verdict.refusal}, then came {said}"
        if said is not None and verdict.chain_refusal is not None:
            assert verdict.chain_refusal.facts == said.facts
    finally:
        stages.give_back(deal)


@thorough
@given(
    stage=st.sampled_from(("deployed", "filed", "admitted", "offering_open", "issued", "active")),
    investor=st.sampled_from(INVESTORS),
    units=UNITS,
    before=happened,
)
def test_subscription_meets_what_its_dry_run_said(
    stages: Stages, stage: str, investor: str, units: int, before: list[str]
) -> None:
    deal, _ = stages.take(stage)
    try:
        for each in before:
            if stage in ("admitted", "offering_open", "issued", "active"):
                HAPPENINGS[each](deal)
        actor = deal.service.actor(investor)
        verdict = offering.check_subscription(deal.service.context, actor, deal.id, TRANCHE, units)
        assert_agrees(verdict, refusal_of(lambda: deal.subscribe(investor, units)))
    finally:
        stages.give_back(deal)


# ---- the filing: what is judged follows from its state


def _determine(deal: ExampleDeal) -> None:
    deal.service.call(supervision.determine_security, "other_authority", deal.filing_id, "ADVERSE")


def _consult(deal: ExampleDeal) -> None:
    if deal.filing.state is FilingState.UNDER_REVIEW:
        deal.service.call(review.consult, "regulator", deal.filing_id, "a suspicion")


REVIEW_HAPPENINGS: dict[str, Callable[[ExampleDeal], object]] = {
    "consulted": _consult,
    "adverse": _determine,
}
IN_REVIEW = ("submitted", "under_review")


def check_of(deal: ExampleDeal) -> Verdict:
    return review.dry_run_filing(deal.service.context, deal.service.actor("filer"), deal.filing_id)


@thorough
@given(
    stage=st.sampled_from(IN_REVIEW),
    before=st.lists(st.sampled_from(sorted(REVIEW_HAPPENINGS)), max_size=1),
)
def test_decision_on_a_filing_meets_what_its_dry_run_said(
    stages: Stages, stage: str, before: list[str]
) -> None:
    deal, _ = stages.take(stage)
    try:
        for each in before:
            REVIEW_HAPPENINGS[each](deal)
        verdict = check_of(deal)
        if stage == "submitted":
            assert verdict.act is Act.CHECK_FORMALITY
            checked = deal.check_formality()
            assert verdict.allowed is (checked.state is FilingState.UNDER_REVIEW)
            assert verdict.findings == checked.findings
        else:
            assert verdict.act is Act.APPROVE_FILING
            assert_agrees(verdict, refusal_of(deal.approve))
    finally:
        stages.give_back(deal)


@thorough
@given(stage=st.sampled_from(("offering_open", "issued", "active")), before=happened)
def test_issue_under_a_filing_meets_what_its_dry_run_said(
    stages: Stages, stage: str, before: list[str]
) -> None:
    deal, _ = stages.take(stage)
    try:
        for each in before:
            HAPPENINGS[each](deal)
        verdict, issuer = check_of(deal), deal.service.actor("issuer")
        mint = issuance.check_mint(deal.service.context, issuer, issuance.Mint(deal.id, TRANCHE, 1))
        assert verdict.act is Act.ISSUE_UNITS
        assert (verdict.allowed, told(verdict)) == (mint.allowed, told(mint))
        refusal = refusal_of(lambda: deal.issue("H1", 1))
        if not verdict.allowed:
            assert refusal is not None
            assert {each.rule for each in verdict.findings} == refused_by(refusal)
    finally:
        stages.give_back(deal)
