"""A scenario file: what somebody tries, from which stage, what must refuse it, and an honest twin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StrictBool, Tag, model_validator

from issuer.documents.fields import Document, Id, Text, parse_document
from issuer.documents.text import read_file
from issuer.domain.errors import Complaint, InvalidInput, NotFound
from issuer.domain.roles import Role
from issuer.domain.rulebook.catalogue import find
from issuer.domain.rulebook.routes import Gate
from issuer.examples import EXAMPLE_DEAL, example_file
from issuer.testing.passage import require_stage


def _rule_id(asked: str) -> str:
    try:
        rules, route = find(asked)
    except NotFound as missing:
        raise ValueError(missing.message) from missing
    if route is not None:
        raise ValueError(f"{route.id} is a route, which refuses nothing: name the rule that does")
    return rules[0].id


def _scenario_id(written: str) -> str:
    if re.fullmatch(r"CIR-\d{1,2}", written, re.ASCII):
        return written
    try:
        return _rule_id(written)
    except ValueError as error:
        raise ValueError(
            f"{written!r} is no id of a scenario: write CIR- and a number of your own such as CIR-99, or"
            f" the id of the rule that is tried, such as INV-01 ({error})"
        ) from error


RuleId = Annotated[str, AfterValidator(_rule_id), Field(examples=["INV-01"])]
Change = Annotated[
    dict[str, Any],
    Field(description="Place -> value, such as `entity.name` or `assets.EVC-DISTRICT-01.liens`"),
]


#: Who asks without an API key.
NOBODY = "nobody"


@cache
def example_investors() -> tuple[str, ...]:
    """The ids of the example's investors."""
    document = read_file(example_file(f"{EXAMPLE_DEAL}.investors.yaml"))
    return tuple(each["id"] for each in document["investors"])


def _stage(name: str) -> str:
    require_stage(name)
    return name


class Step(Document):
    """One act. Without `refused_by` and `refused_as` it must pass.

    `refused_by` are rules that must be among those the refusal names; `refused_as` is its code, or the
    contract's error. `told` says in words what is done.
    """

    told: Text = ""
    refused_by: list[RuleId] = Field(default_factory=list)
    refused_as: Text | None = None

    @property
    def is_refused(self) -> bool:
        """Must it be?"""
        return bool(self.refused_by or self.refused_as)

    @property
    def gate(self) -> Gate:
        """Whose refusal it would be."""
        return Gate.SERVICE


class Request(Step):
    """A request to the API. The body is given, or an example document with changes."""

    by: Annotated[Text, Field(alias="as", description="A role, an investor, or `nobody`")]
    get: Text | None = None
    post: Text | None = None
    put: Text | None = None
    body: Any = None
    document: Annotated[
        str | None, Field(pattern=r"^(deal|filing|collections|investors/[\w-]+)$")
    ] = None
    change: Change = Field(default_factory=dict)
    drop: list[Text] = Field(default_factory=list)
    headers: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_body(self) -> Request:
        if self.body is not None and self.document is not None:
            raise ValueError("give either `body` or `document`")
        if (self.change or self.drop) and self.document is None:
            raise ValueError("`change` and `drop` are of a `document`: name it")
        return self

    @property
    def method(self) -> str:
        """GET, POST or PUT."""
        return "GET" if self.get else "POST" if self.post else "PUT"

    @property
    def path(self) -> str:
        """What is requested."""
        return self.get or self.post or self.put or ""


class Filed(Document):
    """The example filing with changes, of the example deal or another one.

    `amends` makes it the next version of what was published, submitted as an amendment.
    """

    amends: StrictBool = False
    deal: Id | None = None
    supersedes: Text | None = None
    change: Change = Field(default_factory=dict)
    drop: list[Text] = Field(default_factory=list)
    until: Literal["drafted", "signed", "submitted", "checked"] = "checked"


class File(Step):
    """A filing drafted, signed, submitted and checked for formality, each by who has to."""

    file: Filed


class Transaction(Step):
    """A contract's function called past the service, with somebody's key.

    `ask` is an eth_call; `send` is one too, and then a real transaction, whatever the answer was.
    """

    wallet: Text
    ask: Annotated[str | None, Field(pattern=r"^.+\.\w+(\(.*\))?$")] = None
    send: Annotated[str | None, Field(pattern=r"^.+\.\w+(\(.*\))?$")] = None
    arguments: Annotated[list[Any], Field(alias="with")] = Field(default_factory=list)

    @property
    def target(self) -> tuple[str, str]:
        """Contract and function."""
        contract, _, function = (self.ask or self.send or "").partition(".")
        return contract, function

    @property
    def gate(self) -> Gate:
        """Whose refusal it would be."""
        return Gate.CHAIN


class Deploy(Step):
    """A contract of somebody's own, deployed with its key."""

    wallet: Text
    deploy: Literal["PledgeVault", "PretendToken", "AwkwardCoin"]
    called: Id
    arguments: Annotated[list[Any], Field(alias="with")] = Field(default_factory=list)

    @property
    def gate(self) -> Gate:
        """Whose refusal it would be."""
        return Gate.CHAIN


class Tamper(Step):
    """A row altered in the database file, past the service: one SQL statement."""

    database: Text


