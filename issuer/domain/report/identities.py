"""The sums that a report stands on. They are computed from other figures than those they prove: the
lines against the states before and after, the amounts per unit against the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from issuer.domain.errors import IssuanceBug
from issuer.domain.report.model import Identity
from issuer.domain.waterfall.distribution import TO_HOLDERS, Distribution, Kind
from issuer.domain.waterfall.state import DealState, opening_state
from issuer.domain.waterfall.structure import Structure


def identities(
    structure: Structure, figures: Distribution, before: Distribution | None
) -> tuple[Identity, ...]:
    """All identities of a period; `before` is the period before it, None for the first reported.

    Raises `IssuanceBug` for the first that does not hold.
    """
    expected = _expected_opening(structure, figures, before)
    found = (
        *_continuity(figures, *expected),
        _available(figures),
        *_lines(figures),
        *_tranches(structure, figures),
        *_accounts(structure, figures),
        *_pool(figures),
    )
    for each in found:
        if each.left_micro != each.right_micro:
            raise IssuanceBug(
                f"period {figures.period}, {each.name} of {each.subject}: "
                f"{each.left} = {each.left_micro} is not {each.right} = {each.right_micro}"
            )
    if expected[0] != figures.opening:  # shortfalls, failed tests: what no balance shows
        raise IssuanceBug(
            f"period {figures.period} does not open as it was {expected[1]}: {figures.opening}"
            f" is not {expected[0]}"
        )
    return found


# ---- from one period to the next


def _expected_opening(
    structure: Structure, figures: Distribution, before: Distribution | None
) -> tuple[DealState, str]:
    """The state that the period must begin with, and where it comes from."""
    if before is not None:
        return before.closing, f"at the closing of period {before.period}"
    if figures.period == 1:
        units = {name: each.units for name, each in figures.opening.tranches.items()}
        return opening_state(structure, units), "by the terms"
    return figures.opening, "at the start of this report"


def _continuity(figures: Distribution, state: DealState, when: str) -> Iterator[Identity]:
    ends, begins = _balances(state), _balances(figures.opening)
    now = f"at the opening of period {figures.period}"
    for subject in dict.fromkeys((*ends, *begins)):
        yield Identity(
            "continuity",
            subject,
            ((when, ends.get(subject, 0)),),
            ((now, begins.get(subject, 0)),),
        )


def _balances(state: DealState) -> Mapping[str, int]:
    found = {
        f"tranche {name}": each.outstanding_per_unit_micro * each.units
        for name, each in state.tranches.items()
    }
    found |= {f"carry {name}": each.carry_micro for name, each in state.tranches.items()}
    found |= {f"reserve {name}": amount for name, amount in state.reserves.items()}
    found |= {f"arrears {name}": amount for name, amount in state.fee_arrears.items()}
    found |= {f"support {name}": amount for name, amount in state.support_owed.items()}
    if state.pool.original_micro or state.pool.balance_micro:
        found["pool"] = state.pool.balance_micro
    return found


# ---- within a period


def _available(figures: Distribution) -> Identity:
    before, after = figures.opening, figures.closing
    return Identity(
        "available funds",
        "deal",
        (
            ("collections", figures.collections_micro),
            ("support", figures.support_micro),
            ("reserves before", before.reserve_micro),
            ("carry before", before.carry_micro),
        ),
        (
            ("paid", figures.paid_micro),
            ("reserves after", after.reserve_micro),
            ("carry after", after.carry_micro),
        ),
    )


def _lines(figures: Distribution) -> Iterator[Identity]:
    """One for each kind of line, so that two errors must be alike to hide each other."""
    for kind in dict.fromkeys(line.kind for line in figures.lines):
        lines = [line for line in figures.lines if line.kind is kind]
        yield Identity(
            "paid or short",
            kind.value,
            (("due", sum(line.due_micro for line in lines)),),
            (
                ("paid", sum(line.paid_micro for line in lines)),
                ("shortfall", sum(line.shortfall_micro for line in lines)),
            ),
        )


def _tranches(structure: Structure, figures: Distribution) -> Iterator[Identity]:
    per_unit = {each.tranche: each for each in figures.per_unit}
    for tranche in structure.tranches:
        name = tranche.id
        opened, closed = figures.opening.tranches[name], figures.closing.tranches[name]
        yield Identity(
            "balance",
            name,
            (
                ("opening", opened.outstanding_per_unit_micro * opened.units),
                ("capitalised", figures.total(Kind.CAPITALISED, name)),
                ("written up", figures.total(Kind.WRITE_UP, name)),
            ),
            (
                ("principal paid", figures.total(Kind.PRINCIPAL, name)),
                ("written down", figures.total(Kind.WRITE_DOWN, name)),
                ("put back", figures.total(Kind.PUT_BACK, name)),
                ("closing", closed.outstanding_per_unit_micro * closed.units),
            ),
        )
        each = per_unit.get(name)
        yield Identity(
            "paid per unit",
            name,
            (
                ("interest per unit × units", each.interest_paid_micro * each.units if each else 0),
                (
                    "principal per unit × units",
                    each.principal_paid_micro * each.units if each else 0,
                ),
            ),
            tuple((kind.value, figures.total(kind, name)) for kind in Kind if kind in TO_HOLDERS),
        )
        if each is not None:
            yield Identity(
                "balance per unit",
                name,
                (
                    ("before", each.outstanding_before_micro),
                    ("capitalised", each.capitalised_micro),
                ),
                (
                    ("principal", each.principal_paid_micro),
                    ("written down", each.written_down_micro),
                    ("after", closed.outstanding_per_unit_micro),
                ),
            )
            yield Identity(
                "due per unit",
                name,
                (
                    ("interest due", each.interest_due_micro),
                    ("principal due", each.principal_due_micro),
                ),
                (
                    ("interest paid", each.interest_paid_micro),
                    ("interest short", each.interest_shortfall_micro),
                    ("principal paid", each.principal_paid_micro),
                    ("principal short", each.principal_shortfall_micro),
                ),
            )
        moved = sum(
            line.carry_micro
            for line in figures.lines
            if line.subject == name and line.kind in TO_HOLDERS
        )
        yield Identity(
            "carry",
            name,
            (("before", opened.carry_micro), ("kept by the steps", moved)),
            (("after", closed.carry_micro),),
        )


def _accounts(structure: Structure, figures: Distribution) -> Iterator[Identity]:
    before, after = figures.opening, figures.closing
    for reserve in structure.reserves:
        yield Identity(
            "reserve",
            reserve.id,
            (
                ("opening", before.reserves[reserve.id]),
                ("topped up", figures.total(Kind.TOP_UP, reserve.id)),
            ),
            (
                ("drawn", figures.total(Kind.DRAW, reserve.id)),
                ("released", figures.total(Kind.RELEASE, reserve.id)),
                ("closing", after.reserves[reserve.id]),
            ),
        )
    for fee in structure.fees:
        due = fee_due(figures, fee.id)
        yield Identity(
            "fee",
            fee.id,
            (("arrears and charge", due),),
            (
                ("paid", figures.total(Kind.FEE, fee.id)),
                ("arrears after", after.fee_arrears[fee.id]),
            ),
        )
    for sponsor in structure.sponsors:
        yield Identity(
            "support",
            sponsor.id,
            (
                ("owed before", before.support_owed[sponsor.id]),
                ("given", figures.total(Kind.SUPPORT, sponsor.id)),
            ),
            (
                ("repaid", figures.total(Kind.SUPPORT_REPAID, sponsor.id)),
                ("owed after", after.support_owed[sponsor.id]),
            ),
        )


def fee_due(figures: Distribution, fee_id: str) -> int:
    """A fee's arrears and charge, as the first step that pays it found them.

    A waterfall that leaves the fee out pays none of it: then all that is due is owed afterwards.
    """
    for line in figures.lines:
        if line.kind is Kind.FEE and line.subject == fee_id:
            return line.due_micro
    return figures.closing.fee_arrears[fee_id]


def _pool(figures: Distribution) -> Iterator[Identity]:
    before, after, collected = figures.opening.pool, figures.closing.pool, figures.collections
    if not (before.original_micro or before.balance_micro or after.balance_micro):
        return
    yield Identity(
        "pool balance",
        "pool",
        (
            ("opening", before.balance_micro),
            ("bought, capitalised, less diluted; exchange", pool_other(figures)),
        ),
        (
            ("principal collected", collected.principal_micro),
            ("defaulted", collected.defaulted_micro),
            ("closing", after.balance_micro),
        ),
    )
    yield Identity(
        "cumulative defaults",
        "pool",
        (
            ("before", before.cumulative_defaulted_micro),
            ("defaulted", collected.defaulted_micro),
        ),
        (("after", after.cumulative_defaulted_micro),),
    )
    yield Identity(
        "cumulative losses",
        "pool",
        (("before", before.cumulative_losses_micro), ("losses", collected.losses_micro)),
        (("after", after.cumulative_losses_micro),),
    )


def pool_other(figures: Distribution) -> int:
    """By how much the pool's balance rose beside collections and defaults.

    The balance is the one reported; where nobody reports one, that at the opening.
    """
    collected, opening = figures.collections, figures.opening.pool.balance_micro
    balance = opening if collected.pool_micro is None else collected.pool_micro
    return balance + collected.principal_micro + collected.defaulted_micro - opening
