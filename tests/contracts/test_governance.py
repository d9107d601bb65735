"""The timelock and the deployer: what is announced first, who may stop it, and who keeps nothing."""

import pytest
from eth_utils.crypto import keccak

from chain.artifacts import encode_creation
from chain.client import encode_call
from tests.contracts.suite import (
    ADMIN,
    ARTIFACTS,
    DAY,
    DEPLOYER,
    ENFORCEMENT,
    ISSUER,
    NO_ROLE,
    PAYER,
    REGISTRAR,
    REGULATOR,
    ROLE_ADDRESSES,
    STRANGER,
    TRUSTEE,
    UNCLAIMED,
    ZERO,
    Contract,
    Suite,
    refused,
    unauthorized,
)

PROPOSER, EXECUTOR = ADMIN, ISSUER
SALT = b"\x5a" * 32


@pytest.fixture
def timelock(deployed: Suite) -> Contract:
    return deployed.deploy("DealTimelock", DAY, PROPOSER, EXECUTOR, REGULATOR)


@pytest.fixture
def token(deployed: Suite, timelock: Contract) -> Contract:
    """A tranche whose admin is the timelock."""
    return deployed.new_token(admin=timelock)


def operation(suite: Suite, token: Contract, fresh: str = STRANGER) -> list[object]:
    call = encode_call(token.artifact.abi, "replaceInvestorRegistry", [fresh])
    return [token, 0, call, bytes(32), SALT]


def schedule(suite: Suite, timelock: Contract, token: Contract, delay: int = DAY) -> bytes:
    suite.send(PROPOSER, timelock, "schedule", *operation(suite, token), delay)
    return bytes(timelock.call("hashOperation", *operation(suite, token)))


def role_of(timelock: Contract, name: str) -> bytes:
    return bytes(timelock.call(name))


# ---- the timelock


def test_what_was_announced_is_carried_out_after_the_delay_and_not_before(
    deployed, timelock, token
):
    """P49, P51: at the very second."""
    announced = schedule(deployed, timelock, token)
    ready = deployed.now + DAY
    deployed.at(ready - 1)
    state = (1 << 2).to_bytes(32, "big")  # bit 2: ready
    with refused("TimelockUnexpectedOperationState", operationId=announced, expectedStates=state):
        deployed.send(EXECUTOR, timelock, "execute", *operation(deployed, token))
    deployed.at(ready)
    deployed.send(EXECUTOR, timelock, "execute", *operation(deployed, token))
    assert token.call("investorRegistry") == STRANGER


def test_what_the_regulator_cancelled_is_never_carried_out(deployed, timelock, token):
    """P49."""
    announced = schedule(deployed, timelock, token)
    deployed.send(REGULATOR, timelock, "cancel", announced)
    deployed.at(deployed.now + 2 * DAY)
    state = (1 << 2).to_bytes(32, "big")
    with refused("TimelockUnexpectedOperationState", operationId=announced, expectedStates=state):
        deployed.send(EXECUTOR, timelock, "execute", *operation(deployed, token))
    assert token.call("investorRegistry") == deployed.investors.address


def test_what_is_announced_for_sooner_than_the_delay_is_refused(deployed, timelock, token):
    """P51."""
    with refused("TimelockInsufficientDelay", delay=DAY - 1, minDelay=DAY):
        schedule(deployed, timelock, token, DAY - 1)


def change_delay(suite: Suite, timelock: Contract, delay: int) -> None:
    """As any other act: announced, and carried out when its time has come."""
    call = encode_call(timelock.artifact.abi, "updateDelay", [delay])
    act = (timelock, 0, call, bytes(32), SALT)
    suite.send(PROPOSER, timelock, "schedule", *act, DAY)
    suite.at(suite.now + DAY)
    suite.send(EXECUTOR, timelock, "execute", *act)


def test_the_delay_is_never_changed_to_less_than_a_day(deployed, timelock, token):
    """P51: or one announced act would let every later one go unannounced."""
    change_delay(deployed, timelock, 0)
    assert timelock.call("getMinDelay") == DAY
    with refused("TimelockInsufficientDelay", delay=DAY - 1, minDelay=DAY):
        schedule(deployed, timelock, token, DAY - 1)


def test_the_delay_may_be_made_longer(deployed, timelock):
    change_delay(deployed, timelock, 3 * DAY)
    assert timelock.call("getMinDelay") == 3 * DAY


def test_a_timelock_without_an_executor_is_refused(deployed):
    """P51: to OpenZeppelin address 0 is everybody, the proposer too."""
    with refused("ExecutorMissing"):
        deployed.deploy("DealTimelock", DAY, PROPOSER, ZERO, REGULATOR)


@pytest.mark.parametrize("name", ROLE_ADDRESSES)
def test_only_the_proposer_announces_and_only_the_executor_carries_out(
    deployed, timelock, token, name
):
    """P51: two keys, and neither is the other."""
    caller = ROLE_ADDRESSES[name]
    if caller != PROPOSER:
        with unauthorized(caller, timelock, "PROPOSER_ROLE"):
            deployed.send(caller, timelock, "schedule", *operation(deployed, token), DAY)
    schedule(deployed, timelock, token)
    deployed.at(deployed.now + DAY)
    if caller != EXECUTOR:
        with unauthorized(caller, timelock, "EXECUTOR_ROLE"):
            deployed.send(caller, timelock, "execute", *operation(deployed, token))


