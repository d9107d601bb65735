"""The books of the example deal beside the coin on its accounts, and revenue of exactly so much coin."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.support.simulator import address_of
from tests.support.story import DEAL, MICRO, Story, document

COIN = "settlement_coin:HKDS"
PAYING_AGENT, STRANGER = 5, 25
DRY_RUN = f"/v1/deals/{DEAL}/distributions/dry-run"


def accounts(story: Story) -> dict[str, int]:
    """What each account of the books holds."""
    found = story.client.read("auditor", f"/v1/deals/{DEAL}/ledger")
    return {account: int(amount) for account, amount in found.items()}


def coin_at(story: Story, address: str) -> int:
    """Coin on an account, by the coin itself."""
    return int(story.ledger.read(COIN, "balanceOf", address))


def require_books_follow_chain(story: Story) -> None:
    """Every entry sums to zero, no pot is overdrawn, and the pots are the coin on chain.

    Money declared to holders is with the distributor once `declare` has pulled it; until then, and
    whatever else is set apart, it lies on the deal's account.
    """
    story.served.settle()
    entries: dict[str, int] = defaultdict(int)
    for posting in story.client.read("auditor", f"/v1/deals/{DEAL}/ledger/postings"):
        entries[posting["entry_id"]] += int(posting["amount_micro"])
    assert set(entries.values()) <= {0}
    held = accounts(story)
    assert sum(held.values()) == 0
    pots: dict[str, int] = defaultdict(int)
    for account, amount in held.items():
        pots[account.partition(":")[0]] += amount
    outside = {"obligors", "holders", "payees", "uses", "sponsors", "proceeds"}
    assert min((amount for pot, amount in pots.items() if pot not in outside), default=0) >= 0
    distributor = story.ledger.address("coupon_distributor")
    declared = coin_at(story, distributor)
    assert declared == story.ledger.read("coupon_distributor", "liabilities")
    with_holders = pots["payable"] + pots["set_aside"]
    kept = sum(
        pots[pot]
        for pot in (
            *("collections", "reserve", "carry", "fee", "residual"),
            *("support", "repaid", "purchase"),
        )
    )
    not_declared = with_holders - declared
    assert not_declared in (0, pots["payable"])
    assert coin_at(story, address_of(PAYING_AGENT)) == kept + not_declared


def revenue(period: int, coin_micro: int, received_on: str) -> dict[str, Any]:
    """A collections document whose one batch converts to exactly so many micro-units."""
    found = document("ev-charging.collections.yaml")
    (batch,) = found["batches"]
    batch |= {"id": f"period-{period}", "period": period, "received_on": received_on}
    # A million yuan at a rate of twelve decimals: one unit of the last one is one micro-unit.
    batch["cny"] = "1000000.00"
    whole, rest = divmod(coin_micro, MICRO * MICRO)
    batch["fx"] |= {"rate": f"{whole}.{rest:012d}", "rate_date": received_on}
    return found


def pay_period(story: Story, period: int, coin_micro: int) -> dict[str, Any]:
    """From the revenue to the payment, each on its day; the distribution as it then stands."""
    dates = story.client.do("paying_agent", DRY_RUN, {"period": period})
    story.clock(f"{dates['determination_on']}T10:00")
    if coin_micro:
        story.collect(revenue(period, coin_micro, dates["determination_on"]))
    story.determine(period)
    story.clock(dates["record_at"][:16])
    story.record()
    story.clock(f"{dates['payment_on']}T10:00")
    story.pay()
    return shown(story)


def shown(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = story.client.read("auditor", f"/v1/distributions/{story.distribution}")
    assert found["identity"]["holds"] is True
    return found
