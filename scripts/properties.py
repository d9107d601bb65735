"""Writes docs/properties.md: what the contracts must never break, and the tests that would see it broken.

    python -m scripts.properties

A test in Python begins its docstring with the numbers it shows (`P3, P48: one call, ...`); a test,
proof or invariant in Solidity carries its number in its name (`test_P5_...`, `check_P9_...`).
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "properties.md"
PYTHON = ("contracts", "invariants", "integration", "chain")
SOLIDITY = ROOT / "tests" / "solidity"

_INTRODUCTION = """\
# What the contracts must never break

Written by `python -m scripts.properties` from the tests; do not edit. A number stays what it is:
sources and tests refer to it. Under each property stand the tests that fail where it is broken, by the
means that suits it:

- **EVM**: single cases in Python, on the embedded EVM (py-evm) and the deployed bytecode;
- **Hypothesis**: the same with inputs drawn at random; **state machine**: orders of acts, beside a model;
- **Forge**: where storage must be written by hand or a coin must misbehave; **fuzzed**; **invariant**;
- **Halmos proof**: all values at once; what a proof leaves out is said in [analysis.md](analysis.md);
- **bytecode**, **compiler's output**: what the code can do at all, and where it keeps what."""

CHAPTERS: Mapping[str, range] = {
    "Identity and words": range(1, 8),
    "Eligibility and transfer": range(8, 17),
    "Filing and issue": range(17, 24),
    "Record dates": range(24, 30),
    "Payment": range(30, 46),
    "Recovery, replacement, trades and keys": range(46, 52),
}

PROPERTIES: Mapping[int, str] = {
    1: "The number 0 is nobody's: the first wallet to be given a number is number 1, and no payment "
    "pays or marks number 0.",
    2: "A wallet is unknown while it has no number, not while its word is empty: one frozen before "
    "it is registered gets a number of its own and stays frozen.",
    3: "The token gives the numbers itself, each higher than the last and none twice; only recovery "
    "moves one, and finding an investor ineligible or eligible again keeps it.",
    4: "A field that is full refuses the next value by name; nothing runs over into the field beside "
    "it.",
    5: "An input word with a bit outside its fields is refused, and writing one field leaves all "
    "others as they were.",
    6: "Past balances, frozen units, marks of payment, credits and money set aside belong to a token "
    "and an investor's number, never to an address; a recorded balance is written once.",
    7: "Neither the zero address, nor the token itself, nor a contract it answers to ever becomes an "
    "investor.",
    8: "A wallet may receive if it has a number, is not frozen, and the second is before its expiry "
    "day begins; Python and Solidity say so alike.",
    9: "Whoever's balance has risen was allowed to receive in that very block, whatever raised it; only a "
    "recovery carries a holding on, to a fresh wallet that stays frozen until it is cleared.",
    10: "A transfer to oneself changes no balance, present or past; a forced one is refused.",
    11: "A transfer of nothing obeys the same rules and changes no entitlement.",
    12: "Of a frozen owner, or of one found ineligible, nothing is spent by approval, permit or "
    "transferFrom; an expired one may leave, and not receive. A deadline is good up to and "
    "including its second.",
    13: "Each halt has one writer: the enforcement's pause, the regulator's suspension and "
    "revocation, the trustee's default. None lifts another's.",
    14: "The token's code calls nobody but the precompiled contract that recovers a signer.",
    15: "No rule asks whether an address has code, or who began the transaction.",
    16: "Where the terms cap the holders, nobody but the enforcement makes them more than the cap; "
    "elsewhere they are not counted.",
    17: "Units are minted only up to the cap, under an approved filing that is not over, on the "
    "materials that were approved; the filing's expiry needs no transaction.",
    18: "The cap is gross: units taken out of existence lower it too, until an amendment grants another; "
    "revocation ends it for ever.",
    19: "A token belongs to one tranche of one filing, once; all caps at their denominations together "
    "stay within the filed total, at the approval and at each amendment.",
    20: "Suspension and revocation reach all eight tokens of a filing in one transaction, in whatever "
    "state each of them is.",
    21: "Nobody but the regulator raises a cap, prolongs a filing or lifts a suspension, nor makes a "
    "key that could.",
    22: "An amendment below the units in existence is allowed and stops minting; no mint ends above "
    "the cap.",
    23: "An operation that is repeated, left out or brought out of turn is refused and changes "
    "nothing.",
    24: "What a holder had when an unsettled epoch closed is told to the unit, whatever happened "
    "since; all holders together had the supply of then.",
    25: "Settled epochs are the first so many without a gap; the number only grows, by the "
    "distributor alone.",
    26: "Past balances are told of closed, unsettled epochs only, to anybody about anybody; no address "
    "in a list makes the others unanswerable.",
    27: "At most eight closed epochs wait for their payment; a ninth, and one without units, is "
    "refused.",
    28: "An epoch is closed from its announced second on, for everybody at once: what comes in that "
    "second comes after it.",
    29: "Who was a holder of record is paid, whatever became of units and wallet since: sold, forced "
    "away, taken out of existence, frozen, expired, found ineligible.",
    30: "A payment passes over the paid, the repeated, those without units and nobody; they never "
    "stop it.",
    31: "A coin that calls back while it is moved, from whichever act into whichever, pays nobody "
    "twice.",
    32: "Of each token, epoch and investor: paid, credited and set aside together are nothing or all "
    "that is due, and become so once.",
    33: "A coin has code, and answers a transfer with true or nothing: any other answer pays nobody, "
    "and costs no other holder anything.",
    34: "A declaration takes in exactly what it declares and a payment lets out exactly what it paid: "
    "a coin that takes a fee is refused.",
    35: "The distributor always holds what it owes; coin given to it stops nothing, and only the "
    "surplus is rescued.",
    36: "A declaration takes exactly the amount per unit times the units of record; no remainder is "
    "carried.",
    37: "An epoch is declared once, after it was recorded; a refused declaration takes no coin.",
    38: "No amount is cut to fit its field, and no unit is ever repaid or written down by more than "
    "it stood for.",
    39: "A payment asks for no pause, suspension, filing or default, and nothing between two parts of "
    "it changes what was declared; a default only binds what is declared after it. Then no junior "
    "is paid before a senior that is outstanding, or whose loss may be reversed.",
    40: "Only the paying agent, or anybody thirty days after the declaration, sets money aside or "
    "credits it; before, a stranger's call leaves such a holder unpaid and unmarked.",
    41: "Without coin enough for all it would pay, a payment is refused whole: no want of money "
    "becomes a credit.",
    42: "Each holder's transfer has its bound of gas: whatever some recipients burn or refuse, the "
    "list can be split until it is through, and little gas never makes a good transfer look "
    "refused.",
    43: "Anybody may release or collect, but only to the wallet the investor has now, and only if it "
    "may be paid.",
    44: "What nobody has claimed six years after maturity and declaration goes to one account fixed "
    "beforehand; credits and money set aside stay.",
    45: "A distributor is replaced only while no epoch is unsettled; the former one goes on paying "
    "what it holds for holders.",
    46: "A lost wallet, frozen before, is given up for a fresh one on every tranche in one "
    "transaction, whole and for good; through any number of wallets nothing due is lost.",
    47: "What was paid before a recovery is not paid after it; what was not is paid once, to the "
    "wallet of now.",
    48: "What the registry says of a wallet it says to every admitted tranche at once; one that is "
    "admitted later admits nobody by itself, and none is let go.",
    49: "A replaced registry writes nothing from that block on; the fresh one restricts any wallet "
    "under the number it has, and freezes stay.",
    50: "A trade moves both legs exactly or neither, as both parties signed it for this chain and "
    "this contract, once; a first issue passes every gate of a mint.",
    51: "The deployer keeps no role; no two roles share an id; nothing is initialised twice; the "
    "admin is a timelock whose proposer is not its executor.",
}

