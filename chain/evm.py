"""The EVM in process: eth-tester's chain, mined, called and timed exactly as asked.

Blocks are mined on py-evm's chain itself. eth-tester's own mining takes time from the wall clock
and randomness from the system; here neither, so that equal runs give equal hashes.
Nothing in this module is thread-safe; `EmbeddedBackend` holds the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth.exceptions import HeaderNotFound, TransactionNotFound
from eth_tester import PyEVMBackend
from eth_utils.address import to_canonical_address

from chain.chain_file import ChainFile, Entries
from chain.execution import Execution, estimate_gas, execute
from chain.rpc_params import CallMessage

GENESIS_BALANCE = 10**24
"""Wei given to each funded account: a million ether, more than any run can spend on gas."""


@dataclass(frozen=True, slots=True)
class Genesis:
    """The first block: unix time in seconds, accounts with a balance, gas limit of every block.

    `extra_data`, at most 32 bytes, tells two chains apart that begin alike.
    """

    timestamp: int
    funded_accounts: tuple[str, ...] = ()
    gas_limit: int = 300_000_000
    extra_data: bytes = b""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    entries: dict[bytes, bytes]
    next_timestamp: int


class LocalEvm:
    """One chain in memory, one block per transaction, zero base fee, time driven by the caller.

    With a file the chain is stored there block by block, and one that is there already goes on:
    `genesis` then only counts for what a file does not hold.
    """

    def __init__(self, genesis: Genesis, file: ChainFile | None = None) -> None:
        parameters = PyEVMBackend.generate_genesis_params(
            {"timestamp": genesis.timestamp, "gas_limit": genesis.gas_limit}
        )
        # From zero the base fee stays at zero while blocks are less than half full.
        parameters["base_fee_per_gas"] = 0
        parameters["extra_data"] = genesis.extra_data
        account = {"balance": GENESIS_BALANCE, "storage": {}, "code": b"", "nonce": 0}
        accounts: dict[bytes, Any] = {
            to_canonical_address(a): dict(account) for a in genesis.funded_accounts
        }
        # eth-tester funds accounts of its own, with published keys, when it is given none.
        self._chain: Any = PyEVMBackend(parameters, accounts or {bytes(20): account}).chain
        # The whole chain is in this one key-value store; with the next timestamp it is all there is.
        store = self._chain.chaindb.db.wrapped_db
        self._entries = store.kv_store = Entries(store.kv_store)
        self._file = file
        stored = file.load() if file is not None else None
        if stored is not None:
            self._entries.replace(stored[0])
            self._entries.forget_changes()
        self._snapshots: dict[int, _Snapshot] = {}
        self._last_snapshot = 0
        self._head: Any = self._chain.get_canonical_head()
        # The latest block as mined, for the receipt that is asked for next; None after a revert.
        self._mined: tuple[Any, Sequence[Any]] | None = None
        self._next_timestamp = self._stored_timestamp = 0
        self._next_header: Any = None
        self._next_vm: Any = None
        self._expect(genesis.timestamp + 1 if stored is None else stored[1])
        if stored is None:
            self._store()
        else:
            self._stored_timestamp = stored[1]

    @property
    def chain_id(self) -> int:
        """eth-tester's chain id, the same for every chain it makes."""
        return int(self._chain.chain_id)

    @property
    def head(self) -> Any:
        """Header of the latest block."""
        return self._head

    @property
    def next_timestamp(self) -> int:
        """Timestamp, in unix seconds, that the next block will have."""
        return self._next_timestamp

    def set_next_timestamp(self, timestamp: int) -> None:
        """Choose the next block's timestamp. Raises `ValueError` unless later than the latest."""
        if timestamp <= self._head.timestamp:
            raise ValueError(f"{timestamp} is not after the latest block's {self._head.timestamp}")
        self._expect(timestamp)
        self._store()

    @property
    def next_header(self) -> Any:
        """Header of the block to be mined next: what a call on the latest state executes in."""
        return self._next_header

    def mine(self, transactions: Sequence[Any] = ()) -> None:
        """Put these transactions into one block. Raises `ValidationError` when one is invalid."""
        vm, header = self._next_vm, self._next_header
        self._expect(self._next_timestamp)
        filled_header, receipts, _ = vm.apply_all_transactions(list(transactions), header)
        block = vm.set_block_transactions_and_withdrawals(
            vm.get_block(), filled_header, list(transactions), receipts
        )
        mined = vm.mine_block(block).block
        self._chain.chaindb.persist_block(mined)
        self._head, self._mined = mined.header, (mined, receipts)
        self._expect(self._head.timestamp + 1)
        self._store()

    def snapshot(self) -> int:
        """Remember the whole chain and the next timestamp; give its number."""
        self._last_snapshot += 1
        # A shallow copy: entries are immutable bytes, found by hash, so this costs microseconds.
        # py-evm's own way back (a new canonical head) would leave undone receipts to be found.
        self._snapshots[self._last_snapshot] = _Snapshot(dict(self._entries), self._next_timestamp)
        return self._last_snapshot

    def revert(self, number: int) -> bool:
        """Return to a snapshot; it and all later ones are used up. False when there is none."""
        snapshot = self._snapshots.get(number)
        if snapshot is None:
            return False
        self._entries.replace(snapshot.entries)
        self._head, self._mined = self._chain.get_canonical_head(), None
        self._expect(snapshot.next_timestamp)
        self._store()
        self._snapshots = {n: s for n, s in self._snapshots.items() if n < number}
        return True

    def close(self) -> None:
        """Give the file back; the chain in it can be taken up again."""
        if self._file is not None:
            self._file.close()

    def header(self, number: int) -> Any | None:
        """Header of a canonical block, or None."""
        if number >= self._head.block_number:
            return self._head if number == self._head.block_number else None
        return self._chain.get_canonical_block_header_by_number(number)

    def header_by_hash(self, block_hash: bytes) -> Any | None:
        """The same by hash."""
        try:
            return self._chain.get_block_header_by_hash(block_hash)
        except HeaderNotFound:
            return None

    def block(self, header: Any) -> Any:
        """The block of a header, with its transactions."""
        if self._mined is not None and header is self._head:
            return self._mined[0]
        return self._chain.get_block_by_header(header)

    def receipts(self, block: Any) -> Sequence[Any]:
        """Receipts of a block, in the order of its transactions."""
        if self._mined is not None and block is self._mined[0]:
            return self._mined[1]
        return tuple(block.get_receipts(self._chain.chaindb))

    def locate(self, transaction_hash: bytes) -> tuple[int, int] | None:
        """Block number and index of a mined transaction, or None."""
        try:
            number, index = self._chain.get_canonical_transaction_index(transaction_hash)
        except TransactionNotFound:
            return None
        return int(number), int(index)

    def state(self, header: Any) -> Any:
        """Accounts after the block of this header."""
        return self._vm(header).state

    def decode_transaction(self, raw: bytes) -> Any:
        """A signed transaction from its bytes; py-evm raises many kinds of error on bad ones."""
        return self._next_vm.get_transaction_builder().decode(raw)

    def execute(self, message: CallMessage, header: Any) -> Execution:
        """Execute without keeping anything, free of charge, inside the block of this header."""
        gas = min(message.gas or header.gas_limit, header.gas_limit)
        return execute(self._free_vm(header), message, gas)

    def estimate_gas(self, message: CallMessage, header: Any) -> tuple[int, Execution]:
        """Gas limit with which the message succeeds there, and its outcome with gas to spare."""
        ceiling = min(message.gas or header.gas_limit, header.gas_limit)
        return estimate_gas(self._free_vm(header), message, ceiling)

    def _store(self) -> None:
        if self._file is not None:
            try:
                self._file.save(*self._entries.changes(), self._next_timestamp)
            except BaseException:
                self._return_to_stored()
                raise
            self._stored_timestamp = self._next_timestamp
        self._entries.forget_changes()

    def _return_to_stored(self) -> None:
        # Nobody may be told of a block that a restart would not find.
        self._entries.undo_changes()
        if self._stored_timestamp:  # nothing is stored yet while the first block is refused
            self._head, self._mined = self._chain.get_canonical_head(), None
            self._expect(self._stored_timestamp)

    def _vm(self, header: Any) -> Any:
        # The next block starts from the accounts that the latest one left.
        latest = header is self._head or header is self._next_header
        return self._next_vm if latest else self._chain.get_vm(header)

    def _free_vm(self, header: Any) -> Any:
        # To execute in a named block is to see its time and number: not those of the next one.
        if header is self._next_header and header.base_fee_per_gas == 0:
            return self._next_vm
        return self._chain.get_vm(header.copy(base_fee_per_gas=0))

    def _expect(self, timestamp: int) -> None:
        # The VM of the next block is kept between requests: what one call has read, the next finds
        # in its caches, and so does the transaction that follows its simulation.
        self._next_timestamp = timestamp
        self._next_header = self._chain.create_header_from_parent(self._head, timestamp=timestamp)
        self._next_vm = self._chain.get_vm(self._next_header)
