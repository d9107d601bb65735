"""One message executed on a py-evm state, for nothing and leaving nothing behind."""

import sys
from dataclasses import dataclass
from typing import Any

from eth.exceptions import Revert
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

from chain.rpc_params import CallMessage

RECURSION_LIMIT = 20_000
"""Python frames allowed: enough for the EVM's 1,024 nested calls, at most 16 frames each."""

# Importing py-evm lifts the limit of the whole process to 100,000. With that, a JSON text of as
# many brackets overflows the C stack and kills the process, instead of raising RecursionError.
sys.setrecursionlimit(RECURSION_LIMIT)

SEARCH_PRECISION = 64
"""A searched gas limit is at most one part in this many too high: the share a call keeps back."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Outcome of a message: output or exact revert bytes, gas used before refunds, what failed."""

    output: bytes
    gas_used: int
    reverted: bool
    failure: str | None

    @property
    def succeeded(self) -> bool:
        """Whether the message neither reverted nor failed."""
        return self.failure is None


def execute(vm: Any, message: CallMessage, gas: int) -> Execution:
    """Execute with this gas limit. Raises `ValidationError` when it could not even begin."""
    state = vm.state
    unsigned = vm.get_transaction_builder().new_unsigned_dynamic_fee_transaction(
        chain_id=vm.chain_context.chain_id,
        nonce=state.get_nonce(message.sender),
        max_priority_fee_per_gas=0,
        max_fee_per_gas=0,
        gas=gas,
        to=message.to,
        value=message.value,
        data=message.data,
        access_list=(),
    )
    snapshot = state.snapshot()
    try:
        computation = state.apply_transaction(SpoofTransaction(unsigned, from_=message.sender))
    finally:
        state.revert(snapshot)
    # eth-tester makes text of an error; the computation still has the bytes.
    error = computation.error if computation.is_error else None
    reverted = isinstance(error, Revert)
    failure = None if error is None else f"{type(error).__name__}: {error}"
    gas_used = gas - computation.get_gas_remaining() + computation.data_floor_gas
    return Execution(bytes(computation.output), gas_used, reverted, failure)


def estimate_gas(vm: Any, message: CallMessage, ceiling: int) -> tuple[int, Execution]:
    """Gas limit with which the message succeeds, and its outcome with the gas limit `ceiling`.

    Refunds are not deducted: they come after execution. Where a limit of exactly the gas used is
    too little (a callee gets at most 63/64 of what is left), the limit is searched for.
    """
    outcome = execute(vm, message, ceiling)
    if not outcome.succeeded or _suffices(vm, message, outcome.gas_used):
        return outcome.gas_used, outcome
    low, high = outcome.gas_used, ceiling
    while high - low > high // SEARCH_PRECISION:
        middle = min((low + high) // 2, low * 2)
        if _suffices(vm, message, middle):
            high = middle
        else:
            low = middle
    return high, outcome


def _suffices(vm: Any, message: CallMessage, gas: int) -> bool:
    try:
        return execute(vm, message, gas).succeeded
    except ValidationError:
        return False
