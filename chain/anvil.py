"""Anvil, a development node, as a process of its own that behaves as the embedded chain does."""

import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from chain.errors import NodeUnavailable
from chain.http_backend import HttpBackend

BINARY_VARIABLE = "ABS_ANVIL"
"""Environment variable with the path of the binary."""

INSTALLED_BESIDE = Path(__file__).parent.parent / "contracts" / "node_modules" / "@foundry-rs"
START_SECONDS = 30.0
KEPT_STATES = 1_000
"""Blocks on whose state a call can execute, counted from the latest; a receipt is never lost."""

TEST_MNEMONIC = "test test test test test test test test test test test junk"
"""The published mnemonic of development nodes. Its accounts must never hold value."""

_LISTENING = "Listening on "

_KEEPER = '"$@" & exec >/dev/null 2>&1; read -r _; kill $!; wait $!'
"""Runs a command until standard input closes, which it does when the parent is gone, however."""


@dataclass(frozen=True, slots=True)
class AnvilOptions:
    """How the chain begins: unix time of its first block, id, funded accounts, gas limit."""

    timestamp: int
    chain_id: int = 31_337
    mnemonic: str = TEST_MNEMONIC
    accounts: int = 40
    ether_each: int = 1_000_000
    gas_limit: int = 300_000_000
    hardfork: str = "prague"

    def arguments(self) -> list[str]:
        """The command line after the binary; port 0 lets the system choose a free one."""
        return [
            *("--port", "0"),
            *("--timestamp", str(self.timestamp)),
            *("--chain-id", str(self.chain_id)),
            *("--mnemonic", self.mnemonic),
            *("--accounts", str(self.accounts)),
            *("--balance", str(self.ether_each)),
            *("--gas-limit", str(self.gas_limit)),
            *("--hardfork", self.hardfork),
            *("--block-base-fee-per-gas", "0"),
            # Without a bound it writes each block's state to a folder below the home directory.
            *("--prune-history", str(KEPT_STATES)),
            "--disable-min-priority-fee",
            "--disable-console-log",
            "--no-cors",  # no web page has business with it
        ]


class Anvil:
    """One Anvil on loopback, for as long as the context lasts: `with Anvil(AnvilOptions(t)) as node`.

    Blocks are mined one per transaction and are one second apart, unless told otherwise, as on the
    embedded chain. It ends with `stop`, or with this process, even when that is killed.
    """

    def __init__(self, options: AnvilOptions, binary: Path | None = None) -> None:
        self._options = options
        self._binary = find_anvil(binary)
        self._process: subprocess.Popen[str] | None = None
        self._backend: HttpBackend | None = None

    @property
    def backend(self) -> HttpBackend:
        """The running node. Raises `RuntimeError` while there is none."""
        if self._backend is None:
            raise RuntimeError("Anvil is not running: use it in a `with` block, or call start()")
        return self._backend

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self.backend.shown_url

    def start(self) -> None:
        """Start the node and return when it answers. Raises `NodeUnavailable` with what it said."""
        if self._process is not None:
            raise RuntimeError("already started")
        command = [str(self._binary), *self._options.arguments()]
        self._process = subprocess.Popen(  # noqa: S603 - the binary is the caller's choice
            ["/bin/sh", "-c", _KEEPER, "anvil", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # an interrupt from the terminal is for us to answer
        )
        try:
            self._backend = HttpBackend(f"http://{_announced(self._process)}")
            self._backend.request("anvil_setLoggingEnabled", [False])
            self._backend.request("anvil_setBlockTimestampInterval", [1])
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the node; its chain is gone. Harmless when not started."""
        if self._backend is not None:
            self._backend.close()
        if self._process is not None:
            _end(self._process)
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        self._process = self._backend = None

    def __enter__(self) -> "Anvil":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def find_anvil(binary: Path | None = None) -> Path:
    """The binary: as given, as `ABS_ANVIL` says, as `npm ci` put it into contracts/, or on the PATH.

    Raises `NodeUnavailable` with the cure. One that is named and not there is never replaced by
    another.
    """
    named = binary or os.environ.get(BINARY_VARIABLE)
    if named is not None:
        return _require(Path(named))
    # The package of the platform, not .bin/anvil: that one is a script, and needs Node to run.
    for candidate in sorted(INSTALLED_BESIDE.glob("anvil-*/bin/anvil*")):
        return candidate
    on_path = shutil.which("anvil")
    if on_path is None:
        raise NodeUnavailable(f"there is no Anvil here. Cure: {_CURE}")
    return Path(on_path)


_CURE = (
    "`cd contracts && npm ci` (Linux on x86-64), or `npm install -g @foundry-rs/anvil`, or set"
    f" {BINARY_VARIABLE} to the path of the binary."
)


def _require(path: Path) -> Path:
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise NodeUnavailable(f"no executable Anvil at {path}. Cure: {_CURE}")
    return path


def _announced(process: subprocess.Popen[str]) -> str:
    # It prints its settings, and last of all host and port. Whatever it says instead is the error.
    said: list[str] = []
    too_late = threading.Timer(START_SECONDS, _end, [process])
    too_late.start()
    try:
        for line in process.stdout or ():
            if line.startswith(_LISTENING):
                return line.removeprefix(_LISTENING).strip()
            said.append(line)
    finally:
        too_late.cancel()
    complaint = "".join(said).strip()[-500:] or "nothing"
    raise NodeUnavailable(f"Anvil did not start. It said: {complaint}. Cure: {_CURE}")


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
