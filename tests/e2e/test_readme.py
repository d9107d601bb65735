"""Every fenced block of the README is run, or held against what it shows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from issuer.documents.regime import parse_regime
from issuer.documents.text import read_document
from issuer.domain.errors import InvalidInput
from issuer.domain.regime import Regime
from tests.support.commands import ROOT, paste, run, serving
from tests.support.projects import outcomes, run_tests

FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ARROW = "─►"


@dataclass(frozen=True)
class Block:
    """A fenced block: what kind its fence says it is, and its lines."""

    kind: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@dataclass(frozen=True)
class Surroundings:
    """What a block may be held against."""

    folder: Path
    demo: subprocess.CompletedProcess[str]


def blocks(text: str) -> list[Block]:
    found = [Block(each["kind"], each["text"]) for each in FENCE.finditer(text)]
    assert 2 * len(found) == text.count("```"), (
        "a fence that is not closed, or not at a line's start"
    )
    return found


def is_run_by_pytest(block: Block, around: Surroundings) -> None:
    written = len(re.findall(r"^def test_", block.text, re.MULTILINE))
    assert written, "a python block without a test"
    done = run_tests(around.folder, block.text)
    assert outcomes(done) == {"passed": written}, done.stdout + done.stderr


def is_known_to_make(block: Block, around: Surroundings) -> None:
    for line in block.lines:
        command, _, _ = line.partition("#")
        program, *targets = command.split()
        assert program == "make", f"the test does not know how to try {line!r}"
        assert targets
        done = subprocess.run(  # noqa: S603
            ["make", "-n", *targets],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def is_printed_by_the_demo(block: Block, around: Surroundings) -> None:
    is_printed(block.lines, around.demo.stdout)


def is_printed_by_its_command(block: Block, around: Surroundings) -> None:
    command, *shown = block.lines
    prompt, program, *arguments = command.split()
    assert (prompt, program) == ("$", "abs-sim"), f"the test does not know how to try {command!r}"
    assert shown, "a command without what it prints"
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    is_printed(shown, done.stdout)


def is_printed(lines: Iterable[str], stdout: str) -> None:
    printed = (line.rstrip() for line in stdout.splitlines())
    for line in lines:
        shown, left_out, _ = line.partition("…")
        # In this order: each is looked for below the one before.
        if shown and not any(
            said.startswith(shown.rstrip()) if left_out else said == shown for said in printed
        ):
            pytest.fail(f"nothing prints, in this place: {line}")


def is_answered_by_the_service(block: Block, around: Surroundings) -> None:
    with serving(around.folder / "readme.db") as (_, printed):
        register = next(line.strip() for line in printed if line.strip().startswith("curl"))
        key, url = (
            re.search(r"X-API-Key: ([^']+)", register),
            re.search(r"http://[\d.:]+", register),
        )
        assert key is not None
        assert url is not None
        assert paste(register)[0] == 201
        call = block.text.replace("http://127.0.0.1:8000", url[0]).replace("$KEY", key[1])
        status, answer = paste(call)
        assert (status, isinstance(answer, dict)) == (200, True), answer
        # The text says that the other question takes the same body.
        assert paste(call.replace("/v1/projections", "/v1/comparisons"))[0] == 200


def is_made_of_contracts_there_are(block: Block, around: Surroundings) -> None:
    contracts = {file.stem for file in (ROOT / "chain" / "artifacts").glob("*.json")}
    drawn = set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", block.text))
    assert drawn
    assert drawn <= contracts


def is_a_regime_file(block: Block, around: Surroundings) -> None:
    try:
        regime = parse_regime(read_document(block.text, "README.md"), "README.md", Regime())
    except InvalidInput as refused:
        pytest.fail(str(refused))
    assert regime != Regime(), "a regime file that changes nothing"


def check_of(block: Block) -> Callable[[Block, Surroundings], None]:
    """How a block is checked. One of no known kind fails, so that none is ever left out."""
    match block.kind:
        case "python":
            return is_run_by_pytest
        case "sh":
            return is_known_to_make
        case "bash" if block.text.startswith("curl "):
            return is_answered_by_the_service
        case "yaml":
            return is_a_regime_file
        case "console":
            return is_printed_by_its_command
        case "" if ARROW in block.text:
            return is_made_of_contracts_there_are
        case "":
            return is_printed_by_the_demo
    raise AssertionError(f"no check for a block of kind {block.kind!r}: add one to this file")


def check_all(found: list[Block], around: Surroundings) -> None:
    for block in found:
        check_of(block)(block, around)


BLOCKS = blocks((ROOT / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{n}-{b.kind}" for n, b in enumerate(BLOCKS, 1)])
def test_every_block_of_the_readme_is_true(
    block: Block, tmp_path: Path, demo: subprocess.CompletedProcess[str]
) -> None:
    check_all([block], Surroundings(tmp_path, demo))


def test_the_readme_shows_each_kind_of_block() -> None:
    assert {check_of(block) for block in BLOCKS} == {
        is_run_by_pytest,
        is_known_to_make,
        is_a_regime_file,
        is_answered_by_the_service,
        is_made_of_contracts_there_are,
        is_printed_by_the_demo,
        is_printed_by_its_command,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "```python\ndef test_it():\n    assert False\n```\n",
        "```python\nprint('no test')\n```\n",
        "```sh\nmake coffee\n```\n",
        "```sh\ncurl http://127.0.0.1:8000/\n```\n",
        "```bash\nmake demo\n```\n",
        "```bash\ncurl -s http://127.0.0.1:8000/v1/projections -H 'X-API-Key: $KEY' -d '{}'\n```\n",
        "```yaml\nkey: value\n```\n",
        "```yaml\nreview_days: 10\n```\n",
        "```toml\nkey = 1\n```\n",
        "```console\n$ curl http://127.0.0.1:8000/\nhello\n```\n",
        "```console\n$ abs-sim explain INV-02\n```\n",
        "```console\n$ abs-sim explain INV-02\nINV-03 …\n```\n",
        "```console\n$ abs-sim explain INV-99\nINV-99 …\n```\n",
        "```\nEvery step came out wrong\n```\n",
        "```\nEvery step came out as expected\n```\n",
        "```\nEvery step came out as expected …\n10 Feb …\n```\n",
        "```\nissuance ─► AbsCoffee\n```\n",
        "```python\nnever closed\n",
    ],
)
def test_a_block_that_is_not_true_is_found(
    wrong: str, tmp_path: Path, demo: subprocess.CompletedProcess[str]
) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check_all(blocks(wrong), Surroundings(tmp_path, demo))