class Clock(Step):
    """The simulated clock moved on."""

    clock: Annotated[str, Field(pattern=r"^2\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")]


_VERBS = ("get", "post", "put", "file", "ask", "send", "deploy", "database", "clock")


def _tag(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    found = [verb for verb in _VERBS if verb in value]
    return f"step:{found[0]}" if len(found) == 1 else None


AnyStep = Annotated[
    Annotated[Request, Tag("step:get")]
    | Annotated[Request, Tag("step:post")]
    | Annotated[Request, Tag("step:put")]
    | Annotated[File, Tag("step:file")]
    | Annotated[Transaction, Tag("step:ask")]
    | Annotated[Transaction, Tag("step:send")]
    | Annotated[Deploy, Tag("step:deploy")]
    | Annotated[Tamper, Tag("step:database")]
    | Annotated[Clock, Tag("step:clock")],
    Discriminator(
        _tag,
        custom_error_type="step",
        custom_error_message=f"a step has one of {', '.join(_VERBS)}: say what is done",
    ),
]


class Twin(Document):
    """The same thing done lawfully: every step must pass."""

    route: Text
    steps: Annotated[list[AnyStep], Field(min_length=1)]


class Scenario(Document):
    """A scenario file. `before` is lawful and precedes attempt and twin alike.

    `comes_to` says which facts the attempt alters all the same, and to what; every other fact must be
    as it was. `needs` are means that the product lacks: that part of the route nobody can try here. What
    no program can block says by what `detection` it comes out: its attempt, if it has one, shows that.
    """

    version: Literal[1]
    id: Annotated[str, AfterValidator(_scenario_id), Field(description="A route, or a rule's id")]
    title: Text
    title_zh: Text
    route: Text
    start: Annotated[str, AfterValidator(_stage)] = "deployed"
    before: list[AnyStep] = Field(default_factory=list)
    attempt: list[AnyStep] = Field(default_factory=list)
    comes_to: dict[str, str | int] = Field(default_factory=dict)
    blocked_by: list[RuleId] = Field(default_factory=list)
    where: Gate | None = Field(default=None, strict=False)
    twin: Twin | None = None
    needs: Text | None = None
    detection: Text | None = None

    @property
    def runs(self) -> bool:
        """Is there anything to try that is to be blocked?"""
        return bool(self.attempt) and not self.detection

    @property
    def is_route(self) -> bool:
        """A way round the regime, and not a single rule at its edge."""
        return self.id.startswith("CIR")

    @model_validator(mode="after")
    def _whole(self) -> Scenario:
        if complaint := next(self._complaints(), None):
            raise ValueError(complaint)
        return self

    def _complaints(self) -> Iterator[str]:
        if not self.attempt:
            if not (self.needs or self.detection):
                yield "give an `attempt`, or say what it `needs` or what `detection` there is"
            return
        if self.twin is None:
            yield "give the honest `twin`: the same thing done lawfully"
        if self.detection:
            if self.blocked_by or self.where:
                yield "what is a matter of `detection` is not blocked: leave `blocked_by` and `where` out"
            return
        refused = [step for step in self.attempt if step.is_refused]
        named = {rule for step in refused for rule in step.refused_by}
        if missing := sorted(set(self.blocked_by) - named) or not self.blocked_by:
            yield f"no step of the attempt is `refused_by` what blocks it: {missing}"
        gates = {step.gate for step in refused}
        where = Gate.BOTH if len(gates) > 1 else next(iter(gates), None)
        if self.where != where:
            yield f"`where` says {self.where}, and the refused steps say {where}"


def parse_scenario(document: Mapping[str, Any], source: str) -> Scenario:
    """Check a scenario; raises `InvalidInput` with every complaint."""
    scenario = parse_document(Scenario, document, source)
    if complaints := list(_unknown_actors(scenario)):
        raise InvalidInput(source, complaints)
    return scenario


def _unknown_actors(scenario: Scenario) -> Iterator[Complaint]:
    """Requests in the name of nobody whom the example or the scenario itself knows."""
    steps = {
        "/before": scenario.before,
        "/attempt": scenario.attempt,
        "/twin/steps": scenario.twin.steps if scenario.twin else [],
    }
    admitted = [_admits(step) for each in steps.values() for step in each]
    known = [*Role, NOBODY, *example_investors()]
    for place, each in steps.items():
        for number, step in enumerate(each):
            if isinstance(step, Request) and step.by not in (*known, *admitted):
                yield Complaint(
                    f"{place}/{number}/as",
                    "scenario.actor",
                    f"there is no {step.by!r}: use one of {', '.join(known)}, or an investor whom a step"
                    " admits",
                )


def _admits(step: Step | Tamper | Clock) -> Any:
    """The id of the investor that is posted."""
    if not (isinstance(step, Request) and step.path.endswith("/investors")):
        return None
    stated = step.body.get("id") if isinstance(step.body, Mapping) else None
    named = (step.document or "").partition("/")[2] or None
    return step.change.get("id", stated or named)


def load_scenario(path: Path) -> Scenario:
    """Read and check the scenario file at `path`; raises `InvalidInput`."""
    return parse_scenario(read_file(path), path.name)
