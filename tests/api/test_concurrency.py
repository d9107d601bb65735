"""Twenty clients at the same moment: nothing doubled, nothing lost, and no defect in the log."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from issuer.store.tables import operation
from tests.support.crowd import (
    CROWD,
    ask_at_once,
    asked_by,
    at_once,
    clients,
    count,
    only,
    require_sound,
    tally,
    wallet_of,
)
from tests.support.simulator import Client, address_of
from tests.support.story import (
    DEAL,
    MICRO,
    PRICE_MICRO,
    WALLETS,
    Story,
    document,
    investor_document,
)

ISSUE = f"/v1/deals/{DEAL}/issuances"
SUBSCRIBE = f"/v1/deals/{DEAL}/subscriptions"
COIN = "/v1/simulation/coin"
REPLAYED = "idempotent-replayed"
IN_FLIGHT = (409, "idempotency.in_flight")
ACCEPTED = (202, "")


@pytest.fixture(autouse=True)
def nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A defect may hide behind a good answer: neither service nor HTTP server may log an error."""
    with capture_logs() as entries:
        yield
    assert [each for each in entries if each["log_level"] in ("error", "critical")] == []
    records = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.records]
    assert [each.getMessage() for each in records if each.levelno >= logging.ERROR] == []


# ---- on one deal with an open offering, which each test may add units of its own to


@pytest.fixture(scope="module")
def offering(story_of_module: Callable[[str], Story]) -> Story:
    """The offering is open, and H1 can pay for all of it."""
    story = story_of_module("offering_open")
    story.supply_coin(investor_document("H1")["wallet"], 80_000_000, "more than enough")
    story.approve_coin("H1", 80_000 * PRICE_MICRO)
    return story


@pytest.fixture
def opened(offering: Story) -> Iterator[Story]:
    """The same; when the test is over, everything about it must be sound."""
    yield offering
    require_sound(offering)


def issue(story: Story, client: Client, units: int, key: str | None) -> httpx.Response:
    return client.post("issuer", ISSUE, story.issuance_body("H1", units), idempotency_key=key)


def test_same_mint_under_one_key_is_made_once_and_answered_to_all(opened: Story) -> None:
    opened.subscribe("H1", 2_000)
    before, held = count(opened), opened.units_of("H1")
    answers = ask_at_once(opened, lambda client, _: issue(opened, client, 2_000, "mint"))
    first = only(answers)
    assert first.json()["state"] == "confirmed"
    assert set(tally(answers)) <= {ACCEPTED, IN_FLIGHT}
    # Whoever was told to wait asks again, and hears what the first one heard.
    again = ask_at_once(opened, lambda client, _: issue(opened, client, 2_000, "mint"))
    assert tally(again) == {ACCEPTED: CROWD}
    for answer in (*again, *(each for each in answers if REPLAYED in each.headers)):
        assert (answer.headers[REPLAYED], answer.content) == ("true", first.content)
    made = count(opened).since(before)
    assert (made.acts, made.operations) == (Counter(issue_units=1), Counter(issue_units=1))
    assert opened.units_of("H1") == held + 2_000


@pytest.mark.parametrize(
    ("units", "keyed"), [(2_001, True), (2_002, False)], ids=["twenty keys", "no key"]
)
def test_same_mint_under_other_keys_or_none_is_accepted_once(
    opened: Story, units: int, keyed: bool
) -> None:
    opened.subscribe("H1", units)
    before, held = count(opened), opened.units_of("H1")
    answers = ask_at_once(
        opened, lambda client, n: issue(opened, client, units, f"{n}" if keyed else None)
    )
    assert only(answers).json()["state"] == "confirmed"
    assert tally(answers) == {ACCEPTED: 1, (409, "subscription.already_issued"): CROWD - 1}
    made = count(opened).since(before)
    assert (made.acts, made.operations) == (Counter(issue_units=1), Counter(issue_units=1))
    assert opened.units_of("H1") == held + units


def supply(client: Client, wallet: str, reference: str) -> httpx.Response:
    body = {"deal": DEAL, "wallet": wallet, "amount": "7", "reference": reference}
    return client.post("operator", COIN, body)


def test_coin_of_one_deposit_is_supplied_once(opened: Story) -> None:
    before = opened.coin_of("H2")
    wallet = investor_document("H2")["wallet"]
    answers = ask_at_once(opened, lambda client, _: supply(client, wallet, "one deposit"))
    assert only(answers).json()["state"] == "confirmed"
    assert tally(answers) == {ACCEPTED: 1, (409, "coin.reference_used"): CROWD - 1}
    assert opened.coin_of("H2") == before + 7 * MICRO


