"""What the service wants of the contracts, each as a `Command` in the words of the deal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from issuer.domain.deal import Deal
from issuer.domain.filing import Approval
from issuer.domain.investor import CLASS_NUMBERS, Investor, day_number, start_of
from issuer.domain.operations import Command
from issuer.domain.plan import Plan
from issuer.domain.roles import Role
from issuer.domain.schedule import nominal_date
from issuer.domain.waterfall.distribution import PerUnit
from issuer.domain.waterfall.structure import Tranche

SUITE_DEPLOYER = "suite_deployer"
AUDIT_ANCHOR = "audit_anchor"
FILING_REGISTRY = "filing_registry"
DEAL_TIMELOCK = "deal_timelock"
INVESTOR_REGISTRY = "investor_registry"
DVP_SETTLEMENT = "dvp_settlement"
COUPON_DISTRIBUTOR = "coupon_distributor"

#: What the admin of a deal's contracts announces waits so long: the offices of the mainland never
#: close for longer than nine days together, so the regulator has a working day to cancel it.
TIMELOCK_DELAY_SECONDS = 10 * 86_400

#: Who announces, who carries out, and who cancels: never the operator, which deploys.
TIMELOCK_ROLES = (Role.ISSUER, Role.TRUSTEE, Role.REGULATOR)

#: No network takes a transaction with more gas than this (EIP-7825), and some with no more.
MOST_GAS = 2**24
#: At most what the creation of each contract costs, and each byte of its name.
NAME_GAS = 1_400
CREATION_GAS = {
    "AuditAnchor": 200_000,
    "FilingRegistry": 2_300_000,
    "SettlementCoin": 1_600_000,
    "DealTimelock": 1_750_000,
    "InvestorRegistry": 1_650_000,
    "DvpSettlement": 2_600_000,
    "CouponDistributor": 3_800_000,
    "AbsToken": 5_800_000,
}

#: One transaction pays at most this many holders.
PAY_BATCH = 250

#: A token's word for "no maximum": the most units that its record of one holder can say.
NO_MAXIMUM = 2**80 - 1


def coin_name(deal: Deal) -> str:
    """The coin's name in the address book; deals in the same coin share it."""
    return f"settlement_coin:{deal.settlement.symbol}"


def token_name(tranche_id: str) -> str:
    """The token's name in the address book."""
    return f"abs_token:{tranche_id}"


def is_shared(name: str) -> bool:
    """Contracts of the chain rather than of one deal: deployer, audit anchor, filing register, coins."""
    shared = (SUITE_DEPLOYER, AUDIT_ANCHOR, FILING_REGISTRY)
    return name in shared or name.startswith("settlement_coin:")


def digest(text: str) -> str:
    """A bytes32 that stands for a text id on chain: its SHA-256."""
    return "0x" + hashlib.sha256(text.encode()).hexdigest()


def _contract(name: str) -> dict[str, str]:
    return {"contract": name}


def _account(role: Role) -> dict[str, str]:
    return {"account": role.value}


# ---- deployment


def deploy_suite(deal: Deal, already_there: frozenset[str], salt: str) -> tuple[Command, ...]:
    """Create the contracts of a deal, as many in a transaction as any network takes; the shared ones
    only if the chain has none yet.

    Their addresses follow from the deployer, the salt and what they are created with.
    """
    creations = [each for each in _creations(deal) if each["create"] not in already_there]
    deployer = Command(
        Role.OPERATOR, SUITE_DEPLOYER, None, (), f"deploy {SUITE_DEPLOYER}", "SuiteDeployer"
    )
    return (
        *(() if SUITE_DEPLOYER in already_there else (deployer,)),
        *(_create_together(batch, salt) for batch in _batches(creations)),
        *(_admit_token(tranche) for tranche in deal.tokenised),
    )


def creations_of(command: Command) -> tuple[Mapping[str, Any], ...]:
    """What a command of the deployer creates, in order; nothing for any other."""
    if (command.contract, command.function) != (SUITE_DEPLOYER, "deploy"):
        return ()
    return tuple(command.arguments[1])


