"""Pages that commands write."""

from __future__ import annotations

from pathlib import Path

from issuer.domain.errors import Complaint, InvalidInput


def write_page(path: Path, page: str) -> None:
    """Write a page; raises `InvalidInput` where it cannot be written."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        message = (
            f"{path} cannot be written: {error.strerror}; name a file in a folder that is there"
        )
        raise InvalidInput(
            "command line", [Complaint("/html", "file.unwritable", message)]
        ) from error
