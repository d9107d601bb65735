"""What documents are made of, and how they complain: a JSON pointer, a rule and a cure each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, TypeVar

import pycountry
from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictInt,
    ValidationError,
)
from stdnum import isin as isin_number
from stdnum import lei as lei_number
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import ValidationError as NumberError

from issuer.calendars import calendar_names
from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import (
    parse_coin,
    parse_fen,
    parse_percent,
    parse_rate,
    parse_signed_percent,
)
from issuer.domain.names import as_compared


class Document(BaseModel):
    """Base of every document: strict types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def checked(parse: Callable[[str], object]) -> BeforeValidator:
    """Keep the text, but only if `parse` accepts it: the document stays as it was written."""

    def check(value: Any) -> Any:
        parse(value)
        return value

    return BeforeValidator(check, json_schema_input_type=str)


def _parsed(parse: Callable[[str], object], wanted: str) -> BeforeValidator:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is not {wanted}") from error

    return BeforeValidator(read, json_schema_input_type=str)


def _iso_date(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    found = date.fromisoformat(text)
    if not 1900 <= found.year <= 2199:
        raise ValueError(text)
    return found


def _clock_time(text: str) -> time:
    if not re.fullmatch(r"[0-9]{2}:[0-9]{2}", text):
        raise ValueError(text)
    return time.fromisoformat(text)


def uscc(text: str) -> str:
    """A unified social credit code with a valid check digit; raises `ValueError`."""
    try:
        return str(uscc_number.validate(text))
    except NumberError as error:
        raise ValueError(
            f"{text!r} is not a unified social credit code: check its 18 characters, "
            "the last of which is a check digit"
        ) from error


def lei(text: str) -> str:
    """A legal entity identifier with valid check digits; raises `ValueError`."""
    return _number(lei_number, text, "a legal entity identifier (LEI)", 20, "two are check digits")


def isin(text: str) -> str:
    """A securities identification number with a valid check digit; raises `ValueError`."""
    return _number(isin_number, text, "a securities number (ISIN)", 12, "is a check digit")


def _number(checker: Any, text: str, what: str, length: int, last: str) -> str:
    # The library also accepts spaces and small letters; a document says the number as it is.
    if len(text) != length or not checker.is_valid(text) or text != text.upper():
        raise ValueError(
            f"{text!r} is not {what}: check its {length} characters, of which the last {last}"
        )
    return text


def currency(code: str) -> str:
    """An ISO 4217 code that is in use; raises `ValueError`."""
    if pycountry.currencies.get(alpha_3=code) is None:
        raise ValueError(f"{code!r} is no ISO 4217 currency: use three letters such as HKD")
    return code


def country(code: str) -> str:
    """An ISO 3166-1 alpha-2 code that is assigned; raises `ValueError`."""
    if pycountry.countries.get(alpha_2=code) is None:
        raise ValueError(f"{code!r} is no ISO 3166-1 country: use two letters such as HK")
    return code


def country_number(code: str) -> int:
    """The ISO 3166-1 numeric code of a country there is."""
    found = pycountry.countries.get(alpha_2=code)
    if found is None:
        raise ValueError(f"{code!r} is no ISO 3166-1 country")
    return int(found.numeric)


def address(text: str) -> str:
    """A wallet with its EIP-55 checksum; raises `ValueError`."""
    if not is_checksum_address(text):
        raise ValueError(
            f"{text!r} is no checksummed address: copy it from the wallet, capitals included"
        )
    if int(text, 16) == 0:
        raise ValueError("the zero address belongs to nobody: give the wallet's own")
    return text


def contract_address(text: str) -> str:
    """A contract's address with its EIP-55 checksum, given with one or in letters of one size.

    Raises `ValueError`: a checksum that is there must be right, and one that is not cannot be wrong.
    """
    if not is_hex_address(text) or not text.startswith("0x"):
        raise ValueError(f"{text!r} is no address: write 0x and 40 hex digits")
    if text[2:] not in (text[2:].lower(), text[2:].upper()) and not is_checksum_address(text):
        raise ValueError(
            f"the checksum of {text!r} is wrong: a letter was mistyped, so copy the address anew"
        )
    return address(to_checksum_address(text))


def calendar_name(name: str) -> str:
    """The name of a calendar there is; raises `ValueError`."""
    if name not in calendar_names():
        raise ValueError(
            f"there is no calendar {name!r}: use one of ({', '.join(calendar_names())})"
        )
    return name


def repeated(names: Iterable[str]) -> list[str]:
    """Those that stand there twice, in whatever capitals."""
    listed = list(names)
    times = Counter(map(as_compared, listed))
    return sorted({name for name in listed if times[as_compared(name)] > 1})


def once(names: Iterable[str]) -> None:
    """Refuse a list in which a name stands twice; raises `ValueError`."""
    if twice := repeated(names):
        raise ValueError(f"{', '.join(twice)} is given twice: give each once")


CoinAmount = Annotated[
    str,
    checked(parse_coin),
    Field(description="Amount in the deal's currency, a decimal string", examples=["50000.00"]),
]
FenAmount = Annotated[
    str,
    checked(parse_fen),
    Field(description="Amount in renminbi, a decimal string", examples=["19486250.37"]),
]
Percent = Annotated[
    str,
    checked(parse_percent),
    Field(description="Percentage, a decimal string", examples=["5.80"]),
]
SignedPercent = Annotated[
    str,
    checked(parse_signed_percent),
    Field(description="Percentage that may be negative, a decimal string", examples=["-95.5"]),
]
Rate = Annotated[
    str,
    checked(parse_rate),
    Field(description="Deal currency per CNY, a decimal string", examples=["1.073512"]),
]
IsoDate = Annotated[
    date,
    _parsed(_iso_date, "a date from 1900 to 2199 such as 2026-07-15"),
    Field(examples=["2026-07-15"], json_schema_extra={"format": "date"}),
]
ClockTime = Annotated[
    time,
    _parsed(_clock_time, 'a time such as "18:00"'),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str, when_used="json"),
    Field(description="Hours and minutes", examples=["18:00"]),
]
Id = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
        description="Letters, digits, `-` and `_`",
    ),
]
DealId = Annotated[Id, Field(examples=["ev-charging"])]
TrancheId = Annotated[Id, Field(examples=["A"])]
FilingId = Annotated[Id, Field(examples=["ev-charging-f1"])]
InvestorId = Annotated[Id, Field(examples=["H1"])]
Text = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
Code = Annotated[
    str,
    Field(
        pattern=r"^[A-Z][A-Z0-9_]{0,63}$",
        description="An upper-case code; the rulebook says which are allowed",
        examples=["EV_CHARGING_INCOME"],
    ),
]
Country = Annotated[
    str,
    AfterValidator(country),
    Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["HK"]),
]
Address = Annotated[
    str,
    AfterValidator(address),
    Field(
        description="EIP-55 checksummed address",
        examples=["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"],
    ),
]
_HASH, _SIGNATURE = r"^0x[0-9a-f]{64}$", r"^0x[0-9a-fA-F]{130}$"
Hash32 = Annotated[str, Field(pattern=_HASH, description="32 bytes, 0x and lower-case hex")]
Signature = Annotated[str, Field(pattern=_SIGNATURE, description="65 bytes, 0x and hex")]
Uscc = Annotated[
    str,
    AfterValidator(uscc),
    Field(description="Unified social credit code", examples=["91310000MADEM00019"]),
]
Lei = Annotated[str, AfterValidator(lei), Field(description="Legal entity identifier")]
Isin = Annotated[str, AfterValidator(isin), Field(description="Securities number")]
Currency = Annotated[
    str,
    AfterValidator(currency),
    Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["HKD"]),
]
Peg = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{3}$",
        description="What a coin is pegged to; also CNH, which is no ISO 4217 code",
        examples=["HKD"],
    ),
]
Symbol = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{0,15}$", examples=["EVC-A"])]
Whole = Annotated[StrictInt, Field(ge=0)]

