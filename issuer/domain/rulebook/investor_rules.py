"""INV: who may hold. `INVESTOR_RULES` check admission, together with those on qualification; the other
uses are in `issuance_rules` and `transfer_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from issuer.domain.investor import (
    MAINLAND,
    MAINLAND_DIAL,
    WITHOUT_OWNERS,
    Interest,
    Investor,
    InvestorClass,
    Route,
    WalletKind,
    WalletProof,
    circles,
    controlled,
    eligibility_ends_on,
    look_through,
    unexplained,
)
from issuer.domain.money import format_decimal
from issuer.domain.names import as_compared
from issuer.domain.regime import Basis, Regime
from issuer.domain.rulebook.investor_case import InvestorCase as InvestorCase
from issuer.domain.rulebook.qualification_rules import QUALIFICATION_RULES
from issuer.domain.rulebook.rule import CuredOtherwise, Facts, Rule, rule


@rule(
    "INV-01",
    "Market and investors are strictly overseas, and each of them is known: nobody holds for others"
    " whom nobody has identified, and each proves by a signature that it controls its wallet.",
    "发行市场和投资者严格限于境外，且须逐一识别，不得为身份不明的他人持有，并须以签名证明其控制所登记的钱包。",
    basis=Basis.SOURCE,
    source="commentary; Trial Measures (2023) art. 10 by analogy; the identity allow-list and the"
    " signature by design",
    cure="None for a mainland resident. Otherwise hold in a wallet of one's own, or a custodian's, and sign"
    " with its key: EIP-712, WalletControl(string investor,address wallet), domain ABS wallet control,"
    " version 1; state the signature as wallet_proof.",
    figures=("wallet_proof",),
)
def investor_is_overseas_and_known(case: InvestorCase) -> Iterator[Facts]:
    """Residency of the holder itself; whose the wallet is, and that its key has signed for this investor.

    A contract signs nothing: neither one that is there, nor one that will be there later.
    """
    investor = case.investor
    if investor.residency == MAINLAND:
        yield {"investor": investor.id, "residency": MAINLAND}
    if investor.wallet_kind not in _OF_A_HOLDER:
        yield {"investor": investor.id, "wallet_kind": investor.wallet_kind.value}
    if case.regime.wallet_proof == "declared":
        return
    if case.wallet_has_code:
        yield {"investor": investor.id, "wallet": investor.wallet, "wallet_is": "a contract"}
    elif case.wallet_proof is not WalletProof.GIVEN:
        proof = case.wallet_proof.value
        yield {"investor": investor.id, "wallet": investor.wallet, "wallet_proof": proof}


_OF_A_HOLDER = frozenset({WalletKind.OWN, WalletKind.CUSTODY})


@rule(
    "TOK-07",
    "Units go into no trading pool and are lent against nowhere: no leverage, no derivative on them.",
    "代币不得进入流动性池或用于借贷抵押，不得加杠杆或衍生交易。",
    basis=Basis.SOURCE,
    source="commentary on speculation in virtual currency",
    cure="Sell to an admitted investor, from a wallet of one's own.",
)
def wallet_is_no_market(case: InvestorCase) -> Iterator[Facts]:
    """What the wallet is."""
    if case.investor.wallet_kind in (WalletKind.POOL, WalletKind.LENDING):
        yield {"investor": case.investor.id, "wallet_kind": case.investor.wallet_kind.value}


@rule(
    "INF-03",
    "No bridge holds units for copies of them on another chain.",
    "不得通过跨链桥在其他链上形成代币副本。",
    basis=Basis.DESIGN,
    source="the notes live on the filed chain only",
    cure="Hold on the filed chain.",
)
def wallet_is_no_bridge(case: InvestorCase) -> Iterator[Facts]:
    """What the wallet is."""
    if case.investor.wallet_kind is WalletKind.BRIDGE:
        yield {"investor": case.investor.id, "wallet_kind": WalletKind.BRIDGE.value}


@rule(
    "INV-02",
    "Nobody provides these notes, from wherever, to persons in mainland China.",
    "任何境外单位和个人不得非法向境内主体提供代币相关服务。",
    basis=Basis.TEXT,
    source="Document 42, overseas service blocking; the signs looked at by design",
    cure="None while the investor is reached, identified or paid in the mainland.",
)
def no_sign_of_the_mainland(case: InvestorCase) -> Iterator[Facts]:
    """Phone, identity document and bank account: any one of them, whatever address is given."""
    investor = case.investor
    signs = {
        "phone": MAINLAND_DIAL if (investor.phone or "").startswith(MAINLAND_DIAL) else None,
        "identity_document_country": investor.identity_document_country,
        "bank_account_country": investor.bank_account_country,
    }
    found = {name: said for name, said in signs.items() if said in (MAINLAND, MAINLAND_DIAL)}
    if found:
        yield {"investor": investor.id, **found}


@rule(
    "INV-03",
    "There is no domestic retail, and no marketing onshore.",
    "不得面向境内公众投资者，不得在境内宣传推介。",
    basis=Basis.SOURCE,
    source="commentary on Document 42",
    cure="Offer to qualified investors overseas, through overseas channels only.",
)
def not_retail_not_onshore(case: InvestorCase) -> Iterator[Facts]:
    """No retail class; the channel that brought the investor is overseas."""
    if case.investor.investor_class is InvestorClass.RETAIL:
        yield {"investor": case.investor.id, "class": "RETAIL"}
    if case.investor.marketing_channel == MAINLAND:
        yield {"investor": case.investor.id, "marketing_channel": MAINLAND}


def excepted_route(investor: Investor, regime: Regime) -> Route | None:
    """The route by which mainland money may be behind this investor, if that route is open."""
    return investor.route if investor.route in regime.mainland_routes else None


@rule(
    "INV-04",
    "A vehicle owned or controlled by mainland persons is treated as mainland, unless it comes by a QDII"
    " or ODI route that is open.",
    "穿透核查：由境内人士持有或控制的境外主体视同境内投资者，经开放的QDII、ODI渠道除外。",
    basis=Basis.DESIGN,
    source="penetrative supervision; guideline No. 1, 3.1 by analogy",
    cure="Name every owner, and what each is, down to persons. None while mainland persons hold that much"
    " or control, but by an open route with its approval in force and its quota holder named.",
    figures=("mainland_owner_share", "mainland_routes"),
)
def no_mainland_behind_it(case: InvestorCase) -> Iterator[Facts]:
    """Look-through of every level: the sum of the shares, and control by one or by several together.

    A share of which nobody says who holds it counts as a mainland one, but for individuals and licensed
    institutions. Whoever comes by a route says so: one that is open excepts it on evidence that holds, one
    that is not refuses it.
    """
    for path in circles(case.investor):
        yield {"investor": case.investor.id, "circular": " > ".join(path)}
    if case.investor.route is not None:
        if (fault := _route_fault(case, case.investor.route)) is None:
            return
        yield {"investor": case.investor.id, "route": case.investor.route.value, **fault}
    interests = look_through(case.investor.owners, MAINLAND)
    share = sum((interest.share for interest in interests), Fraction(0))
    unnamed = _unexplained(case.investor)
    if share + unnamed >= case.regime.mainland_owner_share:
        found: dict[str, object] = {
            "investor": case.investor.id,
            "mainland_share_percent": format_decimal(share * 100),
            "limit_percent": format_decimal(case.regime.mainland_owner_share * 100),
            "through": [" > ".join(interest.path) for interest in interests],
        }
        if unnamed:
            found["unexplained_percent"] = format_decimal(unnamed * 100)
        yield found
    for who in _controllers(case.investor, interests):
        yield {"investor": case.investor.id, "controlled_by": who}


def _controllers(investor: Investor, interests: Sequence[Interest]) -> Iterator[str]:
    alone = [" > ".join(each.path) for each in interests if each.controls]
    yield from alone
    if not alone and controlled(investor.owners, MAINLAND):
        yield "mainland persons together"


def _route_fault(case: InvestorCase, route: Route) -> Facts | None:
    """Why a route excepts nobody: it is closed, or its evidence is missing, another's, or out of date."""
    evidence = case.investor.route_evidence
    if excepted_route(case.investor, case.regime) is None:
        return {"open_routes": list(case.regime.mainland_routes)}
    if evidence is None or not evidence.approval_reference.strip():
        return {"route_evidence": "not stated"}
    if as_compared(evidence.quota_holder) not in case.investor.names():
        return {"quota_holder": evidence.quota_holder, "found": "neither the investor nor an owner"}
    if evidence.dated > case.today or case.utc_day >= evidence.expires:
        return {
            "approval_dated": evidence.dated.isoformat(),
            "approval_expires": evidence.expires.isoformat(),
            "utc_day": case.utc_day.isoformat(),
        }
    return None


