"""The chain's refusals as one tree of exceptions; revert bytes back into names and arguments.

ChainError
├─ RpcError              the node answered with a JSON-RPC error
├─ NodeUnavailable       the node did not answer at all
├─ WrongChain            the node, or a transaction, belongs to another chain
├─ ContractReverted      a contract refused: error name and named arguments
├─ NoContract            an address that should answer has no code
├─ TransactionUnconfirmed  sent, and not (yet) in a block; never a reason to sign again
├─ CodeMismatch          an address does not hold the code it should
├─ CompilationFailed     the compiler refused a source
└─ ArtifactStale         a compiled artifact no longer matches its sources, settings or lock
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from eth_abi.exceptions import DecodingError

from chain.abi import AbiEntry, decode_named, selector, signature

REVERT_CODE = 3
"""JSON-RPC error code of a reverted call, on Geth, Anvil and the embedded backend."""

PANIC_MEANINGS: Mapping[int, str] = MappingProxyType(
    {
        0x00: "generic compiler panic",
        0x01: "assertion failed",
        0x11: "arithmetic overflow or underflow",
        0x12: "division or modulo by zero",
        0x21: "value out of range for an enum",
        0x22: "storage byte array incorrectly encoded",
        0x31: "pop from an empty array",
        0x32: "array index out of bounds",
        0x41: "too much memory allocated",
        0x51: "call of an uninitialised internal function",
    }
)


class ChainError(Exception):
    """Anything this package refuses or fails to do; catch it to catch all of them."""


class RpcError(ChainError):
    """A JSON-RPC error object: `code`, `message` and, for reverts, `data` as 0x-hex."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data

    def to_json(self) -> dict[str, Any]:
        """The error member of a JSON-RPC response."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return error


class NodeUnavailable(ChainError):
    """The node could not be reached, or did not answer in time."""


class WrongChain(ChainError):
    """A chain id differs from the one configured; nothing is signed or sent."""

    def __init__(self, expected: int, found: int, how: str = "") -> None:
        super().__init__(
            f"expected chain id {expected}, found {found}{how and f' ({how})'}. Cure: let the node's"
            " URL, the configured chain id and the signing keys belong to one chain."
        )
        self.expected = expected
        self.found = found


class ContractReverted(ChainError):
    """A contract refused. `error_name` and `operands` (by name) are what `data` says."""

    def __init__(
        self,
        error_name: str,
        args: Mapping[str, Any],
        data: bytes,
        transaction_hash: str | None = None,
    ) -> None:
        listed = ", ".join(f"{name}={value!r}" for name, value in args.items())
        super().__init__(f"{error_name}({listed})")
        self.error_name = error_name
        self.operands = MappingProxyType(dict(args))
        self.data = data
        self.transaction_hash = transaction_hash


class NoContract(ChainError, LookupError):
    """Nothing answered to a view at this address."""

    def __init__(self, address: str, function: str) -> None:
        super().__init__(f"{address} answered nothing to {function}: is a contract there?")
        self.address = address


class TransactionUnconfirmed(ChainError):
    """No receipt for this hash yet. Ask again, or send the same signed bytes again."""

    def __init__(self, transaction_hash: str) -> None:
        super().__init__(f"no receipt yet for transaction {transaction_hash}")
        self.transaction_hash = transaction_hash


class CodeMismatch(ChainError):
    """The code at an address is not the runtime code of the named contract."""

    def __init__(self, contract: str, address: str, reason: str) -> None:
        super().__init__(f"{address} does not hold the code of {contract}: {reason}")
        self.contract = contract
        self.address = address


class CompilationFailed(ChainError):
    """The compiler, or what surrounds it, refused; the message carries the compiler's own words."""


class ArtifactStale(ChainError):
    """A committed artifact does not match its lock, its sources or the compiler settings."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}; run `make compile`")
        self.file = file


@dataclass(frozen=True, slots=True)
class DecodedError:
    """What revert bytes say. `name` is an ABI error, or Error, Panic, Unknown or Empty."""

    name: str
    args: Mapping[str, Any]
    data: bytes


class ErrorDecoder:
    """Decodes revert bytes over the union of the given ABIs.

    The union, because an error bubbles up unchanged from contracts that were not called directly.
    Raises `ValueError` when two different errors share a selector: no decoding could be trusted.
    """

    def __init__(self, abis: Iterable[Iterable[AbiEntry]]) -> None:
        self._errors: dict[bytes, AbiEntry] = {}
        for abi in (*abis, _BUILT_IN):
            for entry in abi:
                if entry["type"] == "error":
                    self._register(entry)

    def _register(self, entry: AbiEntry) -> None:
        known = self._errors.setdefault(selector(entry), entry)
        if signature(known) != signature(entry):
            raise ValueError(f"{signature(known)} and {signature(entry)} share a selector")

    def decode(self, data: bytes) -> DecodedError:
        """Name and named arguments of these revert bytes; never raises."""
        if not data:
            return DecodedError("Empty", {}, data)
        entry = self._errors.get(data[:4])
        if entry is None:
            return DecodedError("Unknown", {"data": "0x" + data.hex()}, data)
        try:
            args = decode_named(entry["inputs"], data[4:])
        except (DecodingError, UnicodeDecodeError, OverflowError):
            return DecodedError("Unknown", {"data": "0x" + data.hex()}, data)
        if entry["name"] == "Panic" and "code" in args:
            args["meaning"] = PANIC_MEANINGS.get(args["code"], "unknown panic code")
        return DecodedError(entry["name"], args, data)

    def reverted(self, data: bytes, transaction_hash: str | None = None) -> ContractReverted:
        """The exception that says what these revert bytes say."""
        error = self.decode(data)
        return ContractReverted(error.name, error.args, data, transaction_hash)


_BUILT_IN: tuple[AbiEntry, ...] = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)
