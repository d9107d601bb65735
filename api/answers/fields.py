"""What answers share: a kind of field, and a kind of model."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Micro = Annotated[
    int,
    PlainSerializer(str, return_type=str),
    Field(json_schema_extra={"examples": ["17156821840000"]}),
]


class AsFound(BaseModel):
    """Its fields are those of what the service found."""

    model_config = ConfigDict(from_attributes=True)
