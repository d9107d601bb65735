"""`abs-sim deploy` and `abs-sim verify`, as a developer runs them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import ROOT, run
from tests.support.nodes import FIRST_INSTANT, lying_node
from tests.support.simulator import serve
from tests.support.story import Story

DEAL = ROOT / "scripts" / "deals" / "ev-charging.yaml"
EMBEDDED, ANVIL = 131277322940537, 31337
NAMES = [
    "suite_deployer",
    "audit_anchor",
    "filing_registry",
    "settlement_coin:HKDS",
    "coupon_distributor",
    "deal_timelock",
    "dvp_settlement",
    "investor_registry",
    "abs_token:A",
]
TRANSACTIONS = {"eth_sendRawTransaction", "eth_sendTransaction"}


def refused(*arguments: str | Path) -> str:
    """Its one message."""
    done = run("deploy", DEAL, *arguments)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database in which the deal is deployed, and its address book."""
    folder = tmp_path_factory.mktemp("deployed")
    done = run(
        "deploy", DEAL, "--database", folder / "abs.db", "--out", folder / "deployments" / "ev.json"
    )
    assert done.returncode == 0, done.stderr
    return folder


def book_of(folder: Path) -> Any:
    return json.loads((folder / "deployments" / "ev.json").read_text())


def test_deploy_to_the_embedded_chain_writes_the_address_book(deployed: Path) -> None:
    book = book_of(deployed)
    assert (book["deal"], book["chain_id"]) == ("ev-charging", EMBEDDED)
    assert [each["name"] for each in book["contracts"]] == NAMES
    assert book["accounts"]["operator"] == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_deploy_again_finds_the_same_contracts(deployed: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.json"
    done = run("deploy", DEAL, "--database", deployed / "abs.db", "--out", out)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text()) == book_of(deployed)
    assert book_of(deployed)["contracts"][0]["address"] in done.stdout
    assert done.stdout.rstrip().endswith(str(out))


