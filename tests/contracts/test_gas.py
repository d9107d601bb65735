"""Every cost is what is checked in; `make gas-snapshot` checks in what it is now."""

import pytest

from scripts.gas.cost import Cost
from scripts.gas.deployment import code_bytes
from scripts.gas.snapshot import COMMAND, SCENES, differences, measure, read, read_code_bytes


@pytest.mark.parametrize("scene", SCENES)
def test_measure_gas_gives_what_is_checked_in(scene):
    changes = differences(read().get(scene, {}), measure(scene))
    assert not changes, "\n".join((*changes, f"If this is meant: {COMMAND}"))


def test_code_of_each_contract_has_the_size_that_is_checked_in():
    assert read_code_bytes() == code_bytes(), f"if this is meant: {COMMAND}"


def test_every_checked_in_scene_is_measured():
    assert [*read()] == [*SCENES], f"if this is meant: {COMMAND}"


@pytest.mark.parametrize(
    ("recorded", "measured", "said"),
    [
        (Cost(40_000), Cost(40_000), []),
        (Cost(40_000), Cost(39_000), ["move: 40,000 checked in, 39,000 measured: -1,000 (-2.50%)"]),
        (
            Cost(900_000, 100),
            Cost(900_150, 100),
            [
                "move: 9,000.00 each of 100 checked in, 9,001.50 each of 100 measured: +1.50 (+0.02%)"
            ],
        ),
        (Cost(40_000), None, ["move: 40,000 checked in, nothing measured"]),
        (None, Cost(40_000), ["move: nothing checked in, 40,000 measured"]),
    ],
)
def test_difference_says_old_new_and_by_how_much(recorded, measured, said):
    sections = [{} if each is None else {"move": each} for each in (recorded, measured)]
    assert differences(*sections) == said
