"""The example deal with a second class of tokens, and a priority of payments of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import parse_deal
from issuer.domain.debt_service import debt_service
from issuer.domain.schedule import build_schedule
from tests.support.simulator import Served
from tests.support.story import DEAL, MICRO, Story, document

UNITS = MappingProxyType({"A": 60_000, "B": 20_000})
#: Tranche -> who buys how many of it.
HOLDINGS = MappingProxyType(
    {"A": {"H1": 40_000, "H2": 20_000}, "B": {"H2": 5_000, "H3": 15_000}},
)


def terms(
    first: dict[str, Any], second: dict[str, Any], waterfall: list[dict[str, Any]]
) -> dict[str, Any]:
    """The example's terms: 60,000 units of A, 20,000 of B, with changes, and S that nobody buys."""
    found = document("ev-charging.yaml")
    senior, retained = found["tranches"]
    senior |= {"units": UNITS["A"], **first}
    junior = {
        "id": "B",
        "name": "Class B mezzanine notes",
        "tokenised": True,
        "symbol": "EVC-B",
        "units": UNITS["B"],
        "denomination": "1000",
        "rate": "8.00",
        **second,
    }
    return found | {"tranches": [senior, junior, retained], "waterfall": waterfall}


class TwoClasses(Story):
    """A story of such a deal; whatever is asked about one class names it."""

    def __init__(self, served: Served, deal: dict[str, Any]) -> None:
        super().__init__(served)
        self.terms = deal
        self.tranche = "A"

    def register(self) -> Any:
        """The operator registers the deal."""
        return self.client.do("operator", "/v1/deals", self.terms)

    def filing_document(self) -> dict[str, Any]:
        """The example filing for these classes, with twice the cash that the notes need."""
        found = super().filing_document()
        deal = parse_deal(self.terms, DEAL)
        periods = build_schedule(deal, load_joint_calendar(deal.schedule.calendars))
        found["plan"]["tranches"] = [
            {"id": name, "principal": str(units * 1_000), "tokenised": True}
            for name, units in UNITS.items()
        ] + [{"id": "S", "principal": "20000000", "tokenised": False}]
        found["plan"]["forecast"] = [
            {
                "date": period.payment.isoformat(),
                "available": _coin(2 * due),
                "debt_service": _coin(due),
            }
            for period, due in zip(periods, debt_service(deal, periods), strict=True)
        ]
        return found

    def issue_all(self) -> None:
        """Both classes, to whom `HOLDINGS` says."""
        for self.tranche, buyers in HOLDINGS.items():
            for investor, units in buyers.items():
                self.sell(investor, units)

    def subscribe(self, investor: str, units: int) -> Any:
        """An investor subscribes to the class of the moment."""
        body = {"tranche": self.tranche, "units": units}
        return self.client.do(investor, f"/v1/deals/{DEAL}/subscriptions", body)

    def issue(self, investor: str, units: int) -> Any:
        """The issuer issues what was subscribed of it."""
        body = self.issuance_body(investor, units) | {"tranche": self.tranche}
        return self.client.do("issuer", f"/v1/deals/{DEAL}/issuances", body)

    def of(self, tranche: str, distribution: dict[str, Any]) -> dict[str, int]:
        """A class's figures per unit in a distribution."""
        (found,) = (each for each in distribution["per_unit"] if each["tranche"] == tranche)
        return {name: int(found[name]) for name in found if name.endswith("_micro")}

    def on_chain(self, tranche: str) -> tuple[int, int, int]:
        """Per unit, by the token: outstanding, written down, capitalised."""
        names = ("outstandingPerUnit", "writtenDownPerUnit", "capitalisedPerUnit")
        outstanding, down, added = (
            int(self.ledger.read(f"abs_token:{tranche}", name)) for name in names
        )
        return outstanding, down, added

    def require_agreement(self) -> None:
        """Database and chain say the same, and something was compared."""
        self.served.settle()
        found = self.client.read("issuer", f"/v1/deals/{DEAL}/reconciliation")
        assert (found["agrees"], found["differences"]) == (True, [])
        assert found["compared"]["tranche"] > 0


def _coin(amount_micro: int) -> str:
    whole, rest = divmod(amount_micro, MICRO)
    return f"{whole}.{rest:06d}"


TellOf = Callable[[dict[str, Any]], TwoClasses]
"""What the fixture `tell_of` gives: leads the deal of these terms to where coupons are paid."""
