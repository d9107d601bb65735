"""One deal from the filing to the first coupon, told step by step.

Starts the server with a fresh database and chain, then drives it only from outside: the HTTP API, and
the chain's JSON-RPC with wallets of its own. Every step is compared with what is expected; the exit
status is 0 only if all of them came out so.
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
        command = [sys.executable, "-m", "api.cli", "serve", "--json", "--port", "0"]
        command += ["--rpc-port", "0", "--database", str(Path(folder) / "demo.db")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603
        try:
            # The server takes a moment to start; what tells the story is loaded meanwhile.
            from demo_story import console, tell

            line = server.stdout.readline() if server.stdout else ""
            if not line:
                raise SystemExit("the server did not start; its message is above")
            surprises = tell(json.loads(line))
        finally:
            server.terminate()
            stopped = server.wait(timeout=20)
            if server.stdout:
                server.stdout.close()
    console.rule()
    if surprises or stopped:
        console.print(
            f"[bold red]{surprises} steps differ from what is expected;"
            f" the server ended with {stopped}"
        )
        return 1
    seconds = time.monotonic() - began
    console.print(f"[bold green]Every step came out as expected[/] in {seconds:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
