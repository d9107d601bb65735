"""The costs as tables: ours beside others', and beside what they are meant to be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scripts.gas.cost import Cost
from scripts.gas.recorded import (
    ATS,
    CENTRIFUGE,
    CMTAT,
    INCOME_VAULT,
    RECORDED,
    SNAPSHOT_ENGINE,
    T_REX,
    URWA,
    Recorded,
)
from scripts.gas.snapshot import FLOOR, OURS, OZ_ALLOWLIST, OZ_ERC20, PUSH_LOOP, Section
from scripts.gas.targets import TARGETS, value_of

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of text; the first column says what the row is about, and the others mostly are figures."""

    head: Row
    rows: tuple[Row, ...]
    words: bool = False

    def markdown(self) -> str:
        """As in a document."""
        rule = ("---", *("---" if self.words else "--:" for _ in self.head[1:]))
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, rule, *self.rows))

    def text(self) -> str:
        """As in a terminal."""
        lines = (self.head, *self.rows)
        widths = [max(len(row[n]) for row in lines) for n in range(len(self.head))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if n and not self.words else cell.ljust(width)
                for n, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in lines
        )


UNITS = (
    "deploy",
    "allowlist 1",
    "allowlist 100, each",
    "mint to a new holder",
    "mint to a holder",
    "mint to 100 new holders, each",
    "transfer to a holder",
    "transfer to a new holder",
    "transferFrom to a holder",
    "approve",
    "freeze",
    "partial freeze",
    "forced transfer",
)

COUPONS = (
    "coupon push to 100, steady, each",
    "coupon push to 250, steady, each",
    "coupon push to 100, first, each",
    "coupon push to 250, first, each",
    "coupon claim, steady",
    "coupon claim, first",
    "transfer to a holder",
    "transfer, first after a record date",
    "transfer, next after a record date",
)


def ours(sections: Mapping[str, Section]) -> dict[str, Cost]:
    """Every cost of our contracts, by name."""
    return {name: cost for scene in OURS for name, cost in sections[scene].items()}


def units(sections: Mapping[str, Section]) -> Table:
    """Ours beside other tokens."""
    measured = {name: sections[name] for name in (OZ_ERC20, OZ_ALLOWLIST)}
    return beside(UNITS, ours(sections), measured, (URWA, CMTAT, CENTRIFUGE, T_REX, ATS))


def coupons(sections: Mapping[str, Section]) -> Table:
    """Ours beside other ways to pay many, and to know whom: what a record date does to transfers."""
    measured = {name: sections[name] for name in (FLOOR, PUSH_LOOP)}
    return beside(COUPONS, ours(sections), measured, (INCOME_VAULT, SNAPSHOT_ENGINE, ATS))


def beside(
    entries: Row,
    mine: Section,
    measured: Mapping[str, Section],
    recorded: tuple[Recorded, ...],
) -> Table:
    """Ours, and in brackets behind each other's figure ours as a multiple of it."""
    others: dict[str, dict[str, float]] = {
        name: {entry: each.each for entry, each in section.items()}
        for name, section in measured.items()
    }
    others |= {f"{peer.name} (recorded)": dict[str, float](peer.gas) for peer in recorded}

    def row(entry: str) -> Row:
        own = mine["deploy AbsToken" if entry == "deploy" else entry].each
        cells = (_compared(own, gas.get(entry)) for gas in others.values())
        return entry, f"{own:,.0f}", *cells

    return Table(("gas", "ours", *others), tuple(row(entry) for entry in entries))


def _compared(own: float, other: float | None) -> str:
    return "–" if other is None else f"{other:,.0f} ({own / other:.2f})"


def targets(sections: Mapping[str, Section], code_bytes: Mapping[str, int]) -> Table:
    """What was aimed at, and whether it is reached."""
    mine = ours(sections)

    def rows() -> Iterator[Row]:
        for target in TARGETS:
            value = value_of(target, mine, code_bytes)
            verdict = "yes" if target.met(value) else f"no, by {value - target.at_most:,.0f}"
            yield target.entry, f"{target.at_most:,} {target.unit}", f"{value:,.0f}", verdict

    return Table(("target", "at most", "measured", "met"), tuple(rows()))


def everything(sections: Mapping[str, Section]) -> Table:
    """All that is measured of ours."""
    rows = (
        (name, f"{cost.each:,.0f}", f"{cost.gas:,}" if cost.among > 1 else "")
        for name, cost in ours(sections).items()
    )
    return Table(("operation", "gas", "in all"), tuple(rows))


def sizes(code_bytes: Mapping[str, int]) -> Table:
    """Bytes of code."""
    return Table(
        ("contract", "bytes", "of 24,576"),
        tuple((name, f"{n:,}", f"{n / 24_576:.0%}") for name, n in code_bytes.items()),
    )


def sources() -> Table:
    """Where recorded figures come from."""
    rows = (
        (
            peer.name,
            peer.source,
            peer.compiler,
            "; ".join(f"{entry}: {remark}" for entry, remark in peer.remarks.items()) or "–",
        )
        for peer in RECORDED
    )
    return Table(("recorded of", "source", "compiled by", "remarks"), tuple(rows), words=True)
