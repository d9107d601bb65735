"""What a failed test has done to its simulator, in words: for the report below its traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.domain.errors import ChainRefused, InvalidInput, IssuanceError, RuleViolated
from issuer.domain.operations import Operation
from issuer.keys import ROLE_ACCOUNTS
from issuer.onchain import commands
from issuer.services import dossier
from issuer.store import deals, outbox
from issuer.testing.deal import ExampleDeal

SHOWN = 10
"""How many operations and events are shown, the last ones, unless all are asked for."""

_NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a simulator was when its test began."""

    block: int
    operations: frozenset[str]


def mark(deal: ExampleDeal) -> Mark:
    """Remember where the simulator is now."""
    context = deal.service.context
    with context.database.reading() as connection:
        known = frozenset(each.id for each in outbox.of_deal(connection, deal.id))
    return Mark(context.chain.head()[0], known)


def describe(
    deal: ExampleDeal, since: Mark, error: BaseException | None, *, everything: bool = False
) -> str:
    """Time and block, the refusal if `error` is one, and the operations and events since the mark."""
    shown = None if everything else SHOWN
    names = _names(deal)
    chain = deal.service.context.chain
    block, _ = chain.head()
    lines = [
        f"simulated time  {deal.clock.now:%Y-%m-%d %H:%M} in Hong Kong",
        f"block           {block} of chain {chain.chain_id}; the test began at {since.block}",
    ]
    if isinstance(error, IssuanceError):
        lines += ["", *_refusal(error, names)]
    lines += ["", *_titled("operations", list(_operations(deal, since)), shown)]
    lines += ["", *_titled("events", list(_events(deal, since, block, names)), shown)]
    return "\n".join(lines)


def _titled(what: str, lines: Sequence[str], shown: int | None) -> Iterator[str]:
    if not lines:
        yield f"no {what} since the test began"
        return
    part = lines if shown is None else lines[-shown:]
    left_out = f", the last {len(part)} of {len(lines)} (-v shows all)"
    yield f"{what} since the test began{left_out if len(part) < len(lines) else ''}"
    yield from (f"  {line}" for line in part)


# ---- the refusal


def _refusal(error: IssuanceError, names: Mapping[str, str]) -> Iterator[str]:
    yield f"{type(error).__name__} {error.error_code}"
    match error:
        case RuleViolated():
            for finding in error.findings:
                yield f"  {finding.rule}  {finding.statement}"
                yield from _facts(finding.facts, names)
                yield f"    cure: {finding.cure}"
        case InvalidInput():
            for each in error.complaints:
                yield f"  {each.path or '/'}  {each.message} ({each.rule})"
        case ChainRefused():
            facts = dict(error.facts)
            yield f"  {facts.get('rule') or 'no rule'}  {facts.get('error', error.message)}"
            yield from _facts(facts.get("operands") or {}, names)
            yield f"    cure: {facts.get('cure', 'see the message')}"
        case _:
            yield f"  {error.message}"
            yield from _facts(error.facts, names)


def _facts(facts: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    for name, value in facts.items():
        yield f"    {name} = {_shown(value, names)}"


# ---- what was done


def _operations(deal: ExampleDeal, since: Mark) -> Iterator[str]:
    with deal.service.context.database.reading() as connection:
        new = [
            (outbox.commands_of(connection, each.id)[0].id, each)
            for each in outbox.of_deal(connection, deal.id)
            if each.id not in since.operations
        ]
    for _, each in sorted(new, key=lambda pair: pair[0]):
        yield f"{each.state:<9}  {each.kind}  {each.subject}{_why(each)}"


def _why(operation: Operation) -> str:
    if not operation.error:
        return ""
    rule = operation.error.get("rule")
    return f": {operation.error['code']}" + (f" ({rule})" if rule else "")


def _events(deal: ExampleDeal, since: Mark, last: int, names: Mapping[str, str]) -> Iterator[str]:
    # Not the anchors of the audit log: there is one for nearly everything, and it says nothing.
    spoken = [place for name, place in deal.contracts.items() if name != commands.AUDIT_ANCHOR]
    if not spoken:
        return
    for event in deal.service.context.chain.events(spoken, since.block + 1, last):
        arguments = ", ".join(f"{name}={_shown(v, names)}" for name, v in event.args.items())
        yield f"block {event.block_number}  {names[event.address]}  {event.name}({arguments})"


# ---- names


def _names(deal: ExampleDeal) -> dict[str, str]:
    """Address, or hash of a filing's id -> what everybody calls it."""
    chain, book = deal.service.context.chain, deal.contracts
    names = {_NOBODY: "nobody"}
    filed = dossier.filings_of(deal.service.context, deal.id) if book else ()
    names |= {commands.digest(each.id): each.id for each in filed}
    names |= {chain.account_of(role): str(role) for role in ROLE_ACCOUNTS}
    with deal.service.context.database.reading() as connection:
        if deals.exists(connection, deal.id):
            payees: Iterable[str] = (payee.id for payee in deals.get(connection, deal.id).payees)
            names |= {chain.payee_account(payee): payee for payee in payees}
    wallets = {wallet: investor for investor, wallet in deal.wallets.items()}
    names |= wallets | _given_up(deal, wallets)
    return names | {place: name for name, place in book.items()}


def _given_up(deal: ExampleDeal, wallets: Mapping[str, str]) -> dict[str, str]:
    """Wallets that were lost: of the investor who has the wallet that they were recovered to, at last."""
    registry = deal.contracts.get(commands.INVESTOR_REGISTRY)
    if registry is None:
        return {}
    chain, whose = deal.service.context.chain, dict(wallets)
    said = chain.events([registry], 0, chain.head()[0])
    moves = [each.args for each in said if each.name == "InvestorRecovered"]
    for move in reversed(moves):
        whose.setdefault(move["lost"], whose.get(move["fresh"], move["fresh"]))
    return {lost: f"{whose[lost]} (former wallet)" for lost in whose.keys() - wallets.keys()}


def _shown(value: Any, names: Mapping[str, str]) -> str:
    match value:
        case bytes():
            return _shown("0x" + value.hex(), names)
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case str() if value in names:
            return names[value]
        case str():
            return f"{int(value):,}" if value.isdecimal() else _short(value)
        case list() | tuple():
            return "[" + ", ".join(_shown(each, names) for each in value) + "]"
    return str(value)


def _short(text: str) -> str:
    """Hashes by their beginning; an address that nobody knows is kept whole, to be looked for."""
    return f"{text[:10]}…" if text.startswith("0x") and len(text) > len(_NOBODY) else text
