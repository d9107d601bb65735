"""The deal's timelock on a deployed deal: who holds which role, and what the service says of a
replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_utils.crypto import keccak

from chain.artifacts import encode_creation
from chain.client import encode_call
from chain.deployer import created_address
from chain.events import fetch_events
from issuer.keys import ROLE_ACCOUNTS
from issuer.onchain import commands
from tests.support.problems import refused
from tests.support.simulator import address_of, artifact
from tests.support.story import DEAL, Story

StoryAt = Callable[[str], Story]

OPERATOR, ISSUER, TRUSTEE = 0, 4, 10
TOKEN, TIMELOCK, DEPLOYER = "abs_token:A", "deal_timelock", "suite_deployer"
OF_THE_DEAL = (TIMELOCK, "investor_registry", "dvp_settlement", "coupon_distributor", TOKEN)
ALONE, SALT = bytes(32), b"\x5a" * 32


def roles_of(story: Story, name: str) -> dict[str, set[str]]:
    """Role -> who holds it, by the contract's own events since it was created."""
    address, made_from = story.ledger.book[name]
    ids = {
        story.ledger.read(name, entry["name"]): entry["name"]
        for entry in made_from.abi
        if entry["type"] == "function" and entry["name"].endswith("_ROLE")
    }
    keys = {address_of(number): role.value for role, number in ROLE_ACCOUNTS.items()}
    names = keys | {address: name for name, (address, _) in story.ledger.book.items()}
    backend = story.served.simulator.backend
    last = int(backend.request("eth_blockNumber", []), 16)
    held: dict[str, set[str]] = {}
    for event in fetch_events(backend, [address], 0, last, [made_from.abi]):
        if event.name not in ("RoleGranted", "RoleRevoked"):
            continue
        holders = held.setdefault(ids[event.args["role"]], set())
        holder = names.get(event.args["account"], event.args["account"])
        (holders.add if event.name == "RoleGranted" else holders.discard)(holder)
    return held


def test_after_deployment_the_operator_holds_no_role_of_the_deal(story_at: StoryAt) -> None:
    story = story_at("deployed")
    assert {name: roles_of(story, name) for name in OF_THE_DEAL} == {
        TIMELOCK: {
            "DEFAULT_ADMIN_ROLE": {TIMELOCK},
            "PROPOSER_ROLE": {"issuer"},
            "EXECUTOR_ROLE": {"trustee"},
            "CANCELLER_ROLE": {"issuer", "regulator"},
        },
        "investor_registry": {"DEFAULT_ADMIN_ROLE": {TIMELOCK}, "REGISTRAR_ROLE": {"registrar"}},
        "dvp_settlement": {"DEFAULT_ADMIN_ROLE": {TIMELOCK}, "ISSUER_ROLE": {"issuer"}},
        "coupon_distributor": {
            "DEFAULT_ADMIN_ROLE": {TIMELOCK},
            "PAYER_ROLE": {"paying_agent"},
            "TRUSTEE_ROLE": {"trustee"},
        },
        TOKEN: {
            "DEFAULT_ADMIN_ROLE": {TIMELOCK},
            "ISSUER_ROLE": {"issuer"},
            "ENFORCEMENT_ROLE": {"enforcement"},
        },
    }
    assert story.ledger.read(TIMELOCK, "getMinDelay") == 10 * 86_400
    grant = (keccak(text="ISSUER_ROLE"), address_of(OPERATOR))
    for name in OF_THE_DEAL:
        error = story.ledger.refusal(OPERATOR, name, "grantRole", *grant)
        assert error == "AccessControlUnauthorizedAccount"


def by_timelock(story: Story, data: bytes) -> None:
    """The issuer announces a call of the token, the trustee carries it out when its time has come."""
    call = (story.ledger.address(TOKEN), 0, data, ALONE, SALT)
    delay = story.ledger.read(TIMELOCK, "getMinDelay")
    assert story.ledger.send(ISSUER, TIMELOCK, "schedule", *call, delay)
    assert story.ledger.send(TRUSTEE, TIMELOCK, "execute", *call) is False
    chain = story.served.simulator.context.chain
    chain.set_time(chain.head()[1] + delay)
    assert story.ledger.send(TRUSTEE, TIMELOCK, "execute", *call) is True


def replacement(story: Story, made_from: str, *arguments: Any) -> str:
    """Another contract of the kind, created through the deployer."""
    code = encode_creation(artifact(made_from), arguments)
    assert story.ledger.send(OPERATOR, DEPLOYER, "deploy", SALT, [code])
    factory = story.ledger.address(DEPLOYER)
    return created_address(factory, address_of(OPERATOR), SALT, code)


def differing(story: Story) -> list[tuple[str, str, str]]:
    story.served.settle()
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/reconciliation")["differences"]
    return [(each["subject"], each["in_database"], each["on_chain"]) for each in found]


def test_replaced_registry_is_a_finding_with_its_cure_until_it_is_put_back(
    story_at: StoryAt,
) -> None:
    story = story_at("offering_open")
    assert differing(story) == []
    former, timelock = (story.ledger.address(name) for name in ("investor_registry", TIMELOCK))
    fresh = replacement(story, "InvestorRegistry", timelock, address_of(3))
    abi = artifact("AbsToken").abi
    by_timelock(story, encode_call(abi, "replaceInvestorRegistry", (fresh,)))
    assert differing(story) == [(f"contract {TOKEN}", former, fresh)]
    subject = {"tranche": "A", "investor": "H1", "units": 1_100}
    mint = story.client.post("issuer", f"/v1/deals/{DEAL}/issuances", subject)
    assert (
        "have it put the former one back" in refused(mint, 409, "reconciliation.mismatch")["detail"]
    )


def test_another_admin_than_the_timelock_is_a_finding(story_at: StoryAt) -> None:
    story = story_at("offering_open")
    data = encode_call(artifact("AbsToken").abi, "grantRole", (bytes(32), address_of(OPERATOR)))
    by_timelock(story, data)
    timelock = story.ledger.address(TIMELOCK)
    admins = ", ".join(sorted((timelock, address_of(OPERATOR))))
    assert differing(story) == [(f"contract {TOKEN}", timelock, admins)]


def test_contracts_of_a_deal_are_created_together(story_at: StoryAt) -> None:
    """As many in a transaction as any network takes, and none takes more gas than that."""
    story = story_at("deployed")
    _, *contracts = story.deployment["contracts"]
    counted: dict[str, int] = {}
    for each in contracts:
        known = counted.setdefault(each["transaction_hash"], 0)
        counted[each["transaction_hash"]] = known + commands.CREATION_GAS[each["artifact"]]
    assert len(counted) == 2  # what is shared and what the deal has; its token
    for transaction, at_most in counted.items():
        receipt = story.ledger.ask("eth_getTransactionReceipt", transaction)
        assert int(receipt["gasUsed"], 16) <= at_most <= commands.MOST_GAS
