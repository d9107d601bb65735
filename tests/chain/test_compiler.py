import shutil
from pathlib import Path

import pytest

from chain.artifacts import LOCK_FILE, ArtifactStore
from chain.compiler import compile_sources, write_artifacts
from chain.errors import CompilationFailed
from chain.sources import all_sources
from chain.toolchain import forbidden_opcodes
from tests.chain.conftest import FIXTURES

WRAPPER = Path(__file__).parents[2] / "chain" / "solc_node.js"
HEADER = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("5f", {"PUSH0"}),
        ("605f", set()),  # what a PUSH carries is not code
        ("7f" + "5e" * 32 + "5e", {"MCOPY"}),
        ("5c5d00", {"TLOAD", "TSTORE"}),
        ("01a15f0002", set()),  # trailing metadata of two bytes
        ("01a15f5f00", {"PUSH0"}),  # no metadata: the length does not fit
        ("fe5f", set()),  # constants behind the code
        ("600456fe5b5f", {"PUSH0"}),  # code again, for something jumps to it
        ("fe5b5f", set()),  # a constant that looks like it: nothing jumps there
        ("", set()),
    ],
)
def test_forbidden_opcodes_are_found_in_code_only(code, found):
    assert forbidden_opcodes(bytes.fromhex(code)) == found


def test_committed_code_has_no_forbidden_opcode():
    for artifact in ArtifactStore(FIXTURES / "artifacts").load_all():
        assert forbidden_opcodes(artifact.deployed_bytecode) == set()


def test_a_missing_import_is_named(tmp_path):
    (tmp_path / "A.sol").write_text(HEADER + 'import "@openzeppelin/contracts/Nope.sol";')
    with pytest.raises(CompilationFailed, match=r"contracts/A\.sol imports @openzeppelin"):
        all_sources(tmp_path)


def test_imports_are_followed_and_comments_are_not(tmp_path):
    library = tmp_path / "node_modules" / "@openzeppelin" / "contracts"
    library.mkdir(parents=True)
    (library / "B.sol").write_text('import {C} from\n  "./C.sol";')
    (library / "C.sol").write_text("contract C {}")
    (library / "Unused.sol").write_text("")
    (tmp_path / "A.sol").write_text(
        '// import "./No.sol";\nimport {B as X} from "@openzeppelin/contracts/B.sol";'
    )
    assert list(all_sources(tmp_path)) == [
        "@openzeppelin/contracts/B.sol",
        "@openzeppelin/contracts/C.sol",
        "contracts/A.sol",
    ]


def test_another_openzeppelin_is_refused(tmp_path):
    library = tmp_path / "node_modules" / "@openzeppelin" / "contracts"
    library.mkdir(parents=True)
    (library / "B.sol").write_text("contract B {}")
    (library / "package.json").write_text('{"version": "5.7.0"}')
    (tmp_path / "A.sol").write_text('import "@openzeppelin/contracts/B.sol";')
    with pytest.raises(CompilationFailed, match=r"5\.4\.0 wanted, found 5\.7\.0"):
        compile_sources(tmp_path, WRAPPER)


def test_a_missing_compiler_is_said(tmp_path):
    (tmp_path / "A.sol").write_text(HEADER + "contract A {}")
    for solc_binary in (tmp_path / "nowhere", None):
        with pytest.raises(CompilationFailed):
            compile_sources(tmp_path, solc_binary)


@pytest.mark.compiler
def test_recompiling_gives_the_committed_artifacts(tmp_path):
    sources = shutil.copytree(FIXTURES, tmp_path / "elsewhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Gone.json").write_text("{}")
    write_artifacts(compile_sources(sources, WRAPPER), tmp_path / "out", sources)
    committed = {file.name: file.read_text() for file in (FIXTURES / "artifacts").iterdir()}
    assert {file.name: file.read_text() for file in (tmp_path / "out").iterdir()} == committed
    assert LOCK_FILE in committed


@pytest.mark.compiler
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("contract A { uint256 x = true; }", "not implicitly convertible"),
        ("contract A {} ", None),
        (
            "library L { function f() external {} }contract A { function g() external { L.f(); } }",
            "needs a linked library",
        ),
    ],
)
def test_what_the_compiler_refuses_is_said(tmp_path, source, message):
    (tmp_path / "A.sol").write_text(HEADER + source)
    if message is None:
        assert [artifact.name for artifact in compile_sources(tmp_path, WRAPPER)] == ["A"]
        return
    with pytest.raises(CompilationFailed, match=message):
        compile_sources(tmp_path, WRAPPER)


@pytest.mark.compiler
def test_two_contracts_of_one_name_are_refused(tmp_path):
    for file in ("A.sol", "B.sol"):
        (tmp_path / file).write_text(HEADER + "contract Same {}")
    with pytest.raises(CompilationFailed, match="two contracts of one name: Same"):
        compile_sources(tmp_path, WRAPPER)


@pytest.mark.compiler
def test_interfaces_libraries_and_abstract_contracts_get_no_artifact(tmp_path):
    kinds = (
        "interface I {} library L {} abstract contract B { uint256 public x; } contract A is B {}"
    )
    (tmp_path / "A.sol").write_text(HEADER + kinds)
    assert [artifact.name for artifact in compile_sources(tmp_path, WRAPPER)] == ["A"]
