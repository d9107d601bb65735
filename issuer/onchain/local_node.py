"""A node of our own: an Anvil that lasts as long as it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chain.anvil import Anvil, AnvilOptions, find_anvil
from chain.errors import NodeUnavailable
from issuer.domain.errors import ChainUnavailable


def require_anvil() -> None:
    """Raise `ChainUnavailable` with the cure if there is no Anvil on this machine."""
    try:
        find_anvil()
    except NodeUnavailable as error:
        raise ChainUnavailable(str(error), code="anvil.missing") from error


@contextmanager
def running_anvil(first_instant: int, mnemonic: str, accounts: int) -> Iterator[str]:
    """The URL of an Anvil whose chain begins at `first_instant` (unix seconds) with funded accounts.

    Raises `ChainUnavailable` if there is none, or it does not start.
    """
    options = AnvilOptions(first_instant, mnemonic=mnemonic, accounts=accounts)
    try:
        node = Anvil(options)
        node.start()
    except NodeUnavailable as error:
        raise ChainUnavailable(str(error), code="anvil.not_started") from error
    try:
        yield node.url
    finally:
        node.stop()
