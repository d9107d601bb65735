"""NEG: the six prohibited circumstances of the Guidelines, and what has arisen since."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.assets import UnderlyingAsset
from issuer.domain.filing import ADVERSE
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.barred_words import barred_words
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.look_through import pool
from issuer.domain.rulebook.negative_list import NEGATIVE_LIST
from issuer.domain.rulebook.rule import Facts, Rule, examine, rule
from issuer.domain.rulebook.state_cures import TO_CLEAR, TO_WITHDRAW
from issuer.domain.schedule import add_months

_TEXT = "Announcement [2026] No. 1, prohibited circumstance"


@rule(
    "NEG-01",
    "No law or state rule bars the entity or the asset from financing on capital markets.",
    "法律、行政法规或国家规定明令禁止通过资本市场融资的，不得开展。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (1)",
    cure="State what is not stated. Otherwise none for this entity or asset; a pool without the barred"
    " asset may be filed anew.",
    figures=("prohibited_sectors", "barred_words"),
)
def nothing_is_barred(case: FilingCase) -> Iterator[Facts]:
    """The entity, its name and scope of business, and the sector of every asset; a wrapper's is that of
    what lies beneath it.
    """
    yield from _entity_barred(case)
    for asset in pool(case):
        yield from _asset_barred(asset, case.regime)


def _entity_barred(case: FilingCase) -> Iterator[Facts]:
    entity = case.bundle.entity
    if entity.barred_from_financing:
        yield {"entity": entity.name}
    scope = (entity.business_scope or "").strip()
    if not scope:
        yield {"entity": entity.name, "business_scope": stated(None)}
    for where, text in (("name", entity.name), ("business_scope", scope)):
        for word in barred_words(text, case.regime):
            yield {"entity": entity.name, "stated_in": where, "word": word}


def _asset_barred(asset: UnderlyingAsset, regime: Regime) -> Iterator[Facts]:
    if asset.sector_barred is None:
        yield {"asset": asset.id, "sector_barred": stated(asset.sector_barred)}
    elif asset.sector_barred:
        yield {"asset": asset.id}
    if asset.sector is None and not asset.underlying:
        yield {"asset": asset.id, "sector": stated(asset.sector)}
    sectors = {asset.sector, asset.asset_type}.intersection(regime.prohibited_sectors)
    for sector in sorted(filter(None, sectors)):
        yield {"asset": asset.id, "sector": sector}


@rule(
    "NEG-02",
    "No State Council department has found that the issuance may endanger national security.",
    "经国务院有关主管部门依法认定可能危害国家安全的，不得开展。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (2)",
    cure=TO_WITHDRAW,
)
def security_is_not_endangered(case: FilingCase) -> Iterator[Facts]:
    """Another authority's to make, not the filer's to declare; and no new filing sheds it."""
    if ADVERSE in (case.filing.security_determination, case.logged_determination):
        yield {"filing": case.filing.id, "determination": ADVERSE}


@rule(
    "NEG-03",
    "In the last three years neither the entity, its controlling shareholder nor its actual"
    " controller has served a sentence for corruption, bribery, embezzlement, misappropriation or"
    " crimes against the market-economy order.",
    "境内主体或者其控股股东、实际控制人最近三年内不得存在贪污、贿赂、侵占财产、挪用财产"
    "或者破坏社会主义市场经济秩序的刑事犯罪。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (3); period counted as in guideline No. 1, 1.2 (analogy)",
    cure="Wait until the years that count have passed since the sentence was completed.",
    figures=("conviction_years",),
)
def nobody_was_convicted_lately(case: FilingCase) -> Iterator[Facts]:
    """Whoever in a control chain was sentenced; on the day the years are over the bar has ended."""
    months = 12 * case.regime.conviction_years
    for conviction in case.bundle.entity.convictions:
        if conviction.kind == "OTHER":
            continue
        served = conviction.completed_on
        if served is None or case.submitted_on < add_months(served, months):
            yield {
                "party": conviction.party,
                "offence": conviction.offence,
                "sentence_completed_on": served.isoformat() if served else None,
            }


@rule(
    "NEG-04",
    "The entity is not under formal investigation without a conclusion.",
    "境内主体因涉嫌犯罪或者重大违法违规行为正在被依法立案调查，尚未有明确结论意见的，不得开展。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (4)",
    cure="Wait for the conclusion of the investigation.",
)
def no_investigation_is_open(case: FilingCase) -> Iterator[Facts]:
    """Every investigation is concluded."""
    for investigation in case.bundle.entity.investigations:
        if not investigation.concluded:
            yield {"authority": investigation.authority, "subject": investigation.subject}


@rule(
    "NEG-05",
    "The asset has no material ownership dispute and may be transferred by law.",
    "基础资产存在重大权属纠纷，或者依法不得转让的，不得开展。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (5)",
    cure="State what is not stated; settle the dispute, release the lien at closing, or take the asset out"
    " of the pool.",
)
def title_is_clear(case: FilingCase) -> Iterator[Facts]:
    """No dispute, transferable, beneath wrappers too; every lien is released at closing."""
    for each in pool(case):
        if each.in_dispute is None:
            yield {"asset": each.id, "in_dispute": stated(each.in_dispute)}
        elif each.in_dispute:
            yield {"asset": each.id, "found": "ownership dispute"}
        if each.transferable is None:
            yield {"asset": each.id, "transferable": stated(each.transferable)}
        elif not each.transferable:
            yield {"asset": each.id, "found": "not transferable"}
        if each.liens is None:
            yield {"asset": each.id, "liens": stated(each.liens)}
        if remaining := sorted(set(each.liens or ()) - set(each.liens_released_at_closing)):
            yield {"asset": each.id, "liens_not_released": remaining}


@rule(
    "NEG-06",
    "The asset is not on the domestic negative list of ABS underlying assets.",
    "存在境内资产证券化业务基础资产负面清单情形的，不得开展。",
    basis=Basis.TEXT,
    source=f"{_TEXT} (6); list of 29 March 2024",
    cure="Take the asset out of the pool; the rules of the items say what else may help.",
    figures=("negative_list",),
)
def not_on_the_negative_list(case: FilingCase) -> Iterator[Facts]:
    """The list as a whole: which of its items are met, and what the filer itself declares."""
    if items := sorted({finding.rule for finding in examine(NEGATIVE_LIST, case)}):
        yield {"items": items}
    for asset in case.bundle.assets:
        if asset.on_negative_list:
            yield {"asset": asset.id, "found": "declared by the filer"}


@rule(
    "NEG-07",
    "Nothing is approved while a prohibited circumstance that has arisen is not cleared.",
    "已出现的禁止情形未经监管机构确认消除的，不得通过。",
    basis=Basis.ANALOGY,
    source="Trial Measures (2023) art. 25; clearance by design",
    cure=TO_CLEAR,
)
def what_has_arisen_is_cleared(case: FilingCase) -> Iterator[Facts]:
    """Known while the filing was being amended: reporting it does not end it."""
    for event in case.filing.prohibitions:
        yield {"event": event.code, "noted_on": event.noted_on.isoformat()}


NEGATIVE_RULES: tuple[Rule[FilingCase], ...] = (
    nothing_is_barred,
    security_is_not_endangered,
    nobody_was_convicted_lately,
    no_investigation_is_open,
    title_is_clear,
    not_on_the_negative_list,
    what_has_arisen_is_cleared,
)
