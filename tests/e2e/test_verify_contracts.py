"""`abs-sim verify ARTIFACT=ADDRESS…`, as whoever has only a node and some addresses runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address

from chain.artifacts import encode_creation
from chain.client import encode_call
from tests.support.commands import run
from tests.support.simulator import address_of, artifact, serve
from tests.support.story import Story

OPERATOR = 0
NOBODYS = "0x00000000000000000000000000000000000000A1"
MISTYPED = "0x5FbDB2315678afecb367f032d93F642f64180aA3"
ARTIFACTS = (
    "FilingRegistry",
    "SettlementCoin",
    "DealTimelock",
    "InvestorRegistry",
    "DvpSettlement",
    "CouponDistributor",
    "AbsToken",
)


@dataclass(frozen=True, slots=True)
class Node:
    """A node behind a URL, with the filed example deal on it, and a contract that pretends."""

    url: str
    at: dict[str, str]
    token_hash: str
    pretender: str
    other_settlement: str
    other_timelock: str

    def named(self, *artifacts: str, **others: str) -> list[str]:
        places = {name: self.at[name] for name in artifacts} | others
        return [f"{name}={address}" for name, address in places.items()]


def create(story: Story, made_from: str, *arguments: object) -> str:
    """By the operator's key, through the deployer; where it is."""
    code = encode_creation(artifact(made_from), arguments)
    factory, abi = story.ledger.address("suite_deployer"), artifact("SuiteDeployer").abi
    salt = bytes(32)
    data = "0x" + encode_call(abi, "deploy", (salt, [code])).hex()
    message = {"from": address_of(OPERATOR), "to": factory, "data": data}
    output: str = story.ledger.ask("eth_call", message, "latest")
    assert story.ledger.send(OPERATOR, "suite_deployer", "deploy", salt, [code])
    return to_checksum_address(output[-40:])


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with serve(tmp_path_factory.mktemp("node")) as served:
        story = Story(served).reach("filed")
        at = {each["artifact"]: each["address"] for each in story.deployment["contracts"]}
        coin, timelock = at["SettlementCoin"], at["DealTimelock"]
        parties = (address_of(5), address_of(10), address_of(4))
        yield Node(
            served.rpc_url,
            at,
            "0x" + story.ledger.read("abs_token:A", "bundleHash").hex(),
            create(story, "PretendToken", coin, at["DvpSettlement"], 1_000),
            create(story, "DvpSettlement", coin, at["FilingRegistry"], timelock, *parties[:2]),
            create(story, "DealTimelock", 86_400, *parties),
        )
        story.close()


def said(*arguments: str | Path, status: int) -> str:
    done = run("verify", *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_contracts_of_a_deal_are_what_was_compiled_and_name_each_other(node: Node) -> None:
    told = said("--rpc", node.url, *node.named(*ARTIFACTS), status=0)
    for name in ARTIFACTS:
        assert f"✓ {name} {node.at[name]} code as compiled" in told
    assert told.startswith("chain 131277322940537, block ")
    assert f"distributor {node.at['CouponDistributor']}" in told
    assert f"bundleHash {node.token_hash}" in told
    assert "getMinDelay 864000 seconds" in told
    assert told.endswith("Nothing is wrong.")


def test_contract_that_pretends_is_refused(node: Node) -> None:
    told = said("--rpc-url", node.url, f"AbsToken={node.pretender}", status=1)
    assert f"✗ AbsToken {node.pretender}" in told
    assert f"{node.pretender} does not hold the code of AbsToken: the code differs" in told
    assert told.endswith("Something is wrong.")


def test_genuine_contract_of_other_parties_is_refused(node: Node) -> None:
    given = node.named("AbsToken", DvpSettlement=node.other_settlement)
    told = said("--rpc-url", node.url, *given, status=1)
    assert f"✓ DvpSettlement {node.other_settlement} code as compiled" in told
    named = f"its settlement is {node.at['DvpSettlement']}, which is not the DvpSettlement of these"
    assert named in told


def test_contract_that_the_timelock_does_not_administer_is_refused(node: Node) -> None:
    given = node.named("InvestorRegistry", DealTimelock=node.other_timelock)
    told = said("--rpc-url", node.url, *given, status=1)
    assert "its admin is not the DealTimelock of these" in told


def test_address_without_code_is_refused(node: Node) -> None:
    told = said("--rpc-url", node.url, f"AbsToken={NOBODYS}", status=1)
    assert f"{NOBODYS} does not hold the code of AbsToken: there is no code" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [f"Absent={NOBODYS}"],
            "Absent is no contract of a deal: write one of AbsToken, AuditAnchor",
        ),
        (["AbsToken"], "does not say which contract is where. Write NAME=ADDRESS: AbsToken=0x…"),
        (
            [NOBODYS],
            f"does not say which contract is where. Write NAME=ADDRESS: AbsToken={NOBODYS}",
        ),
        (["AbsToken=0x12"], "'0x12' is no address: write 0x and 40 hex digits"),
        ([f"AbsToken={NOBODYS[2:]}"], "write 0x and 40 hex digits"),
        ([f"AbsToken={MISTYPED}"], f"the checksum of '{MISTYPED}' is wrong"),
        ([f"AbsToken={'0x' + '0' * 40}"], "the zero address belongs to nobody"),
        (["AbsToken"], "the list of contracts is refused:"),
        ([f"AbsToken={NOBODYS}", "--database", "x.db"], "give addresses or a database"),
    ],
)
def test_what_names_no_contract_is_refused(arguments: list[str], message: str) -> None:
    told = said(*arguments, "--rpc-url", "http://127.0.0.1:9", status=2)
    assert message in " ".join(told.replace("│", " ").split())


@pytest.mark.parametrize("written", [str.lower, lambda address: "0x" + address[2:].upper()])
def test_address_in_letters_of_one_size_has_no_checksum_to_be_wrong(
    node: Node, written: Callable[[str], str]
) -> None:
    place = node.at["AbsToken"]
    told = said("--rpc-url", node.url, f"AbsToken={written(place)}", status=0)
    assert f"✓ AbsToken {place} code as compiled" in told


def test_contracts_go_by_the_names_of_the_address_book_too(node: Node) -> None:
    given = (f"abs_token:A={node.at['AbsToken']}", f"dvp_settlement={node.other_settlement}")
    told = said("--rpc-url", node.url, *given, status=1)
    assert f"AbsToken {node.at['AbsToken']}" in told
    assert "which is not the DvpSettlement of these" in told


def test_without_contracts_and_without_a_database_both_ways_are_shown(tmp_path: Path) -> None:
    given = ("--rpc-url", "http://127.0.0.1:9", "--database", tmp_path / "none.db")
    told = said(*given, status=2)
    assert "Cure: say which one (--database), or which contracts on which node" in told
    assert "--rpc-url URL AbsToken=0x…" in told


def test_without_a_node_its_url_is_asked_for() -> None:
    told = said(f"AbsToken={NOBODYS}", status=2)
    assert "chain.not_given" in told
    assert "--rpc-url" in told


def test_node_that_is_not_there_is_refused() -> None:
    told = said("--rpc-url", "http://127.0.0.1:9", f"AbsToken={NOBODYS}", status=2)
    assert told.startswith("chain.unreachable")


def test_another_chain_than_meant_is_refused(node: Node) -> None:
    given = ("--rpc-url", node.url, "--chain-id", "31337", *node.named("AbsToken"))
    assert said(*given, status=2).startswith("chain.wrong_id expected chain id 31337")
