"""Costs of what the enforcement, the registrar and the regulator do."""

from scripts.gas.cost import Costs, cost
from scripts.gas.units import held
from tests.contracts.suite import (
    ENFORCEMENT,
    FILED_TOTAL,
    FILING,
    H1,
    H2,
    ISSUER,
    PROCEEDS,
    REGISTRAR,
    REGULATOR,
    make_suite,
)

ORDER = b"\x0d" * 32


def enforcing() -> Costs:
    """Against one holder."""
    suite = held()
    with suite.anchor():
        yield "partial freeze", cost(suite.freeze_units(H1, 100))
        yield "transfer by a holder with frozen units", cost(suite.transfer(H1, H2, 50))
        yield "forced transfer that thaws units", cost(suite.force(H1, H2, 900))
    yield "forced transfer", cost(suite.force(H1, H2, 50))
    by_order = (H1, H2, 50, ORDER)
    forced = suite.send(ENFORCEMENT, suite.token, "forcedTransferByOrder", *by_order)
    yield "forced transfer by order", cost(forced)
    yield "pause", cost(suite.send(ENFORCEMENT, suite.token, "pause"))
    yield "freeze", cost(suite.freeze(H1))
    recovered = suite.send(REGISTRAR, suite.investors, "recover", H1, PROCEEDS, ORDER)
    yield "recover", cost(recovered)


def regulating() -> Costs:
    """A filing of as many tranches as one may have; one transaction reaches them all."""
    suite = make_suite()
    tokens = [suite.new_token() for _ in range(8)]
    for number, token in enumerate(tokens):
        suite.attach(bytes([number]) * 32, token)
    approved = suite.approve_filing(caps=(10,) * 8, filed_total=FILED_TOTAL)
    yield "approve a filing of 8 tranches", cost(approved)
    for token in tokens[4:]:
        suite.send(ISSUER, token, "openOffering")
    yield "suspend 8 tranches", cost(suite.send(REGULATOR, suite.filings, "suspend", FILING))
    yield "revoke 8 tranches", cost(suite.send(REGULATOR, suite.filings, "revoke", FILING))