def test_deploy_the_same_id_with_other_terms_is_refused(deployed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(DEAL.read_text().replace("EV Charging", "EV Parking"))
    assert other.read_text() != DEAL.read_text()
    done = run("deploy", other, "--database", deployed / "abs.db", "--out", tmp_path / "o.json")
    assert (done.returncode, "deal.exists" in done.stderr) == (2, True)
    assert not (tmp_path / "o.json").exists()


def test_deploy_a_file_that_is_no_deal_says_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: UPPER\n")
    done = run("deploy", bad, "--database", tmp_path / "abs.db")
    assert done.returncode == 2
    assert "bad.yaml is refused:" in done.stderr
    assert "/version  is required: add it" in done.stderr
    assert not (tmp_path / "abs.db").exists()


def test_deploy_to_a_node_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = refused("--rpc-url", "http://127.0.0.1:9", "--out", tmp_path / "o.json")
    assert said.startswith("chain.unreachable")
    assert "Cure: start the node, or correct the URL" in said


def test_deploy_to_another_chain_than_meant_is_refused(tmp_path: Path) -> None:
    with lying_node({}) as (url, asked):
        said = refused("--rpc-url", url, "--chain-id", "31337", "--out", tmp_path / "o.json")
    assert said.startswith(f"chain.wrong_id expected chain id 31337, found {EMBEDDED}")
    assert not TRANSACTIONS & set(asked)


def test_deploy_to_a_node_that_lies_about_its_chain_id_is_refused(tmp_path: Path) -> None:
    with lying_node({"eth_chainId": hex(ANVIL), "net_version": str(ANVIL)}) as (url, asked):
        said = refused("--rpc-url", url, "--out", tmp_path / "o.json")
    assert said.startswith(f"chain.wrong_id expected chain id {ANVIL}, found {EMBEDDED}")
    assert not TRANSACTIONS & set(asked)
    assert not (tmp_path / "o.json").exists()


def test_deploy_with_demonstration_keys_to_a_chain_that_is_not_local_is_refused(
    tmp_path: Path,
) -> None:
    public = 11_155_111
    lies = {"eth_chainId": hex(public), "eth_call": f"0x{public:064x}"}
    with lying_node(lies) as (url, asked):
        assert refused("--rpc-url", url).startswith("chain.not_local")
        said = refused("--rpc-url", url, "--chain-id", str(public), "--out", tmp_path / "o.json")
    assert said.startswith("keys.demonstration")
    assert "Cure: give a mnemonic of your own (ABS_MNEMONIC)" in said
    assert not TRANSACTIONS & set(asked)


def test_deploy_where_other_code_ends_up_is_refused(tmp_path: Path) -> None:
    with lying_node({"eth_getCode": "0x6001600155"}) as (url, _):
        said = refused("--rpc-url", url, "--out", tmp_path / "o.json")
    assert "the code differs" in said
    assert not (tmp_path / "o.json").exists()


@pytest.mark.anvil
def test_deploy_to_anvil_and_go_on_with_it(tmp_path: Path) -> None:
    from chain.anvil import Anvil, AnvilOptions

    with Anvil(AnvilOptions(FIRST_INSTANT)) as node:
        place = ["--rpc-url", node.url, "--database", tmp_path / "abs.db"]
        out = tmp_path / "book.json"
        done = run("deploy", DEAL, *place, "--out", out)
        assert done.returncode == 0, done.stderr
        book = json.loads(out.read_text())
        assert book["chain_id"] == ANVIL
        assert [each["name"] for each in book["contracts"]] == NAMES
        assert run("verify", *place).returncode == 0
        # A database of its own each time: a developer's node needs none.
        assert run("deploy", DEAL, "--rpc-url", node.url, "--out", out).returncode == 0
    with Anvil(AnvilOptions(FIRST_INSTANT + 86_400)) as fresh:
        said = refused("--rpc-url", fresh.url, "--database", tmp_path / "abs.db")
        assert said.startswith("chain.other")


# ---- by a salt


def salted(url: str, out: Path, salt: str = "series-1", *more: str | Path) -> list[Any]:
    """Name, address and code hash of what the deal is deployed with."""
    done = run("deploy", DEAL, "--rpc-url", url, "--salt", salt, "--out", out, *more)
    assert done.returncode == 0, done.stderr
    contracts = json.loads(out.read_text())["contracts"]
    return [(each["name"], each["address"], each["code_hash"]) for each in contracts]


def test_same_salt_gives_the_same_addresses_on_another_chain_and_none_twice_on_one(
    tmp_path: Path,
) -> None:
    with lying_node({}) as (one, _):
        first = salted(one, tmp_path / "one.json")
        said = refused("--rpc-url", one, "--salt", "series-1", "--out", tmp_path / "again.json")
        assert said.startswith("deployment.salt_taken the salt 'series-1' is used up on this chain")
        assert not (tmp_path / "again.json").exists()
        # The deployer is there already, and serves whoever comes.
        second = salted(one, tmp_path / "two.json", "series-2")
        assert second[0] == first[0]
        assert not {each[1] for each in first[1:]} & {each[1] for each in second}
    with lying_node({}) as (other, _):
        assert salted(other, tmp_path / "other.json") == first


def test_salt_of_a_deployment_finds_it_again_and_another_does_not(
    tmp_path: Path,
) -> None:
    place = ("--database", tmp_path / "abs.db")
    with lying_node({}) as (url, _):
        first = salted(url, tmp_path / "book.json", "series-1", *place)
        assert salted(url, tmp_path / "book.json", "series-1", *place) == first
        said = refused("--rpc-url", url, "--salt", "series-2", *place)
    assert said.startswith("deal.deployed")
    assert "leave the salt out to find it" in said


def test_salt_where_the_key_did_not_begin_with_the_deployer_is_refused(tmp_path: Path) -> None:
    with lying_node({"eth_getTransactionCount": "0x1"}) as (url, asked):
        said = refused("--rpc-url", url, "--salt", "series-1", "--out", tmp_path / "o.json")
    assert said.startswith("deployment.not_repeatable")
    assert "Cure: deploy without a salt, or begin with a fresh chain" in said
    assert not TRANSACTIONS & set(asked)


def test_salt_that_is_no_name_is_refused(tmp_path: Path) -> None:
    said = refused("--salt", "a b", "--database", tmp_path / "abs.db")
    assert "--salt is refused:" in said
    assert "write --salt series-1" in said
    assert list(tmp_path.iterdir()) == []


# ---- verify


@pytest.fixture
def copy(deployed: Path, tmp_path: Path) -> Iterator[Path]:
    """The database, to do with as one likes."""
    for file in deployed.glob("abs.db*"):
        shutil.copy(file, tmp_path)
    return tmp_path / "abs.db"


def test_verify_an_untouched_database_finds_nothing(copy: Path) -> None:
    done = run("verify", "--database", copy)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")
    assert "deal ev-charging" in done.stdout


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 1", "audit.row_edited"),
        ("DELETE FROM audit WHERE seq = 1", "audit.rows_missing"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "audit.cut_off"),
        (
            "UPDATE contract SET code_hash = '0x00' WHERE name = 'abs_token:A'",
            "0x00 in the database",
        ),
    ],
)
def test_verify_an_altered_database_says_what_is_wrong(
    copy: Path, forgery: str, found: str
) -> None:
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute(forgery)
    done = run("verify", "--database", copy)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "Something is wrong.")
    assert found in done.stdout


def test_verify_a_database_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = run("verify", "--database", tmp_path / "none.db")
    assert (done.returncode, "database.missing" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a simulator that has stopped after the approval of its filing."""
    folder = tmp_path_factory.mktemp("approved")
    with serve(folder) as served:
        story = Story(served).reach("filed")
        story.close()
    return folder


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE material SET content = content || 'x' WHERE code = 'M-04'", "was approved"),
        (
            "UPDATE attestation SET signature = '0x' || substr(signature, 5) || 'ab'",
            "is not that of 0x",
        ),
        ("UPDATE command SET arguments = '[]' WHERE function = 'approve'", "was altered"),
        ("UPDATE api_key SET role = 'operator' WHERE role = 'auditor'", "the api_key"),
        ("UPDATE meta SET value = '2027-01-01T00:00:00+08:00' WHERE key = 'now'", "clock now"),
        ("DELETE FROM meta", "clock now was entered in the log"),
        ("INSERT INTO sanction VALUES ('somebody', 'my own')", "the sanctions list"),
    ],
)
def test_verify_an_altered_filing_key_clock_or_command_says_so(
    approved: Path, tmp_path: Path, forgery: str, found: str
) -> None:
    for file in approved.glob("abs-sim.db*"):
        shutil.copy(file, tmp_path)
    with closing(sqlite3.connect(tmp_path / "abs-sim.db")) as database, database:
        database.execute(forgery)
    done = run("verify", "--database", tmp_path / "abs-sim.db")
    assert (done.returncode, found in done.stdout) == (1, True), done.stdout + done.stderr


def test_verify_an_untouched_filing_finds_nothing(approved: Path) -> None:
    done = run("verify", "--database", approved / "abs-sim.db")
    assert done.returncode == 0, done.stdout + done.stderr
