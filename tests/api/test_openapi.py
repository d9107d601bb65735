"""The OpenAPI document: what a client's author has to go by."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from api import answers, problems, requests
from issuer.documents import collections, deal, filing, investors
from tests.support.story import DEAL, Story, document

TAGS = {
    "deals",
    "filings",
    "investors",
    "offering",
    "checks",
    "projections",
    "distributions",
    "enforcement",
    "service",
    "rules",
    "supervision",
    "simulation",
    "trustee",
}


@pytest.fixture
def api(standing_at: Callable[[str], Story]) -> Any:
    """The document as served."""
    return standing_at("admitted").client.read(None, "/openapi.json")


def operations(api: Any) -> Iterator[tuple[str, str, Any]]:
    for path, found in api["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def test_every_operation_says_what_it_does(api: Any) -> None:
    for method, path, operation in operations(api):
        assert operation.get("summary"), f"{method} {path}"
        assert operation.get("description"), f"{method} {path}"
        assert len(operation["tags"]) == 1, f"{method} {path}"
        assert set(operation["tags"]) <= TAGS, f"{method} {path}"


def test_every_summary_is_used_once(api: Any) -> None:
    found = [operation["summary"] for _, _, operation in operations(api)]
    assert sorted(found) == sorted(set(found))


#: A key of any role will do, or none shows less: nobody is refused for the role.
FOR_EVERY_ROLE = {
    ("GET", "/v1/deals/{deal}/filings"),
    ("GET", "/v1/filings/{filing}"),
    ("GET", "/v1/operations/{operation}"),
    ("POST", "/v1/comparisons"),
    ("POST", "/v1/projections"),
}


def test_every_operation_declares_the_problems_it_can_give(api: Any) -> None:
    for method, path, operation in operations(api):
        needed = set()
        if operation.get("security"):
            needed |= {"401"} if (method, path) in FOR_EVERY_ROLE else {"401", "403"}
        if "{" in path:
            needed |= {"404"}
        if "requestBody" in operation:
            needed |= {"422"}
        if method != "GET" and "{" in path and operation.get("security"):
            needed |= {"409"}
        declared = set(operation["responses"])
        assert needed <= declared, f"{method} {path} does not declare {needed - declared}"


def test_every_declared_problem_has_the_form_of_rfc_9457(api: Any) -> None:
    for method, path, operation in operations(api):
        for status, answer in operation["responses"].items():
            if int(status) < 400 or problems.MEDIA_TYPE not in answer["content"]:
                continue
            schema = answer["content"][problems.MEDIA_TYPE]["schema"]
            needed = {"type", "title", "status", "detail", "instance", "code"}
            assert needed <= set(schema["required"]), f"{method} {path} {status}"


def test_every_operation_that_changes_something_needs_a_key(api: Any) -> None:
    open_to_all = {
        (method, path)
        for method, path, operation in operations(api)
        if method != "GET" and not operation.get("security")
    }
    assert open_to_all == set()


ANSWERS = [
    importlib.import_module(f"{answers.__name__}.{found.name}")
    for found in pkgutil.iter_modules(answers.__path__)
]

MODELS = [
    model
    for module in (requests, *ANSWERS, deal, filing, investors, collections)
    for model in vars(module).values()
    if isinstance(model, type)
    and issubclass(model, BaseModel)
    and model.__module__ == module.__name__
]


EXAMPLES = [
    pytest.param(model, field, example, id=f"{model.__name__}.{name}")
    for model in MODELS
    for name, field in model.model_fields.items()
    for example in field.examples or ()
]


@pytest.mark.parametrize(("model", "field", "example"), EXAMPLES)
def test_example_of_a_field_is_accepted_by_it(
    model: type[BaseModel], field: FieldInfo, example: Any
) -> None:
    metadata = field.metadata or [None]
    adapter = TypeAdapter(Annotated[field.annotation, *metadata], config=model.model_config)
    adapter.validate_python(example)


def shown(schema: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(property, example) of each one-word example, under the name of its nearest property."""
    if isinstance(schema, list):
        for each in schema:
            yield from shown(each, name)
    elif isinstance(schema, dict):
        yield from ((name, each) for each in schema.get("examples", ()) if isinstance(each, str))
        for key, each in schema.items():
            if key == "properties":
                for field, found in each.items():
                    yield from shown(found, field)
            else:
                yield from shown(each, name)


def test_example_of_an_id_is_one_of_the_example_deal(api: Any) -> None:
    """Whoever sends the examples as they stand names a deal, a tranche and investors there are."""
    schemas = api["components"]["schemas"]
    requested = [each for name, each in schemas.items() if name.endswith("Request")]
    holders = {each["id"] for each in document("ev-charging.investors.yaml")["investors"]}
    known = {
        "deal": {DEAL},
        "tranche": {each["id"] for each in document("ev-charging.yaml")["tranches"]},
        "filing": {f"{DEAL}-f1"},
        "supersedes": {f"{DEAL}-f1"},
        **dict.fromkeys(("investor", "sender", "receiver"), holders),
    }
    found = [(name, each) for name, each in shown(requested) if not each.startswith("0x")]
    for name, each in found:
        assert each in known.get(name, {each}), (name, each)
        assert each != DEAL or name == "deal", name
    assert {name for name, _ in found} >= known.keys()
    forced = schemas["ForcedTransferRequest"]["properties"]
    assert [forced[each]["examples"] for each in ("tranche", "sender", "receiver")] == [
        ["A"],
        ["H1"],
        ["H2"],
    ]


def test_interactive_documentation_is_served(standing_at: Callable[[str], Story]) -> None:
    answer = standing_at("admitted").client.get(None, "/docs")
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    assert "/openapi.json" in answer.text
