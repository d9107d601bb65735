"""Who may send transactions on a permissioned chain, as Besu's accounts allowlist decides it."""

from collections.abc import Iterable

from eth_utils.address import to_checksum_address

from chain.errors import RpcError

NOT_AUTHORIZED_CODE = -32007
"""Besu's JSON-RPC code for a sender outside the accounts allowlist."""


class AccountPermissions:
    """The set of accounts allowed to send transactions; `None` lets everyone send."""

    def __init__(self, allowed: Iterable[str] | None) -> None:
        self._allowed = None if allowed is None else {to_checksum_address(a) for a in allowed}

    @classmethod
    def everyone(cls) -> "AccountPermissions":
        """No allowlist: any account may send."""
        return cls(None)

    @classmethod
    def only(cls, addresses: Iterable[str]) -> "AccountPermissions":
        """An allowlist of these accounts; an empty one lets nobody send."""
        return cls(addresses)

    def permit(self, address: str) -> None:
        """Let this account send. Without an allowlist it already may."""
        if self._allowed is not None:
            self._allowed.add(to_checksum_address(address))

    def withdraw(self, address: str) -> None:
        """Stop this account from sending. Raises `ValueError` when there is no allowlist."""
        if self._allowed is None:
            raise ValueError("everyone may send: there is no allowlist to take an account from")
        self._allowed.discard(to_checksum_address(address))

    def allowed(self) -> frozenset[str] | None:
        """The accounts that may send now; None without an allowlist."""
        return None if self._allowed is None else frozenset(self._allowed)

    def replace(self, allowed: Iterable[str] | None) -> None:
        """Let these accounts send and no others, as `allowed` once said."""
        self._allowed = None if allowed is None else {to_checksum_address(a) for a in allowed}

    def is_permitted(self, address: str) -> bool:
        """Whether this account may send transactions."""
        return self._allowed is None or to_checksum_address(address) in self._allowed

    def require(self, address: str) -> None:
        """Raise Besu's refusal (`RpcError` -32007) unless this account may send."""
        if not self.is_permitted(address):
            message = "Sender account not authorized to send transactions"
            raise RpcError(NOT_AUTHORIZED_CODE, f"{message}: {to_checksum_address(address)}")

    def besu_toml(self) -> str:
        """Content of Besu's `--permissions-accounts-config-file`.

        Raises `ValueError` when everyone may send: Besu then runs without account permissioning.
        """
        if self._allowed is None:
            raise ValueError("everyone may send: leave Besu's account permissioning off")
        accounts = ", ".join(f'"{address.lower()}"' for address in sorted(self._allowed))
        return f"accounts-allowlist=[{accounts}]\n"
