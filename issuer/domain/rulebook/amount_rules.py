"""AC: the amounts and dates of a filing, held against one another and against the deal."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from issuer.domain.debt_service import debt_service
from issuer.domain.regime import Basis
from issuer.domain.rulebook.barred_words import barred_words
from issuer.domain.rulebook.filing_case import FilingCase, stated
from issuer.domain.rulebook.rule import Facts, rule
from issuer.domain.rulebook.token_rules import ALLOWED_ASSETS
from issuer.domain.schedule import nominal_date
from issuer.domain.waterfall.steps import Purchase, walk

_ART_20 = "Trial Measures (2023) art. 20"


@rule(
    "AC-1",
    "The tranches add up to the plan's total, which stays within the cap applied for.",
    "各档本金之和应等于方案总额且不超过申请额度。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Make the tranches, the total and the cap of the plan agree with the deal.",
)
def tranches_add_up(case: FilingCase) -> Iterator[Facts]:
    """Plan against itself and against the deal."""
    plan = case.bundle.plan
    total = sum(tranche.principal_micro for tranche in plan.tranches)
    if total != plan.total_micro:
        yield {"sum_of_tranches_micro": total, "plan_total_micro": plan.total_micro}
    if plan.total_micro > plan.cap_micro:
        yield {"plan_total_micro": plan.total_micro, "cap_micro": plan.cap_micro}
    dealt = {tranche.id: tranche for tranche in case.deal.tranches}
    for planned in plan.tranches:
        agreed = dealt.get(planned.id)
        if agreed is None or agreed.original_micro != planned.principal_micro:
            yield {
                "tranche": planned.id,
                "plan_micro": planned.principal_micro,
                "deal_micro": agreed.original_micro if agreed else None,
            }
        elif agreed.tokenised is not planned.tokenised:
            yield {
                "tranche": planned.id,
                "plan_tokenised": planned.tokenised,
                "deal_tokenised": agreed.tokenised,
            }


@rule(
    "AC-4",
    "The asset balances add up to the pool, which covers the tranches and the stated surplus; what may"
    " be bought for it later is filed with it.",
    "资产余额之和应等于资产池余额，且覆盖各档本金及超额抵押；设置循环购买的，应一并备案入池标准。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Correct the register of assets or the pool balance; a pool too small needs more assets. State in"
    " plan.revolving which assets a deal with a `purchase` step may buy, of classes that may back a token,"
    " and until when: not before its last such payment (`until_payment`) is determined.",
)
def pool_covers_the_tranches(case: FilingCase) -> Iterator[Facts]:
    """Register against pool, pool against tranches; and criteria for whatever joins the pool."""
    plan = case.bundle.plan
    total = sum(asset.balance_micro for asset in case.bundle.assets)
    if total != plan.pool_balance_micro:
        yield {"sum_of_assets_micro": total, "pool_balance_micro": plan.pool_balance_micro}
    needed = sum(t.principal_micro for t in plan.tranches) + plan.overcollateral_micro
    if plan.pool_balance_micro < needed:
        yield {"pool_balance_micro": plan.pool_balance_micro, "needed_micro": needed}
    yield from _revolving(case)


def _revolving(case: FilingCase) -> Iterator[Facts]:
    """What is set aside once nothing may be bought any more would lie idle until the end."""
    filed, every = case.bundle.plan.revolving, case.deal.structure.all_waterfalls.values()
    last = max(
        (
            min(step.until_payment or len(case.periods), len(case.periods))
            for steps in every
            for step in walk(steps)
            if isinstance(step, Purchase)
        ),
        default=0,
    )
    if filed is None:
        if last:
            yield {"revolving": stated(None)}
        return
    for asset_type in filed.asset_types:
        if asset_type not in ALLOWED_ASSETS:
            yield {"revolving_asset_type": asset_type, "allowed": sorted(ALLOWED_ASSETS)}
    if last and (determined := case.periods[last - 1].determination) > filed.ends_on:
        yield {
            "until_payment": last,
            "determined_on": determined.isoformat(),
            "ends_on": filed.ends_on.isoformat(),
        }


@rule(
    "AC-5",
    "No note outlives the right that pays it.",
    "最终到期日不得晚于基础资产权利到期日。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Shorten the notes, or replace the asset whose right ends earlier.",
)
def rights_outlive_the_notes(case: FilingCase) -> Iterator[Facts]:
    """Legal final maturity against the end of each right, and not before the last payment."""
    final = case.bundle.plan.legal_final_maturity
    last_payment = nominal_date(case.deal.schedule, case.deal.schedule.payments)
    if final < last_payment:
        yield {
            "legal_final_maturity": final.isoformat(),
            "last_payment": last_payment.isoformat(),
        }
    for asset in case.bundle.assets:
        if asset.right_ends_on < final:
            yield {
                "asset": asset.id,
                "right_ends_on": asset.right_ends_on.isoformat(),
                "legal_final_maturity": final.isoformat(),
            }


@rule(
    "AC-6",
    "In the base case every payment is covered at least as many times as the plan states.",
    "基准情形下各期现金流对偿付金额的覆盖倍数不得低于方案所载水平。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Forecast every payment; notes that the forecast does not cover are too many.",
)
def forecast_covers_debt_service(case: FilingCase) -> Iterator[Facts]:
    """Available cash against debt service times the stated minimum, for each payment of the deal.

    Nobody covers a payment by forecasting less debt service than the deal's terms make due.
    """
    yield from _forecast_is_of_the_payments(case)
    plan = case.bundle.plan
    if plan.dscr_minimum is None:
        yield {"dscr_minimum": stated(plan.dscr_minimum)}
    for period in plan.forecast:
        # Stating that less than all is covered covers nothing.
        needed = max(plan.dscr_minimum or 1, 1) * period.debt_service_micro
        if period.available_micro < needed:
            yield {
                "date": period.date.isoformat(),
                "available_micro": period.available_micro,
                "debt_service_micro": period.debt_service_micro,
                "needed_micro": ceil(needed),
            }


def _forecast_is_of_the_payments(case: FilingCase) -> Iterator[Facts]:
    """As many, on their days, and of no less than is due."""
    plan = case.bundle.plan
    stated_service = [period.debt_service_micro for period in plan.forecast]
    scheduled = debt_service(case.deal, case.periods, stated_service)
    if len(plan.forecast) != len(scheduled):
        yield {"periods_forecast": len(plan.forecast), "payments": len(scheduled)}
    for period, paid in zip(plan.forecast, case.periods, strict=False):
        if period.date not in (paid.payment, paid.accrual_end):
            yield {"date": period.date.isoformat(), "payment_on": paid.payment.isoformat()}
    for period, due in zip(plan.forecast, scheduled, strict=False):
        if period.debt_service_micro < due:
            yield {
                "date": period.date.isoformat(),
                "debt_service_micro": period.debt_service_micro,
                "due_micro": due,
            }


@rule(
    "AC-8",
    "The revenue history is what the meters counted.",
    "所报收入历史应与计量记录一致（容差范围内）。",
    basis=Basis.ANALOGY,
    source=_ART_20,
    cure="Correct the reported revenue, or explain the meters' readings and have them signed anew.",
    figures=("meter_tolerance", "metered_types"),
)
def revenue_is_what_was_metered(case: FilingCase) -> Iterator[Facts]:
    """Month by month, within the tolerance; a metered asset has a history."""
    tolerance = case.regime.meter_tolerance
    for asset in case.bundle.assets:
        if asset.asset_type in case.regime.metered_types and not asset.revenue_history:
            yield {"asset": asset.id, "revenue_history": "none"}
        for each in asset.revenue_history:
            if abs(each.reported_fen - each.metered_fen) > tolerance * each.metered_fen:
                yield {
                    "asset": asset.id,
                    "month": each.month,
                    "reported_fen": each.reported_fen,
                    "metered_fen": each.metered_fen,
                }


@rule(
    "AC-9",
    "The uses of the proceeds add up to the net proceeds and are not virtual-currency business.",
    "募集资金用途之和应等于净募集额，且不得用于虚拟货币业务。",
    basis=Basis.ANALOGY,
    source=f"{_ART_20}; Document 42",
    cure="State where every part of the proceeds goes, into the real economy.",
    figures=("barred_words",),
)
def proceeds_are_accounted_for(case: FilingCase) -> Iterator[Facts]:
    """Uses add up to what is left of the sale; none is virtual-currency business, or called so."""
    plan = case.bundle.plan
    total = sum(use.amount_micro for use in plan.uses)
    if total != plan.net_proceeds_micro:
        yield {"sum_of_uses_micro": total, "net_proceeds_micro": plan.net_proceeds_micro}
    if plan.net_proceeds_micro > plan.sold_micro:
        yield {"net_proceeds_micro": plan.net_proceeds_micro, "sold_micro": plan.sold_micro}
    for use in plan.uses:
        if use.virtual_currency:
            yield {"use": use.purpose, "found": "virtual-currency business"}
        for word in barred_words(use.purpose, case.regime):
            yield {"use": use.purpose, "word": word}