def _unexplained(investor: Investor) -> Fraction:
    if investor.investor_class in WITHOUT_OWNERS:
        return Fraction(0)
    return unexplained(investor.owners, MAINLAND)


@rule(
    "INV-10",
    "The notes have no more holders than the cap, those behind a vehicle included.",
    "持有人数不得超过上限，集合载体须穿透计算。",
    basis=Basis.ANALOGY,
    source="CSRC announcement [2014] 49 art. 29",
    cure="None until a holder leaves.",
)
def within_the_holder_cap(case: InvestorCase) -> Iterator[Facts]:
    """Counted on admissions, an upper bound on holders; a vehicle as those who stand behind it."""
    if case.holders + case.investor.heads > case.holder_cap:
        yield {
            "admitted": case.holders,
            "behind_this_one": case.investor.heads,
            "cap": case.holder_cap,
        }


@rule(
    "INV-12",
    "Nobody on a sanctions list is admitted.",
    "制裁名单所列主体不得准入。",
    basis=Basis.DESIGN,
    source="screening and its effect by design, after the AML duty of Document 42",
    cure="None until the list no longer names the investor or those behind it.",
)
def not_sanctioned(case: InvestorCase) -> Iterator[Facts]:
    """The investor's name and wallet, and every owner's name."""
    hits = sorted(case.investor.names() & case.sanctioned)
    if hits:
        yield {"investor": case.investor.id, "listed": hits}


