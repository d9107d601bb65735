"""Trades that both parties signed: both legs as signed, once, or nothing."""

from typing import Any

import pytest
from eth_account import Account

from tests.contracts.suite import (
    ADMIN,
    CALLS_BACK,
    CHAIN_ID,
    EXPIRY,
    FILING,
    H1,
    H2,
    H4,
    ISSUER,
    PROCEEDS,
    RETURNS_FALSE,
    REVERTS,
    ROLE_ADDRESSES,
    STRANGER,
    TAKES_FEE,
    Outcome,
    Suite,
    call_back,
    plain,
    refused,
    set_manner,
)

OPEN, SETTLED, CANCELLED = range(3)
UNITS, PRICE = 1_000, 990_000_000_000
KEYS = {
    address: number.to_bytes(32, "big")
    for number, address in enumerate(ROLE_ADDRESSES.values(), start=1)
}
ORDER = {
    "Order": [
        {"name": "token", "type": "address"},
        {"name": "seller", "type": "address"},
        {"name": "buyer", "type": "address"},
        {"name": "units", "type": "uint256"},
        {"name": "price", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def order_of(suite: Suite, **other: Any) -> dict[str, Any]:
    return plain(
        {
            "token": suite.token,
            "seller": H1,
            "buyer": H2,
            "units": UNITS,
            "price": PRICE,
            "nonce": 7,
            "deadline": suite.now + 3_600,
        }
        | other
    )


def sign(suite: Suite, order: dict[str, Any], by: str, **domain: Any) -> bytes:
    """As a wallet signs it, from the order's fields alone."""
    of_the_deal = {
        "name": "DvpSettlement",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": suite.dvp.address,
    }
    signed = Account.sign_typed_data(KEYS[by], of_the_deal | domain, ORDER, order)
    return bytes(signed.signature)


def settle(
    suite: Suite,
    order: dict[str, Any],
    seller: bytes | None = None,
    buyer: bytes | None = None,
    by: str = STRANGER,
) -> Outcome:
    seller = sign(suite, order, order["seller"]) if seller is None else seller
    buyer = sign(suite, order, order["buyer"]) if buyer is None else buyer
    return suite.send(by, suite.dvp, "settle", order, seller, buyer)


@pytest.fixture
def trading(active: Suite) -> Suite:
    """Holders allow the settlement to move their units; it may pull their coin already."""
    for holder in (H1, H2):
        active.let_spend(holder, active.dvp, 10**9)
    return active


@pytest.fixture
def awkward(awkward_recorded: Suite) -> Suite:
    for holder in (H1, H2):
        awkward_recorded.let_spend(holder, awkward_recorded.dvp, 10**9)
    return awkward_recorded


def holdings(suite: Suite) -> list[tuple[int, int]]:
    return [(suite.units(each), suite.coins(each)) for each in (H1, H2, suite.dvp)]


# ---- both legs


def test_settle_moves_both_legs_exactly_whoever_brings_it(trading):
    """P50: the settlement holds neither."""
    order = order_of(trading)
    (units_1, coins_1), (units_2, coins_2), _ = holdings(trading)
    outcome = settle(trading, order)
    assert holdings(trading) == [
        (units_1 - UNITS, coins_1 + PRICE),
        (units_2 + UNITS, coins_2 - PRICE),
        (0, 0),
    ]
    order_hash = trading.dvp.call("hashOf", order)
    assert outcome.args("OrderSettled") == {
        "orderHash": order_hash,
        "seller": H1,
        "buyer": H2,
        "token": trading.token.address,
        "units": UNITS,
        "price": PRICE,
    }
    assert trading.dvp.call("stateOf", order_hash) == SETTLED


def test_settle_at_the_very_second_of_the_deadline_passes(trading):
    """P12, P50: one rule for permits and orders."""
    order = order_of(trading)
    trading.at(order["deadline"])
    settle(trading, order)


def test_settle_one_second_after_the_deadline_is_refused(trading):
    """P12, P50."""
    order = order_of(trading)
    trading.at(order["deadline"] + 1)
    with refused("OrderExpired", deadline=order["deadline"]):
        settle(trading, order)


def test_two_orders_alike_but_for_their_nonce_are_two_trades(trading):
    """P50."""
    for nonce in (1, 2):
        settle(trading, order_of(trading, nonce=nonce))
    assert trading.units(H2) == 20_000 + 2 * UNITS


# ---- once


def test_settle_twice_is_refused(trading):
    """P50: a replay, by whomever."""
    order = order_of(trading)
    settle(trading, order)
    replayed = {"orderHash": trading.dvp.call("hashOf", order), "state": SETTLED}
    with refused("OrderNotOpen", **replayed):
        settle(trading, order)


@pytest.mark.parametrize("party", [H1, H2])
def test_settle_what_either_party_cancelled_is_refused(trading, party):
    """P50: withdrawn for good."""
    order = order_of(trading)
    order_hash = trading.dvp.call("hashOf", order)
    outcome = trading.send(party, trading.dvp, "cancel", order)
    assert outcome.args("OrderCancelled") == {"orderHash": order_hash, "party": party}
    with refused("OrderNotOpen", orderHash=order_hash, state=CANCELLED):
        settle(trading, order)
    with refused("OrderNotOpen", orderHash=order_hash, state=CANCELLED):
        trading.send(party, trading.dvp, "cancel", order)


def test_cancel_after_settlement_is_refused(trading):
    """P50."""
    order = order_of(trading)
    settle(trading, order)
    with refused("OrderNotOpen", orderHash=trading.dvp.call("hashOf", order), state=SETTLED):
        trading.send(H1, trading.dvp, "cancel", order)


@pytest.mark.parametrize("caller", [STRANGER, ISSUER, ADMIN, H4])
def test_cancel_by_anyone_else_is_refused(trading, caller):
    """P50: nobody can stop others' trades."""
    with refused("NotAPartyToTheOrder", caller=caller):
        trading.send(caller, trading.dvp, "cancel", order_of(trading))


# ---- as signed


@pytest.mark.parametrize(
    "changed",
    [
        {"units": UNITS + 1},
        {"units": UNITS - 1},
        {"price": PRICE + 1},
        {"price": PRICE - 1},
        {"nonce": 8},
        {"deadline": EXPIRY},
        {"token": "the other tranche"},
    ],
    ids=str,
)
def test_settle_with_any_field_changed_after_signing_is_refused(trading, changed):
    """P50."""
    signed = order_of(trading)
    if "token" in changed:
        changed = {"token": trading.token_b.address}
    order = signed | changed
    with refused("OrderNotSignedBy", orderHash=trading.dvp.call("hashOf", order), party=H1):
        settle(trading, order, sign(trading, signed, H1), sign(trading, signed, H2))


@pytest.mark.parametrize(("field", "other"), [("seller", H4), ("buyer", H4)])
def test_settle_with_another_party_than_signed_is_refused(trading, field, other):
    """P50: nobody is put into a trade without its signature."""
    signed = order_of(trading)
    order = signed | {field: other}
    order_hash = trading.dvp.call("hashOf", order)
    sides = {each: sign(trading, order, order[each]) for each in ("seller", "buyer")}
    sides[field] = sign(trading, order, signed[field])
    with refused("OrderNotSignedBy", orderHash=order_hash, party=other):
        settle(trading, order, **sides)


@pytest.mark.parametrize(
    "domain",
    [{"chainId": 1}, {"verifyingContract": STRANGER}, {"version": "2"}, {"name": "Dvp"}],
    ids=str,
)
@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_settle_what_was_signed_for_elsewhere_is_refused(trading, side, domain):
    """P50: another chain, another contract, another version."""
    order = order_of(trading)
    elsewhere = {side: sign(trading, order, order[side], **domain)}
    order_hash = trading.dvp.call("hashOf", order)
    with refused("OrderNotSignedBy", orderHash=order_hash, party=order[side]):
        settle(trading, order, **elsewhere)


def test_settle_with_the_signatures_exchanged_is_refused(trading):
    """P50."""
    order = order_of(trading)
    sides = (sign(trading, order, H2), sign(trading, order, H1))
    with refused("OrderNotSignedBy", orderHash=trading.dvp.call("hashOf", order), party=H1):
        settle(trading, order, *sides)


@pytest.mark.parametrize("shape", ["empty", "short", "long", "twin", "zeros"])
def test_settle_with_a_malformed_signature_is_refused(trading, shape):
    """P50: the twin of a signature on the curve too, so that there is one for each order."""
    order = order_of(trading)
    good = sign(trading, order, H1)
    s = int.from_bytes(good[32:64], "big")
    assert s <= HALF_ORDER
    twin = good[:32] + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - good[64]])
    shapes = {
        "empty": b"",
        "short": good[:64],
        "long": good + b"\0",
        "twin": twin,
        "zeros": bytes(65),
    }
    with refused("OrderNotSignedBy", orderHash=trading.dvp.call("hashOf", order), party=H1):
        settle(trading, order, seller=shapes[shape])


@pytest.mark.parametrize(
    "changed", [{"units": 0}, {"price": 0}, {"buyer": H1}, {"units": 0, "price": 0}], ids=str
)
def test_settle_of_an_order_that_moves_nothing_is_refused(trading, changed):
    order = order_of(trading, **changed)
    operands = {name: order[name] for name in ("seller", "buyer", "units", "price")}
    with refused("OrderEmpty", **operands):
        settle(trading, order)


# ---- a leg that fails takes the other with it


def test_settle_with_a_buyer_who_may_not_receive_is_refused(trading):
    """P9, P50: a trade is a transfer like any other."""
    trading.find_ineligible(H2)
    before = holdings(trading)
    with refused("ERC7943CannotReceive", account=H2):
        settle(trading, order_of(trading))
    assert holdings(trading) == before


def test_settle_with_a_frozen_seller_is_refused(trading):
    """P12, P50."""
    trading.freeze(H1)
    with refused("ERC7943CannotSend", account=H1):
        settle(trading, order_of(trading))


def test_settle_while_suspended_is_refused(trading):
    """P50."""
    trading.suspend()
    with refused("FilingSuspended", filingId=FILING):
        settle(trading, order_of(trading))


def test_settle_beyond_the_sellers_allowance_is_refused(trading):
    """P50."""
    trading.let_spend(H1, trading.dvp, UNITS - 1)
    operands = {"spender": trading.dvp, "allowance": UNITS - 1, "needed": UNITS}
    with refused("ERC20InsufficientAllowance", **operands):
        settle(trading, order_of(trading))


def test_settle_beyond_the_buyers_coin_takes_no_units_and_stays_open(trading):
    """P50."""
    trading.allow(H2, trading.dvp, PRICE - 1)
    order, before = order_of(trading), holdings(trading)
    operands = {"spender": trading.dvp, "allowance": PRICE - 1, "needed": PRICE}
    with refused("ERC20InsufficientAllowance", **operands):
        settle(trading, order)
    assert holdings(trading) == before
    assert trading.dvp.call("stateOf", trading.dvp.call("hashOf", order)) == OPEN
    trading.allow(H2, trading.dvp)
    settle(trading, order)


@pytest.mark.parametrize("manner", [REVERTS, RETURNS_FALSE, TAKES_FEE])
def test_settle_in_a_coin_that_misbehaves_moves_nothing(awkward, manner):
    """P33, P50: whether it refuses, says no, or delivers less than it took."""
    set_manner(awkward, H1, manner)
    before = holdings(awkward)
    errors = {
        REVERTS: ("Error", {"message": "recipient refused"}),
        RETURNS_FALSE: ("SafeERC20FailedOperation", {"token": awkward.coin}),
        TAKES_FEE: ("PaymentIncomplete", {"expected": PRICE, "received": PRICE - PRICE // 100}),
    }
    error, operands = errors[manner]
    with refused(error, **operands):
        settle(awkward, order_of(awkward))
    assert holdings(awkward) == before


@pytest.mark.parametrize("act", ["settle", "cancel", "another"])
def test_settle_reentered_by_its_coin_happens_once(awkward, act):
    """P31, P50: the coin calls the settlement in the midst of the coin leg."""
    order = order_of(awkward)
    inner = order_of(awkward, nonce=8) if act == "another" else order
    signed = (sign(awkward, inner, H1), sign(awkward, inner, H2))
    function, args = ("cancel", (order,)) if act == "cancel" else ("settle", (inner, *signed))
    call_back(awkward, H1, awkward.dvp, function, *args)
    assert awkward.coin.call("mannerTowards", H1) == CALLS_BACK
    settle(awkward, order)
    assert awkward.units(H2) == 20_000 + UNITS
    assert awkward.dvp.call("stateOf", awkward.dvp.call("hashOf", order)) == SETTLED


def test_settle_units_of_a_pretended_token_takes_no_coin(trading):
    """P50: only what the regulator attached is worth coin."""
    pretended = trading.deploy("PretendToken", trading.coin, trading.dvp, 1)
    with refused("TokenNotFiled", token=pretended):
        settle(trading, order_of(trading, token=pretended))


def test_settle_against_the_coin_of_another_deal_is_refused(trading):
    """P50."""
    foreign = trading.new_token(currency=STRANGER)
    operands = {"tokenCurrency": STRANGER, "coin": trading.coin}
    with refused("CoinNotOfTheDeal", **operands):
        settle(trading, order_of(trading, token=foreign))


# ---- many at once


def test_first_issue_needs_the_issuers_key_and_passes_every_gate(trading):
    """P17, P50: an order of the issuer's for units that do not exist is no way round a mint."""
    order = order_of(trading, seller=ISSUER)
    trading.let_spend(ISSUER, trading.dvp, UNITS)
    with refused("ERC7943CannotSend", account=ISSUER):
        settle(trading, order)
    order = order_of(trading, seller=PROCEEDS)
    trading.let_spend(PROCEEDS, trading.dvp, UNITS)
    with refused("ERC7943CannotSend", account=PROCEEDS):
        settle(trading, order)
