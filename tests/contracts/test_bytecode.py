"""What the code of the contracts can do at all, and that what is deployed is what was compiled."""

from collections.abc import Iterator

import pytest

from chain.deployer import verify_code
from chain.toolchain import forbidden_opcodes
from scripts import storage_layout
from tests.contracts.suite import ARTIFACTS
from tests.contracts.test_interfaces import OURS

CALLS = {0xF1: "CALL", 0xF2: "CALLCODE", 0xF4: "DELEGATECALL", 0xFA: "STATICCALL"}
ECRECOVER = 1
"""The precompiled contract that recovers a signer."""

#: ADD, SUB, AND, MLOAD, MSTORE, GAS: how many values each takes from the stack, and leaves on it.
TAKES_AND_GIVES = {
    0x01: (2, 1),
    0x03: (2, 1),
    0x16: (2, 1),
    0x51: (1, 1),
    0x52: (2, 0),
    0x5A: (0, 1),
}
LOOKS_AT_CODE = {
    0x32: "ORIGIN",
    0x3B: "EXTCODESIZE",
    0x3C: "EXTCODECOPY",
    0x3F: "EXTCODEHASH",
    0xF0: "CREATE",
    0xF5: "CREATE2",
    0xFF: "SELFDESTRUCT",
}


def instructions(code: bytes) -> Iterator[tuple[int, int]]:
    """Opcodes that can be reached, each with what PUSH carries: no constants and no metadata."""
    end = len(code) - 2 - int.from_bytes(code[-2:], "big")
    position, reachable = 0, True
    while position < end:
        opcode = code[position]
        reachable = reachable or opcode == 0x5B
        carried = opcode - 0x5F if reachable and 0x60 <= opcode <= 0x7F else 0
        if reachable:
            yield opcode, int.from_bytes(code[position + 1 : position + 1 + carried], "big")
        reachable = reachable and opcode not in (0x00, 0x56, 0xF3, 0xFD, 0xFE, 0xFF)
        position += 1 + carried


def opcodes(name: str) -> set[int]:
    return {opcode for opcode, _ in instructions(ARTIFACTS[name].deployed_bytecode)}


def called(code: bytes) -> list[tuple[str, int | None]]:
    """Each instruction to call with, and whom it calls, where the lines before it say so outright.

    The stack is followed from the last place that a jump may lead to; None is a value not known.
    """
    found, stack = list[tuple[str, int | None]](), list[int | None]()
    for opcode, carried in instructions(code):
        if opcode == 0x5B:  # JUMPDEST
            stack = []
        # Whatever lay below when this stretch began; SWAP16 reaches no deeper.
        stack = [None] * (17 - len(stack)) + stack
        if opcode in CALLS:
            found.append((CALLS[opcode], stack[-2]))
            stack = []
        elif 0x60 <= opcode <= 0x7F:  # PUSH
            stack.append(carried)
        elif 0x80 <= opcode <= 0x8F:  # DUP
            stack.append(stack[-(opcode - 0x7F)])
        elif 0x90 <= opcode <= 0x9F:  # SWAP
            depth = opcode - 0x8F
            stack[-1], stack[-1 - depth] = stack[-1 - depth], stack[-1]
        elif opcode in TAKES_AND_GIVES:
            takes, gives = TAKES_AND_GIVES[opcode]
            stack = stack[: len(stack) - takes] + [None] * gives
        else:
            stack = []
    return found


def test_the_tokens_code_calls_nobody():
    """P14: the one call it can make is the chain's own `ecrecover`, for the signature of a permit."""
    assert called(ARTIFACTS["AbsToken"].deployed_bytecode) == [("STATICCALL", ECRECOVER)]


def test_the_tokens_code_looks_at_nobodys_code():
    """P15: no rule can depend on code length, code hash or the origin of a transaction."""
    found = opcodes("AbsToken")
    assert not [name for opcode, name in LOOKS_AT_CODE.items() if opcode in found]


def test_the_walk_finds_calls_where_there_are_some():
    assert {0xF1, 0xFA} <= opcodes("CouponDistributor")
    found = called(ARTIFACTS["CouponDistributor"].deployed_bytecode)
    assert {name for name, _ in found} == {"CALL", "STATICCALL"}
    assert ECRECOVER not in {whom for _, whom in found}


@pytest.mark.parametrize("name", ARTIFACTS)
def test_code_holds_no_instruction_newer_than_paris(name):
    artifact = ARTIFACTS[name]
    assert forbidden_opcodes(artifact.deployed_bytecode) == set()
    assert forbidden_opcodes(artifact.bytecode) == set()


@pytest.mark.parametrize("name", ARTIFACTS)
def test_code_fits_the_limit_of_every_chain(name):
    """EIP-170: 24,576 bytes."""
    assert len(ARTIFACTS[name].deployed_bytecode) <= 24_576


@pytest.mark.parametrize("name", OURS)
def test_deployed_code_is_the_artifacts(deployed, name):
    """P19: what was deployed can be compared, immutables aside, before it is attached."""
    contract = getattr(deployed, name)
    verify_code(deployed.client, contract.address, ARTIFACTS[OURS[name][0]])


# ---- storage


@pytest.mark.compiler
def test_storage_lies_where_it_is_checked_in_to_lie():
    """P6: what is kept by investor number, and what by wallet, can be read off it."""
    stale = "if this is meant: python -m scripts.storage_layout"
    assert storage_layout.layouts() == storage_layout.checked_in(), stale


def test_storage_of_entitlements_is_kept_by_number_and_never_by_wallet():
    """P6: of what the token keeps by wallet, only words, nonces and allowances."""
    layouts = storage_layout.checked_in()
    kept = [*layouts["AbsToken"].values(), *layouts["CouponDistributor"].values()]
    by_wallet = {each.partition(":")[0] for each in kept if "mapping(address" in each}
    assert by_wallet == {"_holders", "_nonces", "allowance"}
    by_number = {each.partition(":")[0] for each in kept if "mapping(uint24" in each}
    assert by_number == {"_history", "_frozenUnits", "setAsideOf", "creditOf"}
    assert layouts["CouponDistributor"]["5.0"].startswith("_paid: mapping(contract IAbsToken")
