"""What the contracts claim to be, what their code holds, and who has a role in them."""

from collections.abc import Iterator
from functools import reduce
from itertools import combinations
from operator import xor

import pytest
from eth_utils.crypto import keccak

from chain.deployer import verify_code
from chain.events import fetch_events
from chain.toolchain import forbidden_opcodes
from tests.contracts.suite import (
    ADMIN,
    ARTIFACTS,
    DEPLOYER,
    NO_ROLE,
    REGULATOR,
    STRANGER,
    Suite,
    unauthorized,
)

ERC7943 = 0x3EDBB4C4
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
OURS = {
    "coin": ("SettlementCoin", ADMIN),
    "filings": ("FilingRegistry", REGULATOR),
    "investors": ("InvestorRegistry", ADMIN),
    "dvp": ("DvpSettlement", ADMIN),
    "distributor": ("CouponDistributor", ADMIN),
    "token": ("AbsToken", ADMIN),
    "token_b": ("AbsToken", ADMIN),
}
REGISTRIES = ("coin", "filings", "investors", "dvp", "distributor")
"""They know one admin, who changes by an announced, delayed act; a token has the plain role of it."""


# ---- ERC-165


@pytest.mark.parametrize(
    ("name", "interface"),
    [
        ("ERC-165", 0x01FFC9A7),
        ("ERC-20", 0x36372B07),
        ("ERC-20 metadata", 0xA219A025),
        ("ERC-2612", 0x9D8FF7DA),
        ("EIP-5267", 0x84B0196E),
        ("ERC-1404", 0xAB84A5C8),
        ("ERC-1643", 0xECFECEC8),
        ("ERC-7943 fungible", ERC7943),
        ("AccessControl", 0x7965DB0B),
    ],
)
def test_token_supports_the_interface(deployed, name, interface):
    assert deployed.token.call("supportsInterface", interface.to_bytes(4, "big")) is True, name


@pytest.mark.parametrize("interface", [0xFFFFFFFF, 0x80AC58CD])
def test_token_denies_interfaces_it_lacks(deployed, interface):
    assert deployed.token.call("supportsInterface", interface.to_bytes(4, "big")) is False


def test_erc7943_id_is_that_of_its_functions():
    names = ("forcedTransfer", "setFrozenTokens", "canSend", "canReceive", "getFrozenTokens")
    found = {
        signature.partition("(")[0]: int(selector, 16)
        for signature, selector in ARTIFACTS["AbsToken"].method_identifiers.items()
    }
    assert reduce(xor, (found[name] for name in (*names, "canTransfer"))) == ERC7943


def test_token_is_indivisible(deployed):
    assert deployed.token.call("decimals") == 0


# ---- code


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
    contract = getattr(deployed, name)
    verify_code(deployed.client, contract.address, ARTIFACTS[OURS[name][0]])


# ---- roles


def role_ids(suite: Suite) -> dict[str, bytes]:
    """Every *_ROLE constant of every contract, by name."""
    ids = {}
    for attribute in OURS:
        contract = getattr(suite, attribute)
        for entry in contract.artifact.abi:
            if entry["type"] == "function" and entry["name"].endswith("_ROLE"):
                ids[entry["name"]] = contract.call(entry["name"])
    return ids


def test_role_ids_are_hashes_of_their_own_names_and_distinct(deployed):
    """P51: no copied constant, no two roles in one."""
    ids = role_ids(deployed)
    assert ids.pop("DEFAULT_ADMIN_ROLE") == NO_ROLE
    assert set(ids) == {
        "REGULATOR_ROLE",
        "REGISTRAR_ROLE",
        "ISSUER_ROLE",
        "ENFORCEMENT_ROLE",
        "PAYER_ROLE",
        "TRUSTEE_ROLE",
        "COIN_ISSUER_ROLE",
    }
    assert ids == {name: keccak(text=name) for name in ids}
    assert all(one != other for one, other in combinations((*ids.values(), NO_ROLE), 2))


@pytest.mark.parametrize("name", OURS)
def test_the_deployer_holds_no_role_anywhere(deployed, name):
    """P51."""
    contract = getattr(deployed, name)
    assert contract.call("hasRole", NO_ROLE, OURS[name][1]) is True
    for role in role_ids(deployed).values():
        assert contract.call("hasRole", role, DEPLOYER) is False
    height = int(deployed.client.backend.request("eth_blockNumber", []), 16)
    abis = [contract.artifact.abi]
    events = fetch_events(deployed.client.backend, [contract.address], 0, height, abis)
    granted = {event.args["account"] for event in events if event.name == "RoleGranted"}
    assert granted
    assert DEPLOYER not in granted


@pytest.mark.parametrize("name", REGISTRIES)
def test_the_admin_is_handed_over_with_a_days_notice(deployed, name):
    contract = getattr(deployed, name)
    assert contract.call("owner") == contract.call("defaultAdmin") == OURS[name][1]
    assert contract.call("defaultAdminDelay") == 86_400


def test_the_admin_of_a_token_hands_over_by_granting_and_laying_down(deployed):
    """P51: only a holder of the role grants it, and nobody's is taken unseen."""
    token = deployed.token
    with unauthorized(STRANGER, token, "DEFAULT_ADMIN_ROLE"):
        deployed.send(STRANGER, token, "grantRole", NO_ROLE, STRANGER)
    assert deployed.send(ADMIN, token, "grantRole", NO_ROLE, REGULATOR).names == ["RoleGranted"]
    assert deployed.send(ADMIN, token, "renounceRole", NO_ROLE, ADMIN).names == ["RoleRevoked"]
    assert token.call("hasRole", NO_ROLE, ADMIN) is False
    assert token.call("hasRole", NO_ROLE, REGULATOR) is True
    with unauthorized(ADMIN, token, "DEFAULT_ADMIN_ROLE"):
        deployed.send(ADMIN, token, "revokeRole", NO_ROLE, REGULATOR)
