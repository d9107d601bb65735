"""Holiday calendars shipped with the application, and the joints of any of them.

`cn-ib` is China's interbank market, `sse` the Shanghai Stock Exchange, `hk` Hong Kong. The data are
`issuer/data/calendars/<name>.json`, each with its source, its date and its horizon.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from issuer.domain.calendar import HolidayCalendar, joint
from issuer.domain.errors import NotFound

_FOLDER = Path(__file__).parent / "data" / "calendars"

PRC_WORKING_DAYS = "cn-ib"
"""The calendar of the regulator's clocks: PRC working days, working weekends included."""


def calendar_names() -> tuple[str, ...]:
    """The names `load_calendar` accepts."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def load_calendar(name: str) -> HolidayCalendar:
    """The calendar called `name`; raises `NotFound` (`calendar.not_found`) for an unknown one."""
    if name not in calendar_names():  # also keeps a name from being used as a path
        raise NotFound("calendar", name)
    stored = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return HolidayCalendar(
        name=stored["name"],
        holidays=frozenset(map(date.fromisoformat, stored["holidays"])),
        working_weekends=frozenset(map(date.fromisoformat, stored["working_weekends"])),
        horizon=date.fromisoformat(stored["horizon"]),
        start=date.fromisoformat(stored["start"]),
    )


def load_joint_calendar(names: Iterable[str]) -> HolidayCalendar:
    """The calendar of days worked in all the places in `names`, in their order."""
    return joint(*(load_calendar(name) for name in names))
