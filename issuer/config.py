"""Settings: from arguments or `ABS_*` environment variables, read once by `bootstrap`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, IPvAnyNetwork
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_MNEMONIC = "test test test test test test test test test test test junk"


class Settings(BaseSettings):
    """Everything that may differ from one installation to another."""

    model_config = SettingsConfigDict(env_prefix="ABS_", frozen=True)

    database: Annotated[str, Field(description="SQLAlchemy URL of the database")] = (
        "sqlite:///var/abs-sim.db"
    )
    host: Annotated[str, Field(description="Where the API listens; loopback only")] = "127.0.0.1"
    port: Annotated[int, Field(description="0 takes a free port", ge=0, le=65535)] = 8000
    rpc_url: Annotated[
        str | None, Field(description="JSON-RPC of a node; without one the chain is embedded")
    ] = None
    chain_id: Annotated[
        int | None, Field(description="The chain the node must be on; a local one without it")
    ] = None
    rpc_port: Annotated[int, Field(description="The chain's JSON-RPC; 0: a free port")] = 8545
    start: Annotated[datetime, Field(description="The simulated clock of a fresh database")] = (
        datetime.fromisoformat("2026-02-09T09:00:00+08:00")
    )
    mnemonic: Annotated[
        str, Field(description="Of the demonstration keys; published, never to hold value")
    ] = DEMO_MNEMONIC
    accounts: Annotated[
        int, Field(description="How many of its accounts may send to the embedded chain", ge=20)
    ] = 40
    regime: Annotated[
        Path | None, Field(description="A regime file that overrides some of the shipped figures")
    ] = None
    country_header: Annotated[
        str, Field(description="Where the edge proxy says from which country a request comes")
    ] = "X-Client-Country"
    mainland_networks: Annotated[
        tuple[IPvAnyNetwork, ...],
        Field(description="Networks counted as mainland China, as JSON; for want of an edge proxy"),
    ] = ()
    payees: Annotated[dict[str, str], Field(description="Payee id -> coin account, as JSON")] = {}

    def sqlite_file(self) -> Path | None:
        """The database file, if it is one."""
        prefix = "sqlite:///"
        if not self.database.startswith(prefix) or self.database == prefix:
            return None
        return Path(self.database.removeprefix(prefix))

    def chain_file(self) -> Path | None:
        """The embedded chain's file, beside the database file."""
        file = self.sqlite_file()
        return None if file is None else file.with_name(f"{file.name}.chain")

    def lock_file(self) -> Path | None:
        """What a running simulator holds, so that no other uses the same files."""
        file = self.sqlite_file()
        return None if file is None else file.with_name(f"{file.name}.lock")
