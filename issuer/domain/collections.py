"""Collections: the pool's cash in renminbi, converted batch by batch into settlement coin.

Every batch that funds a payment names the exchange it went through and the outward remittance
(rule SET-09). A batch without both references is held: it exists, but is not available.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from issuer.domain.errors import Complaint, InvalidInput, IssuanceError
from issuer.domain.money import FEN_PER_YUAN, MAX_MICRO, MICRO_PER_COIN

HELD_RULE = "SET-09"


class CollectionsHeldError(IssuanceError):
    """The batch has no exchange or remittance reference, so its cash is not available."""

    code = "collections.held"


@dataclass(frozen=True, slots=True)
class FxConversion:
    """One exchange: units of the deal's currency per CNY, and the papers that prove it.

    `reference` is the bank's for the exchange, `outward_reference` the one of the remittance.
    """

    rate: Fraction
    reference: str | None
    rate_date: date
    outward_reference: str | None


class Collected(StrEnum):
    """What cash was collected of; REVENUE is that of pools without a balance (tolls, charging)."""

    REVENUE = "REVENUE"
    INTEREST = "INTEREST"
    PRINCIPAL = "PRINCIPAL"
    RECOVERIES = "RECOVERIES"


@dataclass(frozen=True, slots=True)
class CollectionBatch:
    """Cash the servicer reports for the period with number `period`."""

    id: str
    period: int
    cny_fen: int
    fx: FxConversion | None
    received_on: date
    of: Collected = Collected.REVENUE


@dataclass(frozen=True, slots=True)
class Conversion:
    """A batch in coin: whole micro-units, and the fraction of one that was dropped and shown."""

    coin_micro: int
    dropped: Fraction


@dataclass(frozen=True, slots=True)
class AvailableFunds:
    """What the batches of one period add up to, and which of them are held."""

    coin_micro: int
    converted: tuple[tuple[CollectionBatch, Conversion], ...]
    held: tuple[CollectionBatch, ...]


def held_reason(batch: CollectionBatch) -> str | None:
    """Why the batch is held, with the cure; `None` if it may be converted."""
    if batch.fx is None:
        return "no exchange is recorded: add the rate, its date and both references"
    if not (batch.fx.reference or "").strip():
        return "the exchange has no reference: add the bank's"
    if not (batch.fx.outward_reference or "").strip():
        return "the outward remittance has no reference: add the bank's"
    return None


def convert(batch: CollectionBatch) -> Conversion:
    """Convert at the stated rate, rounding down once to the micro-unit.

    Raises `CollectionsHeldError` (rule SET-09) for a held batch, and `InvalidInput` for an amount
    or a rate that is negative or too large for the books.
    """
    reason = held_reason(batch)
    if batch.fx is None or reason is not None:
        raise CollectionsHeldError(
            f"batch {batch.id} is held by {HELD_RULE}: {reason}",
            batch=batch.id,
            rule=HELD_RULE,
            cure=reason,
        )
    exact = Fraction(batch.cny_fen * MICRO_PER_COIN, FEN_PER_YUAN) * batch.fx.rate
    if batch.fx.rate <= 0 or not 0 <= exact <= MAX_MICRO:
        raise InvalidInput(
            f"batch {batch.id}",
            [
                Complaint(
                    "/cny",
                    "collections.range",
                    f"the amount in coin must lie between 0 and {MAX_MICRO} micro-units and the "
                    "rate above zero: correct the amount or the rate",
                )
            ],
        )
    coin_micro = exact.numerator // exact.denominator
    return Conversion(coin_micro, exact - coin_micro)


def available_funds(batches: Iterable[CollectionBatch], period: int) -> AvailableFunds:
    """Convert all that is not held among the batches of `period`; the others are ignored.

    Raises `InvalidInput` as `convert` does.
    """
    ours = [batch for batch in batches if batch.period == period]
    held = tuple(batch for batch in ours if held_reason(batch) is not None)
    converted = tuple((batch, convert(batch)) for batch in ours if batch not in held)
    return AvailableFunds(sum(c.coin_micro for _, c in converted), converted, held)
