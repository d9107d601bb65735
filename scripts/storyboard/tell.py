"""The whole storyboard, from the first row to the last, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from storyboard import filing, offering, payments, suspension, transfers
from storyboard.hands import Api, Ledger
from storyboard.payments import FIRST, SECOND, coin_of_the_deal
from storyboard.printing import MICRO, Story, console, money, table
from storyboard.stage import Stage

#: What the reserve was funded with at closing.
OPENING_RESERVE = 1_200_000 * MICRO
#: Both periods' fees, and the residual of the first: that of the second is held.
TO_PAYEES = 363_780_854_107 + 348_694_406_225 + 2_598_120_913_092


def tell(connection: dict[str, Any], database: Path) -> int:
    """Every chapter in its order; the number of surprises."""
    console.rule("[bold]An overseas ABS issuance, from the filing to the second coupon")
    console.print(
        "The income of charging piles in mainland China backs 80,000 notes of HKD 1,000, sold as tokens to"
        " the\ninvestors H1, H2 and H3. ✓ is a step that came out as expected; µ is a millionth of a Hong"
        " Kong dollar;\n`abs-sim explain FIL-01` says what a rule demands.\n"
        f"API {connection['url']}, JSON-RPC {connection['rpc_url']}",
        style="dim",
    )
    api, ledger = Api(connection["url"], connection["api_keys"]), Ledger(connection["rpc_url"])
    stage = Stage(Story(), api, ledger, database)
    for chapter in CHAPTERS:
        chapter(stage)
    api.http.close()
    ledger.backend.close()
    return stage.story.surprises


def what_came_of_it(stage: Stage) -> None:
    """2 November: paid out, kept, still owed."""
    story, wallets = stage.story, stage.wallets
    story.row("2 Nov", "everybody", "looks at what came of it")
    units = {name: stage.ledger.token("balanceOf", w.address) for name, w in wallets.items()}
    coin = {name: stage.ledger.coin_of(wallet.address) for name, wallet in wallets.items()}
    paid = {name: (FIRST.holders[name][3], SECOND.holders[name][3]) for name in wallets}
    table(
        "Hong Kong dollars",
        ("holder", ">July", ">October", ">in the wallet", ">units", ">outstanding"),
        [
            (
                name,
                *map(money, paid[name]),
                money(coin[name]),
                units[name],
                money(units[name] * SECOND.outstanding),
            )
            for name in wallets
        ],
    )
    expected = {name: sum(both) for name, both in paid.items()}
    story.equal("both coupons are in every wallet, to the micro-unit", coin, expected)
    story.equal("units: 80,000 as sold", units, {"H1": 54_000, "H2": 15_000, "H3": 11_000})

    accounts = stage.books()
    payees = sum(micro for name, micro in accounts.items() if name.startswith("payees:"))
    came = FIRST.available + SECOND.available + OPENING_RESERVE
    went = (sum(coin.values()), payees, coin_of_the_deal(stage))
    kept = payments.RESERVE + SECOND.steps["S"]
    story.expect(
        f"identity: {came:,} = {went[0]:,} + {went[1]:,} + {went[2]:,}",
        sum(went) == came and went == (sum(expected.values()), TO_PAYEES, kept),
        went,
    )
    story.note(
        "both collections and the opening reserve = in the holders' wallets + paid to payees + on the"
        " deal's account (the reserve, and the residual that is held)"
    )
    console.print(f"\n{story.as_expected} checks came out as expected, {story.surprises} did not.")
    console.rule()


CHAPTERS = (
    filing.deploy,
    filing.file,
    filing.admit,
    offering.sell,
    offering.sell_with_an_altered_document,
    offering.sell_no_more,
    offering.close,
    transfers.transfer,
    payments.first_coupon,
    suspension.suspend,
    suspension.second_coupon,
    suspension.lift,
    what_came_of_it,
)
