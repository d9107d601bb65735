"""What the packages are: where they come from, and what the domain keeps out."""

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = sorted((ROOT / "issuer" / "domain").rglob("*.py"))
#: A yield is a root and mostly irrational; what these modules compute is never paid.
ESTIMATES = {
    f"issuer/domain/analytics/{name}.py" for name in ("outcome", "roots", "valuation", "yields")
}


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield node.module or ""


@pytest.mark.parametrize("package", ["issuer", "chain", "api"])
def test_find_package_installed_is_the_one_of_this_repository(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / package / "__init__.py"


def test_walk_domain_finds_its_files() -> None:
    assert {"money.py", "dues.py", "filing_rules.py"} <= {file.name for file in DOMAIN}


@pytest.mark.parametrize("file", DOMAIN, ids=named)
def test_import_in_the_domain_names_the_standard_library_or_the_domain(file: Path) -> None:
    for module in imported(ast.parse(file.read_text())):
        inside = module == "issuer.domain" or module.startswith("issuer.domain.")
        assert inside or module.partition(".")[0] in sys.stdlib_module_names, module


def test_walk_domain_finds_the_estimates_too() -> None:
    assert {named(file) for file in DOMAIN} > ESTIMATES


@pytest.mark.parametrize(
    "file", [each for each in DOMAIN if named(each) not in ESTIMATES], ids=named
)
def test_compute_in_the_domain_uses_no_binary_fraction(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        assert not literal, f"a float literal in line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Name):
            assert node.id != "float", f"float in line {node.lineno}"
        if isinstance(node, ast.BinOp | ast.AugAssign):
            # Integers divided by `/` are a float; money divides by `//`, rates are Fractions.
            divides = isinstance(node.op, ast.Div)
            assert not divides or _is_of_fractions(node), f"/ in line {node.lineno}"


def _is_of_fractions(node: ast.BinOp | ast.AugAssign) -> bool:
    left = node.left if isinstance(node, ast.BinOp) else node.target
    return isinstance(left, ast.Call) and ast.unparse(left.func) in {
        "parse_decimal",
        "Fraction",
        "Decimal",
    }
