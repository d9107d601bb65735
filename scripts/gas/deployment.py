"""Costs of creating each contract of a deal, and the size of its code."""

from collections.abc import Iterator
from typing import Any

from scripts.gas.cost import Cost, Costs, creation
from tests.contracts.suite import ADMIN, ARTIFACTS, DAY, REGULATOR, TRUSTEE, Suite, make_suite

BESIDE_THE_SUITE: dict[str, tuple[Any, ...]] = {
    "AuditAnchor": (ADMIN,),
    "DealTimelock": (DAY, ADMIN, TRUSTEE, REGULATOR),
    "SuiteDeployer": (),
}
"""Arguments of contracts that a deal may have and `make_suite` does without."""

NOT_OF_A_DEAL = "contracts/mocks/"
"""Contracts that stand for others in tests and comparisons."""


def contracts() -> tuple[str, ...]:
    """Those that a deal may be made of, by name."""
    return tuple(
        name
        for name, artifact in ARTIFACTS.items()
        if not artifact.source.startswith(NOT_OF_A_DEAL)
    )


def code_bytes() -> dict[str, int]:
    """Bytes of deployed code; 24,576 are allowed."""
    return {name: len(ARTIFACTS[name].deployed_bytecode) for name in contracts()}


def deploying() -> Costs:
    """Every contract of a deal, once: as the suite creates it, or with the arguments told here."""
    suite = make_suite()
    parts = (
        suite.coin,
        suite.filings,
        suite.investors,
        suite.dvp,
        suite.distributor,
        suite.token,
    )
    addresses = {part.artifact.name: part.address.lower() for part in parts}
    created = dict(_creations(suite))
    for name in contracts():
        if name in addresses:
            yield f"deploy {name}", created[addresses[name]]
        elif name in BESIDE_THE_SUITE:
            yield f"deploy {name}", creation(suite, name, *BESIDE_THE_SUITE[name])
        else:
            raise LookupError(f"say in BESIDE_THE_SUITE how {name} is created")


def _creations(suite: Suite) -> Iterator[tuple[str, Cost]]:
    """Every contract of this chain, and what it took to create it."""
    ask = suite.client.backend.request
    for number in range(1, int(ask("eth_blockNumber", []), 16) + 1):
        (sent,) = ask("eth_getBlockByNumber", [hex(number), False])["transactions"]
        receipt = ask("eth_getTransactionReceipt", [sent])
        if receipt["contractAddress"] is not None:
            yield receipt["contractAddress"].lower(), Cost(int(receipt["gasUsed"], 16))
