"""The loan tape: one loan a line, as comma-separated text with a header.

A tape crosses the border, so it tells loans and not persons (TOK-08): columns are the ones listed
here, and a value that looks like a number of a person is refused without being repeated.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from pathlib import Path

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.money import parse_coin, parse_percent
from issuer.domain.pool.loan import Amortisation, Loan
from issuer.domain.rulebook.data_rules import PERSONAL_DATA

MAX_LOANS = 100_000
MAX_BYTES = 32_000_000
MAX_COMPLAINTS = 50
"""As many as anybody reads at once; the rest show when these are mended."""

_PERSONAL_COLUMN = re.compile(
    r"name|borrower|obligor|customer|person|phone|mobile|\btel|e-?mail|address|birth|gender|passport"
    r"|identity|id_?card|id_?n(o|um)|national_?id|wechat|account_?n(o|um)|bank_?card"
    r"|姓名|电话|手机|身份证|证件|住址|地址|邮箱|生日|出生|性别|银行卡|微信"
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("is no id: write up to 64 letters, digits, dots, dashes or underscores")
    return text


def _count(text: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,3}", text, re.ASCII):
        raise ValueError("is no whole number from 0 to 9999: write digits only")
    return int(text)


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no date: write it as 2026-11-30") from None


def _amortisation(text: str) -> Amortisation:
    known = [kind.value for kind in Amortisation if kind is not Amortisation.CUSTOM]
    if text not in known:
        raise ValueError(f"is none of {', '.join(known)}: write one of them")
    return Amortisation(text)


COLUMNS: Mapping[str, Callable[[str], object]] = {
    "id": _id,
    "balance": parse_coin,
    "rate": parse_percent,
    "remaining": _count,
    "original_balance": parse_coin,
    "age": _count,
    "amortisation": _amortisation,
    "interval": _count,
    "next_due": _day,
    "maturity": _day,
    "interest_only": _count,
    "payment": parse_coin,
    "balloon_term": _count,
}
"""What a tape may say of a loan. Rates are in per cent a year, amounts in coin."""

REQUIRED = ("id", "balance", "rate", "remaining")


def load_loan_tape(path: Path) -> tuple[Loan, ...]:
    """Read the file; raises `InvalidInput` naming it, the line and the column."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"cannot be read ({error.strerror}): give a file that exists"
        raise InvalidInput(str(path), [Complaint("", "tape.unreadable", message)]) from error
    if len(raw) > MAX_BYTES:
        message = f"has more than {MAX_BYTES} bytes: split it"
        raise InvalidInput(str(path), [Complaint("", "tape.size", message)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 at byte {error.start}: save it as UTF-8"
        raise InvalidInput(str(path), [Complaint("", "tape.encoding", message)]) from error
    return parse_loan_tape(text, source=str(path))


def parse_loan_tape(text: str, *, source: str = "loan tape") -> tuple[Loan, ...]:
    """The loans of a tape, in its order; empty cells of columns not required are left out.

    Raises `InvalidInput` with a complaint at `/line/column` for each cell that is wrong.
    """
    complaints: list[Complaint] = []
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        if not text.strip():
            columns = ",".join(REQUIRED)
            message = f"the file is empty: write a header such as {columns}, then a loan a line"
            raise InvalidInput(source, [Complaint("/1", "tape.empty", message)])
        header = [cell.strip().lower() for cell in next(lines, [])]
        _require(source, list(_header_complaints(header)))
        loans = _loans(header, ((lines.line_num, cells) for cells in lines), complaints)
    except csv.Error as error:
        message = f"cannot be read as CSV ({error}): quote cells that hold commas or quotes"
        _require(source, [*complaints, _at(lines.line_num, "", "tape.csv", message)])
    if not complaints and not loans:
        complaints.append(_at(2, "", "tape.empty", "holds no loan: add one"))
    if len(loans) > MAX_LOANS:
        message = f"is past {MAX_LOANS} loans: split the tape or group it"
        complaints.append(_at(lines.line_num, "", "tape.size", message))
    _require(source, complaints)
    return tuple(loans.values())


def _loans(
    header: list[str], lines: Iterable[tuple[int, list[str]]], complaints: list[Complaint]
) -> dict[str, Loan]:
    loans: dict[str, Loan] = {}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        loan = _loan(header, cells, line, complaints)
        if loan is not None and loan.id in loans:
            complaints.append(_at(line, "id", "tape.id", "is used twice: rename one"))
        elif loan is not None:
            loans[loan.id] = loan
        if len(complaints) >= MAX_COMPLAINTS or len(loans) > MAX_LOANS:
            break
    return loans


def _header_complaints(header: list[str]) -> Iterator[Complaint]:
    for column in header:
        # Never repeated in the message: a refusal must not spread what it refuses.
        if _PERSONAL_COLUMN.search(unicodedata.normalize("NFKC", column)):
            place, message = header.index(column) + 1, "looks like data of a person: leave it out"
            yield Complaint(f"/1/{place}", "TOK-08", f"line 1, column {place} {message}")
        elif ";" in column or "\t" in column:
            yield _at(
                1, "", "tape.separator", "is not separated by commas: save the file with commas"
            )
            return
        elif column not in COLUMNS:
            known = ", ".join(COLUMNS)
            yield _at(1, column, "tape.column", f"is no column of a tape: use {known}")
    for column in REQUIRED:
        if column not in header:
            yield _at(1, column, "tape.column", "is missing: add the column")
    for column in sorted({c for c in header if header.count(c) > 1}):
        yield _at(1, column, "tape.column", "comes twice: leave one out")


def _loan(
    header: list[str], cells: list[str], line: int, complaints: list[Complaint]
) -> Loan | None:
    before = len(complaints)
    if len(cells) != len(header):
        message = f"has {len(cells)} cells, the header {len(header)}: write one for each column"
        complaints.append(_at(line, "", "tape.cells", message))
        return None
    found: dict[str, object] = {}
    for column, cell in zip(header, map(str.strip, cells), strict=True):
        complaint = _read(column, cell, found)
        if complaint:
            complaints.append(_at(line, column, *complaint))
    if len(complaints) > before:
        return None
    try:
        return Loan(**found)  # type: ignore[arg-type]
    except InvalidInput as refused:
        complaints += (
            Complaint(f"/{line}{wrong.path}", wrong.rule, f"line {line}: {wrong.message}")
            for wrong in refused.complaints
        )
        return None


def _read(column: str, cell: str, found: dict[str, object]) -> tuple[str, str] | None:
    """Put the value into `found`, or say which rule the cell breaks and what to do."""
    if not cell:
        return ("tape.cell", "is empty: write a value") if column in REQUIRED else None
    try:
        found[column] = COLUMNS[column](cell)
        wrong = None
    except ValueError as error:
        wrong = "tape.cell", str(error)
    # What was read as an amount may look like a telephone's number and is none.
    if (wrong or column == "id") and _personal(cell):
        return "TOK-08", "looks like a number or address of a person: use an id of the tape's own"
    return wrong


def _personal(cell: str) -> bool:
    read = unicodedata.normalize("NFKC", cell)
    return any(shape.search(read) for shape in PERSONAL_DATA.values())


def _at(line: int, column: str, rule: str, message: str) -> Complaint:
    place = f"line {line}, {column}" if column else f"line {line}"
    return Complaint(f"/{line}/{column}" if column else f"/{line}", rule, f"{place} {message}")


def _require(source: str, complaints: list[Complaint]) -> None:
    if complaints:
        raise InvalidInput(source, complaints)
