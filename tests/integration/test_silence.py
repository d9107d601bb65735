"""A chain that forgets, refuses or fails to answer is `ChainUnavailable`, with what would cure it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chain.errors import NodeUnavailable, RpcError
from issuer.domain.errors import ChainUnavailable
from issuer.domain.roles import Role
from issuer.onchain.gateway import OnChain
from tests.support.problems import refused
from tests.support.simulator import address_of
from tests.support.story import DEAL, Story

NOWHERE = "0x" + "12" * 20
HASH = "0x" + "34" * 32
SIGNER = Role.AUDITOR


@pytest.fixture
def story(standing_at: Callable[[str], Story]) -> Story:
    return standing_at("deployed")


@pytest.fixture
def chain(story: Story) -> OnChain:
    return story.served.simulator.context.chain


def code_of(ask: Callable[[], Any]) -> str:
    with pytest.raises(ChainUnavailable) as refusal:
        ask()
    assert "Cure: " in refusal.value.message
    return refusal.value.error_code


ASKED: dict[str, Callable[[OnChain], Any]] = {
    "ask": lambda chain: chain.ask("abs_token", NOWHERE, "cap"),
    "token_facts": lambda chain: chain.token_facts(NOWHERE),
    "events": lambda chain: chain.events([NOWHERE], 0, 1),
    "head": lambda chain: chain.head(),
    "block_hash": lambda chain: chain.block_hash(0),
    "block_of": lambda chain: chain.block_of(HASH),
    "confirm": lambda chain: chain.confirm(HASH, "act"),
    "next_nonce": lambda chain: chain.next_nonce(SIGNER),
    "code_hash": lambda chain: chain.code_hash(NOWHERE),
    "verify": lambda chain: chain.verify("audit_anchor", NOWHERE),
    "transact": lambda chain: chain.transact(SIGNER, "audit_anchor", NOWHERE, "anchor", 1, HASH),
    "try_transfer": lambda chain: chain.try_transfer(NOWHERE, address_of(1), address_of(2), 1),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (NodeUnavailable("gone. Cure: start it."), "chain.unreachable"),
        (RpcError(-32603, "internal error"), "chain.unreadable"),
    ],
)
def test_node_that_fails_is_unavailable(
    chain: OnChain, monkeypatch: pytest.MonkeyPatch, asked: str, failure: Exception, code: str
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(chain._client.backend, "request", fail)
        assert code_of(lambda: ASKED[asked](chain)) == code


def test_address_without_code_is_forgotten(chain: OnChain) -> None:
    assert code_of(lambda: chain.ask("abs_token", NOWHERE, "cap")) == "chain.forgotten"
    assert code_of(lambda: chain.token_facts(NOWHERE)) == "chain.forgotten"


def test_block_that_is_gone_is_forgotten(story: Story, chain: OnChain) -> None:
    token = story.ledger.address("abs_token:A")
    assert code_of(lambda: chain.token_facts(token, block=10**6)) == "chain.forgotten"
    assert code_of(lambda: chain.events([token], 10**6, 10**6)) == "chain.forgotten"


def test_revert_of_a_view_is_no_defect(
    story: Story, chain: OnChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revert(method: str, *_: Any) -> Any:
        if method == "eth_call":
            raise RpcError(3, "execution reverted", "0x")
        return request(method, *_)

    request = chain._client.backend.request
    with monkeypatch.context() as patched:
        patched.setattr(chain._client.backend, "request", revert)
        answer = story.client.get("auditor", f"/v1/deals/{DEAL}/reconciliation")
    refused(answer, 503, "chain.unreadable")
