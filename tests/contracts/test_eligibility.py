"""The registrar's words about wallets, and what follows from them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain.client import Call, encode_call
from tests.contracts.suite import (
    ADMIN,
    DAY,
    ENFORCEMENT,
    EVIDENCE,
    EXPIRY_DAY,
    FIRST_DAY,
    H1,
    H2,
    H3,
    ISSUER,
    REGISTRAR,
    REGULATOR,
    STRANGER,
    ZERO,
    admission,
    named,
    refused,
    unauthorized,
)

PER_EXAMPLE = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_register_writes_every_tranche_in_one_transaction(deployed):
    """P3, P48: one call, one word per tranche, all the same; the first index is 1 (P1)."""
    outcome = deployed.register(H1)
    assert outcome.names == ["EligibilitySet", "EligibilitySet", "InvestorSet"]
    for token in (deployed.token, deployed.token_b):
        (word,) = outcome.args("EligibilitySet", token)["admitted"]
        assert word == admission(H1) | 1 << 200
        assert token.call("eligibilityOf", H1) == {
            "expiryDay": EXPIRY_DAY,
            "country": 344,
            "class": 2,
        }
        assert token.call("indexOf", H1) == 1
        assert token.call("canReceive", H1) is True


def test_register_leaves_the_evidence_hash_in_the_event(deployed):
    outcome = deployed.register(H1)
    assert outcome.args("InvestorSet") == {
        "wallet": H1,
        "expiryDay": EXPIRY_DAY,
        "evidenceHash": EVIDENCE,
    }


def test_register_is_seen_through_the_registrys_views(deployed):
    assert deployed.investors.call("isVerified", H1) is False
    deployed.register(H1)
    assert deployed.investors.call("isVerified", H1) is True
    assert deployed.investors.call("investorCountry", H1) == 344
    assert deployed.investors.call("investorCountry", STRANGER) == 0


def test_register_three_wallets_gives_rising_indices(deployed):
    """P1, P3: index 0 is nobody."""
    for wallet in (H2, H1, H3):
        deployed.register(wallet)
    assert [deployed.index(wallet) for wallet in (H2, H1, H3)] == [1, 2, 3]
    assert deployed.index(STRANGER) == 0


def test_register_again_keeps_the_index(issued):
    """P3."""
    index, units = issued.index(H2), issued.units(H2)
    issued.find_ineligible(H2)
    assert (issued.index(H2), issued.units(H2)) == (index, units)
    issued.register(H2, expiry_day=FIRST_DAY + 100)
    assert (issued.index(H2), issued.units(H2)) == (index, units)


def test_register_a_wallet_frozen_beforehand_gives_a_fresh_index_and_keeps_the_freeze(deployed):
    """P2: a wallet is unknown while it has no index, not while its word is empty."""
    deployed.register(H1)
    deployed.freeze(H2)
    assert deployed.index(H2) == 0
    deployed.register(H2)
    assert deployed.index(H2) == 2
    assert deployed.token.call("isFrozen", H2) is True
    assert deployed.token.call("canReceive", H2) is False
    deployed.thaw(H2)
    assert deployed.token.call("canReceive", H2) is True


def test_register_a_wallet_frozen_and_thawed_beforehand_gives_a_fresh_index(deployed):
    """P2."""
    deployed.register(H1)
    deployed.freeze(H2)
    deployed.thaw(H2)
    deployed.register(H2)
    deployed.register(H3)
    assert [deployed.index(wallet) for wallet in (H1, H2, H3)] == [1, 2, 3]


def test_find_ineligible_stops_sending_receiving_and_being_paid(active):
    active.find_ineligible(H1)
    for view in ("canSend", "canReceive", "canBePaid"):
        assert active.token.call(view, H1) is False


def test_expiry_stops_receiving_only(active):
    """P8: an expired holder may send, and is paid."""
    active.at(EXPIRY_DAY * DAY)
    assert active.token.call("canReceive", H1) is False
    assert active.token.call("canSend", H1) is True
    assert active.token.call("canBePaid", H1) is True


# ---- refusals


@pytest.mark.parametrize("name", ["token", "token_b", "coin", "distributor", "dvp", "filings"])
def test_register_a_contract_of_the_deal_is_refused(deployed, name):
    """P7: each token refuses itself, and with it the words on the others."""
    contract = getattr(deployed, name)
    with refused("WalletBarred", wallet=contract):
        deployed.register(contract)


def test_register_the_registry_itself_is_refused(deployed):
    """P7."""
    with refused("WalletBarred", wallet=deployed.investors):
        deployed.register(deployed.investors)


def test_register_nobody_is_refused(deployed):
    """P7."""
    with refused("WalletBarred", wallet=ZERO):
        deployed.register(ZERO)


def test_register_for_366_days_passes(deployed):
    deployed.register(H1, expiry_day=FIRST_DAY + 366)


def test_register_for_longer_than_366_days_is_refused(deployed):
    """A missed renewal heals by itself within a year."""
    latest = deployed.now // DAY + 366
    with refused("EligibilityTooLong", expiryDay=latest + 1, latestDay=latest):
        deployed.register(H1, expiry_day=latest + 1)


@pytest.mark.parametrize("caller", [ADMIN, ISSUER, ENFORCEMENT, REGULATOR], ids=named)
def test_register_by_anyone_but_the_registrar_is_refused(deployed, caller):
    with unauthorized(caller, deployed.investors, "REGISTRAR_ROLE"):
        deployed.send(caller, deployed.investors, "setInvestor", H1, (EXPIRY_DAY, 344, 2), EVIDENCE)


@pytest.mark.parametrize("caller", [REGISTRAR, ADMIN, ISSUER], ids=named)
def test_register_by_writing_a_token_directly_is_refused(deployed, caller):
    """P48: every word is written through the registry, on all tranches."""
    with refused("UnauthorizedCaller", caller=caller, expected=deployed.investors):
        deployed.send(caller, deployed.token, "setEligibility", [admission(H1)])


# ---- admission of tranches


def test_admit_a_later_tranche_fails_closed_until_investors_are_set(deployed):
    """P48: a tranche nobody has been admitted to admits nobody."""
    deployed.register(H1)
    late = deployed.new_token()
    deployed.send(REGISTRAR, deployed.investors, "admitToken", late)
    assert late.call("canReceive", H1) is False
    deployed.register(H1)
    assert late.call("canReceive", H1) is True


def test_admit_twice_is_refused(deployed):
    with refused("TokenAlreadyAdmitted", token=deployed.token):
        deployed.send(REGISTRAR, deployed.investors, "admitToken", deployed.token)


def test_admit_a_token_of_another_registry_is_refused(deployed):
    """P48."""
    foreign = deployed.new_token(investorRegistry=STRANGER)
    with refused("TokenOfAnotherRegistry", token=foreign, registry=STRANGER):
        deployed.send(REGISTRAR, deployed.investors, "admitToken", foreign)


def test_admit_a_ninth_token_is_refused(deployed):
    for _ in range(6):
        deployed.send(REGISTRAR, deployed.investors, "admitToken", deployed.new_token())
    with refused("TooManyTokens"):
        deployed.send(REGISTRAR, deployed.investors, "admitToken", deployed.new_token())
    assert deployed.register(H1).names.count("EligibilitySet") == 8


def test_register_before_any_token_is_admitted_is_refused(deployed):
    empty = deployed.deploy("InvestorRegistry", ADMIN, REGISTRAR)
    with refused("NoTokenAdmitted"):
        deployed.send(REGISTRAR, empty, "setInvestor", H1, (EXPIRY_DAY, 344, 2), EVIDENCE)
    assert empty.call("isVerified", H1) is False


# ---- the rule itself, against Python


def eligible(index: int, expiry_day: int, frozen: bool, timestamp: int) -> bool:
    """P8 in Python: the same rule as the token's."""
    return index != 0 and timestamp < expiry_day * DAY and not frozen


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("expiry_day", [0, FIRST_DAY - 1, FIRST_DAY + 1, FIRST_DAY + 60])
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_eligibility_at_its_edges_equals_the_python_rule(deployed, expiry_day, frozen, seconds):
    """P8: refused at the very second of the expiry day, allowed one second earlier."""
    deployed.register(H1, expiry_day=expiry_day)
    if frozen:
        deployed.freeze(H1)
    timestamp = max(deployed.now + 1, expiry_day * DAY + seconds)
    deployed.at(timestamp)
    expected = eligible(deployed.index(H1), expiry_day, frozen, timestamp)
    assert deployed.token.call("canReceive", H1) is expected


