"""A pytest plugin for tests of issuance flows: the example deal, approved, sold and ready to pay.

    def test_holders_of_record_are_paid(abs_deal, abs_clock):
        abs_deal.report_collections()
        assert abs_deal.pay_coupon()["H1"].outcome == "PAID"
        assert abs_clock.now.month == 7

Fixtures: `abs_deal`, `abs_deal_at`, `abs_service`, `abs_clock`. Every test finds the deal as if it had
just reached its stage, whatever other tests did to it. `--abs-backend anvil` puts all of it on Anvil.

Until a test asks for a fixture nothing is imported but pytest: whoever has the package installed pays
for it when it is used, and not in every other test run.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from issuer.testing.clock import Clock
    from issuer.testing.deal import ExampleDeal
    from issuer.testing.report import Mark
    from issuer.testing.service import Service
    from issuer.testing.stages import Stages

SECTION = "abs-sim"

_TAKEN: pytest.StashKey[tuple[ExampleDeal, Mark]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--abs-backend`."""
    parser.getgroup(SECTION, "ABS issuance simulator").addoption(
        "--abs-backend",
        choices=("embedded", "anvil"),
        default="embedded",
        help="the chain under the abs_* fixtures: in this process (default), or Anvil",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what is missing, not in every test."""
    if config.getoption("abs_backend") == "anvil":
        from issuer.domain.errors import ChainUnavailable
        from issuer.onchain.local_node import require_anvil

        try:
            require_anvil()
        except ChainUnavailable as missing:
            raise pytest.UsageError(f"--abs-backend anvil: {missing.message}") from missing


@pytest.fixture(scope="session")
def _abs_stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    from issuer.testing.stages import Stages

    backend = request.config.getoption("abs_backend")
    with Stages(tmp_path_factory.mktemp(SECTION), backend) as stages:
        yield stages


@pytest.fixture
def abs_deal_at(
    request: pytest.FixtureRequest, _abs_stages: Stages
) -> Iterator[Callable[[str], ExampleDeal]]:
    """`abs_deal_at("filed")`: the example deal at that stage of its life.

    The stages are fresh, registered, deployed, drafted, submitted, under_review, filed, admitted,
    offering_open, issued, active, collected, determined, recorded and paid. A test has one simulator:
    it takes one stage, and uses `deal.clock` and `deal.service` of what it was given. `ValueError` for
    what is no stage, or another one than the test has already.
    """
    taken: dict[str, ExampleDeal] = {}

    def take(stage: str) -> ExampleDeal:
        if stage not in taken:
            if taken:
                raise ValueError(
                    f"this test has the deal at {next(iter(taken))!r} already (abs_deal, abs_service"
                    f" and abs_clock are at 'active'): take {stage!r} alone, with its .service and"
                    " .clock"
                )
            taken[stage], since = _abs_stages.take(stage)
            request.node.stash[_TAKEN] = (taken[stage], since)
        return taken[stage]

    yield take
    for deal in taken.values():
        _abs_stages.give_back(deal)


@pytest.fixture
def abs_deal(abs_deal_at: Callable[[str], ExampleDeal]) -> ExampleDeal:
    """The example deal, ACTIVE on 20 April 2026: 80,000 units, H1 50,000, H2 20,000, H3 10,000."""
    return abs_deal_at("active")


@pytest.fixture
def abs_service(abs_deal: ExampleDeal) -> Service:
    """The service under `abs_deal`: `abs_service.call(function, "regulator", …)` for any use case.

    For tests through HTTP, `api.app.create_app(abs_service.simulator)` is the application.
    """
    return abs_deal.service


@pytest.fixture
def abs_clock(abs_deal: ExampleDeal) -> Clock:
    """The simulated clock of `abs_deal`; the chain's time follows it."""
    return abs_deal.clock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what happened on chain, decoded."""
    if call.excinfo and _TAKEN in item.stash and not item.config.getoption("fulltrace"):
        _keep_to_the_test(call.excinfo.value)
    report = yield
    if report.failed and _TAKEN in item.stash:
        from issuer.testing.report import describe

        deal, since = item.stash[_TAKEN]
        error = call.excinfo.value if call.excinfo else None
        try:
            text = describe(deal, since, error, everything=item.config.get_verbosity() > 0)
        except Exception as second:  # whatever it is, it must not hide why the test failed
            text = f"the simulator cannot be read any more: {second!r}"
        report.sections.append((SECTION, text))
    return report


def _keep_to_the_test(error: BaseException) -> None:
    """A refusal is explained in the section: the way it took inside says nothing to its reader."""
    from issuer.domain.errors import IssuanceError

    if not isinstance(error, IssuanceError):
        return
    error.__cause__, error.__suppress_context__ = None, True
    last = here = error.__traceback__
    while here is not None:
        package = str(here.tb_frame.f_globals.get("__name__")).partition(".")[0]
        if package not in ("issuer", "chain"):
            last = here
        here = here.tb_next
    if last is not None:
        last.tb_next = None
