"""What the embedded node checks before a signed transaction may enter a block.

py-evm checks signature, nonce and funds only while executing, and the chain id not at all: without
this a transaction signed for another chain would be mined.
"""

from typing import Any

from eth_utils.address import to_checksum_address

from chain.errors import RpcError
from chain.evm import LocalEvm
from chain.permissions import AccountPermissions
from chain.rpc_json import DYNAMIC_FEE, LEGACY, transaction_type
from chain.rpc_params import invalid

REFUSED = -32000
"""Geth's JSON-RPC code for a transaction its pool does not take."""

_EIP155_OFFSET = 35


def admit(raw: bytes, evm: LocalEvm, permissions: AccountPermissions) -> Any:
    """The transaction, decoded, if it may enter the next block; else raises `RpcError`."""
    transaction = _decode(raw, evm)
    _check_chain_id(transaction, evm.chain_id)
    try:
        sender: bytes = transaction.sender
    except Exception as error:  # the signature library has no common base for its errors
        raise invalid("the signature recovers no sender") from error
    permissions.require(to_checksum_address(sender))
    _check_nonce(transaction, sender, evm)
    _check_cost(transaction, sender, evm)
    return transaction


def _decode(raw: bytes, evm: LocalEvm) -> Any:
    if raw and raw[0] < 0x80 and raw[0] not in (1, DYNAMIC_FEE):
        raise RpcError(REFUSED, f"transaction type {raw[0]:#x} not supported")
    try:
        return evm.decode_transaction(raw)
    except Exception as error:  # rlp, py-evm and eth-utils each raise their own kind here
        raise invalid("not a signed transaction") from error


def _check_chain_id(transaction: Any, chain_id: int) -> None:
    if transaction_type(transaction) == LEGACY:
        if transaction.v < _EIP155_OFFSET:
            raise RpcError(REFUSED, "only replay-protected (EIP-155) transactions allowed over RPC")
        signed_for = (transaction.v - _EIP155_OFFSET) // 2
    else:
        signed_for = transaction.chain_id
    if signed_for != chain_id:
        raise RpcError(REFUSED, f"invalid chain id for signer: have {signed_for} want {chain_id}")


def _check_nonce(transaction: Any, sender: bytes, evm: LocalEvm) -> None:
    expected = evm.state(evm.head).get_nonce(sender)
    found = transaction.nonce
    if found < expected:
        mined = evm.locate(transaction.hash)
        known = "" if mined is None else f" (already known: mined in block {mined[0]})"
        raise RpcError(REFUSED, f"nonce too low: next nonce {expected}, tx nonce {found}{known}")
    if found > expected:
        # A real node would queue it; here nothing would ever fill the gap unseen.
        raise RpcError(REFUSED, f"nonce too high: next nonce {expected}, tx nonce {found}")


def _check_cost(transaction: Any, sender: bytes, evm: LocalEvm) -> None:
    legacy = transaction_type(transaction) < DYNAMIC_FEE
    fee = transaction.gas_price if legacy else transaction.max_fee_per_gas
    header = evm.next_header
    cost = transaction.gas * fee + transaction.value
    balance = evm.state(evm.head).get_balance(sender)
    refusals = {
        "exceeds block gas limit": transaction.gas > header.gas_limit,
        "intrinsic gas too low": transaction.gas < transaction.intrinsic_gas,
        "max fee per gas less than block base fee": fee < header.base_fee_per_gas,
        f"insufficient funds for gas * price + value: have {balance} want {cost}": balance < cost,
    }
    for refusal, applies in refusals.items():
        if applies:
            raise RpcError(REFUSED, refusal)
