"""Another database deploys on a server's own chain by JSON-RPC, with the same published keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.documents.deal import parse_deal
from issuer.domain.roles import Actor, Role
from issuer.services import audit_log, deployment
from tests.support.story import DEAL, document

AUDITOR, OPERATOR = Actor(Role.AUDITOR, "a test"), Actor(Role.OPERATOR, "a test")


def opened(file: Path, rpc_url: str | None = None) -> Simulator:
    return build(Settings(database=f"sqlite:///{file}", rpc_port=0, rpc_url=rpc_url))


def deploy(simulator: Simulator) -> dict[str, str]:
    """Name -> address of the example deal's contracts, once they are there."""
    terms = document("ev-charging.yaml")
    deployment.register_deal(simulator.context, OPERATOR, parse_deal(terms, "a test"), terms)
    deployment.deploy_deal(simulator.context, OPERATOR, DEAL)
    simulator.worker.drain()
    return {each.name: each.address for each in deployment.deployment_of(simulator.context, DEAL)}


def flaws(simulator: Simulator) -> list[str]:
    return [each.code for each in audit_log.examine(simulator.context, AUDITOR).flaws]


@pytest.mark.parametrize("began", [False, True], ids=["without contracts", "with its own"])
def test_deployment_by_another_database_leaves_the_servers_own_sound(
    tmp_path: Path, began: bool
) -> None:
    with opened(tmp_path / "own.db") as own:
        if began:
            deploy(own)
        with opened(tmp_path / "other.db", own.rpc_url) as other:
            theirs = deploy(other)
            assert len(theirs) == 9
            assert flaws(other) == []
        assert flaws(own) == []
    with opened(tmp_path / "own.db") as again:
        ours = deploy(again) if not began else {}
        assert not set(ours.values()) & set(theirs.values())
        assert flaws(again) == []
        verdict = audit_log.examine(again.context, AUDITOR)
        assert verdict.anchored_rows == verdict.rows