@PER_EXAMPLE
@given(
    expiry_day=st.integers(FIRST_DAY, FIRST_DAY + 366),
    delay=st.integers(10, 400 * DAY),
    registered=st.booleans(),
    frozen=st.booleans(),
)
def test_eligibility_at_any_time_equals_the_python_rule(
    deployed, expiry_day, delay, registered, frozen
):
    """P8."""
    with deployed.anchor():
        if registered:
            deployed.register(H1, expiry_day=expiry_day)
        if frozen:
            deployed.freeze(H1)
        timestamp = deployed.now + delay
        deployed.at(timestamp)
        expected = eligible(int(registered), expiry_day if registered else 0, frozen, timestamp)
        assert deployed.token.call("canReceive", H1) is expected


WORDS = st.lists(
    st.one_of(
        st.tuples(
            st.just("register"),
            st.tuples(
                st.integers(0, FIRST_DAY + 366), st.integers(0, 2**16 - 1), st.integers(0, 255)
            ),
        ),
        st.tuples(st.just("freeze"), st.booleans()),
        st.tuples(st.just("freeze units"), st.integers(0, 2**256 - 1)),
    ),
    max_size=5,
)


@PER_EXAMPLE
@given(words=WORDS)
def test_setters_in_any_order_change_only_their_own_field(issued, words):
    """P5: whatever is written about H1 leaves its other fields, its units and H2 alone."""
    with issued.anchor():
        model = {
            "eligibilityOf": issued.token.call("eligibilityOf", H1),
            "isFrozen": False,
            "getFrozenTokens": 0,
            "balanceOf": 50_000,
            "indexOf": 1,
        }
        of_h2 = [issued.token.call(view, H2) for view in model]
        for word, value in words:
            if word == "register":
                issued.send(REGISTRAR, issued.investors, "setInvestor", H1, value, EVIDENCE)
                names = ("expiryDay", "country", "class")
                model["eligibilityOf"] = dict(zip(names, value, strict=True))
            elif word == "freeze":
                issued.send(ENFORCEMENT, issued.token, "setAddressFrozen", H1, value)
                model["isFrozen"] = value
            else:
                issued.freeze_units(H1, value)
                model["getFrozenTokens"] = value
        assert {view: issued.token.call(view, H1) for view in model} == model
        assert [issued.token.call(view, H2) for view in model] == of_h2


@pytest.mark.parametrize("argument", [1, 2, 3])
def test_register_with_a_stray_bit_in_a_narrow_field_is_refused(deployed, argument):
    """P5: a field wider than it may be is refused, not cut."""
    whole = encode_call(
        deployed.investors.artifact.abi, "setInvestor", [H1, (EXPIRY_DAY, 344, 2), EVIDENCE]
    )
    dirty = bytearray(whole)
    dirty[4 + 32 * argument] = 0x80
    with refused("Empty"):
        deployed.client.simulate(Call(REGISTRAR, deployed.investors.address, bytes(dirty)))
    deployed.client.simulate(Call(REGISTRAR, deployed.investors.address, whole))
