"""TOK-01, 02, 03, 07, INV-07 and INV-08: what a token may stand for, and where it may be offered."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.regime import Basis
from issuer.domain.rulebook.deal_case import DealCase
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
        "AUTO_LOAN",  # no commentary names it: a receivable of buyers of cars, beside their leases
    }
)


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
    source="commentary: tolls, receivables, leases, rents, new-energy income; car loans by design",
    cure="Choose an asset class of the list.",
)
def asset_class_is_allowed(case: DealCase) -> Iterator[Facts]:
    """The asset class is one of the list."""
    if case.deal.asset_class not in ALLOWED_ASSETS:
        yield {"asset_class": case.deal.asset_class, "allowed": sorted(ALLOWED_ASSETS)}


@rule(
    "TOK-07",
    "What holders are paid follows no price of a virtual currency, and nothing multiplies it.",
    "持有人的收益不得与虚拟货币价格挂钩，不得设置杠杆或衍生安排。",
    basis=Basis.SOURCE,
    source="commentary on speculation; pools and lenders are kept out by the identity list",
    cure="Pay from the pool's cash alone: leave out `linked_to` and `leveraged`.",
)
def follows_no_price(case: DealCase) -> Iterator[Facts]:
    """The token's own terms; where a token may go is INV-01's."""
    token = case.deal.token
    if token.linked_to is not None:
        yield {"linked_to": token.linked_to}
    if token.leveraged:
        yield {"leveraged": True}


@rule(
    "INV-08",
    "Tokens are ordinary securities: held by name, and offered under the rules of each market.",
    "代币化证券仍为证券：须记名持有，并遵守发售地现行规则。",
    basis=Basis.SOURCE,
    source="SFC circular 23EC52 (2 November 2023); on bearer forms unverified",
    cure="Issue in registered form, and offer only where the regime has a profile switched on.",
    figures=("jurisdictions",),
)
def is_offered_as_a_security(case: DealCase) -> Iterator[Facts]:
    """No bearer form; every market of the offer is one whose rules are looked at."""
    if case.deal.token.bearer:
        yield {"bearer": True}
    for market in case.deal.jurisdictions:
        if market not in case.regime.jurisdictions:
            yield {"jurisdiction": market, "switched_on": list(case.regime.jurisdictions)}


@rule(
    "INV-07",
    "An offer under Regulation S keeps its notes from moving through the distribution period.",
    "依据S条例发售的，发行后分销合规期内不得转让。",
    basis=Basis.UNVERIFIED,
    source="Regulation S, category 2 debt",
    cure="Lock the notes up for the period, or leave US_REG_S out of the offer.",
    figures=("reg_s_lock_up_days",),
)
def regulation_s_locks_up(case: DealCase) -> Iterator[Facts]:
    """The lock-up counts from the closing."""
    days = case.deal.offering.lock_up_days
    if "US_REG_S" in case.deal.jurisdictions and days < case.regime.reg_s_lock_up_days:
        yield {"lock_up_days": days, "at_least": case.regime.reg_s_lock_up_days}


TOKEN_RULES: tuple[Rule[DealCase], ...] = (
    certifies_cash_flow_rights,
    is_an_abs,
    asset_class_is_allowed,
    follows_no_price,
    is_offered_as_a_security,
    regulation_s_locks_up,
)