def _creations(deal: Deal) -> tuple[dict[str, Any], ...]:
    """Each after those that it is told of."""
    operator, issuer = _account(Role.OPERATOR), _account(Role.ISSUER)
    coin, admin = coin_name(deal), _contract(DEAL_TIMELOCK)
    money = deal.settlement
    return (
        _creation(AUDIT_ANCHOR, "AuditAnchor", _account(Role.AUDITOR)),
        _creation(FILING_REGISTRY, "FilingRegistry", _account(Role.REGULATOR)),
        _creation(coin, "SettlementCoin", money.name, money.symbol, operator, operator),
        _creation(
            DEAL_TIMELOCK,
            "DealTimelock",
            TIMELOCK_DELAY_SECONDS,
            *(_account(role) for role in TIMELOCK_ROLES),
        ),
        _creation(INVESTOR_REGISTRY, "InvestorRegistry", admin, _account(Role.REGISTRAR)),
        _creation(
            DVP_SETTLEMENT,
            "DvpSettlement",
            _contract(coin),
            _contract(FILING_REGISTRY),
            admin,
            issuer,
            issuer,
        ),
        _creation(
            COUPON_DISTRIBUTOR,
            "CouponDistributor",
            _contract(coin),
            admin,
            _account(Role.PAYING_AGENT),
            _account(Role.TRUSTEE),
            issuer,
        ),
        *(_token_creation(deal, tranche) for tranche in deal.tokenised),
    )


def _creation(name: str, artifact: str, *arguments: Any) -> dict[str, Any]:
    return {"create": name, "artifact": artifact, "with": list(arguments)}


