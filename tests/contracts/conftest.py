"""The suite in each state of a deal's life: deployed once, returned to by snapshot for every test."""

from pathlib import Path

import pytest

from tests.contracts.suite import STEPS, Stages, Suite, make_suite

ORDER = ("deployed", *STEPS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder by state, so that each state is built once.

    Only time depends on it: alone or in any order, a test finds the same chain.
    """
    places = [n for n, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    by_state = sorted((items[n] for n in places), key=_state)
    for place, item in zip(places, by_state, strict=True):
        items[place] = item


def _state(item: pytest.Item) -> tuple[bool, int]:
    fixtures = getattr(item, "fixturenames", ())
    awkward = any(name.startswith("awkward_") for name in fixtures)
    states = [name.removeprefix("awkward_") for name in fixtures]
    return awkward, max((ORDER.index(name) for name in states if name in ORDER), default=-1)


@pytest.fixture(scope="session")
def stages() -> Stages:
    return Stages(make_suite())


@pytest.fixture(scope="session")
def awkward_stages() -> Stages:
    """The same deal in a coin that misbehaves on demand."""
    return Stages(make_suite("AwkwardCoin"))


@pytest.fixture
def deployed(stages: Stages) -> Suite:
    """Both tokens admitted by the registrar, nothing attached to a filing."""
    return stages.reach("deployed")


@pytest.fixture
def attached(stages: Stages) -> Suite:
    """Both tokens attached to the filing, which nobody has approved."""
    return stages.reach("attached")


@pytest.fixture
def approved(stages: Stages) -> Suite:
    """An approved filing; no investor, no coin, no offering."""
    return stages.reach("approved")


@pytest.fixture
def onboarded(stages: Stages) -> Suite:
    """H1 to H4 eligible, funded, and allowing the settlement to pull their coin."""
    return stages.reach("onboarded")


@pytest.fixture
def offering(stages: Stages) -> Suite:
    """Both offerings open, no unit issued."""
    return stages.reach("offering")


@pytest.fixture
def issued(stages: Stages) -> Suite:
    """50,000, 20,000 and 10,000 units with H1, H2 and H3; transfers still locked."""
    return stages.reach("issued")


@pytest.fixture
def active(stages: Stages) -> Suite:
    """Offerings closed and reported: transfers are open."""
    return stages.reach("active")


@pytest.fixture
def recorded(stages: Stages) -> Suite:
    """Epoch 1 closed at its record date, nothing declared."""
    return stages.reach("recorded")


@pytest.fixture
def declared(stages: Stages) -> Suite:
    """Interest and principal of epoch 1 declared and funded, nobody paid."""
    return stages.reach("declared")


@pytest.fixture
def awkward_offering(awkward_stages: Stages) -> Suite:
    return awkward_stages.reach("offering")


@pytest.fixture
def awkward_recorded(awkward_stages: Stages) -> Suite:
    return awkward_stages.reach("recorded")


@pytest.fixture
def awkward_declared(awkward_stages: Stages) -> Suite:
    return awkward_stages.reach("declared")
