"""Who may do what: one table, act -> roles. The chain's own roles repeat it, so that neither a
stolen API key nor a stolen chain key alone can do another's part.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from issuer.domain.errors import NotPermitted


class Role(StrEnum):
    """The parties to a deal, each with an API key and, if it acts on chain, a chain key of its own."""

    FILER = "filer"
    REGULATOR = "regulator"
    OTHER_AUTHORITY = "other_authority"
    REGISTRAR = "registrar"
    ISSUER = "issuer"
    PAYING_AGENT = "paying_agent"
    TRUSTEE = "trustee"
    ENFORCEMENT = "enforcement"
    ORACLE = "oracle"
    INVESTOR = "investor"
    AUDITOR = "auditor"
    OVERSEAS_REGULATOR = "overseas_regulator"
    OPERATOR = "operator"


class Act(StrEnum):
    """What a role may be allowed to do. Reading public things needs no permission."""

    REGISTER_DEAL = "register_deal"
    DEPLOY_DEAL = "deploy_deal"
    DRAFT_FILING = "draft_filing"
    SUBMIT_FILING = "submit_filing"
    READ_MATERIALS = "read_materials"
    CHECK_FORMALITY = "check_formality"
    REQUEST_SUPPLEMENT = "request_supplement"
    ANSWER_SUPPLEMENT = "answer_supplement"
    WITHDRAW_FILING = "withdraw_filing"
    CONSULT = "consult"
    SUSPEND_REVIEW = "suspend_review"
    TERMINATE_FILING = "terminate_filing"
    AMEND_FILING = "amend_filing"
    APPROVE_FILING = "approve_filing"
    SUSPEND_FILING = "suspend_filing"
    LIFT_SUSPENSION = "lift_suspension"
    REVOKE_FILING = "revoke_filing"
    DETERMINE_SECURITY = "determine_security"
    NOTE_EVENT = "note_event"
    REPORT_EVENT = "report_event"
    CLEAR_EVENT = "clear_event"
    ENFORCE_DEADLINES = "enforce_deadlines"
    MATURE_FILING = "mature_filing"
    CLOSE_FILING = "close_filing"
    ADMIT_INVESTOR = "admit_investor"
    READ_INVESTORS = "read_investors"
    READ_HOLDERS = "read_holders"
    READ_LEDGER = "read_ledger"
    FREEZE_INVESTOR = "freeze_investor"
    RECOVER_WALLET = "recover_wallet"
    PAUSE_TRANSFERS = "pause_transfers"
    FORCE_TRANSFER = "force_transfer"
    UPDATE_SANCTIONS = "update_sanctions"
    SUBSCRIBE = "subscribe"
    WITHDRAW_SUBSCRIPTION = "withdraw_subscription"
    OPEN_OFFERING = "open_offering"
    ISSUE_UNITS = "issue_units"
    CLOSE_OFFERING = "close_offering"
    USE_PROCEEDS = "use_proceeds"
    BUY_ASSETS = "buy_assets"
    LIST_NOTES = "list_notes"
    REPORT_COLLECTIONS = "report_collections"
    ENTER_FIXING = "enter_fixing"
    RECEIVE_SUPPORT = "receive_support"
    DETERMINE_DISTRIBUTION = "determine_distribution"
    PAY_DISTRIBUTION = "pay_distribution"
    COLLECT_PAYMENT = "collect_payment"
    DECLARE_DEFAULT = "declare_default"
    READ_AUDIT = "read_audit"
    READ_SUPERVISION = "read_supervision"
    EXPORT_DEAL = "export_deal"
    MOVE_CLOCK = "move_clock"
    SUPPLY_COIN = "supply_coin"
    PERMIT_ACCOUNT = "permit_account"
    ISSUE_API_KEY = "issue_api_key"


#: Whoever does anything: the overseas regulator only reads.
ANYBODY = frozenset(Role) - {Role.OVERSEAS_REGULATOR}
_SUPERVISORS = frozenset({Role.REGULATOR, Role.AUDITOR})

PERMISSIONS: dict[Act, frozenset[Role]] = {
    Act.REGISTER_DEAL: frozenset({Role.OPERATOR}),
    Act.DEPLOY_DEAL: frozenset({Role.OPERATOR}),
    Act.DRAFT_FILING: frozenset({Role.FILER}),
    Act.SUBMIT_FILING: frozenset({Role.FILER}),
    Act.READ_MATERIALS: _SUPERVISORS | {Role.FILER, Role.OTHER_AUTHORITY},
    Act.CHECK_FORMALITY: frozenset({Role.REGULATOR}),
    Act.REQUEST_SUPPLEMENT: frozenset({Role.REGULATOR}),
    Act.ANSWER_SUPPLEMENT: frozenset({Role.FILER}),
    Act.WITHDRAW_FILING: frozenset({Role.FILER}),
    Act.CONSULT: frozenset({Role.REGULATOR, Role.OTHER_AUTHORITY}),
    Act.SUSPEND_REVIEW: frozenset({Role.REGULATOR, Role.FILER}),
    Act.TERMINATE_FILING: frozenset({Role.REGULATOR}),
    Act.AMEND_FILING: frozenset({Role.FILER}),
    Act.APPROVE_FILING: frozenset({Role.REGULATOR}),
    Act.SUSPEND_FILING: frozenset({Role.REGULATOR}),
    Act.LIFT_SUSPENSION: frozenset({Role.REGULATOR}),
    Act.REVOKE_FILING: frozenset({Role.REGULATOR}),
    Act.DETERMINE_SECURITY: frozenset({Role.OTHER_AUTHORITY}),
    Act.NOTE_EVENT: _SUPERVISORS | {Role.OTHER_AUTHORITY, Role.ORACLE},
    Act.REPORT_EVENT: frozenset({Role.FILER}),
    Act.CLEAR_EVENT: frozenset({Role.REGULATOR}),
    # A time-out binds everybody alike, so anybody may point at it.
    Act.ENFORCE_DEADLINES: ANYBODY,
    Act.MATURE_FILING: frozenset({Role.ISSUER, Role.PAYING_AGENT}),
    Act.CLOSE_FILING: frozenset({Role.ISSUER}),
    Act.ADMIT_INVESTOR: frozenset({Role.REGISTRAR}),
    Act.READ_INVESTORS: _SUPERVISORS | {Role.REGISTRAR, Role.ENFORCEMENT},
    Act.READ_HOLDERS: _SUPERVISORS
    | {Role.REGISTRAR, Role.ISSUER, Role.PAYING_AGENT, Role.ENFORCEMENT},
    Act.READ_LEDGER: _SUPERVISORS | {Role.PAYING_AGENT, Role.ISSUER},
    Act.FREEZE_INVESTOR: frozenset({Role.ENFORCEMENT}),
    # Enforcement freezes the lost wallet and thaws the fresh one: neither recovers alone.
    Act.RECOVER_WALLET: frozenset({Role.REGISTRAR}),
    Act.PAUSE_TRANSFERS: frozenset({Role.ENFORCEMENT}),
    Act.FORCE_TRANSFER: frozenset({Role.ENFORCEMENT}),
    Act.UPDATE_SANCTIONS: frozenset({Role.ENFORCEMENT}),
    Act.SUBSCRIBE: frozenset({Role.INVESTOR}),
    Act.WITHDRAW_SUBSCRIPTION: frozenset({Role.INVESTOR, Role.ISSUER}),
    Act.OPEN_OFFERING: frozenset({Role.ISSUER}),
    Act.ISSUE_UNITS: frozenset({Role.ISSUER}),
    Act.CLOSE_OFFERING: frozenset({Role.ISSUER}),
    Act.USE_PROCEEDS: frozenset({Role.ISSUER}),
    Act.BUY_ASSETS: frozenset({Role.ISSUER}),
    Act.LIST_NOTES: frozenset({Role.ISSUER}),
    Act.REPORT_COLLECTIONS: frozenset({Role.ORACLE}),
    # The paying agent calculates, and what sponsors send comes to the account it keeps.
    Act.ENTER_FIXING: frozenset({Role.PAYING_AGENT}),
    Act.RECEIVE_SUPPORT: frozenset({Role.PAYING_AGENT}),
    Act.DETERMINE_DISTRIBUTION: frozenset({Role.PAYING_AGENT}),
    Act.PAY_DISTRIBUTION: frozenset({Role.PAYING_AGENT}),
    Act.COLLECT_PAYMENT: frozenset({Role.INVESTOR, Role.PAYING_AGENT}),
    # And its waiver, acceleration and rescission: the noteholders have one voice.
    Act.DECLARE_DEFAULT: frozenset({Role.TRUSTEE}),
    Act.READ_AUDIT: _SUPERVISORS,
    Act.READ_SUPERVISION: _SUPERVISORS,
    Act.EXPORT_DEAL: _SUPERVISORS | {Role.OVERSEAS_REGULATOR},
    Act.MOVE_CLOCK: frozenset({Role.OPERATOR}),
    Act.SUPPLY_COIN: frozenset({Role.OPERATOR}),
    Act.PERMIT_ACCOUNT: frozenset({Role.OPERATOR}),
    Act.ISSUE_API_KEY: frozenset({Role.OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes a request. `investor_id` is set for the role investor only."""

    role: Role
    name: str
    investor_id: str | None = None


def may(actor: Actor | None, act: Act) -> bool:
    """Whether the actor's role may; nobody, without a key, may nothing."""
    return actor is not None and actor.role in PERMISSIONS[act]


def authorise(actor: Actor, act: Act) -> None:
    """Refuse with `role.missing`, naming the roles that may."""
    if not may(actor, act):
        allowed = PERMISSIONS[act]
        names = ", ".join(sorted(allowed))
        raise NotPermitted(
            f"the role {actor.role} may not {act.replace('_', ' ')}; this is for: {names}",
            act=act.value,
            role=actor.role.value,
            allowed_roles=sorted(allowed),
        )
