"""Costs of units: who may hold them, how they come to be, how they move."""

from eth_account import Account

from scripts.gas.cost import CROWD, GAS, UNITS, Cost, Costs, cost, lone_tranche, open_transfers
from tests.contracts.suite import (
    BUNDLE,
    CHAIN_ID,
    EVIDENCE,
    EXPIRY_DAY,
    GENESIS,
    H1,
    H2,
    H3,
    H4,
    ISSUER,
    REGISTRAR,
    ROLE_KEYS,
    STRANGER,
    Outcome,
    Stages,
    Suite,
    admission,
    allotment,
    make_suite,
)

DEADLINE = GENESIS + 10**8


def admit(suite: Suite, wallets: tuple[str, ...], expiry_day: int = EXPIRY_DAY) -> Outcome:
    """Make these wallets eligible, in one transaction."""
    words = [admission(wallet, expiry_day) for wallet in wallets]
    return suite.send(REGISTRAR, suite.investors, "setInvestors", words, EVIDENCE, gas=GAS)


def mint(suite: Suite, wallet: str, units: int = UNITS) -> Outcome:
    """A mint as the token sees it."""
    operation = suite.token.call("operationCount") + 1
    return suite.send(ISSUER, suite.token, "mint", wallet, units, BUNDLE, operation)


def mint_batch(suite: Suite, wallets: tuple[str, ...]) -> Outcome:
    """A batch of mints as the token sees it."""
    operation = suite.token.call("operationCount") + 1
    words = [allotment(wallet, UNITS) for wallet in wallets]
    return suite.send(ISSUER, suite.token, "mintBatch", words, BUNDLE, operation, gas=GAS)


def allowlisting() -> Costs:
    """Through the investors' registry, which writes it into the tokens."""
    suite = lone_tranche()
    yield "allowlist 1", cost(suite.register(CROWD[0]))
    yield "renew 1", cost(suite.register(CROWD[0], EXPIRY_DAY + 1))
    with suite.anchor():
        yield "allowlist 100, each", cost(admit(suite, CROWD[1:101]), 100)
        renewal = admit(suite, CROWD[1:101], EXPIRY_DAY + 1)
        yield "renew 100, each", cost(renewal, 100)
    both = Stages(make_suite()).reach("onboarded")
    yield "allowlist 1, two tranches", cost(both.register(CROWD[0]))
    yield "allowlist 100, two tranches, each", cost(admit(both, CROWD[1:101]), 100)


def minting() -> Costs:
    """Called by the token's settlement, and whole: through DvpSettlement, against coin."""
    suite = lone_tranche()
    admit(suite, CROWD[:100])
    mint(suite, H1)
    yield "mint to a new holder", cost(mint(suite, H2))
    yield "mint to a holder", cost(mint(suite, H2))
    with suite.anchor():
        yield "mint to 100 new holders, each", cost(mint_batch(suite, CROWD[:100]), 100)
        yield "mint to 100 holders, each", cost(mint_batch(suite, CROWD[:100]), 100)
    sold = Stages(make_suite()).reach("offering")
    sold.issue(H1, UNITS)  # whoever is first also opens the account of the proceeds
    yield "issue against coin to a new holder", cost(sold.issue(H2, UNITS))
    yield "issue against coin to a holder", cost(sold.issue(H2, UNITS))


def held() -> Suite:
    """H1 to H3 hold 1,000 units each, and may transfer them."""
    suite = lone_tranche()
    for wallet in (H1, H2, H3):
        mint(suite, wallet, 1_000)
    open_transfers(suite)
    return suite


def transferring() -> Costs:
    """Without and with record dates before it."""
    suite = held()
    yield "transfer to a holder", cost(suite.transfer(H1, H2, UNITS))
    with suite.anchor():
        yield "transfer to a new holder", cost(suite.transfer(H1, H4, UNITS))
    with suite.anchor():
        yield "transfer of all to a holder", cost(suite.transfer(H1, H2, suite.units(H1)))
    yield "approve", cost(suite.let_spend(H1, STRANGER, 1_000))
    yield "transferFrom to a holder", cost(suite.transfer_from(STRANGER, H1, H2, UNITS))
    yield "permit", _permit(suite)
    yield from _across_record_dates(suite)


def _across_record_dates(suite: Suite) -> Costs:
    suite.close_epoch(1)
    yield "transfer, first after a record date", cost(suite.transfer(H1, H2, UNITS))
    yield "transfer, next after a record date", cost(suite.transfer(H1, H2, UNITS))
    suite.close_epoch(2)
    older_unpaid = cost(suite.transfer(H1, H2, UNITS))
    yield "transfer, first after a record date, an older coupon unpaid", older_unpaid


def _permit(suite: Suite) -> Cost:
    """The first of its owner, for a spender who had nothing."""
    order = {
        "owner": H1,
        "spender": H3,
        "value": 1_000,
        "nonce": 0,
        "deadline": DEADLINE,
    }
    kinds = {"owner": "address", "spender": "address"}
    signed = Account.sign_typed_data(
        (list(ROLE_KEYS).index("H1") + 1).to_bytes(32, "big"),
        {
            "name": "Toll notes",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": suite.token.address,
        },
        {"Permit": [{"name": name, "type": kinds.get(name, "uint256")} for name in order]},
        order,
    )
    r, s = (number.to_bytes(32, "big") for number in (signed.r, signed.s))
    args = (H1, H3, 1_000, DEADLINE, signed.v, r, s)
    return cost(suite.send(STRANGER, suite.token, "permit", *args))
