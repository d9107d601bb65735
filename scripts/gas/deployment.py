"""Costs of creating each contract of a deal, and the size of its code."""

from scripts.gas.cost import Costs, creation
from tests.contracts.suite import (
    ADMIN,
    ARTIFACTS,
    COIN_ISSUER,
    DENOMINATION,
    ENFORCEMENT,
    ISSUER,
    PAYER,
    PROCEEDS,
    REGISTRAR,
    REGULATOR,
    make_suite,
)

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
    """Every contract of a deal, once."""
    suite = make_suite()
    terms = (DENOMINATION, 0, 0, 0, 0)
    parties = (
        suite.filings,
        suite.investors,
        suite.distributor,
        suite.dvp,
        suite.coin,
        ADMIN,
        ISSUER,
        ENFORCEMENT,
    )
    arguments = {
        "AbsToken": ("Toll notes", "TOLL", terms, parties),
        "AuditAnchor": (ADMIN,),
        "CouponDistributor": (suite.coin, ADMIN, PAYER),
        "DvpSettlement": (suite.coin, suite.filings, ADMIN, ISSUER, PROCEEDS),
        "FilingRegistry": (REGULATOR,),
        "InvestorRegistry": (ADMIN, REGISTRAR),
        "SettlementCoin": ("Simulated HKD", "sHKD", ADMIN, COIN_ISSUER),
    }
    if unknown := {*contracts()} - {*arguments}:
        raise LookupError(f"say here how {', '.join(sorted(unknown))} is created")
    for name in contracts():
        yield f"deploy {name}", creation(suite, name, *arguments[name])
