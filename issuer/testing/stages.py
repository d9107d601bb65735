"""Simulators that tests share and cannot spoil: one for each stage, wound back for every test."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from issuer.bootstrap import Snapshot, build
from issuer.config import Settings
from issuer.onchain.local_node import running_anvil
from issuer.testing.deal import ExampleDeal
from issuer.testing.passage import lead, require_stage
from issuer.testing.report import Mark, mark
from issuer.testing.service import Service

ANVIL = "anvil"


@dataclass(frozen=True, slots=True)
class _Standing:
    service: Service
    snapshot: Snapshot
    mark: Mark


class Stages:
    """Builds a simulator when a stage is first asked for, and keeps it until it is closed.

    Its files lie in `folder`, its chain is embedded or an Anvil of its own. A simulator's worker runs
    only while a test has it.
    """

    def __init__(self, folder: Path, backend: str) -> None:
        self._folder = folder
        self._backend = backend
        self._standing: dict[str, _Standing] = {}
        self._resources = ExitStack()

    def take(self, stage: str) -> tuple[ExampleDeal, Mark]:
        """The deal at `stage`, as if it had just been reached there; give it back afterwards.

        The mark is for `issuer.testing.report.describe`.
        """
        require_stage(stage)
        if stage not in self._standing:
            self._standing[stage] = self._build(stage)
        found = self._standing[stage]
        found.service.simulator.restore(found.snapshot)
        found.service.simulator.start()
        return ExampleDeal(found.service), found.mark

    def give_back(self, deal: ExampleDeal) -> None:
        """Whatever is on its way is finished or forgotten; nothing runs on behind the next test."""
        deal.service.simulator.worker.stop()

    def close(self) -> None:
        """End every simulator, and every node."""
        self._resources.close()

    def __enter__(self) -> Stages:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _build(self, stage: str) -> _Standing:
        database = self._folder / f"{stage}.db"
        # Not from the environment: what is set there for a server must not reach the tests.
        settings = Settings.model_construct(database=f"sqlite:///{database}", rpc_port=0)
        if self._backend == ANVIL:
            first_instant = int(settings.start.timestamp()) - 1
            node = running_anvil(first_instant, settings.mnemonic, settings.accounts)
            url = self._resources.enter_context(node)
            settings = settings.model_copy(update={"rpc_url": url})
        service = Service(self._resources.enter_context(build(settings)))
        deal = ExampleDeal(service)
        lead(deal, stage)
        found = _Standing(service, service.simulator.snapshot(), mark(deal))
        self.give_back(deal)
        return found
