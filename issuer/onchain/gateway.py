"""The chain as the service sees it: carry out a command, ask a contract, read what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any

from eth_abi.exceptions import EncodingError

from chain.artifacts import ArtifactStore, encode_creation
from chain.client import Call, ChainClient, encode_call
from chain.deployer import (
    code_hash,
    contract_address,
    created_address,
    deployed_code,
    verify_code,
)
from chain.errors import (
    CodeMismatch,
    NodeUnavailable,
    RpcError,
    TransactionUnconfirmed,
)
from chain.events import Event, decode_logs, fetch_events
from chain.receipts import Receipt as Receipt
from chain.signer import SignedTransaction, Signer
from issuer.domain.errors import ChainRefused, ChainUnavailable
from issuer.domain.operations import Command
from issuer.domain.roles import Role
from issuer.onchain.commands import MOST_GAS, SUITE_DEPLOYER, creations_of
from issuer.onchain.refusals import refused
from issuer.onchain.silence import forgotten, translated

#: Contract name before the colon -> artifact.
ARTIFACTS = {
    "suite_deployer": "SuiteDeployer",
    "audit_anchor": "AuditAnchor",
    "filing_registry": "FilingRegistry",
    "settlement_coin": "SettlementCoin",
    "deal_timelock": "DealTimelock",
    "investor_registry": "InvestorRegistry",
    "dvp_settlement": "DvpSettlement",
    "coupon_distributor": "CouponDistributor",
    "abs_token": "AbsToken",
}

#: A node mines a moment after it has taken a transaction; the embedded chain before it answers.
_PATIENCE_SECONDS = 5.0
_CREATION_GAS = 1_000_000
_CALL_GAS = 1_500_000
#: `pay` keeps back the gas of one hostile coin transfer, whatever the number of holders.
_PAY_GAS, _PAY_GAS_PER_HOLDER = 1_000_000, 60_000
_MINED_WITHIN_SECONDS = 30.0

AddressBook = Mapping[str, str]


class FilingStatus(IntEnum):
    """A filing as the chain has it: `IFilingRegistry.Status`."""

    NONE = 0
    APPROVED = 1
    SUSPENDED = 2
    REVOKED = 3
    AMENDING = 4
    CLOSED = 5


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the token says of itself; amounts in units, those per unit in micro-units."""

    supply: int
    cap: int
    mint_until: int
    outstanding_per_unit_micro: int
    written_down_per_unit_micro: int
    capitalised_per_unit_micro: int
    epoch: int
    settled_epoch: int
    operation_count: int
    transfers_open: bool
    paused: bool
    filing_status: FilingStatus


