"""Where every chapter stands: the parties, the chain, the clock; and what several chapters compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from storyboard.hands import ROOT, Api, Ledger, Wallet
from storyboard.printing import Story

DEALS = ROOT / "scripts" / "deals"
DEAL = "ev-charging"
TOKEN, COIN = "abs_token:A", "settlement_coin:HKDS"
#: Numbers of the demonstration accounts: two roles, the attesters, the investors, and nobody.
ISSUER_ACCOUNT, PAYING_AGENT_ACCOUNT, FIRST_ATTESTER, FIRST_INVESTOR, STRANGER = 4, 5, 11, 16, 25


@dataclass
class Stage:
    """Handed from chapter to chapter."""

    story: Story
    api: Api
    ledger: Ledger
    database: Path
    wallets: dict[str, Wallet] = field(init=False)
    issuer: Wallet = field(init=False)
    filing: str = ""
    """The filing in force, once there is one."""

    def __post_init__(self) -> None:
        self.wallets = {
            name: Wallet(self.ledger, FIRST_INVESTOR + offset)
            for offset, name in enumerate(("H1", "H2", "H3"))
        }
        # To ask the chain directly only: its transactions are the service's to number.
        self.issuer = Wallet(self.ledger, ISSUER_ACCOUNT)

    def day(self, date: str, at: str, who: str, what: str) -> None:
        """A row of the storyboard begins: the simulated clock moves, and the chain's time with it."""
        instant = datetime.strptime(f"{date} 2026 {at} +0800", "%d %b %Y %H:%M %z")
        self.api.post("operator", "/v1/simulation/clock", {"now": instant.isoformat()})
        self.story.row(date, who, what)

    def try_to_mint(self, investor: str, units: int, bundle_hash: bytes, operation: int) -> str:
        """What the chain says to the issuer's own key, the service left aside."""
        token, holder = self.ledger.address(TOKEN), self.wallets[investor].address
        return self.issuer.tries(
            "dvp_settlement", "issue", token, holder, units, bundle_hash, operation
        )

    def try_to_transfer(self, sender: str, receiver: str, units: int) -> str:
        """What the chain would say to a holder who transfers."""
        to = self.wallets[receiver].address
        return self.wallets[sender].tries(TOKEN, "transfer", to, units)

    def transfer(self, sender: str, receiver: str, units: int) -> str:
        """A holder transfers units with its own key: what the chain says to it."""
        to = self.wallets[receiver].address
        return self.wallets[sender].sends(TOKEN, "transfer", to, units)

    def state_of_filing(self) -> str:
        """As the service has it."""
        return str(self.api.get("filer", f"/v1/filings/{self.filing}")["state"])

    def agree(self) -> dict[str, Any]:
        """Register and chain, side by side."""
        position: dict[str, Any] = self.api.get("auditor", f"/v1/deals/{DEAL}/tranches/A")
        lines = ", ".join(
            f"{holder['investor']} {holder['units_in_register']:,}={holder['units_on_chain']:,}"
            for holder in position["holders"]
            if holder["units_on_chain"]
        )
        self.story.expect(f"database and chain agree: {lines}", position["agrees"], position)
        return position

    def books(self) -> dict[str, int]:
        """The balances of the deal's accounts; all postings together are always zero."""
        balances = self.api.get("auditor", f"/v1/deals/{DEAL}/ledger")
        accounts = {name: int(balance) for name, balance in balances.items()}
        self.story.equal("the postings add up to zero", sum(accounts.values()), 0)
        return accounts
