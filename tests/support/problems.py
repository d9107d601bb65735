"""What every refusal looks like."""

from __future__ import annotations

from typing import Any

import httpx

MEMBERS = ("type", "title", "status", "detail", "instance", "code")


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be this refusal, in full form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert [name for name in MEMBERS if name not in problem] == []
    assert problem["code"] == code, answer.text
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["instance"] == answer.request.url.path
    assert problem["title"]
    assert problem["detail"]
    return problem


def refused_by(answer: httpx.Response, *rules: str) -> dict[str, Any]:
    """The problem document of an answer that must be refused by exactly these rules, with cures.

    Where a sign of the mainland is among them, the answer says that nobody there is served.
    """
    blocked = "INV-02" in rules
    problem = refused(answer, *((451, "access.blocked") if blocked else (409, "rulebook.violated")))
    assert list(dict.fromkeys(each["rule"] for each in problem["findings"])) == list(rules)
    assert all(each["cure"] and each["statement"] for each in problem["findings"])
    return problem


def malformed(answer: httpx.Response, *pointers: str) -> dict[str, Any]:
    """The problem document of an answer that must complain about exactly these places."""
    problem = refused(answer, 422, "input.invalid")
    assert sorted(each["path"] for each in problem["complaints"]) == sorted(pointers), answer.text
    assert all(each["rule"] and each["message"] for each in problem["complaints"])
    return problem


def refused_on_chain(answer: httpx.Response, code: str, error: str) -> dict[str, Any]:
    """The operation of an answer that the service let pass and the chain must have refused."""
    assert answer.status_code == 202, answer.text
    operation: dict[str, Any] = answer.json()
    assert operation["state"] == "refused", operation
    assert (operation["error"]["code"], operation["error"]["error"]) == (code, error)
    assert operation["error"]["message"]
    return operation
