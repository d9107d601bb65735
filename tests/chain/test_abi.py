import pytest

from chain.abi import decode_arguments, encode_arguments, find_function, selector, signature
from chain.client import encode_call

POINT = {
    "name": "points",
    "type": "tuple[]",
    "components": [{"name": "x", "type": "uint128"}, {"name": "owner", "type": "address"}],
}
TAG = {"name": "tag", "type": "bytes32"}
OWNER = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"


def test_signature_spells_out_structs(world):
    entry = find_function(world.artifact.abi, "echo", 2)
    assert signature(entry) == "echo((uint128,address)[],bytes32)"
    assert selector(entry).hex() == world.artifact.method_identifiers[signature(entry)]


def test_structs_go_in_as_mappings_and_come_out_as_dicts():
    data = encode_arguments([POINT, TAG], [[{"x": 7, "owner": OWNER}], b"\x01" * 32])
    assert decode_arguments([POINT, TAG], data) == (({"x": 7, "owner": OWNER},), b"\x01" * 32)


def test_structs_go_in_as_tuples_too():
    named = encode_arguments([POINT, TAG], [[{"x": 7, "owner": OWNER}], "0x" + "01" * 32])
    assert encode_arguments([POINT, TAG], [[(7, OWNER)], b"\x01" * 32]) == named


def test_a_struct_of_too_few_fields_is_refused():
    with pytest.raises(ValueError, match="struct of 2 fields"):
        encode_arguments([POINT, TAG], [[(7,)], b"\x01" * 32])


def test_short_bytes32_is_refused_not_padded():
    with pytest.raises(ValueError, match="bytes32, given 4"):
        encode_arguments([TAG], [b"\x01" * 4])


def test_a_bad_address_is_refused():
    with pytest.raises(ValueError, match="not an address"):
        encode_arguments([{"name": "to", "type": "address"}], ["0x1234"])


def test_wrong_number_of_arguments_is_refused():
    with pytest.raises(ValueError, match="1 arguments expected, 2 given"):
        encode_arguments([TAG], [b"", b""])


def test_an_overloaded_function_wants_its_signature(world):
    with pytest.raises(LookupError, match=r"pick\(address\)"):
        encode_call(world.artifact.abi, "pick", [5])
    assert world.read("pick(uint256)", 5) == 5
    assert world.read("pick(address)", OWNER) == OWNER


def test_an_unknown_function_is_refused(world):
    with pytest.raises(LookupError, match="none of that name"):
        encode_call(world.artifact.abi, "nothing")
