"""A deal with all that has to be reported: a pool of loans, a floating rate with a cap, a sponsor.

It is the example deal with other terms, so that the example's filing is its filing: at the assumed
fixing the notes pay what the example's do.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from issuer.calendars import load_joint_calendar
from issuer.documents.deal import parse_deal
from issuer.domain.deal import Deal
from issuer.domain.schedule import Period, build_schedule
from tests.support.story import DEAL, Story, document, offer

INDEX, SPONSOR = "HIBOR-3M", "parent"
COLLECTIONS, FIXINGS = f"/v1/deals/{DEAL}/collections", f"/v1/deals/{DEAL}/fixings"
SUPPORT, DISTRIBUTIONS = f"/v1/deals/{DEAL}/support", f"/v1/deals/{DEAL}/distributions"
#: HKD per CNY, of batches and of the pool.
FX = "1.1"

_SENIOR = [
    {"pay_fee": ["trustee", "servicer"]},
    {"pay_interest": {"tranches": ["A"], "source": ["interest"], "support": [SPONSOR]}},
]
_REST = [
    {"repay_support": {"sponsor": SPONSOR, "source": ["interest"]}},
    {"release": "reserve"},
    {"pay_residual": "S"},
]


def deal_document() -> dict[str, Any]:
    """The deal file."""
    found = document("ev-charging.yaml")
    senior = found["tranches"][0]
    del senior["rate"]
    senior["floating"] = {"index": INDEX, "spread": "1.50", "cap": "6"}
    found["payees"].append({"id": SPONSOR, "name": "Example Holding Ltd.", "jurisdiction": "HK"})
    purchase: dict[str, Any] = {"payee": "originator", "limit": "3000000", "until_payment": 3}
    purchase["source"] = ["principal"]
    return found | {
        "assumed_fixings": {INDEX: "4.30"},
        "pool": "112000000",
        "sponsors": [{"id": SPONSOR, "payee": SPONSOR}],
        "tests": [
            {
                "id": "defaults",
                "numerator": [{"measure": "cumulative_defaulted"}],
                "denominator": [{"measure": "pool_original"}],
                "at_most": "5",
                "curable": False,
                "switches_to": "rapid",
            }
        ],
        "waterfall": [
            *_SENIOR,
            {"top_up": "reserve"},
            {"pay_principal": {"tranches": ["A"], "source": ["principal", "interest"]}},
            {"purchase": purchase},
            *_REST,
        ],
        "other_waterfalls": {
            "rapid": [
                *_SENIOR,
                {"pay_principal": {"tranches": ["A"], "mode": "available"}},
                *_REST,
            ]
        },
    }


def batch(period: int, of: str, cny: str, day: date) -> dict[str, Any]:
    """A batch of cash as a servicer reports it."""
    name = f"{period}-{of.lower()}"
    return {
        "id": name,
        "period": period,
        "of": of,
        "received_on": day.isoformat(),
        "cny": cny,
        "fx": {
            "rate": FX,
            "rate_date": day.isoformat(),
            "reference": f"SIM-FX-{name}",
            "outward_reference": f"SIM-OUT-{name}",
        },
    }


def pool_report(
    period: int, day: date, balance: str, defaulted: str = "0", losses: str = "0"
) -> dict[str, Any]:
    """The pool as a servicer reports it."""
    return {
        "period": period,
        "closing_balance": balance,
        "defaulted": defaulted,
        "losses": losses,
        "fx": {"rate": FX, "rate_date": day.isoformat()},
    }


class LoanStory(Story):
    """The same acts, about this deal."""

    def register(self) -> Any:
        """The operator registers the deal."""
        return self.client.do("operator", "/v1/deals", deal_document())

    def filing_document(self) -> dict[str, Any]:
        """The example filing, with the criteria of what is bought."""
        found = super().filing_document()
        found["plan"]["revolving"] = {
            "ends_on": "2027-01-15",
            "asset_types": ["EV_CHARGING_INCOME"],
            "min_rate": "5",
            "max_months": 60,
            "max_balance": "3000000",
        }
        return found

    def buy(self, period: int, price: str) -> Any:
        """The issuer buys an asset for the pool, once the period is determined."""
        body = offer(f"p{period}", price, balance=price) | {"period": period}
        return self.client.do("issuer", f"/v1/deals/{DEAL}/purchases", body)

    @cached_property
    def terms(self) -> Deal:
        """The deal as it was registered."""
        return parse_deal(deal_document(), "test")

    def period(self, number: int) -> Period:
        """One of its periods."""
        calendar = load_joint_calendar(self.terms.schedule.calendars)
        return build_schedule(self.terms, calendar)[number - 1]

    def on(self, day: date, time: str = "10:00") -> date:
        """Move the clock to a day; returns it."""
        self.clock(f"{day.isoformat()}T{time}")
        return day

    def over(self, number: int) -> date:
        """Move the clock to when the period is over and can be determined; returns the day."""
        return self.on(self.period(number).determination)

    def report(self, *batches: dict[str, Any], pools: tuple[dict[str, Any], ...] = ()) -> Any:
        """The servicer reports."""
        return self.collect(report_body(*batches, pools=pools))

    def fix(self, period: int, rate: str, **changes: Any) -> Any:
        """The paying agent enters the fixing of a period."""
        return self.client.do("paying_agent", FIXINGS, fixing(period, rate, **changes))

    def stand_in(self, period: int, amount: str, day: date, reference: str = "SIM-IN-1") -> Any:
        """The sponsor's money comes in."""
        return self.client.do(
            "paying_agent", SUPPORT, support_body(period, amount, day, reference=reference)
        )

    def dry_run(self, period: int) -> Any:
        """What a determination would say now."""
        return self.client.do("paying_agent", f"{DISTRIBUTIONS}/dry-run", {"period": period})

    def pay_period(self, number: int, bought: str | None = None) -> dict[str, Any]:
        """Determine, buy at a price, record and pay; returns the distribution."""
        period = self.period(number)
        self.determine(number)
        if bought is not None:
            self.buy(number, bought)
        self.on(period.record_at, self.terms.schedule.record_time.strftime("%H:%M"))
        self.record()
        self.on(period.payment)
        self.pay()
        found: dict[str, Any] = self.client.read(
            "paying_agent", f"/v1/distributions/{self.distribution}"
        )
        return found


def report_body(*batches: dict[str, Any], pools: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A collections file of the deal."""
    return {"version": 1, "deal": DEAL, "batches": list(batches), "pool_reports": list(pools)}


def fixing(period: int, rate: str, **changes: Any) -> dict[str, Any]:
    """A fixing as the paying agent enters it."""
    body = {"period": period, "index": INDEX, "rate": rate, "fixed_on": "2026-04-15"}
    return body | {"source": "Hong Kong Association of Banks"} | changes


def support_body(period: int, amount: str, day: date, **changes: Any) -> dict[str, Any]:
    """A sponsor's payment as the paying agent enters it."""
    body = {"period": period, "sponsor": SPONSOR, "amount": amount, "reference": "SIM-IN-1"}
    return body | {"received_on": day.isoformat()} | changes
