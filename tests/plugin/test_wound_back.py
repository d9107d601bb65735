"""A simulator beside a node, wound back while a transaction is still on its way into a block.

A log is anchored without waiting for the receipt. Mined after the way back, it would stand in the chain
of every later test, at odds with their log.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chain.anvil import Anvil, AnvilOptions
from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.domain.roles import Role
from issuer.onchain import backends

pytestmark = pytest.mark.anvil


@pytest.fixture
def beside_anvil(tmp_path: Path) -> Iterator[Simulator]:
    with (
        Anvil(AnvilOptions(int(Settings().start.timestamp()) - 1)) as node,
        build(Settings(database=f"sqlite:///{tmp_path}/abs.db", rpc_url=node.url)) as simulator,
    ):
        yield simulator


def send(simulator: Simulator) -> str:
    """A payment that waits until somebody mines; its hash."""
    chain, node = simulator.context.chain, simulator.backend
    node.request("evm_setAutomine", [False])
    sender, receiver = chain.account_of(Role.AUDITOR), chain.account_of(Role.ISSUER)
    payment = {"from": sender, "to": receiver, "value": "0x1", "gasPrice": "0x0"}
    return str(node.request("eth_sendTransaction", [payment]))


def test_way_back_waits_for_what_is_about_to_be_mined(
    beside_anvil: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = beside_anvil.backend
    kept, head = beside_anvil.snapshot(), beside_anvil.context.chain.head()
    sent = send(beside_anvil)
    ask, said = node.request, []

    def request(method: str, params: Any) -> Any:
        """The node mines once it has been asked what waits, and is looked at before it goes back."""
        if method == "evm_revert":
            said.append(ask("eth_getTransactionReceipt", [sent])["status"])
        answer = ask(method, params)
        if method == "txpool_status" and int(answer["pending"], 16):
            ask("evm_mine", [])
        return answer

    monkeypatch.setattr(node, "request", request)
    beside_anvil.restore(kept)
    assert said == ["0x1"]
    assert beside_anvil.context.chain.head() == head
    assert ask("eth_getTransactionReceipt", [sent]) is None


def test_way_back_forgets_what_nobody_mines(
    beside_anvil: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = beside_anvil.backend
    kept, head = beside_anvil.snapshot(), beside_anvil.context.chain.head()
    sent = send(beside_anvil)
    monkeypatch.setattr(backends, "_MINED_WITHIN_SECONDS", 0.0)
    beside_anvil.restore(kept)
    assert beside_anvil.context.chain.head() == head
    node.request("evm_mine", [])
    assert node.request("eth_getTransactionReceipt", [sent]) is None
