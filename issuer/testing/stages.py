"""Simulators that tests share and cannot spoil: one for each stage, wound back for every test."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

from issuer.bootstrap import Snapshot, build
from issuer.config import Settings
from issuer.files import copied_files
from issuer.onchain.local_node import running_anvil
from issuer.testing.deal import ExampleDeal
from issuer.testing.passage import STAGES, lead, require_stage
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

    Its files lie in `folder`, its chain is embedded or an Anvil of its own. An embedded one goes on from
    the files of the nearest stage before. A simulator's worker runs only while a test has it.
    """

    def __init__(self, folder: Path, backend: str) -> None:
        self._folder = folder
        self._backend = backend
        self._standing: dict[str, _Standing] = {}
        #: Files of the stages from the first on, as far as any simulator has come.
        self._kept: list[Path] = []
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
        folder = self._new_folder(stage)
        if self._backend == ANVIL:
            service = self._open(folder)
            lead(ExampleDeal(service), stage)
        else:
            service = self._led(folder, stage)
        deal = ExampleDeal(service)
        found = _Standing(service, service.simulator.snapshot(), mark(deal))
        self.give_back(deal)
        return found

    def _led(self, folder: Path, stage: str) -> Service:
        """From the nearest stage that was reached before; every one on the way is kept for the next."""
        wanted = require_stage(stage)
        if near := self._kept[: wanted + 1]:
            shutil.copytree(near[-1], folder, dirs_exist_ok=True)
        service = self._open(folder)
        for number in range(len(self._kept), wanted + 1):
            lead(ExampleDeal(service), STAGES[number], since=STAGES[max(number - 1, 0)])
            self._keep(service, STAGES[number])
        return service

    def _keep(self, service: Service, stage: str) -> None:
        service.settle()
        folder = self._new_folder(stage)
        with service.simulator.worker.paused(), copied_files(service.simulator.settings, folder):
            self._kept.append(folder)

    def _new_folder(self, stage: str) -> Path:
        return Path(mkdtemp(prefix=f"{stage}-", dir=self._folder))

    def _open(self, folder: Path) -> Service:
        # Not from the environment: what is set there for a server must not reach the tests.
        settings = Settings.model_construct(database=f"sqlite:///{folder / 'abs.db'}", rpc_port=0)
        if self._backend == ANVIL:
            first_instant = int(settings.start.timestamp()) - 1
            node = running_anvil(first_instant, settings.mnemonic, settings.accounts)
            url = self._resources.enter_context(node)
            settings = settings.model_copy(update={"rpc_url": url})
        return Service(self._resources.enter_context(build(settings)))
