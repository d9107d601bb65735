"""py-evm's blocks, transactions, receipts and logs as JSON-RPC objects."""

from collections.abc import Iterator, Sequence
from typing import Any

import rlp  # type: ignore[import-untyped]  # ships no types
from eth_utils.crypto import keccak

LEGACY, DYNAMIC_FEE = 0, 2


def hex_data(raw: bytes) -> str:
    """Bytes as 0x-hex."""
    return "0x" + raw.hex()


def contract_address(sender: bytes, nonce: int) -> bytes:
    """Address of the contract that a sender creates with the transaction of this nonce."""
    return keccak(rlp.encode([sender, nonce]))[12:]


def transaction_type(transaction: Any) -> int:
    """EIP-2718 type; legacy transactions are 0."""
    return int(getattr(transaction, "type_id", None) or LEGACY)


def effective_gas_price(transaction: Any, base_fee: int) -> int:
    """Wei per gas that was paid."""
    if transaction_type(transaction) < DYNAMIC_FEE:
        return int(transaction.gas_price)
    priority = transaction.max_priority_fee_per_gas + base_fee
    return int(min(transaction.max_fee_per_gas, priority))


def block_json(block: Any, full_transactions: bool) -> dict[str, Any]:
    """A block of eth_getBlockBy…; transactions as hashes or as objects."""
    header = block.header
    transactions: list[Any] = [
        transaction_json(block, index) if full_transactions else hex_data(transaction.hash)
        for index, transaction in enumerate(block.transactions)
    ]
    return {
        "number": hex(header.block_number),
        "hash": hex_data(header.hash),
        "parentHash": hex_data(header.parent_hash),
        "timestamp": hex(header.timestamp),
        "miner": hex_data(header.coinbase),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "baseFeePerGas": hex(header.base_fee_per_gas),
        "difficulty": hex(header.difficulty),
        "totalDifficulty": "0x0",
        "extraData": hex_data(header.extra_data),
        "mixHash": hex_data(header.mix_hash),
        "nonce": hex_data(header.nonce),
        "sha3Uncles": hex_data(header.uncles_hash),
        "stateRoot": hex_data(header.state_root),
        "transactionsRoot": hex_data(header.transaction_root),
        "receiptsRoot": hex_data(header.receipt_root),
        "logsBloom": "0x" + format(header.bloom, "0512x"),
        "size": hex(len(rlp.encode(block))),
        "uncles": [],
        "transactions": transactions,
    }


def transaction_json(block: Any, index: int) -> dict[str, Any]:
    """A mined transaction of eth_getTransactionByHash."""
    transaction = block.transactions[index]
    kind = transaction_type(transaction)
    result: dict[str, Any] = {
        "type": hex(kind),
        "hash": hex_data(transaction.hash),
        "nonce": hex(transaction.nonce),
        "blockHash": hex_data(block.hash),
        "blockNumber": hex(block.number),
        "transactionIndex": hex(index),
        "from": hex_data(transaction.sender),
        "to": hex_data(transaction.to) if transaction.to else None,
        "value": hex(transaction.value),
        "gas": hex(transaction.gas),
        "gasPrice": hex(effective_gas_price(transaction, block.header.base_fee_per_gas)),
        "input": hex_data(transaction.data),
        "r": hex(transaction.r),
        "s": hex(transaction.s),
        "v": hex(transaction.y_parity if kind else transaction.v),
    }
    if kind:
        result |= {
            "chainId": hex(transaction.chain_id),
            "yParity": hex(transaction.y_parity),
            "accessList": [
                {"address": hex_data(a), "storageKeys": [f"0x{key:064x}" for key in keys]}
                for a, keys in transaction.access_list
            ],
        }
    if kind == DYNAMIC_FEE:
        result["maxFeePerGas"] = hex(transaction.max_fee_per_gas)
        result["maxPriorityFeePerGas"] = hex(transaction.max_priority_fee_per_gas)
    return result


def receipt_json(block: Any, receipts: Sequence[Any], index: int) -> dict[str, Any]:
    """A receipt of eth_getTransactionReceipt."""
    transaction, receipt = block.transactions[index], receipts[index]
    before = receipts[index - 1].gas_used if index else 0
    created = None if transaction.to else contract_address(transaction.sender, transaction.nonce)
    status = hex(int.from_bytes(receipt.state_root, "big"))
    logs = [log for log in logs_json(block, receipts) if log["transactionIndex"] == hex(index)]
    return {
        "type": hex(transaction_type(transaction)),
        "transactionHash": hex_data(transaction.hash),
        "transactionIndex": hex(index),
        "blockHash": hex_data(block.hash),
        "blockNumber": hex(block.number),
        "blockTimestamp": hex(block.header.timestamp),
        "from": hex_data(transaction.sender),
        "to": hex_data(transaction.to) if transaction.to else None,
        "contractAddress": hex_data(created) if created and status == "0x1" else None,
        "status": status,
        "gasUsed": hex(receipt.gas_used - before),
        "cumulativeGasUsed": hex(receipt.gas_used),
        "effectiveGasPrice": hex(effective_gas_price(transaction, block.header.base_fee_per_gas)),
        "logsBloom": "0x" + format(receipt.bloom, "0512x"),
        "logs": logs,
    }


def logs_json(block: Any, receipts: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """All logs of a block in order; `logIndex` counts within the block."""
    log_index = 0
    place = {
        "blockHash": hex_data(block.hash),
        "blockNumber": hex(block.number),
        "blockTimestamp": hex(block.header.timestamp),
        "removed": False,
    }
    for index, receipt in enumerate(receipts):
        for log in receipt.logs:
            yield place | {
                "transactionHash": hex_data(block.transactions[index].hash),
                "transactionIndex": hex(index),
                "logIndex": hex(log_index),
                "address": hex_data(log.address),
                "topics": [f"0x{topic:064x}" for topic in log.topics],
                "data": hex_data(log.data),
            }
            log_index += 1
