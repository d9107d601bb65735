"""The kinds of figures in a pool file: renminbi, counts, and figures that change with time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, StrictInt, Tag

from issuer.documents.fields import Document, IsoDate, Percent, checked
from issuer.domain.money import parse_coin, parse_decimal, parse_percent
from issuer.domain.pool.curves import After, Curve, Level, Vector

LONGEST_MONTHS = 1_200
"""A hundred years: what is due later than that is a slip of the pen."""

Yuan = Annotated[
    str,
    checked(parse_coin),
    Field(description="Amount in renminbi, a decimal string", examples=["1250000.00"]),
]


def parse_number(text: str) -> Fraction:
    """Read a plain number of zero or more; at most six decimals."""
    return parse_decimal(text, places=6)


def parse_price(text: str) -> Fraction:
    """Read a price in renminbi as micro-units, of which it may be a fraction."""
    return parse_decimal(text, places=12) * 10**6


Number = Annotated[
    str,
    checked(parse_number),
    Field(description="Number of zero or more, a decimal string", examples=["9000"]),
]
Price = Annotated[
    str,
    checked(parse_price),
    Field(description="Price in renminbi, a decimal string", examples=["1.05"]),
]
Months = Annotated[StrictInt, Field(ge=1, le=120)]
Age = Annotated[StrictInt, Field(ge=0, le=LONGEST_MONTHS, description="Months since origination")]
Count = Annotated[StrictInt, Field(ge=1, le=LONGEST_MONTHS)]


def _kind_of_level(value: Any) -> str:
    return "level:steps" if isinstance(value, Mapping) else "level:stated"


_LEVEL = Discriminator(_kind_of_level)
_STEPS = Field(min_length=1, description="The figure from each date on")

NumberLevel = Annotated[
    Annotated[Number, Tag("level:stated")]
    | Annotated[dict[IsoDate, Number], _STEPS, Tag("level:steps")],
    _LEVEL,
]
PercentLevel = Annotated[
    Annotated[Percent, Tag("level:stated")]
    | Annotated[dict[IsoDate, Percent], _STEPS, Tag("level:steps")],
    _LEVEL,
]
PriceLevel = Annotated[
    Annotated[Price, Tag("level:stated")]
    | Annotated[dict[IsoDate, Price], _STEPS, Tag("level:steps")],
    _LEVEL,
]


def read_level(value: str | Mapping[date, str], parse: Callable[[str], Fraction]) -> Level:
    """One figure, or a curve of those that hold from their dates on."""
    return parse(value) if isinstance(value, str) else read_curve(value, parse)


def read_curve(steps: Mapping[date, str], parse: Callable[[str], Fraction]) -> Curve:
    """The steps by rising date, whatever the order of the file."""
    return Curve(tuple((day, parse(steps[day])) for day in sorted(steps)))


class VectorTerms(Document):
    """A percentage for each collection period."""

    values: Annotated[
        list[Percent], Field(min_length=1, description="The first for the first collection period")
    ]
    after: Annotated[
        After, Field(strict=False, description="Past the last value: hold it, or end at zero")
    ] = After.HOLD

    def to_domain(self) -> Vector:
        """The vector."""
        return Vector(tuple(map(parse_percent, self.values)), self.after)


def _vector(value: Any) -> Any:
    """`"6"` is that percentage throughout, and a list is a value for each period."""
    if isinstance(value, str):
        return {"values": [value]}
    return {"values": value} if isinstance(value, list) else value


def parse_share(text: str) -> Fraction:
    """Read a percentage of a whole: at most 100."""
    share = parse_percent(text)
    if share > 1:
        raise ValueError(f"{text!r} is more than all of it: write 0 to 100 per cent")
    return share


def _shares(vector: VectorTerms) -> VectorTerms:
    for each in vector.values:
        parse_share(each)
    return vector


PercentVector = Annotated[VectorTerms, BeforeValidator(_vector), AfterValidator(_shares)]
