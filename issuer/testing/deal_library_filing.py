"""A filing for a deal of the library: what of the example's depends on the deal follows from its files.

Approvals, intermediaries, attesters and certificates are the example's, whose keys are at hand.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from issuer.documents.pool import PoolFile
from issuer.domain.deal import Deal
from issuer.domain.materials import MATERIALS
from issuer.domain.money import FEN_PER_YUAN, MICRO_PER_COIN, MICRO_PER_FEN, format_decimal
from issuer.domain.pool.pool import balance_of
from issuer.domain.projection import Projection
from issuer.domain.rulebook.filing_rules import DISCLAIMER
from issuer.domain.schedule import add_months, nominal_date
from issuer.domain.waterfall.distribution import Kind
from issuer.domain.waterfall.steps import Purchase, walk

#: Sections that say nothing of the deal.
_SAME = ("approvals", "intermediaries", "attesters", "certificates")
_HISTORY = ("2025-10", "2025-11", "2025-12")


def filing_of(
    deal: Deal, pool: PoolFile, base: Projection, example: dict[str, Any], contracts: dict[str, Any]
) -> dict[str, Any]:
    """The filing document; `base` is the base case, `contracts` the chain's part of the plan."""
    return {
        "version": 1,
        "entity": _entity(deal),
        "assets": _register(deal, pool, base),
        "underlying_assets": [],
        "plan": _plan(deal, base) | _revolving(deal) | contracts,
        **{name: example[name] for name in _SAME},
        "materials": _materials(deal),
    }


def _entity(deal: Deal) -> dict[str, Any]:
    return {
        "name": deal.filer.name,
        "uscc": deal.filer.uscc,
        "jurisdiction": deal.filer.jurisdiction,
        "controlling_shareholder": "Example Holdings Co., Ltd.",
        "actual_controller": "Shen Example (natural person)",
        "business_scope": f"What yields the assets of class {deal.asset_class}, and services for it.",
        "barred_from_financing": False,
        "convictions": [],
        "investigations": [],
    }


def _total(deal: Deal) -> int:
    return sum(tranche.original_micro for tranche in deal.tranches)


def _register(deal: Deal, pool: PoolFile, base: Projection) -> list[dict[str, Any]]:
    """One asset for each of the pool file. What has no balance is appraised at the notes' face."""
    owned = [balance_of(asset) for asset in pool.assets]
    worth = [_pool_micro(deal) * each // sum(owned) if sum(owned) else 0 for each in owned]
    worth[0] += _pool_micro(deal) - sum(worth)
    first = base.rows[0]
    fen = first.collections // (MICRO_PER_FEN * deal.schedule.months * len(owned))
    revenue = format_decimal(Fraction(fen, FEN_PER_YUAN))
    same = {
        "asset_type": deal.asset_class,
        "controller_uscc": deal.filer.uscc,
        "right_ends_on": add_months(_legal_final(deal), 12).isoformat(),
        "sector": deal.asset_class,
        "sector_barred": False,
        "in_dispute": False,
        "transferable": True,
        "completed": True,
        "occupancy": "92",
        "adds_hidden_government_debt": False,
        "cash_source": "OPERATION",
        "legality_opinion": "CLEAN",
        "liens": [],
        "liens_released_at_closing": [],
        "on_negative_list": False,
        "obligors": [],
        "dispersed_payers": True,
        "revenue_history": [
            {"month": month, "reported": revenue, "metered": revenue} for month in _HISTORY
        ],
    }
    return [
        {"id": f"{deal.id}-{asset.id}".upper(), "balance": _coin(balance), **same}
        for asset, balance in zip(pool.assets, worth, strict=True)
    ]


def _pool_micro(deal: Deal) -> int:
    return max(deal.structure.pool_micro, _total(deal))


def _legal_final(deal: Deal) -> date:
    """A year after the last payment, to allow for late collections."""
    return add_months(nominal_date(deal.schedule, deal.schedule.payments), 12)


def _plan(deal: Deal, base: Projection) -> dict[str, Any]:
    sold = sum(tranche.original_micro for tranche in deal.tokenised)
    net = sold - deal.structure.opening_reserves_micro
    return {
        "form": deal.token.form,
        "tranches": [
            {"id": each.id, "principal": _coin(each.original_micro), "tokenised": each.tokenised}
            for each in deal.tranches
        ],
        "total": _coin(_total(deal)),
        "cap": _coin(_total(deal)),
        "pool_balance": _coin(_pool_micro(deal)),
        "overcollateral": _coin(_pool_micro(deal) - _total(deal)),
        "legal_final_maturity": _legal_final(deal).isoformat(),
        "net_proceeds": _coin(net),
        "uses": [
            {"purpose": "Price of the assets", "amount": _coin(net), "virtual_currency": False}
        ],
        "forecast": _forecast(deal, base),
        "dscr_minimum": "1.00",
        "true_sale_opinion": "CLEAN",
        "commingling_days": 1,
        "onshore_loan": False,
        "onshore_systems": [],
        "other_chains": [],
        "token_risks_disclosed": True,
    }


def _forecast(deal: Deal, base: Projection) -> list[dict[str, str]]:
    """The base case. After a clean-up call there is nothing to pay, and nothing is due."""
    paid = {each.period: each for each in base.distributions}
    forecast = []
    for number in range(1, deal.schedule.payments + 1):
        has = service = 0
        if done := paid.get(number):
            fees = sum(done.total(Kind.FEE, fee.id) for fee in deal.fees)
            has = done.collections_micro + done.opening.reserve_micro - fees
            service = sum(
                done.total(kind, tranche.id)
                for kind in (Kind.INTEREST, Kind.PRINCIPAL)
                for tranche in deal.tokenised
            )
        day = nominal_date(deal.schedule, number).isoformat()
        forecast.append({"date": day, "available": _coin(has), "debt_service": _coin(service)})
    return forecast


def _revolving(deal: Deal) -> dict[str, Any]:
    """For a deal that buys further assets: what it already has, while the notes are outstanding."""
    steps = [step for each in deal.structure.all_waterfalls.values() for step in walk(each)]
    if not any(isinstance(step, Purchase) for step in steps):
        return {}
    criteria = {
        "ends_on": nominal_date(deal.schedule, deal.schedule.payments).isoformat(),
        "asset_types": [deal.asset_class],
        "min_rate": "1",
        "max_months": 12,
        "max_balance": _coin(_pool_micro(deal)),
    }
    return {"revolving": criteria}


def _materials(deal: Deal) -> list[dict[str, Any]]:
    """Each says what it is of which deal; what a rule reads in one of them is there."""
    declared = {
        "entity_name": deal.filer.name,
        "uscc": deal.filer.uscc,
        "issue_total_micro": str(_total(deal)),
    }
    fields: dict[str, dict[str, str]] = {
        "M-01": declared,
        "M-02": {"circular_language": "en", "circular_translation": "zh-Hans"},
        "M-03": {name: declared[name] for name in ("entity_name", "uscc")},
        "M-05": declared,
    }
    return [
        {
            "code": each.code,
            "content": f"{each.title} of {deal.name} (synthetic): {each.contents}."
            + (f" {DISCLAIMER}." if each.code == "M-02" else ""),
            "declared": fields.get(each.code, {}),
        }
        for each in MATERIALS
    ]


def _coin(micro: int) -> str:
    return format_decimal(Fraction(micro, MICRO_PER_COIN))