class OnChain:
    """One chain, the keys of the roles, and the compiled contracts.

    `payee_account` gives the coin account of somebody the deal pays; `permit_account` lets an account
    send transactions on this permissioned chain; `time_travels` says whether its time can be set.
    """

    def __init__(
        self,
        client: ChainClient,
        artifacts: ArtifactStore,
        signers: Mapping[Role, Signer],
        payee_account: Callable[[str], str],
        permit: Callable[[str], None],
        *,
        is_embedded: bool = True,
        time_travels: bool = True,
    ) -> None:
        self._client = client
        self._artifacts = {name: artifacts.load(name) for name in ARTIFACTS.values()}
        self._signers = dict(signers)
        self.payee_account = payee_account
        self.permit_account = permit
        self.is_embedded = is_embedded
        self.time_travels = time_travels

    # ---- the chain itself

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self._client.chain_id

    def genesis_hash(self) -> str:
        """What tells this chain from every other, also of the same id."""
        return self.block_hash(0)

    def block_hash(self, number: int) -> str:
        """Hash of a block of this chain; empty where there is none."""
        with translated(self._client):
            found = self._client.backend.request("eth_getBlockByNumber", [hex(number), False])
        return str(found["hash"]) if found else ""

    def head(self) -> tuple[int, int]:
        """(number, timestamp) of the latest block."""
        block = self._block("latest")
        return int(block["number"], 16), int(block["timestamp"], 16)

    def set_time(self, timestamp: int) -> None:
        """Let the chain's clock be at `timestamp`; it never runs back."""
        if timestamp > self.head()[1]:
            try:
                self._client.backend.request("evm_setNextBlockTimestamp", [timestamp])
                self._client.backend.request("evm_mine", [])
            except (RpcError, NodeUnavailable) as error:
                raise ChainUnavailable(f"the chain's time was not moved: {error}") from error

    def _block(self, selector: str) -> Mapping[str, Any]:
        with translated(self._client):
            block: Mapping[str, Any] | None = self._client.backend.request(
                "eth_getBlockByNumber", [selector, False]
            )
        if block is None:
            raise forgotten(selector)
        return block

    # ---- accounts

    def account_of(self, role: Role) -> str:
        """The address of a role's key."""
        return self._signers[role].address

    # ---- commands

    def seal(self, operation_id: str, deal_id: str, command: Command) -> str | None:
        """What proves, beside a command in the database, that its signer's service wanted it.

        Whoever can write the database can write commands, but not this: it takes the signer's key. None
        for a role that has no key here: its commands are nobody's.
        """
        signer = self._signers.get(command.signer)
        if signer is None:
            return None
        content = [operation_id, deal_id, *astuple(command)]
        return signer.seal(json.dumps(content, sort_keys=True, default=str).encode())

    def next_nonce(self, role: Role) -> int:
        """The nonce the chain expects of a role's key."""
        with translated(self._client):
            return self._client.next_nonce(self.account_of(role))

    def sign(self, command: Command, book: AddressBook, nonce: int) -> SignedTransaction:
        """Try a command against the chain as it is, then sign it. Nothing is sent.

        Raises `ChainRefused` if a contract would refuse, and `ChainUnavailable` for a node that fails.
        """
        call = self.try_command(command, book)
        with translated(self._client):
            return self._client.sign(call, self._signers[command.signer], nonce, _gas(command))

    def try_command(self, command: Command, book: AddressBook) -> Call:
        """What would a command meet on the chain as it is? Raises as `sign` does, sends nothing."""
        try:
            call = self._call(command, book)
        except (LookupError, ValueError, EncodingError) as error:
            # Nothing will ever make it right: it must not hold up the commands behind it.
            raise ChainRefused(
                f"cannot {command.description}: {error!r}", code="command.malformed"
            ) from error
        of_units = command.contract.startswith("abs_token")
        with translated(self._client), refused(command.description, of_units=of_units):
            self._client.simulate(call)
        return call

    def send(self, raw: bytes) -> None:
        """Broadcast signed bytes; sending them again is harmless."""
        try:
            self._client.send(raw)
        except (RpcError, NodeUnavailable) as error:
            raise ChainUnavailable(f"the chain did not take a transaction: {error}") from error

    def transact(self, role: Role, name: str, address: str, function: str, *args: Any) -> None:
        """Sign and send a call at once, for what may be lost in a crash and done again later."""
        sender = self.account_of(role)
        call = Call(sender, address, encode_call(self._abi(name), function, args), function)
        with translated(self._client):
            nonce = self._client.next_nonce(sender)
            signed = self._client.sign(call, self._signers[role], nonce, _CALL_GAS)
        self.send(signed.raw)

    def transact_with(
        self, signer: Signer, name: str, address: str, function: str, *args: Any
    ) -> Receipt:
        """A transaction of a key that is no role's, tried, sent and seen into a block.

        Raises `ChainRefused`, and `ChainUnavailable` if it is in no block after a while.
        """
        call = Call(signer.address, address, encode_call(self._abi(name), function, args), function)
        of_units = name.startswith("abs_token")
        with translated(self._client), refused(function, of_units=of_units):
            self._client.simulate(call)
            nonce = self._client.next_nonce(signer.address)
            signed = self._client.sign(call, signer, nonce, _CALL_GAS)
            self.send(signed.raw)
            try:
                return self._client.confirm(signed.hash, _MINED_WITHIN_SECONDS)
            except TransactionUnconfirmed as error:
                raise ChainUnavailable(str(error), code="chain.unconfirmed") from error

    def block_of(self, transaction_hash: str) -> int | None:
        """Number of the block a transaction is in, whatever became of it there; None without one."""
        with translated(self._client):
            receipt = self._client.receipt(transaction_hash)
        return None if receipt is None else receipt.block_number

    def confirm(self, transaction_hash: str, what: str) -> Receipt | None:
        """The receipt; None while there is none. Raises `ChainRefused` if it failed on chain."""
        with translated(self._client), refused(what):
            try:
                return self._client.confirm(transaction_hash, _PATIENCE_SECONDS)
            except TransactionUnconfirmed:
                return None

    def code_hash(self, address: str) -> str:
        """Keccak of the code at an address."""
        with translated(self._client):
            return code_hash(self._client, address)

    def has_code(self, address: str) -> bool:
        """Is there a contract at an address?"""
        with translated(self._client):
            return bool(deployed_code(self._client, address))

    def verify(self, name: str, address: str) -> None:
        """Refuse a contract whose code is not that of the artifact."""
        artifact = self._artifacts[ARTIFACTS[name.partition(":")[0]]]
        with translated(self._client):
            try:
                verify_code(self._client, address, artifact)
            except CodeMismatch as error:
                raise ChainUnavailable(str(error), code="chain.code_mismatch", name=name) from error

    def places(self, command: Command, book: AddressBook) -> dict[str, str]:
        """Name -> address of what the command makes the deployer create, in order.

        Worked out here, whatever the node says: they follow from what the contracts are created with.
        """
        known, found = dict(book), dict[str, str]()
        for each in creations_of(command):
            code = self._resolve(each, known)
            salt = bytes.fromhex(command.arguments[0][2:])
            caller = self.account_of(command.signer)
            address = created_address(known[SUITE_DEPLOYER], caller, salt, code)
            known[each["create"]] = found[each["create"]] = address
        return found

    def created(
        self, command: Command, book: AddressBook, receipt: Receipt
    ) -> tuple[tuple[str, str, str], ...]:
        """(name, artifact, address) of each contract that a confirmed command has created.

        Raises `ChainUnavailable` if the deployer tells of others than were asked for.
        """
        if command.function is None:
            address = receipt.contract_address or ""
            return ((command.contract, command.artifact or "", address),)
        places = self.places(command, book)
        told = [
            event.args["created"]
            for event in decode_logs(receipt.logs, [self._abi(SUITE_DEPLOYER)])
            if event.name == "Deployed" and event.address == book[SUITE_DEPLOYER]
        ]
        if told != list(places.values()):
            raise ChainUnavailable(
                f"the deployer tells of contracts at {told}, not at {list(places.values())}",
                code="chain.code_mismatch",
            )
        artifacts = {each["create"]: each["artifact"] for each in creations_of(command)}
        return tuple((name, artifacts[name], address) for name, address in places.items())

    def first_contract_of(self, role: Role) -> str:
        """Where the first transaction of a role's key creates a contract, if it creates one."""
        return contract_address(self.account_of(role), 0)

    def _call(self, command: Command, book: AddressBook) -> Call:
        book = {**book, **self.places(command, book)}
        arguments = [self._resolve(argument, book) for argument in command.arguments]
        sender = self.account_of(command.signer)
        if command.function is None:
            artifact = self._artifacts[command.artifact or ""]
            return Call(sender, None, encode_creation(artifact, arguments), command.description)
        abi = self._abi(command.contract)
        data = encode_call(abi, command.function, arguments)
        return Call(sender, book[command.contract], data, command.description)

    def _resolve(self, argument: Any, book: AddressBook) -> Any:
        if isinstance(argument, list | tuple):
            return [self._resolve(item, book) for item in argument]
        if not isinstance(argument, Mapping):
            return argument
        match argument:
            case {"contract": name}:
                return book[name]
            case {"account": role}:
                return self.account_of(Role(role))
            case {"payee": payee_id}:
                return self.payee_account(payee_id)
            case {"create": _, "artifact": artifact, "with": arguments}:
                return encode_creation(self._artifacts[artifact], self._resolve(arguments, book))
        return {key: self._resolve(value, book) for key, value in argument.items()}

    def _abi(self, contract: str) -> Any:
        return self._artifacts[ARTIFACTS[contract.partition(":")[0]]].abi

    # ---- views

    def ask(
        self,
        name: str,
        address: str,
        function: str,
        *arguments: Any,
        block: int | str = "latest",
    ) -> Any:
        """A view of a contract of the address book, after the latest block or an earlier one."""
        abi = self._abi(name)
        with translated(self._client, block):
            return self._client.call(address, abi, function, arguments, block=block)

    def token_facts(self, address: str, block: int | str = "latest") -> TokenFacts:
        """The token's own account of itself."""
        names = (
            "totalSupply",
            "cap",
            "mintUntil",
            "outstandingPerUnit",
            "writtenDownPerUnit",
            "capitalisedPerUnit",
            "epoch",
            "settledEpoch",
            "operationCount",
            "transfersOpen",
            "paused",
            "filingStatus",
        )
        said = [self.ask("abs_token", address, name, block=block) for name in names]
        said[-1] = FilingStatus(said[-1])
        return TokenFacts(*said)

    def try_transfer(self, token: str, sender: str, receiver: str, units: int) -> None:
        """What would a transfer say? Raises `ChainRefused`, sends nothing."""
        data = encode_call(self._abi("abs_token"), "transfer", (receiver, units))
        with translated(self._client), refused("transfer", of_units=True):
            self._client.simulate(Call(sender, token, data, "transfer"))

    def events(
        self, addresses: Sequence[str], first_block: int, last_block: int
    ) -> Sequence[Event]:
        """What the contracts at these addresses have said, in order."""
        abis = [artifact.abi for artifact in self._artifacts.values()]
        with translated(self._client, last_block):
            return fetch_events(self._client.backend, addresses, first_block, last_block, abis)


def _gas(command: Command) -> int:
    if command.function is None:
        return _CREATION_GAS
    if creations_of(command):
        return MOST_GAS
    if command.function == "pay":
        return _PAY_GAS + _PAY_GAS_PER_HOLDER * len(command.arguments[-1])
    return _CALL_GAS