def test_coin_of_twenty_deposits_is_supplied_twenty_times(opened: Story) -> None:
    before = opened.coin_of("H3")
    wallet = investor_document("H3")["wallet"]
    answers = ask_at_once(opened, lambda client, n: supply(client, wallet, f"deposit {n}"))
    assert tally(answers) == {ACCEPTED: CROWD}
    assert {each.json()["state"] for each in answers} == {"confirmed"}
    assert len({each.json()["id"] for each in answers}) == CROWD
    assert opened.coin_of("H3") == before + CROWD * 7 * MICRO


def test_twenty_investors_share_a_cap_with_room_for_fewer(opened: Story) -> None:
    units = 5_000
    room = 80_000 - int(position(opened)["supply"])
    names = [f"investor-{n}" for n in range(CROWD)]
    with clients(opened) as crowd:
        at_once([buyer(opened, client, n, units) for n, client in enumerate(crowd)])
    answers = ask_at_once(
        opened,
        lambda client, n: client.post("issuer", ISSUE, opened.issuance_body(names[n], units)),
    )
    taken = room // units
    assert 0 < taken < CROWD
    assert tally(answers) == {ACCEPTED: taken, (409, "rulebook.violated"): CROWD - taken}
    for answer in answers:
        if answer.is_success:
            assert answer.json()["state"] == "confirmed"
        else:
            (finding,) = answer.json()["findings"]
            assert finding["rule"] == "FIL-17"
            assert finding["facts"]["minted_units"] + units > finding["facts"]["cap_units"]
    found = position(opened)
    assert int(found["supply"]) == 80_000 - room + taken * units
    held = Counter(each["investor"] for each in found["holders"] if each["units_on_chain"] == units)
    assert held == Counter(
        name for name, answer in zip(names, answers, strict=True) if answer.is_success
    )


def position(story: Story) -> Any:
    return story.client.read("auditor", f"/v1/deals/{DEAL}/tranches/A")


def buyer(story: Story, client: Client, number: int, units: int) -> Callable[[], None]:
    """Everything an investor does before it is issued units, with a wallet of its own."""

    def prepare() -> None:
        name, account = f"investor-{number}", 50 + number
        wallet = address_of(account)
        body = {"address": wallet, "label": name}
        client.do("operator", "/v1/simulation/accounts", body)
        admitted = investor_document("H1", id=name, name=name, wallet=wallet)
        client.do("registrar", f"/v1/deals/{DEAL}/investors", admitted)
        key = {"role": "investor", "name": name, "investor": name}
        client.keys[name] = client.do("operator", "/v1/simulation/api-keys", key)["key"]
        client.do(name, SUBSCRIBE, {"tranche": "A", "units": units})
        coin = {"deal": DEAL, "wallet": wallet, "amount": f"{units * 1_000}", "reference": name}
        client.do("operator", COIN, coin)
        with wallet_of(story) as ledger:
            spender = ledger.address("dvp_settlement")
            amount = units * PRICE_MICRO
            assert ledger.send(account, "settlement_coin:HKDS", "approve", spender, amount)

    return prepare


# ---- every step of a deal's life, asked for by twenty clients


def grant(crowd: Sequence[Client], who: str, path: str, body: Any, *codes: str) -> Any:
    """What the one client got that was granted it; the others were refused with one of these codes."""
    answers = asked_by(crowd, lambda client, _: client.post(who, path, body))
    granted = only(answers).json()
    refusals = set(tally(each for each in answers if not each.is_success))
    assert refusals <= {(409, code) for code in codes}, refusals
    for each in granted if isinstance(granted, list) else [granted]:
        assert each.get("commands") is None or each["state"] == "confirmed", each["error"]
    return granted


@pytest.fixture
def twenty(story_at: Callable[[str], Story]) -> Iterator[tuple[Story, list[Client]]]:
    """A story that has not begun, and twenty clients who will ask for every step of it."""
    story = story_at("fresh")
    with clients(story) as crowd:
        yield story, crowd


