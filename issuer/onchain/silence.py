"""What a chain fails to say, as `ChainUnavailable` with what would cure it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eth_abi.exceptions import DecodingError

from chain.client import ChainClient
from chain.errors import ChainError, ContractReverted, NoContract, NodeUnavailable, RpcError
from issuer.domain.errors import ChainUnavailable

_RESTARTED = (
    "Cure: start the node with the chain that it had, or start with another database file"
    " (--database)."
)
_LOOK = "Cure: look into the node's log, and ask again when it is well."


@contextmanager
def translated(client: ChainClient, block: int | str = "latest") -> Iterator[None]:
    """For whatever is asked of the chain, or of a contract after `block`."""
    try:
        yield
    except NoContract as error:
        raise ChainUnavailable(
            f"the chain has forgotten a contract: {error} {_RESTARTED}",
            code="chain.forgotten",
            address=error.address,
        ) from error
    except NodeUnavailable as error:
        raise ChainUnavailable(str(error), code="chain.unreachable") from error
    except ContractReverted as error:
        raise _unreadable(
            f"a contract did not answer a question: it refused with {error}"
        ) from error
    except RpcError as error:
        # Nodes word it differently, so the block is looked up and no message is read.
        if isinstance(block, int) and not has_block(client, block):
            raise forgotten(block) from error
        raise _unreadable(f"the node did not answer a question: {error}") from error
    except (ChainError, DecodingError) as error:
        raise _unreadable(f"the node's answer cannot be understood: {error}") from error


def has_block(client: ChainClient, number: int) -> bool:
    """Is there such a block? A node that does not say so may have it."""
    try:
        return bool(client.backend.request("eth_getBlockByNumber", [hex(number), False]))
    except RpcError:
        return True


def forgotten(block: int | str) -> ChainUnavailable:
    """The refusal for a block that should be there."""
    return ChainUnavailable(
        f"the chain has no block {block}, where it had one before. {_RESTARTED}",
        code="chain.forgotten",
        block=block,
    )


def _unreadable(what: str) -> ChainUnavailable:
    return ChainUnavailable(f"{what}. {_LOOK}", code="chain.unreadable")
