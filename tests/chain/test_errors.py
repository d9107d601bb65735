import pytest

from chain.errors import ContractReverted, ErrorDecoder, RpcError
from tests.chain.conftest import everywhere

TOO_MUCH = {
    "type": "error",
    "name": "TooMuch",
    "inputs": [{"name": "asked", "type": "uint256"}, {"name": "", "type": "bool"}],
}


def reverted(world, function, *args):
    with pytest.raises(ContractReverted) as caught:
        world.client.simulate(world.call_to(function, *args))
    return caught.value


@everywhere
def test_custom_error_is_decoded_by_name(world):
    error = reverted(world, "store", 1, 1_001, "")
    assert error.error_name == "TooMuch"
    assert error.operands == {"who": world.signer.address, "asked": 1_001, "allowed": 1_000}
    assert str(error).startswith("TooMuch(who='0x")


@everywhere
def test_the_same_call_within_the_limit_succeeds(world):
    assert world.client.simulate(world.call_to("store", 1, 1_000, "")) == b""


@everywhere
def test_reason_string(world):
    error = reverted(world, "refuseWithReason")
    assert (error.error_name, error.operands) == ("Error", {"message": "not like this"})


@everywhere
def test_panic_says_what_it_means(world):
    error = reverted(world, "divide", 1, 0)
    expected = {"code": 0x12, "meaning": "division or modulo by zero"}
    assert (error.error_name, error.operands) == ("Panic", expected)


@everywhere
def test_empty_revert(world):
    error = reverted(world, "refuseEmptily")
    assert (error.error_name, error.data) == ("Empty", b"")


@everywhere
def test_an_error_of_a_contract_not_called_is_decoded(world):
    error = reverted(world, "refuseDeeply")
    assert (error.error_name, error.operands) == ("InnerRefused", {"code": b"\xde\xad\xbe\xef"})


def test_unknown_selector_keeps_its_bytes():
    error = ErrorDecoder(()).decode(bytes.fromhex("deadbeef01"))
    assert (error.name, error.args) == ("Unknown", {"data": "0xdeadbeef01"})


def test_known_selector_with_broken_arguments_is_unknown():
    error = ErrorDecoder(()).decode(bytes.fromhex("08c379a0ff"))
    assert error.name == "Unknown"


def test_a_nameless_argument_is_called_by_position():
    decoder = ErrorDecoder([[TOO_MUCH], [TOO_MUCH]])  # the same error in two ABIs is fine
    data = bytes.fromhex("00" * 31 + "05" + "00" * 31 + "01")
    found = decoder.decode(_selector() + data)
    assert (found.name, found.args) == ("TooMuch", {"asked": 5, "arg1": True})


def test_two_errors_of_one_selector_are_refused():
    # A published collision of four bytes.
    inputs = [{"name": "a", "type": "uint256"}]
    first = {"type": "error", "name": "burn", "inputs": inputs}
    second = {
        "type": "error",
        "name": "collate_propagate_storage",
        "inputs": [{"name": "a", "type": "bytes16"}],
    }
    with pytest.raises(ValueError, match="share a selector"):
        ErrorDecoder([[first], [second]])


def test_rpc_error_leaves_out_absent_data():
    assert RpcError(-32000, "no").to_json() == {"code": -32000, "message": "no"}
    assert RpcError(3, "no", "0x").to_json()["data"] == "0x"


def _selector():
    from chain.abi import selector

    return selector(TOO_MUCH)