_Model = TypeVar("_Model", bound=BaseModel)

#: What some patterns ask for, in words.
_HEX_DIGITS = {_HASH: "64 hex digits, in small letters", _SIGNATURE: "130 hex digits"}
_LONGEST_WORD = 40
_CURES = {
    "missing": "is required: add it",
    "extra_forbidden": "is no field of this document: correct its spelling or leave it out",
    "string_type": "must be a text: put it in quotes",
    "int_type": "must be a whole number: write it in digits, without quotes",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list",
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type"),
        "must be a mapping of names to values",
    ),
}


def cure_of(kind: str, message: str, given: Any = None) -> str:
    """What pydantic says of an error of this kind, in our words; `given` is what was written."""
    if kind == "string_pattern_mismatch":
        pattern = message.removeprefix("String should match pattern '").removesuffix("'")
        if (digits := _HEX_DIGITS.get(pattern)) is not None:
            return f"must be 0x and {digits}"
        return f"is blank, too long or has a character not allowed here: write it as '{pattern}'"
    if kind in ("literal_error", "enum"):
        wanted = message.removeprefix("Input should be ")
        return f"must be {wanted}{', without quotes' if wanted.isdigit() else ''}: correct it"
    if kind in ("waterfall_step", "asset_kind") and (written := _written(kind, given)) is not None:
        return f"{written!r} is none: {message}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = message.rpartition(" ")[2]
        return f"must be {'at least' if kind[0] == 'g' else 'at most'} {bound}: correct it"
    return _CURES.get(kind, message.removeprefix("Value error, "))


def _written(kind: str, given: Any) -> str | None:
    """What a step or an asset says it is."""
    if not isinstance(given, Mapping):
        return None
    name = given.get("kind") if kind == "asset_kind" else next(iter(given), None)
    return name[:_LONGEST_WORD] if isinstance(name, str) else None


def complaints_of(error: ValidationError, document: Any) -> list[Complaint]:
    """A pydantic error in our words: JSON pointers into `document`, rules `schema.<type>`."""
    return [
        Complaint(
            pointer(item["loc"], document, absent=item["type"] == "missing"),
            f"schema.{item['type']}",
            cure_of(item["type"], item["msg"], item["input"]),
        )
        for item in error.errors(include_url=False, include_context=False)
    ]


def parse_document(model: type[_Model], document: Mapping[str, Any], source: str) -> _Model:
    """Check a document against its model; raises `InvalidInput` with every complaint."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(source, complaints_of(error, document)) from error


def pointer(location: Sequence[str | int], document: Any, *, absent: bool) -> str:
    """RFC 6901. Pydantic also names the member of a union, which is nowhere in the document."""
    parts: list[str] = []
    here = document
    for number, part in enumerate(location, start=1):
        listed = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if listed or (isinstance(here, Mapping) and part in here):
            here = here[part]
        elif not (absent and number == len(location)):
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)
