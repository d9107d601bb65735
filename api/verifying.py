"""`abs-sim verify`: everything about a database that can be checked against its chain, or contracts
at given addresses against the committed artifacts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console

from issuer.bootstrap import look, look_at_node
from issuer.config import Settings
from issuer.documents.fields import contract_address
from issuer.domain.errors import Complaint, InvalidInput, IssuanceError
from issuer.domain.roles import Actor, Role
from issuer.services import (
    audit_log,
    binding,
    deployment,
    examination,
    reconciliation,
    verification,
)
from issuer.services.context import Context
from issuer.services.verification import Place, Seen

_AUDITOR = Actor(Role.AUDITOR, "abs-sim verify")
_console = Console(emoji=False)


def run(settings: Settings) -> bool:
    """Print what was examined and everything that is wrong; true if nothing is."""
    with look(settings) as context:
        sound = _examined("database and chain", lambda: _binding(context))
        sound &= _examined("audit log", lambda: _audit(context))
        for deal_id in deployment.deal_ids(context):
            sound &= _examined(f"deal {deal_id}", partial(_deal, context, deal_id))
    return _ended(sound)


def run_at(settings: Settings, given: Sequence[str]) -> bool:
    """Print what is at the addresses given as `NAME=0x…`; true if it is what it should be."""
    places = [_place(each) for each in given]
    verification.require_known(places)
    with look_at_node(settings) as chain:
        number, _ = chain.head()
        _console.print(f"chain {chain.chain_id}, block {number}", highlight=False)
        seen = verification.verify(chain, places)
    _list(seen)
    return _ended(not any(each.wrong for each in seen))


def _place(given: str) -> Place:
    name, separator, address = given.partition("=")
    if not separator:
        # A name by itself, or an address.
        example = f"AbsToken={given}" if given.startswith("0x") else f"{given}=0x…"
        wrong = f"does not say which contract is where. Write NAME=ADDRESS: {example}"
        raise _malformed(given, wrong)
    try:
        return Place(verification.artifact_of(name), contract_address(address))
    except ValueError as error:
        raise _malformed(name, f"{error}. Write NAME=ADDRESS, such as AbsToken=0x…") from None


def _malformed(path: str, wrong: str) -> InvalidInput:
    return InvalidInput("the list of contracts", [Complaint(path, "address.malformed", wrong)])


def _list(seen: Sequence[Seen]) -> None:
    """A line for each contract; below it what it says, and what is wrong with that."""
    for each in seen:
        mark = "[green]✓[/]" if not each.wrong else "[bold red]✗[/]"
        code = "" if each.wrong else "code as compiled"
        line = f"{mark} {each.place.artifact:<18} {each.place.address}  {code}"
        _console.print(line, highlight=False, soft_wrap=True)
        for name, value in each.says:
            _console.print(f"    {name:<16} {value}", highlight=False, soft_wrap=True)
        for wrong in each.wrong:
            _console.print(f"    {wrong}", highlight=False, soft_wrap=True, markup=False)


def _ended(sound: bool) -> bool:
    _console.print("[green]Nothing is wrong.[/]" if sound else "[bold red]Something is wrong.[/]")
    return sound


def _examined(what: str, examine: Callable[[], tuple[str, list[str]]]) -> bool:
    """One line for what was found sound, and one for each thing that was not."""
    try:
        told, wrong = examine()
    except IssuanceError as error:
        told, wrong = "", [f"{error.error_code}  {error.message}"]
    mark = "[green]✓[/]" if not wrong else "[bold red]✗[/]"
    _console.print(f"{mark} [bold]{what}[/]  {told}", highlight=False)
    for each in wrong:
        _console.print(f"    {each}", highlight=False, soft_wrap=True, markup=False)
    return not wrong


def _binding(context: Context) -> tuple[str, list[str]]:
    binding.require_same_chain(context)
    number, _ = context.chain.head()
    return f"belong together; chain {context.chain.chain_id}, block {number}", []


def _audit(context: Context) -> tuple[str, list[str]]:
    verdict = audit_log.examine(context, _AUDITOR)
    told = (
        f"{verdict.rows} rows, {verdict.anchors} anchors on chain, the last one after row"
        f" {verdict.anchored_rows}"
    )
    return told, [f"row {each.seq}  {each.code}  {each.what}" for each in verdict.flaws]


def _deal(context: Context, deal_id: str) -> tuple[str, list[str]]:
    with context.database.reading() as connection:
        wrong = [
            *examination.materials(context, connection, deal_id),
            *examination.commands(context, connection, deal_id),
        ]
    contracts = deployment.deployment_of(context, deal_id)
    if not contracts:
        return "is not deployed", wrong
    places = [Place(each.artifact, each.address) for each in contracts]
    seen = verification.verify(context.chain, places)
    _list(seen)
    wrong += [f"{each.place.artifact}: {what}" for each in seen for what in each.wrong]
    found = reconciliation.reconcile(context, _AUDITOR, deal_id)
    told = ", ".join(f"{count} {what}" for what, count in found.compared.items())
    return f"compared with the chain: {told}", [*wrong, *map(str, found.differences)]
