"""A simulator beside a node, wound back while a transaction is still on its way into a block."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chain.anvil import Anvil, AnvilOptions
from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.domain.roles import Role

TRIES = 300


@pytest.fixture
def beside_anvil(tmp_path: Path) -> Iterator[Simulator]:
    with (
        Anvil(AnvilOptions(int(Settings().start.timestamp()) - 1)) as node,
        build(Settings(database=f"sqlite:///{tmp_path}/abs.db", rpc_url=node.url)) as simulator,
    ):
        yield simulator


@pytest.mark.anvil
def test_what_is_on_its_way_into_a_block_does_not_outlive_the_way_back(
    beside_anvil: Simulator,
) -> None:
    """A log is anchored without waiting for the receipt: mined after a revert, it would stand in the
    chain of every later test, at odds with their log.
    """
    chain, node = beside_anvil.context.chain, beside_anvil.backend
    kept, head = beside_anvil.snapshot(), chain.head()
    sender, receiver = chain.account_of(Role.AUDITOR), chain.account_of(Role.ISSUER)
    payment = {"from": sender, "to": receiver, "value": "0x1", "gasPrice": "0x0"}
    for _ in range(TRIES):
        node.request("eth_sendTransaction", [payment])
        beside_anvil.restore(kept)
        assert chain.head() == head
    # A block of its own would have come by now.
    node.request("evm_mine", [])
    assert chain.head()[0] == head[0] + 1
    assert int(node.request("eth_getTransactionCount", [sender, "latest"]), 16) == 0
