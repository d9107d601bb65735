"""The command line as a user runs it: a process of its own, in the root of the project."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
ABS_SIM = (sys.executable, "-m", "api.cli")
LAST_LINE = "Ctrl-C stops"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `abs-sim` to its end."""
    return subprocess.run(  # noqa: S603
        [*ABS_SIM, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def serving(database: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`abs-sim serve` on free ports, with what it printed once it was ready."""
    command = [*ABS_SIM, "serve", "--port", "0", "--rpc-port", "0", "--database", str(database)]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith(LAST_LINE):
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def paste(line: str) -> tuple[int, object]:
    """What a printed curl command answers: status and JSON. Without curl, httpx does the same."""
    words = shlex.split(line)
    if shutil.which("curl"):
        done = subprocess.run(  # noqa: S603
            [*words, "-w", "\n%{http_code}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        content, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(content)
    return _without_curl(words)


def _without_curl(words: list[str]) -> tuple[int, object]:
    url, headers, content = "", {}, b""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data-binary"):
            given = next(rest)
            at_file = given.startswith("@")
            content = (ROOT / given[1:]).read_bytes() if at_file else given.encode()
        elif not word.startswith("-"):
            url = word
    answer = httpx.post(url, headers=headers, content=content, timeout=60)
    return answer.status_code, answer.json()
