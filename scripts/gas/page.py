"""Make docs/gas.md of the costs that are checked in."""

from collections.abc import Iterator
from pathlib import Path

from chain.toolchain import EVM_VERSION, OPTIMIZER_RUNS, SOLC_VERSION
from scripts.gas import tables
from scripts.gas.snapshot import read, read_code_bytes
from scripts.gas.targets import TARGETS, value_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "gas.md"

HEAD = f"""\
# What the contracts cost in gas

Written by `make gas-snapshot` from `tests/contracts/gas.json`, which it measures first; do not edit.
`tests/contracts/test_gas.py` measures every figure of ours and of OpenZeppelin's again and fails on
a difference of one gas. `make bench-gas` measures and prints the tables.

## How it is measured

`gasUsed` of receipts on the embedded chain (py-evm).
Compiled by solc {SOLC_VERSION}, optimizer at {OPTIMIZER_RUNS} runs, EVM {EVM_VERSION}.

Keys, addresses and instants are fixed, so that the figures are the same to the last gas on every
machine. Each is a transaction of its own in a block of its own: all that it touches is cold, and its
21,000 and its calldata are counted in. Wallets of a batch have no zero byte in their addresses, which
would make them cheaper. "Each" is the whole transaction divided by those it is for.

- **Mint** is what the token asks, called by its settlement address; **issue against coin** is the whole
  of it through DvpSettlement, both legs.
- **Allowlist** goes through InvestorRegistry, which writes the investor into every tranche of the deal;
  one tranche unless said.
- **Coupon push** is `pay` to holders of record; **claim** is `pay` to one, sent by anybody. "First" is
  to wallets that have no coin yet: their new balance alone costs 17,100 more. "Steady" is to wallets
  that have some. The claim is one of a holder with a paid neighbour: 256 investor numbers share
  a slot, and the first of them to be paid, by push or by claim, pays 17,100 to open it.

## What is not counted

- The price of gas: on a permissioned chain it is often zero. What stays is the block's limit and the
  time of the nodes.
- Blobs, layer-2 data fees and access lists; EIP-7623's floor, which none of these reaches.
- A coin dearer than OpenZeppelin's ERC-20: one behind a proxy adds some 10,000 to each payment.
- What a holder was charged at onboarding is under *allowlist*, not under the first mint or transfer:
  that is why these cost no more than later ones, and others' do.
- Others' rules are not ours. OpenZeppelin's ERC-20 checks nothing; the allowlist token knows one bit of
  a wallet. Ours asks at each transfer for the filing's status, pause, lock-up, both wallets' expiry and
  freeze, frozen units, minimum and maximum holding, and keeps record dates.
"""


def document() -> str:
    """The whole document."""
    return "\n".join((HEAD, *_body()))


def _body() -> Iterator[str]:
    sections, code_bytes = read(), read_code_bytes()
    yield "## Targets\n"
    yield "Set before the contracts were written, from what others' cost and from what a prototype did.\n"
    yield tables.targets(sections, code_bytes).markdown()
    yield "\n### What the last gas buys\n"
    yield from _what_the_last_gas_buys()
    yield "\n## Units, beside others\n"
    yield "In brackets: ours as a multiple of it. What is recorded was measured once, elsewhere.\n"
    yield tables.units(sections).markdown()
    yield "\n## Coupons and record dates, beside others\n"
    yield "The floor is payment inside the coin itself, in assembly, that asks nothing and records nothing;"
    yield "the push loop sends what it is told from outside. Neither knows of record dates, of who was"
    yield "paid, or of holders who may not be.\n"
    yield tables.coupons(sections).markdown()
    yield "\n## Where recorded figures come from\n"
    yield "Anvil 1.7.1 (Prague), legacy code generation, optimizer at 200 runs where nothing else is said,"
    yield "random addresses, amounts of 18 decimals. Nothing of it is measured again here.\n"
    yield tables.sources().markdown()
    yield "\n## All that is measured\n"
    yield tables.everything(sections).markdown()
    yield "\n## Code\n"
    yield tables.sizes(code_bytes).markdown()
    yield ""


def _what_the_last_gas_buys() -> Iterator[str]:
    mine, code_bytes = tables.ours(read()), read_code_bytes()
    yield "Written by hand in `scripts/gas/targets.py`, for each target that is missed.\n"
    missed: dict[str, list[str]] = {}
    for target in TARGETS:
        if not target.met(value_of(target, mine, code_bytes)):
            missed.setdefault(target.buys, []).append(target.entry)
    for buys, entries in missed.items():
        yield f"- **{'; '.join(entries)}.** {buys}"
    if not missed:
        yield "None is missed."


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(f"wrote {DOCUMENT}")
