"""The compiler and its settings, pinned. A change here makes every artifact stale, as it should."""

from typing import Any

SOLC_VERSION = "0.8.37"
EVM_VERSION = "paris"
"""The newest EVM that proof-of-authority networks on Clique run; see `forbidden_opcodes`."""

OPTIMIZER_RUNS = 200

_PUSH1, _PUSH32, _JUMPDEST = 0x60, 0x7F, 0x5B
_ENDS_A_PATH = frozenset({0x00, 0x56, 0xF3, 0xFD, 0xFE, 0xFF})
"""STOP, JUMP, RETURN, REVERT, INVALID, SELFDESTRUCT: only a jump reaches what follows."""

_NEWER_THAN_PARIS = {0x5F: "PUSH0", 0x5E: "MCOPY", 0x5C: "TLOAD", 0x5D: "TSTORE"}


def compiler_settings() -> dict[str, Any]:
    """Settings of the compiler's standard JSON that decide what is compiled."""
    return {
        "evmVersion": EVM_VERSION,
        "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS},
        # Without a metadata hash the bytecode depends on code and settings, not on paths.
        "metadata": {"bytecodeHash": "none"},
    }


def forbidden_opcodes(bytecode: bytes) -> set[str]:
    """Names of opcodes newer than Paris in this code.

    Walks instructions from the start, so what PUSH instructions carry is not mistaken for code;
    skips what no instruction can reach, where the compiler keeps constants; stops at the metadata.
    """
    end = len(bytecode) - _metadata_length(bytecode)
    targets = _pushed_numbers(bytecode, end)
    found: set[str] = set()
    position, reachable = 0, True
    while position < end:
        opcode = bytecode[position]
        reachable = reachable or (opcode == _JUMPDEST and position in targets)
        if reachable and opcode in _NEWER_THAN_PARIS:
            found.add(_NEWER_THAN_PARIS[opcode])
        carried = _carried(opcode) if reachable else 0
        reachable = reachable and opcode not in _ENDS_A_PATH
        position += 1 + carried
    return found


def _pushed_numbers(bytecode: bytes, end: int) -> set[int]:
    """All that can be a jump's target: a byte of a constant may look like a JUMPDEST."""
    pushed, position = set(), 0
    while position < end:
        carried = _carried(bytecode[position])
        pushed.add(int.from_bytes(bytecode[position + 1 : position + 1 + carried], "big"))
        position += 1 + carried
    return pushed


def _carried(opcode: int) -> int:
    """How many bytes after this instruction are its own."""
    return opcode - _PUSH1 + 1 if _PUSH1 <= opcode <= _PUSH32 else 0


def _metadata_length(bytecode: bytes) -> int:
    # CBOR metadata ends with its own length in two bytes, and is a map of one to four entries.
    if len(bytecode) < 2:
        return 0
    length = int.from_bytes(bytecode[-2:], "big") + 2
    starts_a_map = length <= len(bytecode) and 0xA1 <= bytecode[-length] <= 0xA4
    return length if starts_a_map else 0