def test_every_step_of_a_deal_is_taken_once_however_many_ask(
    twenty: tuple[Story, list[Client]],
) -> None:
    story, crowd = twenty
    moved = "filing.illegal_move"
    grant(crowd, "operator", "/v1/deals", document("ev-charging.yaml"), "deal.exists")
    deployed = ("deal.deploying", "deal.deployed")
    grant(crowd, "operator", f"/v1/deals/{DEAL}/deployment", None, *deployed)
    story.deployment = story.client.read(None, f"/v1/deals/{DEAL}/deployment")
    story.ledger.learn(story.deployment["contracts"])
    story.clock("02-12T10:00")
    draft = story.filing_document()
    story.prepared = grant(crowd, "filer", f"/v1/deals/{DEAL}/filings", draft, "filing.live_exists")
    story.sign()
    filing = f"/v1/filings/{story.filing}"
    grant(crowd, "filer", f"{filing}/submission", None, moved)
    grant(crowd, "regulator", f"{filing}/formality-check", None, moved)
    story.clock("03-02T11:00")
    grant(crowd, "regulator", f"{filing}/approval", story.approval_body(), moved)
    story.clock("03-18T10:00")
    admissions = f"/v1/deals/{DEAL}/investors"
    grant(crowd, "registrar", admissions, investor_document("H1"), "investor.admitted")
    story.give_key("H1")
    story.clock("04-13T10:00")
    grant(crowd, "issuer", f"/v1/deals/{DEAL}/offering/open", None, moved)
    story.sell("H1", 80_000)
    story.clock("04-15T18:00")
    grant(crowd, "issuer", f"/v1/deals/{DEAL}/offering/close", None, moved)
    story.clock("04-20T10:00")
    report = {"code": "EV-01", "report": "80,000 units issued."}
    grant(crowd, "filer", f"{filing}/reports", report, moved)
    story.clock("07-06T12:00")
    collections = document("ev-charging.collections.yaml")
    path = f"/v1/deals/{DEAL}/collections"
    grant(crowd, "oracle", path, collections, "collections.exists")
    story.clock("07-08T10:00")
    path = f"/v1/deals/{DEAL}/distributions"
    story.distribution = grant(crowd, "paying_agent", path, {"period": 1}, "distribution.exists")[
        "subject"
    ]
    story.clock("07-10T18:00")
    distribution = f"/v1/distributions/{story.distribution}"
    grant(crowd, "paying_agent", f"{distribution}/record", None, "distribution.illegal_move")
    freeze = {"reason": "asked for twenty times"}
    grant(crowd, "enforcement", "/v1/investors/H1/freeze", freeze, "investor.frozen")
    story.clock("07-15T10:00")
    before = story.coin_of("H1")
    grant(crowd, "paying_agent", f"{distribution}/payment", None, "distribution.illegal_move")
    assert story.coin_of("H1") == before
    grant(crowd, "enforcement", "/v1/investors/H1/clearance", freeze, "investor.admitted")
    release = {"investor": "H1"}
    held = ("distribution.releasing", "distribution.nothing_held")
    grant(crowd, "paying_agent", f"{distribution}/releases", release, *held)
    (line,) = story.client.read("auditor", distribution)["holders"]
    assert line["outcome"] == "RELEASED"
    assert story.coin_of("H1") == before + int(line["total_micro"])
    require_sound(story)
    made = count(story)
    once = ("register_deal", "deploy_deal", "draft_filing", "submit_filing", "check_formality")
    once += ("approve_filing", "publish_filing", "admit_investor", "open_offering", "issue_units")
    once += ("close_offering", "report_event", "report_collections", "determine_distribution")
    once += ("record_holders", "pay_distribution", "freeze_investor", "clear_investor")
    assert {act: made.acts[act] for act in (*once, "release_payment")} == dict.fromkeys(
        (*once, "release_payment"), 1
    )
    assert set(made.operations.values()) == {1}


# ---- the clock


