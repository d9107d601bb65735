"""The worker: carries out the commands in the outbox, one after another, each exactly once.

What the audit log has grown by is anchored on chain when an operation ends, and when all is quiet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from issuer.carrier import Carrier
from issuer.domain.errors import ChainUnavailable
from issuer.domain.operations import Operation, OperationState, StoredCommand
from issuer.services import audit_log, register
from issuer.services.context import Context
from issuer.store import outbox
from issuer.store.database import UNAVAILABLE

RETRY_SECONDS = 1.0
#: All is quiet when nothing was stored for so long.
QUIET_SECONDS = 0.5


class Worker:
    """Drains the outbox: in a thread while the server runs, or by hand through `drain`."""

    def __init__(self, context: Context, wanted: threading.Event) -> None:
        self.context = context
        self._wanted = wanted  # set whenever something was stored
        self._draining = threading.Lock()
        self._stopping = threading.Event()
        self._finished = threading.Condition()
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger("worker")
        self._carrier = Carrier(context, self._tell)

    # ---- thread

    def start(self) -> None:
        """Begin to drain whenever woken; what an earlier run left is taken up first."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="outbox-worker", daemon=True)
        self._thread.start()
        self._wanted.set()

    def stop(self) -> None:
        """Finish what is being carried out, anchor the log, end."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
        with self._draining:
            self._anchor()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is carried out meanwhile."""
        with self._draining:
            yield

    def forget(self) -> None:
        """Rows and chain have gone back together: what was seen to end may not have begun."""
        self._carrier = Carrier(self.context, self._tell)

    def wait_for(self, operation_id: str, seconds: float) -> Operation:
        """The operation once it is done, or as it stands when the time is over."""
        with self._finished:
            self._finished.wait_for(lambda: _is_done(self._look(operation_id)), timeout=seconds)
            return self._look(operation_id)

    def wait_until_idle(self, seconds: float) -> None:
        """Return when no operation is under way, or when the time is over."""
        with self._finished:
            self._finished.wait_for(self._is_idle, timeout=seconds)

    def _is_idle(self) -> bool:
        with self.context.database.reading() as connection:
            return not outbox.any_pending(connection)

    def _run(self) -> None:
        pause: float | None = None
        while True:
            woken = self._wanted.wait(timeout=pause)
            self._wanted.clear()
            if self._stopping.is_set():
                return
            try:
                with self._draining:
                    self._carry_out()
                    anchored = woken or self._anchor()
                pause = QUIET_SECONDS if woken else None if anchored else RETRY_SECONDS
            except ChainUnavailable as error:
                self._log.warning("chain_unavailable", reason=error.message)
                pause = RETRY_SECONDS
            except UNAVAILABLE as error:
                self._log.warning("database_unavailable", reason=str(error))
                pause = RETRY_SECONDS
            except Exception:
                # The top of this thread: a bug must not end it in silence, nor lose the command.
                self._log.exception("worker_failed")
                pause = RETRY_SECONDS

    def _look(self, operation_id: str) -> Operation:
        with self.context.database.reading() as connection:
            return outbox.get(connection, operation_id)

    # ---- work

    def drain(self) -> None:
        """Carry out commands until none is left, or one has no receipt yet; anchor the log."""
        with self._draining:
            self._carry_out()
            self._anchor()
            register.synchronise(self.context)

    def _carry_out(self) -> None:
        while (command := self._next()) is not None:
            if not self._advance(command):
                raise ChainUnavailable(
                    f"no receipt yet for {command.transaction_hash}", code="chain.unconfirmed"
                )
        self._carrier.finish_without_commands()
        register.synchronise(self.context)

    def _anchor(self) -> bool:
        """Anchor the log; false if the chain does not answer."""
        try:
            audit_log.anchor(self.context)
        except ChainUnavailable as error:
            self._log.warning("log_not_anchored", reason=error.message)
            return False
        return True

    def _next(self) -> StoredCommand | None:
        with self.context.database.reading() as connection:
            return outbox.next_open(connection)

    def _advance(self, command: StoredCommand) -> bool:
        """One step in a command's life; False if the chain has not answered."""
        return self._carrier.advance(command)

    def _tell(self) -> None:
        try:
            self._anchor()
        finally:
            with self._finished:
                self._finished.notify_all()


def _is_done(operation: Operation) -> bool:
    return operation.state is not OperationState.PENDING
