"""SET-01 to SET-07: in which coin, deposit or currency a deal may be settled."""

from __future__ import annotations

from collections.abc import Iterator

from issuer.domain.deal import SettlementCoin
from issuer.domain.regime import Basis, plain
from issuer.domain.rulebook.deal_case import DealCase
from issuer.domain.rulebook.rule import Facts, Rule, rule

DEPOSIT, ECNY = "DEPOSIT", "ECNY"
"""Liabilities of a bank. Whatever else a deal settles in is looked at as a stablecoin."""


def is_stablecoin(coin: SettlementCoin) -> bool:
    """Whatever it calls itself: a kind that nobody knows gets the strictest look."""
    return coin.kind not in {DEPOSIT, ECNY}


@rule(
    "SET-01",
    "No stablecoin pegged to the renminbi is used without the competent authority's consent.",
    "未经依法同意，不得在境外发行挂钩人民币的稳定币。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42)",
    cure="Settle in a licensed coin of another currency, or record the consent's reference.",
)
def no_renminbi_stablecoin(case: DealCase) -> Iterator[Facts]:
    """The peg is an attested field, whatever the symbol says; only e-CNY has a rule of its own."""
    coin = case.deal.settlement
    if coin.kind != ECNY and coin.peg in {"CNY", "CNH", "RMB"} and not coin.consent_reference:
        yield {"coin": coin.symbol, "peg": coin.peg, "kind": coin.kind}


@rule(
    "SET-02",
    "Nobody whom the mainland controls issues a coin overseas without consent, and notes are not"
    " paid in a coin of their own issuer.",
    "境内主体控制的境外主体未经同意不得在境外发行虚拟货币；不得以自发代币结算。",
    basis=Basis.TEXT,
    source="Document 42 (Yinfa [2026] No. 42); payment in one's own token by design",
    cure="Settle in a coin of an independent issuer outside the mainland, or record the consent.",
)
def coin_is_independent(case: DealCase) -> Iterator[Facts]:
    """Neither one of the deal's tokens, nor a mainland company's coin."""
    coin = case.deal.settlement
    if coin.symbol in {tranche.symbol for tranche in case.deal.tranches}:
        yield {"coin": coin.symbol, "found": "a token of the issuer's own"}
    mainland = coin.issuer_jurisdiction == "CN"
    if mainland and is_stablecoin(coin) and not coin.consent_reference:
        yield {"coin": coin.symbol, "issuer_jurisdiction": "CN"}


@rule(
    "SET-03",
    "A fiat stablecoin used in settlement comes from a licensed issuer whose licence is live.",
    "用于结算的法币稳定币应由持牌且已开业的发行人发行。",
    basis=Basis.SOURCE,
    source="Cap 656, licences of 10 April 2026",
    cure="Use a coin issued under one of the licences, and open the offering once it is live.",
    figures=("licensed_coins", "licences_live_from", "settlement"),
)
def coin_is_licensed(case: DealCase) -> Iterator[Facts]:
    """The lenient profile takes a coin that claims no licence (SET-05), never a false claim."""
    coin, opens = case.deal.settlement, case.deal.offering.opens
    if not is_stablecoin(coin) or (coin.licence is None and case.regime.settlement == "lenient"):
        return
    if coin.licence not in case.regime.licensed_coins:
        yield {
            "coin": coin.symbol,
            "licence": coin.licence,
            "licences": list(case.regime.licensed_coins),
        }
        return
    live_from = dict(case.regime.licences_live_from).get(coin.licence)
    if live_from is None or opens < live_from:
        yield {
            "coin": coin.symbol,
            "licence": coin.licence,
            "live_from": live_from and live_from.isoformat(),
            "offering_opens": opens.isoformat(),
        }


