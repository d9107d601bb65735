"""A chain as others reach it, on which some keys are its owner's alone to use."""

from collections.abc import Collection, Sequence
from typing import Any

from eth_account import Account
from eth_utils.hexadecimal import decode_hex

from chain.backends import Backend
from chain.errors import RpcError
from chain.permissions import NOT_AUTHORIZED_CODE


class Reserved:
    """Passes everything on, but for transactions from the reserved accounts."""

    def __init__(self, backend: Backend, accounts: Collection[str]) -> None:
        self._backend = backend
        self._accounts = frozenset(accounts)

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self._backend.chain_id

    def request(self, method: str, params: Sequence[Any]) -> Any:
        """Answer one JSON-RPC request; raises `RpcError`."""
        if method == "eth_sendRawTransaction" and (sender := _sender(params)) in self._accounts:
            message = "Sender account not authorized to send transactions over JSON-RPC"
            whose = "its key is for whoever runs this chain alone"
            raise RpcError(NOT_AUTHORIZED_CODE, f"{message}: {sender}, {whose}")
        return self._backend.request(method, params)


def _sender(params: Any) -> str | None:
    """Who has signed; None for what the chain itself will refuse as no transaction."""
    try:
        return str(Account.recover_transaction(decode_hex(params[0])))
    except Exception:  # rlp, eth-keys and eth-account each raise their own kind here
        return None
