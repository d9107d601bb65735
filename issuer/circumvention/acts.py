"""A step of a scenario carried out for real, and the refusal it met, if it met one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import httpx
from eth_account.messages import encode_typed_data

from issuer.circumvention.bodies import changed
from issuer.circumvention.placeholders import resolve, resolve_arguments
from issuer.circumvention.scenario import (
    Clock,
    Deploy,
    File,
    Filed,
    Request,
    Step,
    Tamper,
    Transaction,
)
from issuer.circumvention.world import World, unknown
from issuer.domain.errors import ChainRefused
from issuer.domain.rulebook.catalogue import ALL_RULES
from issuer.domain.rulebook.routes import Gate
from issuer.testing.filing_acts import document
from issuer.testing.wallet_proofs import wallet_proof


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that a refusal names."""

    rule: str
    statement: str
    cure: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which gate said no, as what (`code`), in so many words (`said`), and by which rules."""

    gate: Gate
    code: str
    said: str
    reasons: tuple[Reason, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """Their ids, each once."""
        return tuple(dict.fromkeys(each.rule for each in self.reasons))


def told(step: Step) -> str:
    """What is done, in the scenario's words or else by what it is."""
    if step.told:
        return step.told
    match step:
        case Request():
            return f"{step.by} {step.method} {step.path}"
        case File():
            return "the filer files"
        case Transaction():
            return f"{step.wallet} calls {'.'.join(step.target)}"
        case Deploy():
            return f"{step.wallet} deploys {step.deploy}"
        case Clock():
            return f"the clock is at {step.clock}"
    return "a row is altered in the database"


@singledispatch
def perform(step: Step, world: World) -> Refusal | None:
    """Carry a step out; None if nothing refused it."""
    raise NotImplementedError(type(step))


@perform.register
def _request(step: Request, world: World) -> Refusal | None:
    body = step.body
    if step.document is not None:
        body = changed(_example(step.document), step.change, step.drop)
    path, body = resolve(step.path, world), resolve(body, world)
    if {"id", "wallet"} & step.change.keys() and "wallet_proof" in body:
        body |= _own_proof(body, world)
    answer = world.request(step.by, step.method, path, body, step.headers)
    # Some answers do not wait for the chain: the next step comes a cycle of the worker later.
    world.deal.service.settle()
    return refusal_in(answer)


