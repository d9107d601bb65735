"""ABI entries as the compiler writes them: find, sign, encode, decode.

`eth_abi` does the byte work. This adds what it leaves to the caller: functions by name and number
of arguments, structs as mappings, checksummed addresses, no silent padding of short `bytesN`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import is_address, to_canonical_address, to_checksum_address
from eth_utils.conversions import to_bytes
from eth_utils.crypto import keccak

AbiEntry = Mapping[str, Any]
"""One element of a Solidity JSON ABI: a function, event, error or constructor."""

Abi = Sequence[AbiEntry]
"""A Solidity JSON ABI."""

Parameter = Mapping[str, Any]


def signature(entry: AbiEntry) -> str:
    """Canonical signature, such as `transfer(address,uint256)`."""
    return f"{entry['name']}({','.join(map(canonical_type, entry['inputs']))})"


def selector(entry: AbiEntry) -> bytes:
    """First four bytes of the hashed signature: how a function or an error is recognised."""
    return topic(entry)[:4]


def topic(entry: AbiEntry) -> bytes:
    """Hash of the signature, 32 bytes: the first topic of an event's logs."""
    return keccak(text=signature(entry))


def canonical_type(parameter: Parameter) -> str:
    """The type as it stands in signatures: structs spelled out as tuples."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(canonical_type, parameter['components']))}){kind[5:]}"


def find_function(abi: Iterable[AbiEntry], function: str, arity: int) -> AbiEntry:
    """The function of this name and number of arguments, or of this full signature.

    Raises `LookupError` when there is none, or when only a full signature could tell two apart.
    """
    by_name = [e for e in abi if e["type"] == "function" and function in (e["name"], signature(e))]
    found = [entry for entry in by_name if len(entry["inputs"]) == arity]
    if len(found) == 1:
        return found[0]
    choices = ", ".join(map(signature, by_name)) or "none of that name"
    raise LookupError(f"{function} with {arity} arguments is not one function; there is: {choices}")


def encode_arguments(inputs: Sequence[Parameter], args: Sequence[Any]) -> bytes:
    """ABI encoding of the arguments. Raises `ValueError` or `eth_abi` errors on a misfit."""
    if len(inputs) != len(args):
        raise ValueError(f"{len(inputs)} arguments expected, {len(args)} given")
    types = [canonical_type(parameter) for parameter in inputs]
    return encode(types, [_plain(p, arg) for p, arg in zip(inputs, args, strict=True)])


def decode_arguments(outputs: Sequence[Parameter], data: bytes) -> tuple[Any, ...]:
    """Values in order: addresses checksummed, structs as dicts. Raises `eth_abi` errors."""
    values = decode([canonical_type(parameter) for parameter in outputs], data)
    return tuple(_named(p, value) for p, value in zip(outputs, values, strict=True))


def decode_named(inputs: Sequence[Parameter], data: bytes) -> dict[str, Any]:
    """The same by name; a nameless parameter is called by its position, `arg0`."""
    return dict(zip(parameter_names(inputs), decode_arguments(inputs, data), strict=True))


def parameter_names(inputs: Sequence[Parameter]) -> list[str]:
    """Names of the parameters; a nameless one is called by its position, `arg0`."""
    return [parameter.get("name") or f"arg{index}" for index, parameter in enumerate(inputs)]


def _element(parameter: Parameter) -> Parameter:
    return {**parameter, "type": parameter["type"].rpartition("[")[0]}


def _plain(parameter: Parameter, value: Any) -> Any:
    kind: str = parameter["type"]
    if kind.endswith("]"):
        return [_plain(_element(parameter), item) for item in value]
    if kind == "tuple":
        return _plain_struct(parameter["components"], value)
    if kind == "address":
        if not is_address(value):
            raise ValueError(f"{parameter.get('name')!r} is not an address: {value!r}")
        return to_canonical_address(value)
    return _plain_bytes(kind, parameter, value) if kind.startswith("bytes") else value


def _plain_struct(components: Sequence[Parameter], value: Any) -> tuple[Any, ...]:
    fields = [value[c["name"]] for c in components] if isinstance(value, Mapping) else list(value)
    if len(fields) != len(components):
        raise ValueError(f"a struct of {len(components)} fields cannot be made of {len(fields)}")
    return tuple(_plain(c, field) for c, field in zip(components, fields, strict=True))


def _plain_bytes(kind: str, parameter: Parameter, value: Any) -> bytes:
    raw = to_bytes(hexstr=value) if isinstance(value, str) else bytes(value)
    # eth_abi would pad a short value with zeros: a different value, and no error.
    if kind != "bytes" and len(raw) != int(kind[5:]):
        raise ValueError(f"{parameter.get('name')!r} is {kind}, given {len(raw)} bytes")
    return raw


def _named(parameter: Parameter, value: Any) -> Any:
    kind: str = parameter["type"]
    if kind.endswith("]"):
        return tuple(_named(_element(parameter), item) for item in value)
    if kind == "tuple":
        components = parameter["components"]
        items = (_named(c, field) for c, field in zip(components, value, strict=True))
        return dict(zip(parameter_names(components), items, strict=True))
    return to_checksum_address(value) if kind == "address" else value
