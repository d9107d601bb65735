"""FIL-19: what is handed to overseas regulators. Holders go by wallet, country and class: no names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from issuer.domain.filing import Filing
from issuer.domain.payment import HolderPayment
from issuer.domain.roles import Act, Actor, authorise
from issuer.domain.rulebook.access_rules import SHARING_RULES, SharingCase
from issuer.domain.rulebook.rule import require
from issuer.onchain import commands
from issuer.services.context import Context, address_book, log, now
from issuer.services.dossier import Clocks, clocks_of
from issuer.services.particulars import Holding, Mint, holdings, mints, payments
from issuer.services.register import follow
from issuer.store import deals, filings


@dataclass(frozen=True, slots=True)
class Shared:
    """A deal as it is shared: the standing filing with its events, holders, mints, payments."""

    deal_id: str
    as_of: datetime
    block_number: int
    filing: Filing | None
    clocks: Clocks | None
    holdings: tuple[Holding, ...]
    mints: tuple[Mint, ...]
    payments: tuple[HolderPayment, ...]


def export_deal(context: Context, actor: Actor, deal_id: str, form: str) -> Shared:
    """Everything that is shared of a deal, as of one block; the log says that it was given, and how."""
    authorise(actor, Act.EXPORT_DEAL)
    with context.database.writing() as connection:
        deal = deals.get(connection, deal_id)
        block = follow(context, connection)
        held = holdings(connection, deal)
        register: Counter[str] = Counter()
        for each in held:
            register[each.tranche_id] += each.units
        book = address_book(connection, deal_id)
        tokens = {
            tranche.id: book.get(commands.token_name(tranche.id)) for tranche in deal.tokenised
        }
        supplies = {
            tranche: context.chain.token_facts(token, block).supply
            for tranche, token in tokens.items()
            if token is not None
        }
        case = SharingCase(actor.role, register, supplies)
        require(f"sharing {deal_id}", SHARING_RULES, case)
        filing = filings.standing_of_deal(connection, deal_id)
        log(connection, actor, "export_deal", deal_id, {"form": form, "block_number": block})
        return Shared(
            deal_id,
            now(connection),
            block,
            filing,
            clocks_of(context, connection, filing) if filing else None,
            held,
            mints(connection, deal_id),
            payments(connection, deal_id),
        )
