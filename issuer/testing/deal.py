"""The example deal in a test: whatever its parties can do, one call each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from issuer.documents.collections import parse_collections
from issuer.documents.fields import parse_document
from issuer.documents.investors import InvestorDocument, parse_investor
from issuer.domain.payment import DeterminedDistribution, HolderPayment
from issuer.domain.roles import Role
from issuer.domain.schedule import Period, record_closing
from issuer.domain.subscription import Subscription
from issuer.keys import ROLE_ACCOUNTS
from issuer.onchain import commands
from issuer.onchain.wallet import Wallet
from issuer.services import (
    collections,
    distribution,
    issuance,
    offering,
    onboarding,
    payments,
    reports,
    simulation,
)
from issuer.store import investors
from issuer.testing.filing_acts import FilingActs, document

#: The example's only tokenised tranche.
TRANCHE = "A"


class ExampleDeal(FilingActs):
    """The deal `ev-charging` in a simulator of its own.

    Investors go by the ids of the example file: H1, H2 and H3 are admitted, the others are there to be
    refused. Amounts of coin are micro-units. What a rule forbids raises `RuleViolated`, what a contract
    refuses `ChainRefused`; both say which rule it is.
    """

    # ---- what there is

    @property
    def token(self) -> str:
        """Address of the token of class A."""
        return self.contracts[commands.token_name(TRANCHE)]

    @property
    def wallets(self) -> Mapping[str, str]:
        """Investor id -> address of its wallet: by the register, which follows it when it is recovered;
        of the example file for whoever is not on it.
        """
        listed = {each["id"]: each["wallet"] for each in document("investors")["investors"]}
        with self.service.context.database.reading() as connection:
            known = [each.investor for each in investors.everyone(connection)]
        return listed | {each.id: each.wallet for each in known}

    def account(self, who: str) -> str:
        """The account of an investor, a payee (`"servicer"`) or a role; an address is its own.

        Of a payee that is called like a role, such as the trustee, it is the payee's.
        """
        if who.startswith("0x"):
            return who
        chain = self.service.context.chain
        payees = {payee.id for payee in self.terms.payees}
        if who in set(ROLE_ACCOUNTS) - payees:
            return chain.account_of(Role(who))
        if (wallet := self.wallets.get(who)) is not None:
            return wallet
        return chain.payee_account(self.terms.payee(who).id)

    def units_of(self, who: str) -> int:
        """Units of class A, by the token itself."""
        return int(self._ask(commands.token_name(TRANCHE), "balanceOf", self.account(who)))

    def coin_of(self, who: str) -> int:
        """Coin in micro-units, by the coin itself."""
        return int(self._ask(commands.coin_name(self.terms), "balanceOf", self.account(who)))

    def _ask(self, name: str, function: str, *arguments: Any) -> Any:
        return self.service.context.chain.ask(name, self.contracts[name], function, *arguments)

    # ---- investors

    def admit(self, investor: str) -> None:
        """The registrar admits an investor of the example file."""
        listed = document("investors")["investors"]
        asked = next(each for each in listed if each["id"] == investor)
        stored = parse_document(InvestorDocument, asked, investor).model_dump(mode="json")
        parsed = parse_investor(asked, investor)
        self.service.call(onboarding.admit_investor, "registrar", self.id, parsed, stored)

    def freeze(self, investor: str, reason: str = "on the sanctions list") -> None:
        """Enforcement freezes an investor: it neither sends nor receives, its payments are set aside."""
        self.service.call(onboarding.freeze_investor, "enforcement", investor, reason)

    def clear(self, investor: str, reason: str = "off the sanctions list") -> None:
        """Enforcement clears a frozen investor."""
        self.service.call(onboarding.clear_investor, "enforcement", investor, reason)

    # ---- the offering

    def open_offering(self) -> None:
        """The issuer opens the offering."""
        self.service.call(offering.open_offering, "issuer", self.id)

    def subscribe(self, investor: str, units: int, tranche: str = TRANCHE) -> Subscription:
        """An investor asks for units."""
        return self.service.call(offering.subscribe, investor, self.id, tranche, units)

    def supply_coin(self, who: str, amount_micro: int, reference: str) -> None:
        """The coin's bank supplies an account; each reference once."""
        arguments = (self.id, self.account(who), amount_micro, reference)
        self.service.call(simulation.supply_coin, "operator", *arguments)

    def pay_in(self, subscription: Subscription) -> None:
        """The investor has the price in coin, and approves it with its own wallet."""
        investor, price = subscription.investor_id, subscription.price_micro
        self.supply_coin(investor, price, f"deposit {subscription.id}")
        coin, spender = commands.coin_name(self.terms), self.contracts[commands.DVP_SETTLEMENT]
        self.wallet(investor).send(coin, self.contracts[coin], "approve", spender, price)

    def issue(self, investor: str, units: int, tranche: str = TRANCHE) -> None:
        """The issuer mints the units that an investor has subscribed, against its coin."""
        self.service.call(issuance.issue_units, "issuer", self.id, tranche, investor, units)

    def sell(self, investor: str, units: int, tranche: str = TRANCHE) -> None:
        """Subscribed, paid in and issued."""
        self.pay_in(self.subscribe(investor, units, tranche))
        self.issue(investor, units, tranche)

    def close_offering(self) -> None:
        """The issuer closes the offering; the completion report falls due."""
        self.service.call(offering.close_offering, "issuer", self.id)

    # ---- transfers

    def wallet(self, who: str) -> Wallet:
        """The wallet of an investor, with its key."""
        return self.service.wallet(self.account(who))

    def transfer(self, sender: str, receiver: str, units: int) -> None:
        """An investor sends units with its own key. Raises `ChainRefused` if the token refuses."""
        to, name = self.account(receiver), commands.token_name(TRANCHE)
        self.wallet(sender).send(name, self.token, "transfer", to, units)
        self.service.settle()

    # ---- cash

    @property
    def next_period(self) -> Period:
        """The period to be determined next."""
        done = reports.distribution_ids(self.service.context, self.id)
        return collections.period_of(self.terms, len(done) + 1)

    def report_collections(self, cny: str | None = None) -> None:
        """The servicer reports revenue of the next period, in renminbi: the example's unless given.

        Once the period is over: the clock is moved there.
        """
        period = self.next_period
        self.clock.reach(period.collection_end)
        number = len(collections.collections_of(self.service.context, self.id).batches) + 1
        today = self.clock.now.date().isoformat()
        report = document("collections")
        (batch,) = report["batches"]
        batch.update(id=f"report-{number}", period=period.number, received_on=today)
        batch["cny"] = cny or batch["cny"]
        batch["fx"]["rate_date"] = today
        parsed = parse_collections(report, "collections")
        self.service.call(collections.report_collections, "oracle", self.id, parsed)

    def determine(self) -> DeterminedDistribution:
        """The paying agent fixes the next period's amounts, on the day for it or later."""
        period = self.next_period
        self.clock.reach(period.determination)
        determined, _ = self.service.call(
            distribution.determine, "paying_agent", self.id, period.number
        )
        return determined

    def record(self) -> None:
        """The record date of the latest distribution closes; the clock is moved there."""
        latest = self._latest()
        period = collections.period_of(self.terms, latest.period)
        self.clock.reach(record_closing(self.terms, period))
        self.service.call(distribution.record_holders, "paying_agent", latest.id)

    def pay(self) -> dict[str, HolderPayment]:
        """The latest distribution is paid, on the day for it or later; each holder's part by investor."""
        latest = self._latest()
        self.clock.reach(collections.period_of(self.terms, latest.period).payment)
        self.service.call(payments.pay, "paying_agent", latest.id)
        return self.payments()

    def pay_coupon(self) -> dict[str, HolderPayment]:
        """Determine, record and pay the next period; the clock is moved from date to date.

        Pays from what was reported: see `report_collections`.
        """
        self.determine()
        self.record()
        return self.pay()

    def payments(self) -> dict[str, HolderPayment]:
        """Investor id -> its part in the latest distribution, and what has become of it."""
        report = self._report(self._latest_id())
        return {each.investor_id: each for each in report.holders}

    def release(self, investor: str) -> None:
        """The paying agent releases what the latest distribution has set aside for an investor."""
        latest = self._latest_id()
        self.service.call(payments.release_payment, "paying_agent", latest, investor)

    def _latest(self) -> DeterminedDistribution:
        return self._report(self._latest_id()).distribution

    def _latest_id(self) -> str:
        done = reports.distribution_ids(self.service.context, self.id)
        if not done:
            raise LookupError(f"nothing has been determined for {self.id} yet")
        return done[-1][0]

    def _report(self, distribution_id: str) -> reports.DistributionReport:
        agent = self.service.actor("paying_agent")
        return reports.distribution_report(self.service.context, agent, distribution_id)