@rule(
    "SET-04",
    "A licensed coin is fully reserved, redeemed at par promptly, and pays no interest.",
    "持牌稳定币应足额储备，在规定的营业日内按面值赎回，且不向持有人付息。",
    basis=Basis.SOURCE,
    source="Cap 656, commentary on licensees' duties",
    cure="Settle in a coin that keeps what its licence demands.",
    figures=("redemption_days",),
)
def licensed_coin_keeps_its_promises(case: DealCase) -> Iterator[Facts]:
    """Reserve, redemption, interest."""
    coin = case.deal.settlement
    if not is_stablecoin(coin) or coin.licence is None:
        return
    if coin.reserve < 1:
        yield {"coin": coin.symbol, "reserve": plain(coin.reserve)}
    if coin.redemption_days > case.regime.redemption_days:
        yield {
            "coin": coin.symbol,
            "redemption_days": coin.redemption_days,
            "at_most": case.regime.redemption_days,
        }
    if coin.interest_rate:
        yield {"coin": coin.symbol, "interest_rate": plain(coin.interest_rate)}


@rule(
    "SET-05",
    "An unlicensed fiat coin is for professional investors only, and the strict profile takes none.",
    "未持牌法币稳定币仅限专业投资者使用；严格模式下不予接受。",
    basis=Basis.SOURCE,
    source="Cap 656 on retail offers; profiles by design",
    cure="Use a licensed coin, or switch the regime's settlement profile to lenient.",
    figures=("settlement",),
)
def unlicensed_coin_is_for_the_lenient(case: DealCase) -> Iterator[Facts]:
    """No class of retail investor exists here: lenient means flagged, not free."""
    coin = case.deal.settlement
    if is_unlicensed(coin) and case.regime.settlement == "strict":
        yield {"coin": coin.symbol, "licence": None, "profile": "strict"}


def is_unlicensed(coin: SettlementCoin) -> bool:
    """A coin that does not even claim a licence: what the lenient profile takes and flags."""
    return is_stablecoin(coin) and coin.licence is None


@rule(
    "SET-06",
    "e-CNY is a bank deposit, used on the onshore leg only; overseas it needs consent.",
    "数字人民币属银行存款负债，仅用于境内环节；境外使用须经同意。",
    basis=Basis.SOURCE,
    source="commentary on e-CNY 2.0, in force since 1 January 2026",
    cure="Pay the overseas leg in another asset, or record the consent's reference.",
)
def ecny_stays_onshore(case: DealCase) -> Iterator[Facts]:
    """The leg on which it is used."""
    coin = case.deal.settlement
    if coin.kind == ECNY and coin.leg != "ONSHORE" and not coin.consent_reference:
        yield {"coin": coin.symbol, "leg": coin.leg}


@rule(
    "SET-07",
    "A tokenised deposit is that of a bank on the list.",
    "代币化存款应由名单内银行发行。",
    basis=Basis.SOURCE,
    source="commentary on EnsembleTX (13 November 2025)",
    cure="Name a bank of the regime's list, or add the bank to it with its basis.",
    figures=("deposit_banks",),
)
def deposit_is_a_listed_bank_s(case: DealCase) -> Iterator[Facts]:
    """The bank whose deposit it is."""
    coin = case.deal.settlement
    if coin.kind == DEPOSIT and coin.bank not in case.regime.deposit_banks:
        yield {"coin": coin.symbol, "bank": coin.bank, "banks": list(case.regime.deposit_banks)}


SETTLEMENT_RULES: tuple[Rule[DealCase], ...] = (
    no_renminbi_stablecoin,
    coin_is_independent,
    coin_is_licensed,
    licensed_coin_keeps_its_promises,
    unlicensed_coin_is_for_the_lenient,
    ecny_stays_onshore,
    deposit_is_a_listed_bank_s,
)


def flags(case: DealCase) -> tuple[str, ...]:
    """What is allowed, and shown to whoever looks at the deal."""
    coin = case.deal.settlement
    if not is_unlicensed(coin):
        return ()
    return (f"SET-05: no licensed issuer stands behind {coin.symbol}: professional investors only",)
