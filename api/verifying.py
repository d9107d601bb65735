"""`abs-sim verify`: everything about a database that can be checked against its chain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rich.console import Console

from issuer.bootstrap import look
from issuer.config import Settings
from issuer.domain.errors import IssuanceError
from issuer.domain.roles import Actor, Role
from issuer.services import audit_log, binding, deployment, examination, reconciliation
from issuer.services.context import Context

_AUDITOR = Actor(Role.AUDITOR, "abs-sim verify")
_console = Console(emoji=False)


def run(settings: Settings) -> bool:
    """Print what was examined and everything that is wrong; true if nothing is."""
    with look(settings) as context:
        sound = _examined("database and chain", lambda: _binding(context))
        sound &= _examined("audit log", lambda: _audit(context))
        for deal_id in deployment.deal_ids(context):
            sound &= _examined(f"deal {deal_id}", partial(_deal, context, deal_id))
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
    if not deployment.deployment_of(context, deal_id):
        return "is not deployed", wrong
    found = reconciliation.reconcile(context, _AUDITOR, deal_id)
    told = ", ".join(f"{count} {what}" for what, count in found.compared.items())
    return f"compared with the chain: {told}", [*wrong, *map(str, found.differences)]