def _batches(creations: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    spent = 0
    for each in creations:
        texts = (argument for argument in each["with"] if isinstance(argument, str))
        gas = CREATION_GAS[each["artifact"]] + NAME_GAS * sum(len(text.encode()) for text in texts)
        if batch and spent + gas > MOST_GAS:
            yield batch
            batch, spent = [], 0
        batch.append(each)
        spent += gas
    yield batch


def _create_together(batch: Sequence[Mapping[str, Any]], salt: str) -> Command:
    names = ", ".join(each["create"] for each in batch)
    arguments = (digest(salt), list(batch))
    return Command(Role.OPERATOR, SUITE_DEPLOYER, "deploy", arguments, f"deploy {names}")


def _admit_token(tranche: Tranche) -> Command:
    token = _contract(token_name(tranche.id))
    what = f"admit the token of tranche {tranche.id}"
    return Command(Role.REGISTRAR, INVESTOR_REGISTRY, "admitToken", (token,), what)


def token_terms(deal: Deal, tranche: Tranche) -> dict[str, int]:
    """What the deal says of every unit and every holding, in the words of `IAbsToken.Terms`."""
    unlocked = deal.lock_up_ends
    return {
        "denomination": tranche.denomination_micro,
        "minHolding": deal.min_holding(tranche),
        "maxHolding": NO_MAXIMUM,
        "holderCap": deal.offering.holder_cap,
        "lockedUntil": int(start_of(unlocked).timestamp()) if unlocked else 0,
        "maturityDate": int(
            start_of(nominal_date(deal.schedule, deal.schedule.payments)).timestamp()
        ),
        "rank": deal.structure.ranks[tranche.id],
    }


def _token_creation(deal: Deal, tranche: Tranche) -> dict[str, Any]:
    parties = {
        "filingRegistry": _contract(FILING_REGISTRY),
        "investorRegistry": _contract(INVESTOR_REGISTRY),
        "distributor": _contract(COUPON_DISTRIBUTOR),
        "settlement": _contract(DVP_SETTLEMENT),
        "currency": _contract(coin_name(deal)),
        "admin": _contract(DEAL_TIMELOCK),
        "issuer": _account(Role.ISSUER),
        "enforcement": _account(Role.ENFORCEMENT),
    }
    return _creation(
        token_name(tranche.id),
        "AbsToken",
        tranche.name,
        tranche.symbol,
        token_terms(deal, tranche),
        parties,
    )


# ---- filing


def approve_filing(
    deal: Deal, filing_id: str, approval: Approval, plan: Plan
) -> tuple[Command, ...]:
    """Attach the tokens and publish the approval, by the regulator's key.

    The addresses are those of the approved plan, not whatever the address book says by then.
    """
    on_chain = digest(filing_id)
    planned = {contract.name: contract.address for contract in plan.contracts}
    attach = tuple(
        Command(
            Role.REGULATOR,
            FILING_REGISTRY,
            "attach",
            (on_chain, digest(tranche.id), planned[token_name(tranche.id)]),
            f"attach tranche {tranche.id} to filing {filing_id}",
        )
        for tranche in deal.tokenised
    )
    publish = _filing(
        Role.REGULATOR,
        "approve",
        filing_id,
        f"publish the approval of filing {filing_id}",
        approval.bundle_hash,
        _account(Role.FILER),
        *_granted(deal, approval),
    )
    return (*attach, publish)


def amend_filing(deal: Deal, filing_id: str, approval: Approval) -> Command:
    """Publish the approval of the amended filing, by the regulator's key; minting goes on."""
    what = f"publish the amended approval of filing {filing_id}"
    granted = (approval.bundle_hash, *_granted(deal, approval))
    return _filing(Role.REGULATOR, "amend", filing_id, what, *granted)


def _granted(deal: Deal, approval: Approval) -> tuple[int, int, list[int]]:
    caps = [approval.cap_of(tranche.id) for tranche in deal.tokenised]
    return approval.filed_total_micro, day_number(approval.valid_until), caps


def move_filing(filing_id: str, function: str) -> Command:
    """`suspend`, `lift` or `revoke`, by the regulator's key."""
    return _filing(Role.REGULATOR, function, filing_id, f"{function} filing {filing_id}")


def begin_amendment(filing_id: str) -> Command:
    """Taken up by the regulator's key: nothing is minted until it has decided on the amended filing."""
    what = f"begin to amend filing {filing_id}"
    return _filing(Role.REGULATOR, "beginAmendment", filing_id, what)


def cancel_amendment(filing_id: str) -> Command:
    """The filer goes back to what was approved; by the regulator's key, as it may not always."""
    what = f"cancel the amendment of filing {filing_id}"
    return _filing(Role.REGULATOR, "cancelAmendment", filing_id, what)


def report_issuance(filing_id: str, report_hash: str) -> Command:
    """The filer's own key reports the completed issuance; transfers open."""
    what = f"report the completed issuance of filing {filing_id}"
    return _filing(Role.FILER, "reportIssuance", filing_id, what, report_hash)


def close_filing(filing_id: str) -> Command:
    """End a filing whose notes are repaid, by the regulator's key as every other status."""
    return _filing(Role.REGULATOR, "close", filing_id, f"close filing {filing_id}")


def _filing(
    role: Role, function: str, filing_id: str, description: str, *arguments: Any
) -> Command:
    return Command(role, FILING_REGISTRY, function, (digest(filing_id), *arguments), description)


# ---- investors


def set_investor(investor: Investor, eligible_until: date, evidence_hash: str) -> Command:
    """Write an investor's eligibility to every tranche of a deal."""
    return Command(
        Role.REGISTRAR,
        INVESTOR_REGISTRY,
        "setInvestor",
        (
            investor.wallet,
            {
                "expiryDay": day_number(eligible_until),
                "country": investor.country,
                "class": CLASS_NUMBERS[investor.investor_class],
            },
            evidence_hash,
        ),
        f"set the eligibility of {investor.id}",
    )


def set_frozen(tranche_id: str, investor: Investor, frozen: bool) -> Command:
    """Freeze or thaw a wallet in one tranche, by enforcement's key."""
    verb = "freeze" if frozen else "clear"
    return Command(
        Role.ENFORCEMENT,
        token_name(tranche_id),
        "setAddressFrozen",
        (investor.wallet, frozen),
        f"{verb} {investor.id} in tranche {tranche_id}",
    )


def recover(investor: Investor, fresh: str, order_hash: str) -> Command:
    """Move an investor from its lost wallet to a fresh one, on every tranche that knows it."""
    return Command(
        Role.REGISTRAR,
        INVESTOR_REGISTRY,
        "recover",
        (investor.wallet, fresh, order_hash),
        f"recover the wallet of {investor.id}",
    )


def move_transfers(tranche_id: str, function: str) -> Command:
    """`pause` or `unpause`, by enforcement's key."""
    what = f"{function} tranche {tranche_id}"
    return Command(Role.ENFORCEMENT, token_name(tranche_id), function, (), what)


def force_transfer(
    tranche_id: str, sender: Investor, receiver: Investor, units: int, order_hash: str
) -> Command:
    """Move units as an order says, without their holder, by enforcement's key."""
    return Command(
        Role.ENFORCEMENT,
        token_name(tranche_id),
        "forcedTransferByOrder",
        (sender.wallet, receiver.wallet, units, order_hash),
        f"move {units} units of tranche {tranche_id} from {sender.id} to {receiver.id} by order",
    )


# ---- offering


def move_offering(tranche_id: str, function: str) -> Command:
    """`openOffering` or `closeOffering`, by the issuer's key."""
    return Command(
        Role.ISSUER, token_name(tranche_id), function, (), f"{function} of tranche {tranche_id}"
    )


def issue_units(
    tranche_id: str, wallet: str, units: int, bundle_hash: str, operation_number: int
) -> Command:
    """Coin against units, or neither."""
    return Command(
        Role.ISSUER,
        DVP_SETTLEMENT,
        "issue",
        (_contract(token_name(tranche_id)), wallet, units, bundle_hash, operation_number),
        f"issue {units} units of tranche {tranche_id} against coin",
    )


def creates_units(command: Command) -> bool:
    """Does it mint units, or open the way to minting them?"""
    to = (command.contract, command.function)
    return to == (DVP_SETTLEMENT, "issue") or command.function == "openOffering"


# ---- cash


def supply_coin(deal: Deal, wallet: str, amount_micro: int, reference: str) -> Command:
    """The coin's issuer issues coin against money it has received."""
    return Command(
        Role.OPERATOR,
        coin_name(deal),
        "issue",
        (wallet, amount_micro, digest(reference)),
        f"issue coin, reference {reference}",
    )


def supply_account(deal: Deal, amount_micro: int, reference: str) -> Command:
    """Coin for what has come in, converted collections or support, arrives on the deal's account."""
    return Command(
        Role.OPERATOR,
        coin_name(deal),
        "issue",
        (_account(Role.PAYING_AGENT), amount_micro, digest(reference)),
        f"issue coin to the deal's account, reference {reference}",
    )


def pay_coin(
    deal: Deal, payer: Role, payee: dict[str, str], amount_micro: int, reference: str
) -> Command:
    """A payment in coin with a reference, which the coin accepts once."""
    return Command(
        payer,
        coin_name(deal),
        "transferWithReference",
        (payee, amount_micro, digest(reference)),
        f"pay {reference}",
    )


def fund_reserve(deal: Deal, amount_micro: int) -> Command:
    """The reserve's opening balance goes from the proceeds to the deal's account."""
    return pay_coin(
        deal, Role.ISSUER, _account(Role.PAYING_AGENT), amount_micro, f"{deal.id}:reserve:opening"
    )


def pay_payee(deal: Deal, payee_id: str, amount_micro: int, reference: str) -> Command:
    """A fee or the residual goes to its payee."""
    return pay_coin(deal, Role.PAYING_AGENT, {"payee": payee_id}, amount_micro, reference)


# ---- distributions


def _payer(tranche_id: str, function: str, *arguments: Any) -> Command:
    return Command(
        Role.PAYING_AGENT,
        COUPON_DISTRIBUTOR,
        function,
        (_contract(token_name(tranche_id)), *arguments),
        f"{function} for tranche {tranche_id}",
    )


def announce(tranche_id: str, record_at: int) -> Command:
    """Announce the instant at which the open epoch closes."""
    return _payer(tranche_id, "announce", record_at)


def record(tranche_id: str, epoch: int) -> Command:
    """Close the epoch."""
    return _payer(tranche_id, "record", epoch)


def pay_holders(
    deal: Deal,
    tranche_id: str,
    epoch: int,
    per_unit: PerUnit,
    wallets: Sequence[str],
) -> tuple[Command, ...]:
    """Declare a tranche's payment and pay its holders of record, in batches.

    What changes the notes without any coin is declared too; only where nothing happens is the epoch
    skipped.
    """
    change = _principal_change(per_unit)
    amount = per_unit.declared_micro
    if amount == 0 and not any(change.values()):
        return (_payer(tranche_id, "skip", epoch),)
    declare = _payer(tranche_id, "declare", epoch, per_unit.interest_paid_micro, change)
    if amount == 0:
        return (declare,)
    approve = Command(
        Role.PAYING_AGENT,
        coin_name(deal),
        "approve",
        (_contract(COUPON_DISTRIBUTOR), amount),
        f"let the distributor pull the payment of tranche {tranche_id}",
    )
    batches = [wallets[i : i + PAY_BATCH] for i in range(0, len(wallets), PAY_BATCH)]
    pay = (_payer(tranche_id, "pay", epoch, list(batch)) for batch in batches)
    return (approve, declare, *pay)


def _principal_change(per_unit: PerUnit) -> dict[str, int]:
    """`IAbsToken.PrincipalChange`; a loss and its reversal in one period come to their difference."""
    return {
        "capitalised": per_unit.capitalised_micro,
        "writtenUp": max(-per_unit.written_down_micro, 0),
        "paid": per_unit.principal_paid_micro,
        "writtenDown": max(per_unit.written_down_micro, 0),
    }


def release(tranche_id: str, wallet: str) -> Command:
    """Pay an investor what was set aside for it."""
    return _payer(tranche_id, "release", wallet)


def collect(tranche_id: str, wallet: str) -> Command:
    """Pay an investor what was credited to it."""
    return _payer(tranche_id, "collect", wallet)


# ---- standing


def give_notice(filing_id: str, function: str, notice_hash: str) -> Command:
    """`declareDefault`, `waiveDefault`, `accelerate` or `rescindAcceleration`, by the trustee's key."""
    return Command(
        Role.TRUSTEE,
        COUPON_DISTRIBUTOR,
        function,
        (digest(filing_id), notice_hash),
        f"{function} of filing {filing_id}",
    )
