"""What stands against an act; nothing has been changed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.problems import FindingModel


class CheckView(BaseModel):
    """What stands against an act; nothing has been changed."""

    allowed: bool
    findings: list[FindingModel]


class TransferCheckView(CheckView):
    """The same, with the token's own answer."""

    chain_refusal: dict[str, Any] | None


class MintCheckView(CheckView):
    """The same; where no rule stands against it, what differs between database and chain."""

    mismatch: dict[str, Any] | None = Field(description="As the refusal of the mint would say it")