def test_clock_that_many_move_is_the_same_here_and_on_chain(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("fresh")
    instants = [f"2026-03-{day:02}T10:00:00+08:00" for day in range(1, CROWD + 1)]
    answers = ask_at_once(
        story, lambda c, n: c.post("operator", "/v1/simulation/clock", {"now": instants[n]})
    )
    assert set(tally(answers)) <= {(200, ""), (409, "clock.backwards")}
    assert answers[-1].status_code == 200
    assert story.client.read(None, "/v1/simulation/clock")["now"] == instants[-1]
    chain = story.client.read(None, "/v1/chain")["block_timestamp"]
    assert chain == datetime.fromisoformat(instants[-1]).timestamp()


# ---- many deals


def test_many_deals_registered_and_deployed_at_once_all_come_to_be(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("fresh")
    names = [f"deal-{n}" for n in range(CROWD)]
    terms = document("ev-charging.yaml")
    registered = ask_at_once(
        story, lambda c, n: c.post("operator", "/v1/deals", {**terms, "id": names[n]})
    )
    assert tally(registered) == {(201, ""): CROWD}
    assert sorted(story.client.read(None, "/v1/deals")) == sorted(names)
    # Four clients want each of five deals deployed, and ask again for as long as they are told to wait.
    wanted, rounds = names[:5], 0
    while wanted:
        paths = [f"/v1/deals/{name}/deployment" for name in wanted for _ in range(4)]
        answers = ask_at_once(
            story, lambda c, n, paths=paths: c.post("operator", paths[n]), len(paths)
        )
        codes = {(409, "deal.deploying"), (409, "deal.deployed")}
        assert set(tally(each for each in answers if not each.is_success)) <= codes
        deployed = [each.json() for each in answers if each.is_success]
        assert deployed, "nobody got on"
        assert {each["state"] for each in deployed} == {"confirmed"}
        wanted = [name for name in wanted if name not in {each["deal"] for each in deployed}]
        rounds += 1
    assert rounds <= 5
    assert count(story).operations == Counter(deploy_deal=5)
    own: set[str] = set()
    shared: set[frozenset[str]] = set()
    for name in names[:5]:
        contracts = story.client.read(None, f"/v1/deals/{name}/deployment")["contracts"]
        own |= {each["address"] for each in contracts if not each["shared"]}
        shared.add(frozenset(each["address"] for each in contracts if each["shared"]))
        assert len([each for each in contracts if not each["shared"]]) == 5
    # Contracts of their own for each; the shared ones were made once.
    assert (len(own), len(shared)) == (25, 1)
    require_sound(story, [])


# ---- everything at once


class Party:
    """One client that does one thing after another, and remembers what was granted to it."""

    def __init__(self, story: Story, client: Client, number: int) -> None:
        self.story, self.client, self.number = story, client, number
        self.random = random.Random(number)  # noqa: S311  # repeatable, not secret
        self.acts: Counter[str] = Counter()
        self.operations: list[str] = []
        self.answers: list[httpx.Response] = []

    def run(self, turns: int, choices: Sequence[Callable[[Party], None]]) -> None:
        """So many things, drawn from these."""
        for _ in range(turns):
            self.random.choice(choices)(self)

    def ask(
        self, who: str | None, path: str, body: Any = None, act: str = "", method: str = "POST"
    ) -> httpx.Response:
        wait = self.random.choice((0, 20))
        answer = self.client.call(who, method, path, body, wait=wait)
        self.answers.append(answer)
        if answer.is_success and act:
            self.acts[act] += 1
            found = answer.json()
            for each in found if isinstance(found, list) else [found]:
                self.operations += [each["id"]] if "commands" in each else []
        return answer

    def read(self, who: str | None, path: str) -> Any:
        answer = self.ask(who, path, method="GET")
        assert answer.status_code == 200, answer.text
        return answer.json()

    # ---- what it may do

    def look(self) -> None:
        path = self.random.choice(
            (
                "/healthz",
                "/v1/chain",
                "/v1/deals",
                SUBSCRIBE,
                f"/v1/deals/{DEAL}/deployment",
                f"/v1/deals/{DEAL}/investors",
                f"/v1/deals/{DEAL}/collections",
                f"/v1/filings/{self.story.filing}",
                "/v1/simulation/clock",
            )
        )
        self.read("auditor", path)

    def look_at_the_position(self) -> None:
        found = self.read("auditor", f"/v1/deals/{DEAL}/tranches/A")
        assert found["agrees"], found
        held = sum(int(line["units_on_chain"]) for line in found["holders"])
        assert held == int(found["supply"]) <= int(found["cap"])

    def look_at_the_books(self) -> None:
        assert sum(map(int, self.read("auditor", f"/v1/deals/{DEAL}/ledger").values())) == 0

    def look_at_the_log(self) -> None:
        rows = self.read("auditor", "/v1/audit?limit=1000")
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))

    def dry_run(self) -> None:
        path, who, body = self.random.choice(
            (
                ("/v1/checks/mint", "issuer", {"deal": DEAL, "tranche": "A", "units": 2_000}),
                (f"/v1/deals/{DEAL}/distributions/dry-run", "paying_agent", {"period": 1}),
                (f"/v1/deals/{DEAL}/investors/checks", "registrar", investor_document("H2")),
            )
        )
        assert self.ask(who, path, body).status_code in (200, 409)

    def err(self) -> None:
        who, path, body, status = self.random.choice(
            (
                ("issuer", ISSUE, {"tranche": "A", "units": "many"}, 422),
                ("operator", COIN, [], 422),
                ("operator", "/v1/simulation/clock", {"now": "tomorrow"}, 422),
                ("auditor", ISSUE, self.story.issuance_body("H1", 2_000), 403),
                ("filer", f"/v1/filings/{self.story.filing}/approval", None, 422),
                (None, ISSUE, self.story.issuance_body("H1", 2_000), 401),
                ("issuer", "/v1/deals/nothing/offering/open", None, 404),
                ("H1", f"/v1/deals/{DEAL}/nothing", None, 404),
            )
        )
        assert self.ask(who, path, body).status_code == status

    def move_the_clock(self) -> None:
        now = datetime.fromisoformat(self.read(None, "/v1/simulation/clock")["now"])
        to = (now + timedelta(seconds=self.random.randint(1, 60))).isoformat()
        answer = self.ask("operator", "/v1/simulation/clock", {"now": to}, "move_clock")
        assert answer.status_code in (200, 409), answer.text

    def supply(self) -> None:
        wallet = investor_document("H1")["wallet"]
        reference = f"mix {self.random.randint(1, 30)}"
        body = {"deal": DEAL, "wallet": wallet, "amount": "1", "reference": reference}
        assert self.ask("operator", COIN, body, "supply_coin").status_code in (202, 409)

    def subscribe(self) -> None:
        body = {"tranche": "A", "units": 1_070 + self.random.randint(0, 5)}
        assert self.ask(self.investor(), SUBSCRIBE, body, "subscribe").status_code in (201, 409)

    def issue(self) -> None:
        units = 1_070 + self.random.randint(0, 5)
        body = self.story.issuance_body(self.investor(), units)
        assert self.ask("issuer", ISSUE, body, "issue_units").status_code in (202, 409)

    def freeze_or_clear(self) -> None:
        what, act = self.random.choice(
            (("freeze", "freeze_investor"), ("clearance", "clear_investor"))
        )
        path = f"/v1/investors/{self.investor()}/{what}"
        answer = self.ask("enforcement", path, {"reason": "mix"}, act)
        assert answer.status_code in (202, 409)

    def send_by_wallet(self) -> None:
        """Coin from an account of its own; units, if it is one of the holders."""
        receiver = investor_document(self.investor())["wallet"]
        with wallet_of(self.story) as ledger:
            own = 22 + self.number
            ledger.send(own, "settlement_coin:HKDS", "transfer", receiver, 0)
            holder = f"H{self.number + 1}"
            if holder in WALLETS:
                units = self.random.randint(1, 5)
                ledger.send(WALLETS[holder], "abs_token:A", "transfer", receiver, units)

    def investor(self) -> str:
        return self.random.choice(("H1", "H2", "H3"))


