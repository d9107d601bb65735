"""The anchor of the audit log: one writer, and only forwards."""

import pytest

from tests.contracts.suite import (
    ADMIN,
    H1,
    ISSUER,
    PAYER,
    REGULATOR,
    named,
    refused,
)

HEAD, LATER = b"\x11" * 32, b"\x22" * 32


@pytest.fixture
def anchor(deployed):
    return deployed.deploy("AuditAnchor", ADMIN)


def test_anchor_by_the_auditor_writes_the_head_down(deployed, anchor):
    assert (anchor.call("rows"), anchor.call("head")) == (0, bytes(32))
    outcome = deployed.send(ADMIN, anchor, "anchor", 5, HEAD)
    assert outcome.args("Anchored") == {"rows": 5, "head": HEAD}
    assert (anchor.call("rows"), anchor.call("head")) == (5, HEAD)
    assert anchor.call("auditor") == ADMIN


def test_anchor_a_longer_log_replaces_the_head(deployed, anchor):
    deployed.send(ADMIN, anchor, "anchor", 5, HEAD)
    deployed.send(ADMIN, anchor, "anchor", 6, LATER)
    assert (anchor.call("rows"), anchor.call("head")) == (6, LATER)


@pytest.mark.parametrize("rows", [0, 4, 5])
def test_anchor_a_log_that_has_not_grown_is_refused(deployed, anchor, rows):
    deployed.send(ADMIN, anchor, "anchor", 5, HEAD)
    with refused("LogNotGrown", rows=rows, anchored=5):
        deployed.send(ADMIN, anchor, "anchor", rows, LATER)


def test_anchor_an_empty_log_is_refused(deployed, anchor):
    with refused("LogNotGrown", rows=0, anchored=0):
        deployed.send(ADMIN, anchor, "anchor", 0, HEAD)


@pytest.mark.parametrize("caller", [ISSUER, PAYER, REGULATOR, H1], ids=named)
def test_anchor_by_anyone_but_the_auditor_is_refused(deployed, anchor, caller):
    with refused("NotTheAuditor", caller=caller):
        deployed.send(caller, anchor, "anchor", 1, HEAD)
