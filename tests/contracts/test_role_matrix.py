"""Every state-changing function of every contract, by every key and by every contract of the deal.

One table says who gets past the access check. The ABIs are walked against it: a function that the
table does not know fails the test, and so does a key that gets past a check it should not.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from chain.errors import ContractReverted
from tests.contracts.suite import (
    ARTIFACTS,
    BUNDLE,
    EVIDENCE,
    EXPIRY_DAY,
    FILING,
    H1,
    H2,
    H4,
    MINT_UNTIL,
    MINT_UNTIL_DAY,
    NO_ROLE,
    RECORD_AT,
    REPORT,
    ROLE_ADDRESSES,
    SENIOR,
    SUSPENDED,
    Contract,
    Suite,
    admission,
    allotment,
    principal_change,
)

CONTRACTS = ("coin", "filings", "investors", "dvp", "distributor", "token")
CALLERS = (*ROLE_ADDRESSES, *CONTRACTS)
ANYONE = frozenset(CALLERS)
NOBODY: frozenset[str] = frozenset()

ACCESS_ERRORS = {
    "AccessControlUnauthorizedAccount": "account",
    "AccessControlInvalidDefaultAdmin": "defaultAdmin",
    "UnauthorizedCaller": "caller",
    "NotTheFiler": "caller",
    "NotAPartyToTheOrder": "caller",
}


def only(*names: str) -> frozenset[str]:
    return frozenset(names)


ERC20 = {"approve": (ANYONE, (H2, 1)), "transfer": (ANYONE, (H2, 1))} | {
    "transferFrom": (ANYONE, (H1, H2, 1))
}
ELIGIBILITY = (EXPIRY_DAY, 344, 2)
NEVER = 2**40
TOKEN, COIN = "the token", "the coin"
"""They stand for the first tranche and the coin in the arguments below."""
ORDER = {
    "token": TOKEN,
    "seller": H1,
    "buyer": H2,
    "units": 1,
    "price": 1,
    "nonce": 0,
    "deadline": NEVER,
}


def roles(admin: str) -> dict[str, tuple[frozenset[str], tuple[Any, ...]]]:
    """AccessControl, in every contract."""
    role = b"\x77" * 32
    return {
        "grantRole": (only(admin), (role, H2)),
        "revokeRole": (only(admin), (role, H2)),
        # Everybody may lay down a role of its own; of another's, nobody.
        "renounceRole": (only("H1"), (role, H1)),
    }


def administration(admin: str) -> dict[str, tuple[frozenset[str], tuple[Any, ...]]]:
    """AccessControlDefaultAdminRules, in every contract but the tokens: with nobody pending."""
    return roles(admin) | {
        "beginDefaultAdminTransfer": (only(admin), (H2,)),
        "cancelDefaultAdminTransfer": (only(admin), ()),
        "acceptDefaultAdminTransfer": (NOBODY, ()),
        "changeDefaultAdminDelay": (only(admin), (3_600,)),
        "rollbackDefaultAdminDelay": (only(admin), ()),
    }


TABLE: dict[str, dict[str, tuple[frozenset[str], tuple[Any, ...]]]] = {
    "coin": administration("admin")
    | ERC20
    | {
        "issue": (only("coin issuer"), (H2, 1, EVIDENCE)),
        "transferWithReference": (ANYONE, (H2, 1, EVIDENCE)),
    },
    "filings": administration("regulator")
    | {
        "attach": (only("regulator"), (FILING, SENIOR, TOKEN)),
        "approve": (only("regulator"), (FILING, BUNDLE, H1, 1, MINT_UNTIL_DAY, (1, 1))),
        "replaceFiler": (only("regulator"), (FILING, H2)),
        "suspend": (only("regulator"), (FILING,)),
        "lift": (only("regulator"), (FILING,)),
        "revoke": (only("regulator"), (FILING,)),
        "amend": (only("regulator"), (FILING, BUNDLE, 1, MINT_UNTIL_DAY, (1, 1))),
        "beginAmendment": (only("regulator"), (FILING,)),
        "cancelAmendment": (only("regulator"), (FILING,)),
        "close": (only("regulator"), (FILING,)),
        "reportIssuance": (only("filer"), (FILING, REPORT)),
    },
    "investors": administration("admin")
    | {
        "admitToken": (only("registrar"), (TOKEN,)),
        "setInvestor": (only("registrar"), (H1, ELIGIBILITY, EVIDENCE)),
        "setInvestors": (only("registrar"), ((admission(H1),), EVIDENCE)),
        "recover": (only("registrar"), (H1, H2, EVIDENCE)),
    },
    "dvp": administration("admin")
    | {
        "issue": (only("issuer"), (TOKEN, H1, 1, BUNDLE, 1)),
        "issueBatch": (only("issuer"), (TOKEN, (allotment(H1, 1),), BUNDLE, 1)),
        # Whoever brings it, the two signatures decide.
        "settle": (ANYONE, (ORDER, b"", b"")),
        "cancel": (only("H1", "H2"), (ORDER,)),
    },
    "distributor": administration("admin")
    | {
        "announce": (only("payer"), (TOKEN, RECORD_AT)),
        "record": (only("payer"), (TOKEN, 1)),
        "declare": (only("payer"), (TOKEN, 1, 1, principal_change(1))),
        "skip": (only("payer"), (TOKEN, 1)),
        "pay": (ANYONE, (TOKEN, 1, (H1,))),
        "release": (ANYONE, (TOKEN, H1)),
        "collect": (ANYONE, (TOKEN, H1)),
        "sweep": (only("payer"), (TOKEN, 1)),
        "rescue": (only("admin"), (COIN,)),
        "declareDefault": (only("trustee"), (FILING, EVIDENCE)),
        "waiveDefault": (only("trustee"), (FILING, EVIDENCE)),
        "accelerate": (only("trustee"), (FILING, EVIDENCE)),
        "rescindAcceleration": (only("trustee"), (FILING, EVIDENCE)),
    },
    "token": roles("admin")
    | ERC20
    | {
        "attachFiling": (only("filings"), (FILING,)),
        "setFiling": (only("filings"), (BUNDLE, 1, MINT_UNTIL_DAY)),
        "setFilingStatus": (only("filings"), (SUSPENDED,)),
        "openTransfers": (only("filings"), ()),
        "replaceInvestorRegistry": (only("admin"), (H4,)),
        "replaceDistributor": (only("admin"), (H4,)),
        "openOffering": (only("issuer"), ()),
        "closeOffering": (only("issuer"), ()),
        "mint": (only("dvp"), (H1, 1, BUNDLE, 1)),
        "mintBatch": (only("dvp"), ((allotment(H1, 1),), BUNDLE, 1)),
        "retire": (only("issuer"), ((H1,),)),
        "setDocument": (only("issuer"), (SENIOR, "", EVIDENCE)),
        "removeDocument": (only("issuer"), (SENIOR,)),
        "permit": (ANYONE, (H1, H2, 1, MINT_UNTIL, 27, EVIDENCE, EVIDENCE)),
        "setEligibility": (only("investors"), ((admission(H1),),)),
        "recover": (only("investors"), (H1, H2)),
        "pause": (only("enforcement"), ()),
        "unpause": (only("enforcement"), ()),
        "setAddressFrozen": (only("enforcement"), (H1, True)),
        "setFrozenTokens": (only("enforcement"), (H1, 1)),
        "forcedTransfer": (only("enforcement"), (H1, H2, 1)),
        "forcedTransferByOrder": (only("enforcement"), (H1, H2, 1, EVIDENCE)),
        "announceRecordDate": (only("distributor"), (RECORD_AT,)),
        "closeEpoch": (only("distributor"), (1,)),
        "settle": (only("distributor"), (1,)),
        "changePrincipal": (only("distributor"), (1, principal_change(1))),
    },
}

ARTIFACT_OF = {
    "coin": "SettlementCoin",
    "filings": "FilingRegistry",
    "investors": "InvestorRegistry",
    "dvp": "DvpSettlement",
    "distributor": "CouponDistributor",
    "token": "AbsToken",
}
#: No part of one deal: who may do what with them is in `test_audit_anchor.py` and `test_governance.py`.
ASIDE = {"AuditAnchor", "DealTimelock", "SuiteDeployer"}
MOCKS = {name for name, each in ARTIFACTS.items() if each.source.startswith("contracts/mocks/")}


def state_changing(artifact_name: str) -> Iterator[str]:
    for entry in ARTIFACTS[artifact_name].abi:
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure"):
            yield entry["name"]


def test_the_table_knows_every_contract():
    assert set(ARTIFACTS) == set(ARTIFACT_OF.values()) | ASIDE | MOCKS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_table_knows_every_function(contract):
    assert sorted(state_changing(ARTIFACT_OF[contract])) == sorted(TABLE[contract])


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function_takes_ether(contract):
    abi = ARTIFACTS[ARTIFACT_OF[contract]].abi
    assert not [entry for entry in abi if entry.get("stateMutability") == "payable"]


def passes_the_check(
    suite: Suite, caller: str, contract: Contract, function: str, args: tuple[Any, ...]
) -> bool:
    """Whether this caller is let in, whatever the function then says about the situation."""
    try:
        suite.simulate(caller, contract, function, *args)
    except ContractReverted as refusal:
        if refusal.error_name == "AccessControlBadConfirmation":
            return False
        culprit = ACCESS_ERRORS.get(refusal.error_name)
        return culprit is None or refusal.operands[culprit] != caller
    return True


def filled_in(suite: Suite, argument: Any) -> Any:
    if isinstance(argument, dict):
        return {key: filled_in(suite, each) for key, each in argument.items()}
    contracts = {TOKEN: suite.token, COIN: suite.coin}
    return contracts.get(argument, argument) if isinstance(argument, str) else argument


ROWS = [(contract, function) for contract, rows in TABLE.items() for function in rows]


@pytest.mark.parametrize(("contract", "function"), ROWS)
def test_exactly_the_intended_callers_get_past_the_check(approved, contract, function):
    """P21, P51: every role, the bystanders and six contracts try every function."""
    allowed, args = TABLE[contract][function]
    target = getattr(approved, contract)
    arguments = tuple(filled_in(approved, arg) for arg in args)
    addresses = ROLE_ADDRESSES | {name: getattr(approved, name).address for name in CONTRACTS}
    let_in = {
        name
        for name in CALLERS
        if passes_the_check(approved, addresses[name], target, function, arguments)
    }
    assert let_in == allowed


@pytest.mark.parametrize("contract", [name for name in CONTRACTS if name != "token"])
def test_the_admin_role_cannot_be_granted_at_once(approved, contract):
    """P51: the admin changes by an announced, delayed act, not by grantRole."""
    target = getattr(approved, contract)
    admin = target.call("defaultAdmin")
    with pytest.raises(ContractReverted, match="AccessControlEnforcedDefaultAdminRules"):
        approved.simulate(admin, target, "grantRole", NO_ROLE, H1)
