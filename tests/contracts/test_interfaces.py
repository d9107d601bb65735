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
    Suite,
)

ERC7943 = 0x3EDBB4C4
CALLS = {0xF1: "CALL", 0xF2: "CALLCODE", 0xF4: "DELEGATECALL", 0xFA: "STATICCALL"}
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


# ---- ERC-165


@pytest.mark.parametrize(
    ("name", "interface"),
    [
        ("ERC-165", 0x01FFC9A7),
        ("ERC-20", 0x36372B07),
        ("ERC-20 metadata", 0xA219A025),
        ("ERC-7943 fungible", ERC7943),
        ("AccessControl", 0x7965DB0B),
        ("AccessControlDefaultAdminRules", 0x31498786),
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


def instructions(code: bytes) -> Iterator[int]:
    """Opcodes that can be reached: neither what PUSH carries, nor constants, nor metadata."""
    end = len(code) - 2 - int.from_bytes(code[-2:], "big")
    position, reachable = 0, True
    while position < end:
        opcode = code[position]
        reachable = reachable or opcode == 0x5B
        if reachable:
            yield opcode
        carried = opcode - 0x5F if reachable and 0x60 <= opcode <= 0x7F else 0
        reachable = reachable and opcode not in (0x00, 0x56, 0xF3, 0xFD, 0xFE, 0xFF)
        position += 1 + carried


def test_the_tokens_code_calls_nobody():
    """P14: it holds no instruction to call with."""
    found = set(instructions(ARTIFACTS["AbsToken"].deployed_bytecode))
    assert not [name for opcode, name in CALLS.items() if opcode in found]


def test_the_tokens_code_looks_at_nobodys_code():
    """P15: no rule can depend on code length, code hash or the origin of a transaction."""
    found = set(instructions(ARTIFACTS["AbsToken"].deployed_bytecode))
    assert not [name for opcode, name in LOOKS_AT_CODE.items() if opcode in found]


def test_the_walk_finds_calls_where_there_are_some():
    found = set(instructions(ARTIFACTS["CouponDistributor"].deployed_bytecode))
    assert {0xF1, 0xFA} <= found


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
        "COIN_ISSUER_ROLE",
    }
    assert ids == {name: keccak(text=name) for name in ids}
    assert all(one != other for one, other in combinations((*ids.values(), NO_ROLE), 2))


@pytest.mark.parametrize("name", OURS)
def test_the_deployer_holds_no_role_anywhere(deployed, name):
    """P51."""
    contract = getattr(deployed, name)
    assert contract.call("owner") == contract.call("defaultAdmin") == OURS[name][1]
    for role in role_ids(deployed).values():
        assert contract.call("hasRole", role, DEPLOYER) is False
    height = int(deployed.client.backend.request("eth_blockNumber", []), 16)
    abis = [contract.artifact.abi]
    events = fetch_events(deployed.client.backend, [contract.address], 0, height, abis)
    granted = {event.args["account"] for event in events if event.name == "RoleGranted"}
    assert granted
    assert DEPLOYER not in granted


@pytest.mark.parametrize("name", OURS)
def test_the_admin_is_handed_over_with_a_days_notice(deployed, name):
    assert getattr(deployed, name).call("defaultAdminDelay") == 86_400
