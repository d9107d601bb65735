"""The simulated clock of a test. The chain's time follows it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from issuer.domain.schedule import HONG_KONG, add_months
from issuer.services import simulation
from issuer.testing.service import Service

#: When things are done on a day of which no time is said.
OFFICE_HOURS = time(10)


class Clock:
    """It stands still until it is moved, and never runs back."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def now(self) -> datetime:
        """The simulated instant, in Hong Kong time."""
        return simulation.read_clock(self._service.context).astimezone(HONG_KONG)

    @property
    def chain_now(self) -> datetime:
        """The instant of the chain's latest block, which may be some seconds ahead."""
        _, timestamp = self._service.context.chain.head()
        return datetime.fromtimestamp(timestamp, HONG_KONG)

    def advance(
        self, *, months: int = 0, days: int = 0, hours: int = 0, minutes: int = 0
    ) -> datetime:
        """Move on by calendar months (31 January and one month: the end of February) and by time."""
        begin = self.now
        day = add_months(begin.date(), months)
        later = timedelta(days=days, hours=hours, minutes=minutes)
        return self.move_to(datetime.combine(day, begin.timetz()) + later)

    def move_to(self, when: datetime | date | str) -> datetime:
        """Move to an instant, as an object or in ISO form; without an offset it is Hong Kong time.

        A date alone means ten o'clock. Raises `StateConflict` (`clock.backwards`) for the past.
        """
        self._service.settle()
        return simulation.move_clock(
            self._service.context, self._service.actor("operator"), instant(when)
        )

    def reach(self, when: datetime | date | str) -> datetime:
        """The same, but an instant that has passed is no error: the clock stays where it is."""
        return self.now if instant(when) <= self.now else self.move_to(when)


def instant(when: datetime | date | str) -> datetime:
    """What `Clock.move_to` understands, as an instant with its offset."""
    if isinstance(when, str):
        when = datetime.fromisoformat(when) if "T" in when else date.fromisoformat(when)
    if not isinstance(when, datetime):
        when = datetime.combine(when, OFFICE_HOURS)
    return when if when.tzinfo else when.replace(tzinfo=HONG_KONG)
