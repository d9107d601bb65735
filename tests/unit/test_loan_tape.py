"""The loan tape: what it says, and what it must not say."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from issuer.documents import loan_tape
from issuer.documents.loan_tape import load_loan_tape, parse_loan_tape
from issuer.domain.errors import InvalidInput
from issuer.domain.pool.loan import Amortisation, Loan

HEADER = "id,balance,rate,remaining"


def complaints(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        parse_loan_tape(text)
    return [(complaint.path, complaint.rule) for complaint in refused.value.complaints]


def test_a_tape_is_read_exactly_with_empty_cells_left_out() -> None:
    text = (
        "ID, Balance,rate,remaining,amortisation,next_due,age,payment,balloon_term\r\n"
        'L-1,"1234.567891",5.25,24,,2026-12-15,3,,\r\n'
        "\r\n"
        "L-2,13912345678.00,0,6,balloon,,,,12\r\n"
    )
    assert parse_loan_tape(text) == (
        Loan(
            id="L-1",
            balance=1_234_567_891,
            rate=Fraction("0.0525"),
            remaining=24,
            next_due=date(2026, 12, 15),
            age=3,
        ),
        Loan(
            id="L-2",
            balance=13_912_345_678_000_000,
            rate=Fraction(0),
            remaining=6,
            amortisation=Amortisation.BALLOON,
            balloon_term=12,
        ),
    )


@pytest.mark.parametrize(
    "column",
    [
        "borrower",
        "Name",
        "customer_name",
        "phone",
        "ID_card",
        "e-mail",
        "姓名",
        "手机号",
        "ｐｈｏｎｅ",
    ],
)
def test_a_column_of_persons_is_refused_and_not_repeated(column: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_loan_tape(f"{HEADER},{column}\nL-1,1,5,12,x\n")
    assert [(c.path, c.rule) for c in refused.value.complaints] == [("/1/5", "TOK-08")]
    assert column not in str(refused.value)


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (f"{HEADER},colour", "/1/colour"),
        ("id,balance,rate", "/1/remaining"),
        (f"{HEADER},rate", "/1/rate"),
    ],
)
def test_columns_unknown_missing_or_repeated_are_named(header: str, path: str) -> None:
    assert complaints(f"{header}\n") == [(path, "tape.column")]


@pytest.mark.parametrize(
    ("cells", "path", "rule"),
    [
        ("L 1,1,5,12", "/2/id", "tape.cell"),
        ("L-1,1e6,5,12", "/2/balance", "tape.cell"),
        ("L-1,1.0000001,5,12", "/2/balance", "tape.cell"),
        ("L-1,,5,12", "/2/balance", "tape.cell"),
        ("L-1,1,-5,12", "/2/rate", "tape.cell"),
        ("L-1,1,5,12.5", "/2/remaining", "tape.cell"),
        ("L-1,1,5,0", "/2/remaining", "pool.remaining"),
        ("L-1,1,5", "/2", "tape.cells"),
        ("13912345678,1,5,12", "/2/id", "TOK-08"),
        ("L-1,somebody@example.com,5,12", "/2/balance", "TOK-08"),
        ("L-1,1,5,12\nL-1,1,5,12", "/3/id", "tape.id"),
        ('"L-1"x,1,5,12', "/2", "tape.csv"),
        ("", "/2", "tape.empty"),
    ],
)
def test_a_cell_that_is_wrong_is_named_by_line_and_column(cells: str, path: str, rule: str) -> None:
    assert complaints(f"{HEADER}\n{cells}\n") == [(path, rule)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [("next_due", "2026-13-01"), ("next_due", "1/2/2026"), ("amortisation", "custom")],
)
def test_a_cell_of_a_column_not_required_is_looked_at_too(column: str, cell: str) -> None:
    assert complaints(f"{HEADER},{column}\nL-1,1,5,12,{cell}\n") == [(f"/2/{column}", "tape.cell")]


def test_personal_data_in_a_cell_are_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_loan_tape(f"{HEADER}\nL-1,somebody@example.com,5,12\n")
    assert "somebody" not in str(refused.value)


def test_all_that_is_wrong_is_said_at_once_up_to_a_limit() -> None:
    assert len(complaints(f"{HEADER}\n" + "L 1,x,5,12\n" * 3)) == 6
    assert len(complaints(f"{HEADER}\n" + "L 1,x,5,12\n" * 100)) == loan_tape.MAX_COMPLAINTS


def test_a_tape_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loan_tape, "MAX_LOANS", 1)
    assert len(parse_loan_tape(f"{HEADER}\nL-1,1,5,12\n")) == 1
    assert complaints(f"{HEADER}\nL-1,1,5,12\nL-2,1,5,12\n") == [("/3", "tape.size")]


def test_a_file_is_read_or_said_not_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tape.csv"
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_loan_tape(file)
    file.write_bytes(f"\ufeff{HEADER}\nL-1,1,5,12\n".encode())
    assert [loan.id for loan in load_loan_tape(file)] == ["L-1"]
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="not UTF-8 at byte 0"):
        load_loan_tape(file)
    monkeypatch.setattr(loan_tape, "MAX_BYTES", 1)
    with pytest.raises(InvalidInput, match="split it"):
        load_loan_tape(file)
