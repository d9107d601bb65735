"""What the contracts claim to be, what their code holds, and who has a role in them."""

from functools import reduce
from itertools import combinations
from operator import xor

import pytest
from eth_utils.crypto import keccak

from chain.events import fetch_events
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
