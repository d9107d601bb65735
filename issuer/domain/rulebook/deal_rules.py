"""TOK, SET and FIL-16: what the notes may represent and which coin may settle them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from issuer.domain.deal import Deal
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.rule import Facts, Rule, rule

ALLOWED_ASSETS = frozenset(
    {
        "TOLL_RIGHT",
        "TRADE_RECEIVABLE",
        "FINANCE_LEASE",
        "AUTO_LEASE",
        "CRE_RENT",
        "EV_CHARGING_INCOME",
        "PV_INCOME",
        "REIT_LIKE",
    }
)


@dataclass(frozen=True, slots=True)
class DealCase:
    """The terms of a deal about to be registered."""

    deal: Deal
    regime: Regime


@rule(
    "TOK-01",
    "The token certifies rights repaid from the cash flow of domestic assets, issued overseas.",
    "代币为以境内资产现金流为偿付支持、在境外发行的代币化权益凭证。",
    basis=Basis.TEXT,
    source="Announcement [2026] No. 1, definition",
    cure="Set claim_type CASHFLOW_CERTIFICATE, repayment_source POOL and an issuer outside CN.",
)
def certifies_cash_flow_rights(case: DealCase) -> Iterator[Facts]:
    """Claim, source of repayment, place of issue."""
    token = case.deal.token
    if token.claim_type != "CASHFLOW_CERTIFICATE":
        yield {"claim_type": token.claim_type}
    if token.repayment_source != "POOL":
        yield {"repayment_source": token.repayment_source}
    if case.deal.issuer.jurisdiction == "CN":
        yield {"issuer": case.deal.issuer.name, "jurisdiction": "CN"}


@rule(
    "TOK-02",
    "The token is not ownership of an asset, not utility, membership or points, and not equity.",
    "代币不代表资产所有权、使用权、会员权益、积分或股权。",
    basis=Basis.SOURCE,
    source="commentary on the definition; FIL-16 for other forms",
    cure="File the ABS-like form only; debt goes to NDRC and SAFE, equity to the listing rules.",
)
def is_an_abs(case: DealCase) -> Iterator[Facts]:
    """The form of the plan."""
    if case.deal.token.form != "ABS_LIKE":
        yield {"form": case.deal.token.form}


@rule(
    "TOK-03",
    "The underlying is real, stable and produces cash.",
    "基础资产应真实、稳定、能够产生现金流。",
    basis=Basis.SOURCE,
    source="commentary: tolls, receivables, leases, rents, new-energy income",
    cure="Choose an asset class of the list.",
)
def asset_class_is_allowed(case: DealCase) -> Iterator[Facts]:
    """The asset class is one of the list."""
    if case.deal.asset_class not in ALLOWED_ASSETS:
        yield {"asset_class": case.deal.asset_class, "allowed": sorted(ALLOWED_ASSETS)}


@rule(
    "SET-01",
    "No stablecoin pegged to the renminbi is used without the competent authority's consent.",
    "未经依法同意，不得在境外发行挂钩人民币的稳定币。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42)",
    cure="Settle in a licensed coin of another currency, or record the consent's reference.",
)
def no_renminbi_stablecoin(case: DealCase) -> Iterator[Facts]:
    """The peg is an attested field, whatever the symbol says."""
    coin = case.deal.settlement
    if coin.peg in {"CNY", "CNH", "RMB"} and not coin.consent_reference:
        yield {"coin": coin.symbol, "peg": coin.peg, "kind": coin.kind}


@rule(
    "SET-03",
    "A fiat stablecoin used in settlement comes from a licensed issuer.",
    "用于结算的法币稳定币应由持牌发行人发行。",
    basis=Basis.SOURCE,
    source="Cap 656, licences of 10 April 2026",
    cure="Use a coin issued under one of the licences.",
    figures=("licensed_coins",),
)
def coin_is_licensed(case: DealCase) -> Iterator[Facts]:
    """Stablecoins only: deposits have rules of their own."""
    coin = case.deal.settlement
    if coin.kind == "STABLECOIN" and coin.licence not in case.regime.licensed_coins:
        yield {
            "coin": coin.symbol,
            "licence": coin.licence,
            "licences": list(case.regime.licensed_coins),
        }


DEAL_RULES: tuple[Rule[DealCase], ...] = (
    certifies_cash_flow_rights,
    is_an_abs,
    asset_class_is_allowed,
    no_renminbi_stablecoin,
    coin_is_licensed,
)
