"""One contract's refusal, as the nodes in use wrap it."""

import pytest

from chain.errors import RpcError
from chain.reverts import revert_bytes

DATA = "0x08c379a0" + "00" * 31 + "20"
RAW = bytes.fromhex(DATA[2:])


@pytest.mark.parametrize(
    "error",
    [
        RpcError(3, "execution reverted: no", DATA),  # Geth, Erigon, Reth, Anvil, the embedded one
        RpcError(3, "execution reverted: no", DATA.upper().replace("0X", "0x")),
        RpcError(-32_000, "Execution reverted", DATA),  # Besu
        RpcError(-32_603, "Error: VM Exception: reverted with …", {"message": "…", "data": DATA}),
        RpcError(-32_603, "reverted", {"data": {"data": DATA}}),
        RpcError(-32_000, "VM Exception: revert", {"hash": "0x12", "result": DATA}),  # Ganache
        RpcError(-32_603, "Internal error", {"originalError": {"message": "revert", "data": DATA}}),
        RpcError(-32_015, "VM execution error.", f"Reverted {DATA}"),  # OpenEthereum, Nethermind
        RpcError(-32_015, f"Reverted {DATA}"),
        RpcError(-32_015, f"revERTED {DATA}", {"code": 3}),
    ],
)
def test_the_bytes_are_found(error):
    assert revert_bytes(error) == RAW


@pytest.mark.parametrize(
    "error",
    [
        RpcError(3, "execution reverted", "0x"),
        RpcError(3, "execution reverted"),
        RpcError(-32_000, "execution reverted"),  # older Geth
        RpcError(-32_015, "VM execution error.", "Reverted 0x"),
        RpcError(3, "execution reverted", "0x123"),
        RpcError(3, "execution reverted", "0xzz"),
        RpcError(3, "execution reverted", 5),
        RpcError(3, "execution reverted", ["0x12"]),
        RpcError(3, "execution reverted", {"message": "no"}),
    ],
)
def test_a_revert_without_bytes_is_still_a_revert(error):
    assert revert_bytes(error) == b""


@pytest.mark.parametrize(
    "error",
    [
        RpcError(-32_000, "nonce too low"),
        RpcError(-32_000, "insufficient funds", DATA),
        RpcError(-32_603, "EVM error OutOfGas"),
        RpcError(-32_015, "VM execution error.", "Bad instruction fe"),
        RpcError(-32_602, "invalid params", {"data": DATA}),
    ],
)
def test_other_refusals_are_not_reverts(error):
    assert revert_bytes(error) is None


def test_wrapping_without_end_is_not_followed():
    data: dict[str, object] = {}
    data["data"] = data
    assert revert_bytes(RpcError(3, "execution reverted", data)) == b""