READ = (
    *[Party.look] * 2,
    Party.look_at_the_position,
    Party.look_at_the_books,
    Party.look_at_the_log,
    Party.dry_run,
    Party.err,
)
OFFERED = (*READ, Party.move_the_clock, Party.supply, *[Party.subscribe, Party.issue] * 2)
OFFERED = (*OFFERED, Party.send_by_wallet, Party.freeze_or_clear)
ACTIVE = (*READ, Party.move_the_clock, Party.supply, *[Party.send_by_wallet] * 2)
ACTIVE = (*ACTIVE, Party.freeze_or_clear)


def test_twenty_clients_doing_everything_at_once_leave_everything_sound(
    story_at: Callable[[str], Story],
) -> None:
    story = story_at("offering_open")
    for account in range(40, 22 + CROWD):
        body = {"address": address_of(account), "label": f"wallet {account}"}
        story.client.do("operator", "/v1/simulation/accounts", body)
    for investor in ("H1", "H2", "H3"):
        story.supply_coin(investor_document(investor)["wallet"], 80_000_000, investor)
        story.approve_coin(investor, 80_000 * PRICE_MICRO)
    story.sell("H1", 2_000)
    mix(story, OFFERED)
    story.clock("04-15T18:00")
    story.close_offering()
    story.clock("04-20T10:00")
    story.report_completion()
    mix(story, ACTIVE)


def mix(story: Story, choices: Sequence[Callable[[Party], None]], turns: int = 6) -> None:
    """Let twenty parties loose; what they were granted is in log and outbox, and nothing else."""
    before, known = count(story), operation_ids(story)
    with clients(story) as crowd:
        parties = [Party(story, client, n) for n, client in enumerate(crowd)]
        at_once([lambda party=party: party.run(turns, choices) for party in parties])
    require_sound(story)
    assert [each.text for party in parties for each in party.answers if each.is_server_error] == []
    granted: Counter[str] = Counter()
    for party in parties:
        granted += party.acts
    assert count(story).since(before).acts == granted
    asked = [each for party in parties for each in party.operations]
    assert len(set(asked)) == len(asked)
    assert operation_ids(story) - known == set(asked)


def operation_ids(story: Story) -> set[str]:
    with story.served.simulator.context.database.reading() as connection:
        return set(connection.execute(select(operation.c.id)).scalars())
