"""What the investor rules look at: somebody asking to be admitted to a deal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from issuer.domain.investor import Investor, WalletProof
from issuer.domain.regime import Regime


@dataclass(frozen=True, slots=True)
class InvestorCase:
    """Somebody asking to be admitted to a deal. `sanctioned` are names and wallets on the list.

    `holders` counts those admitted already, each vehicle as those who stand behind it.
    `wallet_proof` is what the signature has been found to show; `wallet_has_code` whether a contract is at
    the wallet's address.
    """

    investor: Investor
    sanctioned: frozenset[str]
    holders: int
    holder_cap: int
    today: date
    utc_day: date
    regime: Regime
    wallet_proof: WalletProof
    wallet_has_code: bool
