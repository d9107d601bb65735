"""Kinds of field that answers share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainSerializer

Micro = Annotated[
    int,
    PlainSerializer(str, return_type=str),
    Field(json_schema_extra={"examples": ["17156821840000"]}),
]
