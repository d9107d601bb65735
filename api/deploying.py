"""`abs-sim deploy`: a deal's contracts on the embedded chain or any node, and where they are."""

from __future__ import annotations

import json
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from issuer.bootstrap import Simulator, build
from issuer.config import Settings
from issuer.documents.deal import parse_deal
from issuer.documents.text import read_file
from issuer.domain.deal import Deal
from issuer.domain.errors import (
    ChainRefused,
    ChainUnavailable,
    Complaint,
    InvalidInput,
    StateConflict,
)
from issuer.domain.operations import Operation, OperationState
from issuer.domain.roles import Actor, Role
from issuer.keys import ROLE_ACCOUNTS
from issuer.services import deployment, reports
from issuer.services.context import Context

_OPERATOR = Actor(Role.OPERATOR, "abs-sim deploy")
#: A node may mine when it likes; so often we ask whether it has.
_POLL_SECONDS = 1.0
#: Long enough for any network; a node that never mines is said so.
_MINED_WITHIN_SECONDS = 120.0
_SALT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_console = Console(emoji=False)
_errors = Console(stderr=True, emoji=False)


def run(file: Path, settings: Settings, out: Path | None, salt: str | None = None) -> None:
    """Deploy, or find deployed; verify the code; print and write the address book."""
    if salt is not None and not _SALT.fullmatch(salt):
        wrong = "takes a name of letters, digits, - and _, at most 63: write --salt series-1"
        raise InvalidInput("--salt", [Complaint("", "field.string_pattern_mismatch", wrong)])
    document = read_file(file)
    deal = parse_deal(document, file.name)
    with ExitStack() as stack:
        settings = settings.model_copy(update={"rpc_port": 0})
        if "database" not in settings.model_fields_set and settings.rpc_url is not None:
            # The contracts are the node's; without a database to go on with, nothing stays here.
            kept = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "deploy.db"
            settings = settings.model_copy(update={"database": f"sqlite:///{kept}"})
        simulator = build(settings)
        stack.callback(simulator.close)
        _register(simulator.context, deal, document)
        _deploy(simulator, deal.id, salt)
        book = _address_book(simulator, deal.id)
    target = out or Path("deployments") / str(book["chain_id"]) / f"{deal.id}.json"
    if target.exists() and json.loads(target.read_text(encoding="utf-8")) != book:
        _console.print(f"Replaces the address book of another deployment in {target}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(book, indent=2) + "\n", encoding="utf-8")
    _tell(book, target)


def _register(context: Context, deal: Deal, document: Any) -> None:
    if deal.id not in deployment.deal_ids(context):
        deployment.register_deal(context, _OPERATOR, deal, document)
    elif deployment.deal_document(context, deal.id) != document:
        raise StateConflict(
            f"the deal {deal.id!r} is registered in this database with other terms. Cure: give this one"
            " another id, or start with another database file (--database).",
            code="deal.exists",
            deal=deal.id,
        )


def _deploy(simulator: Simulator, deal_id: str, salt: str | None) -> None:
    """Run on until every contract is there; a deployment that was interrupted is finished."""
    context = simulator.context
    _carry_out(simulator)
    if deployment.deployment_of(context, deal_id):
        if salt not in (None, deployment.salt_of(context, deal_id)):
            raise StateConflict(
                f"the deal {deal_id!r} is deployed in this database, and not with the salt {salt!r}."
                " Cure: leave the salt out to find it, or start with another database file"
                " (--database)",
                code="deal.deployed",
                deal=deal_id,
            )
        return
    operation = deployment.deploy_deal(context, _OPERATOR, deal_id, salt)
    _carry_out(simulator)
    done: Operation = reports.operation_report(context, operation.id).operation
    if done.state is not OperationState.CONFIRMED:
        error = dict(done.error or {})
        raise ChainRefused(str(error.get("message", done.state)), code=str(error.get("code")))


def _carry_out(simulator: Simulator, patience_seconds: float = _MINED_WITHIN_SECONDS) -> None:
    """Until nothing is left to do. `patience_seconds` is for each transaction."""
    waits_for, since = "", 0.0
    while True:
        try:
            simulator.worker.drain()
        except ChainUnavailable as error:
            if error.error_code != "chain.unconfirmed":
                raise
            if error.message != waits_for:
                waits_for, since = error.message, time.monotonic()
                waiting = f"{waits_for}: waiting until the node has mined it"
                _errors.print(waiting, highlight=False, soft_wrap=True)
            if time.monotonic() - since >= patience_seconds:
                raise _never_mined(simulator, waits_for) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _never_mined(simulator: Simulator, waits_for: str) -> ChainUnavailable:
    return ChainUnavailable(
        f"the node at {simulator.rpc_url} takes transactions and does not mine them: {waits_for}. Cure:"
        " let it mine, by itself or with evm_mine, and run the same command again.",
        code="chain.unconfirmed",
    )


def _address_book(simulator: Simulator, deal_id: str) -> dict[str, Any]:
    """Where everything is, once the code there is what was compiled."""
    context = simulator.context
    contracts = deployment.deployment_of(context, deal_id)
    for each in contracts:
        context.chain.verify(each.name, each.address)
    return {
        "deal": deal_id,
        "chain_id": context.chain.chain_id,
        "genesis_hash": context.chain.genesis_hash(),
        "contracts": [
            {
                "name": each.name,
                "artifact": each.artifact,
                "address": each.address,
                "code_hash": each.code_hash,
                "transaction_hash": each.transaction_hash,
                "block_number": each.block_number,
            }
            for each in contracts
        ],
        "accounts": {role.value: context.chain.account_of(role) for role in ROLE_ACCOUNTS},
    }


def _tell(book: dict[str, Any], target: Path) -> None:
    _console.print(f"[bold]{book['deal']}[/] on chain {book['chain_id']}, code verified:")
    for each in book["contracts"]:
        line = f"  {each['name']:<22} {each['address']}  code {each['code_hash'][:18]}…"
        _console.print(line, highlight=False, soft_wrap=True)
    _console.print(f"Address book: {target}", highlight=False, soft_wrap=True)