def _own_proof(investor: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Whoever gives a wallet signs with its key. There is none for what will be a contract's address."""
    key = world.key_of(investor["wallet"])
    proof = wallet_proof(investor["id"], investor["wallet"], key) if key else None
    return {"wallet_proof": proof}


def _example(name: str) -> Any:
    kind, _, member = name.partition("/")
    found = document("" if kind == "deal" else kind)
    if not member:
        return found
    return next(each for each in found["investors"] if each["id"] == member)


@perform.register
def _clock(step: Clock, world: World) -> Refusal | None:
    seconds = "" if step.clock.count(":") > 1 else ":00"
    body = {"now": f"{step.clock}{seconds}+08:00"}
    return refusal_in(world.request("operator", "POST", "/v1/simulation/clock", body))


@perform.register
def _tamper(step: Tamper, world: World) -> Refusal | None:
    file = world.simulator.settings.sqlite_file()
    if file is None:
        raise LookupError("the simulator has no database file")
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        if connection.execute(resolve(step.database, world)).rowcount == 0:
            raise unknown("row to alter by", step.database)
    return None


# ---- filings


@perform.register
def _file(step: File, world: World) -> Refusal | None:
    """Up to the stage asked for; the first refusal on the way ends it."""
    asked = step.file
    deal = asked.deal or world.deal.id
    drafted = world.request("filer", "POST", *_drafting(asked, deal, world))
    if (refusal := refusal_in(drafted)) or asked.until == "drafted":
        return refusal
    prepared = drafted.json()
    path = f"/v1/filings/{prepared['filing']['id']}"
    if (refusal := _signed(prepared, path, world)) or asked.until == "signed":
        return refusal
    last = "amendment" if asked.amends else "submission"
    submitted = refusal_in(world.request("filer", "POST", f"{path}/{last}"))
    if submitted or asked.amends or asked.until == "submitted":
        return submitted
    return refusal_in(world.request("regulator", "POST", f"{path}/formality-check"))


def _drafting(asked: Filed, deal: str, world: World) -> tuple[str, Any]:
    """Where a draft or a next version goes, and what it says: of this chain and these contracts."""
    body = document("filing")
    deployed = world.read("filer", f"/v1/deals/{deal}/deployment")
    body["plan"]["chain_id"] = deployed["chain_id"]
    body["plan"]["contracts"] = [
        {name: each[name] for name in ("name", "address", "code_hash")}
        for each in deployed["contracts"]
        if not each["shared"]
    ]
    body = resolve(changed(body, asked.change, asked.drop), world)
    if asked.supersedes:
        body["supersedes"] = resolve(asked.supersedes, world)
    if not asked.amends:
        return f"/v1/deals/{deal}/filings", body
    materials = body.pop("materials")
    del body["version"]
    path = f"/v1/filings/{world.filing(deal)['id']}/versions"
    return path, {"materials": materials, "sections": body}


def _signed(prepared: Mapping[str, Any], path: str, world: World) -> Refusal | None:
    """Every attester signs with its own key."""
    for role, data in prepared["to_sign"].items():
        wallet = world.deal.service.wallet(prepared["attesters"][role])
        signature = wallet.sign_message(encode_typed_data(full_message=data))
        body = {"role": role, "signature": signature}
        answer = world.request("filer", "POST", f"{path}/attestations", body)
        if refusal := refusal_in(answer):
            return refusal
    return None


# ---- on chain


@perform.register
def _transaction(step: Transaction, world: World) -> Refusal | None:
    contract, function = step.target
    if contract not in world.chain.book:
        world.learn()
    types = world.chain.parameters(contract, function)
    arguments = resolve_arguments(types, step.arguments, world)
    refused = None
    try:
        world.chain.ask(world.account(step.wallet), contract, function, arguments)
    except ChainRefused as error:
        refused = _of_chain(error, world)
    # A role's transactions are the service's to number: of these, only what passes is sent.
    if step.send and not (refused and world.is_role(step.wallet)):
        passed = world.chain.send(world.key(step.wallet), contract, function, arguments)
        world.deal.service.settle()
        return None if passed else refused or Refusal(Gate.CHAIN, "reverted", "reverted", ())
    return refused


@perform.register
def _deploy(step: Deploy, world: World) -> Refusal | None:
    world.learn()
    types = world.chain.constructor(step.deploy)
    arguments = resolve_arguments(types, step.arguments, world)
    try:
        world.deploy(step.wallet, step.deploy, arguments, step.called)
    except ChainRefused as error:
        return _of_chain(error, world)
    return None


def _of_chain(error: ChainRefused, world: World) -> Refusal:
    facts = error.facts
    operands = {name: world.name_of(value) for name, value in facts.get("operands", {}).items()}
    listed = ", ".join(f"{name}={_short(value)}" for name, value in operands.items())
    name = str(facts.get("error", error.error_code))
    return Refusal(Gate.CHAIN, name, f"{name}({listed})", tuple(_ruled(facts)))


def _ruled(facts: Mapping[str, Any]) -> Iterator[Reason]:
    rule = facts.get("rule")
    if rule:
        statement = next((each.statement for each in ALL_RULES if each.id == rule), "")
        yield Reason(rule, statement, str(facts.get("cure", "")))


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:10]}…" if text.startswith("0x") else text


# ---- what an answer says


def refusal_in(answer: httpx.Response) -> Refusal | None:
    """A problem, an operation that the chain refused, a filing not accepted, or a check that says no."""
    content: Any = answer.json() if answer.content else None
    if answer.is_error:
        return _of_service(f"{answer.status_code} {content.get('code')}", content, content)
    for each in content if isinstance(content, list) else [content]:
        if isinstance(each, dict) and (found := _in_part(each)):
            return found
    return None


def _in_part(content: Mapping[str, Any]) -> Refusal | None:
    if content.get("state") in ("refused", "failed") and content.get("error"):
        error = content["error"]
        return _of_service(str(error.get("error", error.get("code"))), {}, error)
    if content.get("state") == "NOT_ACCEPTED":
        return _of_service("NOT_ACCEPTED", content, {})
    if content.get("allowed") is False:
        inner = next((each for each in content.values() if isinstance(each, dict)), {})
        return _of_service(str(inner.get("code", "not allowed")), content, inner)
    if isinstance(content.get("operation"), dict):
        return _in_part(content["operation"])
    return None


def _of_service(code: str, content: Mapping[str, Any], facts: Mapping[str, Any]) -> Refusal:
    reasons = [
        Reason(each["rule"], each["statement"], each["cure"])
        for each in (*(content.get("findings") or ()), *(facts.get("findings") or ()))
    ]
    reasons += [
        Reason(each["rule"], each["message"], each["path"])
        for each in facts.get("complaints") or ()
    ]
    return Refusal(Gate.SERVICE, code.split()[-1], code, (*reasons, *_ruled(facts)))
