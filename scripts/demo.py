"""One deal from the filing to its second coupon, told step by step.

Starts the server with a fresh database and chain, then drives it only from outside: the HTTP API, the
chain's JSON-RPC with wallets of its own, and once the database file. Every step is compared with what
is expected; the exit status is 0 only if all of them came out so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Start a server, tell the story, stop it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database, log = Path(folder) / "demo.db", Path(folder) / "server.log"
        command = [sys.executable, "-m", "api.cli", "serve", "--json", "--port", "0"]
        command += ["--rpc-port", "0", "--database", str(database)]
        with log.open("w") as errors:
            server = subprocess.Popen(  # noqa: S603
                command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT
            )
        as_expected = False
        try:
            # The server takes a moment to start; what tells the story is loaded meanwhile.
            from storyboard.tell import tell

            line = server.stdout.readline() if server.stdout else ""
            as_expected = bool(line) and tell(json.loads(line), database) == 0
        finally:
            server.terminate()
            stopped = server.wait(timeout=20)
            if server.stdout:
                server.stdout.close()
            if stopped or not as_expected:
                sys.stderr.write(f"\nWhat the server said:\n{log.read_text()}")
    if stopped or not as_expected:
        print(f"Not every step came out as expected; the server ended with {stopped}.")
        return 1
    print(f"Every step came out as expected in {time.monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