@pytest.mark.parametrize("name", ROLE_ADDRESSES)
def test_nobody_reaches_past_the_timelock(deployed, timelock, token, name):
    """P45, P49, P51: no key replaces a registry or a distributor, or makes another admin, by itself."""
    caller = ROLE_ADDRESSES[name]
    for function in ("replaceInvestorRegistry", "replaceDistributor"):
        with unauthorized(caller, token, "DEFAULT_ADMIN_ROLE"):
            deployed.send(caller, token, function, STRANGER)
    with unauthorized(caller, token, "DEFAULT_ADMIN_ROLE"):
        deployed.send(caller, token, "grantRole", NO_ROLE, caller)
    with unauthorized(caller, timelock, "DEFAULT_ADMIN_ROLE"):
        deployed.send(caller, timelock, "grantRole", NO_ROLE, caller)


def test_the_timelock_administers_itself_and_the_deployer_holds_nothing(deployed, timelock):
    """P51."""
    roles = {
        "DEFAULT_ADMIN_ROLE": {timelock.address},
        "PROPOSER_ROLE": {PROPOSER},
        "EXECUTOR_ROLE": {EXECUTOR},
        "CANCELLER_ROLE": {PROPOSER, REGULATOR},
    }
    everybody = {*ROLE_ADDRESSES.values(), timelock.address, ZERO}
    for name, holders in roles.items():
        role = role_of(timelock, name)
        found = {each for each in everybody if timelock.call("hasRole", role, each)}
        assert found == holders, name
    assert DEPLOYER not in set().union(*roles.values())
    with refused("TimelockUnauthorizedCaller", caller=ADMIN):
        deployed.send(ADMIN, timelock, "updateDelay", 0)


def test_role_ids_of_the_timelock_are_no_others(deployed, timelock):
    """P51."""
    own = [role_of(timelock, f"{name}_ROLE") for name in ("PROPOSER", "EXECUTOR", "CANCELLER")]
    names = ("REGULATOR", "REGISTRAR", "ISSUER", "ENFORCEMENT", "PAYER", "TRUSTEE", "COIN_ISSUER")
    assert len({NO_ROLE, *own, *(keccak(text=f"{name}_ROLE") for name in names)}) == 11


def test_a_timelock_whose_proposer_carries_out_is_refused(deployed):
    """P51."""
    with refused("ProposerIsExecutor", account=ADMIN):
        deployed.deploy("DealTimelock", DAY, ADMIN, ADMIN, REGULATOR)


@pytest.mark.parametrize("canceller", [ZERO, ADMIN])
def test_a_timelock_that_only_the_proposer_may_cancel_is_refused(deployed, canceller):
    """P51."""
    with refused("CancellerMissing"):
        deployed.deploy("DealTimelock", DAY, ADMIN, TRUSTEE, canceller)
    deployed.deploy("DealTimelock", DAY, ADMIN, TRUSTEE, REGULATOR)


def test_a_timelock_of_less_than_a_day_is_refused(deployed):
    """P51."""
    with refused("DelayTooShort", delay=DAY - 1, minimum=DAY):
        deployed.deploy("DealTimelock", DAY - 1, PROPOSER, EXECUTOR, REGULATOR)


# ---- the deployer


def creations(suite: Suite) -> list[bytes]:
    distributor = [suite.coin.address, ADMIN, PAYER, TRUSTEE, UNCLAIMED]
    return [
        encode_creation(ARTIFACTS["InvestorRegistry"], [ADMIN, REGISTRAR]),
        encode_creation(ARTIFACTS["CouponDistributor"], distributor),
    ]


def test_a_suite_is_created_where_it_was_foretold_and_nobody_else_takes_the_place(deployed):
    """P15, P51: the place depends on who calls."""
    deployer = deployed.deploy("SuiteDeployer")
    hashes = [keccak(each) for each in creations(deployed)]
    foretold = [deployer.call("addressOf", DEPLOYER, SALT, each) for each in hashes]
    taken = deployed.send(STRANGER, deployer, "deploy", SALT, creations(deployed))
    made = deployed.send(DEPLOYER, deployer, "deploy", SALT, creations(deployed))
    created, others = (
        [event.args["created"] for event in each.events if event.name == "Deployed"]
        for each in (made, taken)
    )
    assert created == foretold
    assert not {*created} & {*others}


def test_a_created_contract_grants_its_creator_nothing(deployed):
    """P51: neither the deploying contract nor its caller."""
    deployer = deployed.deploy("SuiteDeployer")
    made = deployed.send(DEPLOYER, deployer, "deploy", SALT, creations(deployed))
    granted = {event.args["account"] for event in made.events if event.name == "RoleGranted"}
    assert granted == {ADMIN, REGISTRAR, PAYER, TRUSTEE}


def test_a_suite_is_not_created_twice(deployed):
    """P51: a contract is not put in another's place."""
    deployer = deployed.deploy("SuiteDeployer")
    deployed.send(DEPLOYER, deployer, "deploy", SALT, creations(deployed))
    with refused("FailedDeployment"):
        deployed.send(DEPLOYER, deployer, "deploy", SALT, creations(deployed))


@pytest.mark.parametrize("caller", [ENFORCEMENT, STRANGER, DEPLOYER])
def test_nothing_is_left_to_be_set_up_once(deployed, caller):
    """P51: no function of any contract of a deal is named as an initialiser would be."""
    names = {
        entry["name"].lower()
        for name in ("AbsToken", "CouponDistributor", "DvpSettlement", "FilingRegistry")
        for entry in ARTIFACTS[name].abi
        if entry["type"] == "function"
    }
    assert not [name for name in names if "init" in name or "setup" in name]
    with refused("UnauthorizedCaller", caller=caller, expected=deployed.filings):
        deployed.send(caller, deployed.token, "attachFiling", SALT)
