"""Demonstration keys: every role's account, derived from one published mnemonic.

The addresses are those of Anvil and Hardhat (path m/44'/60'/0'/0/i), so that a wallet set up for
either already holds them. They must never hold value.
"""

from __future__ import annotations

import hashlib

from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic

from issuer.domain.roles import Role

#: Account number of each role's key. Investors hold keys of their own; whoever only reads has none.
ROLE_ACCOUNTS: dict[Role, int] = {
    Role.OPERATOR: 0,
    Role.REGULATOR: 1,
    Role.OTHER_AUTHORITY: 2,
    Role.REGISTRAR: 3,
    Role.ISSUER: 4,
    Role.PAYING_AGENT: 5,
    Role.ENFORCEMENT: 6,
    Role.ORACLE: 7,
    Role.FILER: 8,
    Role.AUDITOR: 9,
    Role.TRUSTEE: 10,
}


class Keychain:
    """The keys of one mnemonic. Deriving the seed is slow, so it is done once."""

    def __init__(self, mnemonic: str) -> None:
        self._seed = seed_from_mnemonic(mnemonic, "")

    def key(self, number: int) -> bytes:
        """Private key of account `number`."""
        return bytes(key_from_seed(self._seed, f"m/44'/60'/0'/0/{number}"))

    def address(self, number: int) -> str:
        """Checksummed address of account `number`."""
        return str(Account.from_key(self.key(number)).address)

    def payee_address(self, payee_id: str) -> str:
        """The coin account of a payee whom nobody has given one: the same for the same id."""
        number = int.from_bytes(hashlib.sha256(payee_id.encode()).digest()[:4], "big") >> 1
        return str(Account.from_key(key_from_seed(self._seed, f"m/44'/60'/1'/0/{number}")).address)