_IDS = re.compile(r"([A-Z]+-?\d+(?:, [A-Z]+-?\d+)*)[:.]")
"""What a docstring begins with: properties, and rules of the rulebook among them."""
_NAMED = re.compile(r"function ((?:test|check|invariant)_P(\d+)_\w+)\s*\(([^)]*)\)")


@cache
def shown() -> Mapping[int, tuple[tuple[str, Path, str], ...]]:
    """Number -> the tests that show it, each as (means, file, name)."""
    found: dict[int, list[tuple[str, Path, str]]] = defaultdict(list)
    for number, means, file, name in (*_in_python(), *_in_solidity()):
        found[number].append((means, file, name))
    return {number: tuple(tests) for number, tests in sorted(found.items())}


def _in_python() -> Iterator[tuple[int, str, Path, str]]:
    for folder in PYTHON:
        for file in sorted((ROOT / "tests" / folder).glob("test_*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.FunctionDef):
                    continue
                marks = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
                if not node.name.startswith("test_") and "invariant" not in marks:
                    continue
                said = _IDS.match(ast.get_docstring(node) or "")
                for number in re.findall(r"\bP(\d+)", said[1]) if said else ():
                    yield int(number), _means(marks, file), file, node.name


def _means(marks: set[str], file: Path) -> str:
    if "invariant" in marks:
        return "Hypothesis, state machine"
    if "given" in marks:
        return "Hypothesis"
    if "pytest.mark.compiler" in marks:
        return "compiler's output"
    return "bytecode" if file.name == "test_bytecode.py" else "EVM"


def _in_solidity() -> Iterator[tuple[int, str, Path, str]]:
    for file in sorted((*SOLIDITY.glob("test/**/*.t.sol"), *SOLIDITY.glob("proofs/**/*.t.sol"))):
        for name, number, parameters in _NAMED.findall(file.read_text(encoding="utf-8")):
            kind = name.partition("_")[0]
            means = {"check": "Halmos proof", "invariant": "Forge, invariant"}.get(kind)
            means = means or ("Forge, fuzzed" if parameters.strip() else "Forge")
            yield int(number), means, file, name


def document() -> str:
    """The whole of it, as Markdown."""
    lines = _INTRODUCTION.splitlines()
    for chapter, numbers in CHAPTERS.items():
        lines += ["", f"## {chapter}"]
        for number in numbers:
            lines += ["", f"**P{number}.** {PROPERTIES[number]}", "", *_tests(number)]
    return "\n".join(lines) + "\n"


def _tests(number: int) -> Iterator[str]:
    """A line for each file and means: `- EVM, [test_x.py](…): test_a, test_b`."""
    together: dict[tuple[str, Path], list[str]] = defaultdict(list)
    for means, file, name in shown().get(number, ()):
        together[means, file].append(f"`{name}`")
    for (means, file), names in together.items():
        path = Path("..") / file.relative_to(ROOT)
        yield f"- {means}, [{file.name}]({path}): {', '.join(dict.fromkeys(names))}"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