#: What helps evidence that is not too old, but from the future.
DATED_AHEAD = "Bring evidence dated today at the latest."


@rule(
    "INV-13",
    "Eligibility rests on evidence that is recent and not dated in the future, and expires with it.",
    "投资者资格证明应在有效期内且日期不得晚于当日，逾期须重新认证。",
    basis=Basis.DESIGN,
    source="re-attestation after some months",
    cure="Bring evidence that is recent enough.",
    figures=("evidence_months",),
)
def evidence_is_fresh(case: InvestorCase) -> Iterator[Facts]:
    """Not from the future by the Hong Kong date; its end is the contracts' day, in UTC."""
    dated = case.investor.evidence.dated
    ends = eligibility_ends_on(dated, case.regime.evidence_months)
    if dated > case.today:
        yield CuredOtherwise(
            DATED_AHEAD,
            {
                "investor": case.investor.id,
                "evidence_dated": dated.isoformat(),
                "today": case.today.isoformat(),
            },
        )
    elif case.utc_day >= ends:
        yield {
            "investor": case.investor.id,
            "evidence_dated": dated.isoformat(),
            "eligible_until": ends.isoformat(),
            "utc_day": case.utc_day.isoformat(),
        }


#: What a wallet is asked that takes a lost one's place; its investor is on the register already.
WALLET_RULES: tuple[Rule[InvestorCase], ...] = (investor_is_overseas_and_known, not_sanctioned)

INVESTOR_RULES: tuple[Rule[InvestorCase], ...] = (
    investor_is_overseas_and_known,
    no_sign_of_the_mainland,
    not_retail_not_onshore,
    no_mainland_behind_it,
    *QUALIFICATION_RULES,
    within_the_holder_cap,
    not_sanctioned,
    evidence_is_fresh,
    wallet_is_no_market,
    wallet_is_no_bridge,
)
