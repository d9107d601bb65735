"""The package as others install it: from a wheel, far from this repository, without a network."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.test_readme import BLOCKS
from tests.support.commands import ROOT
from tests.support.projects import outcomes, run_tests, sections

AND_MORE = """

def test_where_it_comes_from():
    import api, chain, issuer
    from pathlib import Path

    assert {{Path(each.__file__).parents[1] for each in (api, chain, issuer)}} == {{Path({place!r})}}


def test_that_fails(abs_deal):
    abs_deal.transfer("H1", "H2", 1_000)
    abs_deal.transfer("H1", "0x" + "12" * 20, 1)
"""


def make(*command: str) -> None:
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, capture_output=True)  # noqa: S603


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    make("hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_all_that_is_read_at_run_time(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        f"issuer/data/{file.relative_to(ROOT / 'scripts')}"
        for folder in ("deals", "circumventions")
        for file in (ROOT / "scripts" / folder).rglob("*.yaml")
    }
    for folder, pattern in (
        ("chain/artifacts", "*.json"),
        ("issuer/data/calendars", "*.json"),
        ("issuer/data", "regime.yaml"),
        ("issuer/store/migrations", "**/*.py"),
    ):
        found = {str(file.relative_to(ROOT)) for file in (ROOT / folder).glob(pattern)}
        assert found, folder
        needed |= found
    assert needed - packed == set()
    tops = {name.partition("/")[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"api", "chain", "issuer"}


def test_the_readme_s_test_passes_in_a_project_that_has_installed_it(
    wheel: Path, tmp_path: Path
) -> None:
    place, project = tmp_path / "installed", tmp_path / "project"
    project.mkdir()
    make("pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place), str(wheel))
    (example,) = (b.text for b in BLOCKS if b.kind == "python" and "abs_deal" in b.text)
    # Our dependencies by their folder: what is named in PYTHONPATH has its .pth files ignored, and so
    # the one that leads back into this repository.
    libraries = Path(pytest.__file__).parents[1]
    done = run_tests(
        project,
        example + AND_MORE.format(place=str(place)),
        python=sys._base_executable,
        environment={"PYTHONPATH": f"{place}:{libraries}"},
    )
    assert outcomes(done) == {"failed": 1, "passed": 2}, done.stdout + done.stderr
    section = sections(done)["test_that_fails"]
    assert "\n  INV-01  ERC7943CannotReceive\n" in section
    assert "  abs_token:A  Transfer(from=H1, to=H2, value=1,000)" in section
