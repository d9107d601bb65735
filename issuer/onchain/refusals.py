"""Every error a contract can raise, as a code and, where a rule stands behind it, the rule.

The same codes whichever side refuses. A test walks the errors of every ABI and fails on one that is
missing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chain.errors import ContractReverted
from issuer.domain.errors import ChainRefused

#: Error name -> (code, rule id or None, what would make it pass).
REFUSALS: dict[str, tuple[str, str | None, str]] = {
    # The filing's gate
    "FilingNotApproved": ("filing.not_approved", "FIL-01", "have the filing approved"),
    "FilingBeingAmended": (
        "filing.being_amended",
        "FIL-13",
        "wait for the decision on the amended filing, or have the filer cancel the amendment",
    ),
    "FilingSuspended": ("filing.suspended", "FIL-12", "wait until the suspension is lifted"),
    "FilingRevoked": ("filing.revoked", "FIL-01", "none: revocation is final"),
    "FilingClosed": ("filing.closed", "FIL-01", "none: the notes are repaid and the filing closed"),
    "FilingExpired": ("filing.expired", "FIL-14", "have the filer amend the filing"),
    "BundleHashMismatch": ("filing.bundle_changed", "FIL-05", "restore the approved materials"),
    "CapExceeded": ("filing.cap_exceeded", "FIL-17", "issue fewer units, or file more"),
    "OfferingNotOpen": ("offering.not_open", "FIL-01", "open the offering first"),
    "OfferingAlreadyOpened": ("offering.already_opened", None, "an offering opens once"),
    "OfferingNotClosed": ("offering.not_closed", "FIL-11", "close the offering first"),
    "OfferingIsClosed": (
        "offering.is_closed",
        "FIL-13",
        "report the event instead: terms are amended before the issue is completed",
    ),
    "OperationOutOfSequence": (
        "operation.already_done",
        None,
        "nothing: an operation is accepted once, in order",
    ),
    "FilingAlreadyAttached": ("filing.already_attached", "FIL-17", "a token serves one filing"),
    "TrancheAlreadyAttached": ("filing.already_attached", "FIL-17", "a tranche has one token"),
    "UnexpectedStatus": ("filing.illegal_move", "FIL-01", "see the filing's status on chain"),
    "FilingIdMissing": ("filing.id_missing", "FIL-01", "name the filing"),
    "FilerMissing": ("filing.filer_missing", "FIL-02", "name the filer's account"),
    "TokenNotFiled": ("filing.token_not_filed", "FIL-01", "use a token the regulator attached"),
    "NothingAttached": ("filing.nothing_attached", "FIL-04", "attach the tokens first"),
    "CapsDoNotMatchTranches": ("filing.caps_mismatch", "AC-1", "one cap per attached tranche"),
    "FiledTotalExceeded": ("filing.total_exceeded", "AC-1", "lower the caps"),
    "ValidityInPast": ("filing.validity_in_past", "FIL-14", "approve with a later day"),
    "NotTheFiler": ("filing.not_the_filer", "FIL-02", "the filer itself reports"),
    "IssuanceNotReported": ("filing.not_reported", "FIL-11", "report the completed issuance first"),
    "PrincipalOutstanding": ("filing.principal_outstanding", None, "repay the notes in full first"),
    "EpochUnsettled": ("filing.payment_unsettled", None, "finish the payment first"),
    "IssuanceAlreadyReported": ("filing.already_reported", None, "the report is made once"),
    # The audit log
    "NotTheAuditor": ("audit.not_the_auditor", None, "the auditor's key alone anchors the log"),
    "LogNotGrown": ("audit.anchored_already", None, "nothing: that part of the log is anchored"),
    "TooManyTranches": ("filing.too_many_tranches", None, "at most eight tranches"),
    "TokenOfAnotherRegistry": ("token.of_another_registry", None, "use this registry's token"),
    # Holders and transfers
    "ERC7943CannotSend": ("transfer.sender_not_allowed", "INV-01", "clear or admit the sender"),
    "ERC7943CannotReceive": (
        "transfer.receiver_not_eligible",
        "INV-01",
        "have the registrar admit the receiver, or renew its evidence",
    ),
    "ERC7943CannotTransfer": ("transfer.refused", "INV-01", "see the token's state"),
    "ERC7943InsufficientUnfrozenBalance": (
        "transfer.units_frozen",
        "INV-12",
        "transfer no more than the unfrozen units",
    ),
    "TransfersLocked": ("transfer.locked", "FIL-11", "wait for the completion report"),
    "TransfersLockedUntil": ("transfer.locked_up", "INV-11", "wait until the lock-up has ended"),
    "HoldingBelowMinimum": (
        "transfer.holding_too_small",
        "INV-10",
        "leave and receive either nothing or at least the least holding",
    ),
    "HolderCapReached": (
        "transfer.holder_cap",
        "INV-10",
        "sell to somebody who holds already, or the whole holding",
    ),
    "HoldingAboveMaximum": (
        "transfer.holding_too_large",
        "INV-10",
        "leave the receiver with no more than one holder may keep",
    ),
    "TransfersPaused": ("transfer.paused", "INV-12", "wait until enforcement ends its halt"),
    "ForcedTransferToSelf": ("transfer.forced_to_self", None, "name another receiver"),
    "UnitsStillOutstanding": (
        "token.still_outstanding",
        None,
        "repay or write down what is outstanding per unit first",
    ),
    "WriteDownReversible": (
        "token.write_down_reversible",
        None,
        "write it up and repay it, or wait until the legal final maturity",
    ),
    "WalletNotRegistered": (
        "investor.wallet_not_registered",
        "INV-01",
        "name a wallet that the registrar has admitted",
    ),
    "WalletAlreadyRegistered": (
        "investor.wallet_taken",
        "INV-01",
        "recover to a fresh wallet, which nobody has registered",
    ),
    "WalletNotFrozen": (
        "investor.wallet_not_frozen",
        "INV-12",
        "have enforcement freeze the lost wallet first, in every tranche",
    ),
    "WalletBarred": (
        "investor.wallet_barred",
        "INV-01",
        "use a wallet that is neither a contract of the deal nor given up for another",
    ),
    "InvestorUnknown": ("investor.unknown", "INV-01", "register the investor first"),
    "OrderHashMissing": ("enforcement.order_missing", None, "give the hash of the order"),
    "EligibilityTooLong": ("investor.eligibility_too_long", "INV-13", "at most a year ahead"),
    "NoTokenAdmitted": ("investor.no_token", None, "deploy the deal first"),
    "TokenAlreadyAdmitted": ("token.already_admitted", None, "a token is admitted once"),
    "TooManyTokens": ("token.too_many", None, "at most eight tranches"),
    # Coin
    "ERC20InsufficientBalance": ("coin.insufficient_balance", "SET-08", "hold enough first"),
    "ERC20InsufficientAllowance": ("coin.not_approved", "SET-08", "approve the coin first"),
    "ERC20InvalidApprover": ("coin.invalid_account", None, "use a real account"),
    "ERC20InvalidReceiver": ("coin.invalid_account", None, "use a real account"),
    "ERC20InvalidSender": ("coin.invalid_account", None, "use a real account"),
    "ERC20InvalidSpender": ("coin.invalid_account", None, "use a real account"),
    "CoinNotOfTheDeal": ("coin.not_of_the_deal", "SET-01", "settle in the deal's coin"),
    "PaymentIncomplete": ("coin.payment_incomplete", "SET-08", "use a coin that moves in full"),
    "FundingIncomplete": ("coin.funding_incomplete", "SET-08", "use a coin that moves in full"),
    "NothingToIssue": (
        "issuance.nothing",
        None,
        "issue at least one unit, while principal is outstanding on it",
    ),
    "ReferenceAlreadyUsed": ("operation.already_done", None, "a reference is accepted once"),
    "NotAContract": ("coin.not_a_contract", None, "deploy the coin first"),
    "SafeERC20FailedOperation": ("coin.refused", "SET-08", "see the coin"),
    # Allowances by signature
    "ERC2612ExpiredSignature": ("permit.expired", None, "have the owner sign a later deadline"),
    "ERC2612InvalidSigner": ("permit.not_the_owner", None, "have the owner sign this very permit"),
    "ECDSAInvalidSignature": ("permit.malformed", None, "send the signature as the key made it"),
    "ECDSAInvalidSignatureLength": ("permit.malformed", None, "send 65 bytes: r, s and v"),
    "ECDSAInvalidSignatureS": ("permit.malformed", None, "sign with s in the lower half"),
    "InvalidAccountNonce": ("permit.used", None, "sign the account's next nonce"),
    # Documents of a token
    "DocumentIncomplete": ("document.incomplete", None, "give both its name and its hash"),
    "DocumentUnknown": ("document.unknown", None, "name a document that is attached"),
    # Record dates and payments
    "RecordDateNotInFuture": ("distribution.record_date_past", None, "announce a later instant"),
    "RecordDateTooFar": (
        "distribution.record_date_too_far",
        None,
        "announce it no more than a year ahead",
    ),
    "RecordDateAlreadyAnnounced": ("distribution.already_announced", None, "close that one first"),
    "RecordDateNotAnnounced": ("distribution.not_announced", None, "announce the record date"),
    "RecordDateNotReached": ("distribution.record_date_not_reached", None, "wait until then"),
    "TooManyOpenEpochs": ("distribution.too_many_open", None, "settle an older payment first"),
    "NoUnitsOutstanding": ("distribution.no_units", None, "issue units first"),
    "EpochNotClosed": ("distribution.epoch_not_closed", None, "close the record date first"),
    "EpochsExhausted": ("distribution.epochs_exhausted", None, "none: a token has 65,534 epochs"),
    "EpochIsSettled": ("distribution.epoch_settled", None, "nothing: it is paid"),
    "SettlementOutOfOrder": ("distribution.out_of_order", None, "settle older epochs first"),
    "PrincipalExceedsOutstanding": (
        "distribution.principal_too_high",
        None,
        "pay no more than is outstanding per unit",
    ),
    "WriteDownExceedsOutstanding": (
        "distribution.write_down_too_high",
        None,
        "write down no more than is outstanding per unit",
    ),
    "WriteUpExceedsWrittenDown": (
        "distribution.write_up_too_high",
        None,
        "reverse no more than has been written down per unit",
    ),
    "PrincipalChangedSince": (
        "distribution.principal_changed",
        None,
        "nothing: what is outstanding has followed that payment, or a later one, already",
    ),
    "EarlierEpochOpen": (
        "distribution.earlier_epoch_open",
        None,
        "declare or skip the older record date first",
    ),
    "UnexpectedState": ("distribution.illegal_move", None, "see the payment's state on chain"),
    "NothingToDeclare": ("distribution.nothing_to_declare", None, "skip the epoch instead"),
    "InsufficientCoin": ("distribution.insufficient_coin", "SET-08", "fund the distributor"),
    "PaidAmountMismatch": ("distribution.paid_mismatch", "SET-08", "see the coin"),
    "TooLittleGas": ("distribution.too_little_gas", None, "send more gas or fewer holders"),
    "NothingHeld": ("distribution.nothing_held", None, "nothing: no money is held"),
    "HolderNotCleared": ("distribution.holder_not_cleared", "INV-12", "clear the holder first"),
    "CoinRefused": ("distribution.coin_refused", None, "see why the coin refuses the wallet"),
    "TokenOfAnotherDistributor": ("token.of_another_distributor", None, "use its distributor"),
    "SeniorOutstanding": (
        "distribution.senior_outstanding",
        None,
        "pay the more senior tranche off first: the deal is in default or accelerated",
    ),
    "UnexpectedStanding": ("deal.illegal_standing", None, "see how the deal stands on chain"),
    "NoticeHashMissing": ("deal.notice_missing", None, "give the hash of the trustee's notice"),
    "StillClaimable": ("distribution.still_claimable", None, "wait until nobody can claim it"),
    "NothingToRescue": ("distribution.nothing_to_rescue", None, "nothing: all of it is owed"),
    "UnclaimedAccountMissing": ("distribution.no_unclaimed_account", None, "name an account"),
    "UnexpectedAnswer": ("token.unexpected_answer", None, "use a token built from these contracts"),
    "EpochsUnsettled": (
        "distribution.epochs_unsettled",
        None,
        "pay or skip every closed record date before the distributor is replaced",
    ),
    # Orders of two parties
    "OrderEmpty": ("order.empty", None, "name two parties, at least one unit and some coin"),
    "OrderExpired": ("order.expired", None, "have both parties sign a later deadline"),
    "OrderNotOpen": ("order.not_open", None, "nothing: the order is settled or cancelled"),
    "OrderNotSignedBy": ("order.not_signed", None, "have both parties sign this very order"),
    "NotAPartyToTheOrder": ("order.not_a_party", None, "the seller or the buyer cancels"),
    "DeliveryIncomplete": ("order.delivery_incomplete", None, "see the token"),
    # Timelock and deployment
    "ProposerIsExecutor": (
        "timelock.one_key",
        None,
        "let another key carry out what one announces",
    ),
    "ExecutorMissing": ("timelock.no_executor", None, "name the key that carries out"),
    "CancellerMissing": (
        "timelock.no_canceller",
        None,
        "name the regulator's key, not the proposer's",
    ),
    "DelayTooShort": ("timelock.delay_too_short", None, "announce at least a day before"),
    "TimelockInsufficientDelay": (
        "timelock.delay_too_short",
        None,
        "announce at least a day before",
    ),
    "TimelockInvalidOperationLength": ("timelock.malformed", None, "as many values as targets"),
    "TimelockUnauthorizedCaller": ("timelock.itself_only", None, "announce it like any other act"),
    "TimelockUnexecutedPredecessor": (
        "timelock.predecessor",
        None,
        "carry out the earlier act first",
    ),
    "TimelockUnexpectedOperationState": ("timelock.illegal_move", None, "see whether it is ready"),
    "FailedCall": ("chain.call_failed", None, "see what was called"),
    "Create2EmptyBytecode": ("deployment.empty", None, "give the creation code"),
    "FailedDeployment": ("deployment.refused", None, "take another salt, or see the constructor"),
    "InsufficientBalance": ("chain.bug", None, "report this"),
    # Keys
    "AccessControlUnauthorizedAccount": ("role.missing", None, "use a key that holds the role"),
    "UnauthorizedCaller": ("role.missing", None, "only the named contract may call this"),
    "AccessControlBadConfirmation": ("role.bad_confirmation", None, "renounce for oneself only"),
    "AccessControlEnforcedDefaultAdminDelay": ("role.admin_delay", None, "wait for the delay"),
    "AccessControlEnforcedDefaultAdminRules": ("role.admin_rules", None, "use the two steps"),
    "AccessControlInvalidDefaultAdmin": ("role.invalid_admin", None, "name another admin"),
    # Bounds
    "SafeCastOverflowedUintDowncast": ("amount.out_of_range", None, "use a smaller number"),
    "FieldOverflow": ("amount.out_of_range", None, "use a smaller number"),
    "FieldUnderflow": ("chain.bug", None, "report this"),
    "NotAnAddress": ("batch.malformed", None, "list addresses"),
    "UnusedBitsSet": ("batch.malformed", None, "pack nothing beside the fields of an entry"),
    "InvalidShortString": ("chain.bug", None, "report this"),
    "StringTooLong": ("token.name_too_long", None, "use a shorter name"),
    "ReentrancyGuardReentrantCall": ("chain.reentered", None, "do not call back"),
    "ReentrantCall": ("chain.reentered", None, "do not call back"),
    "Error": ("chain.reverted", None, "see the message"),
    "Panic": ("chain.panic", None, "report this"),
    "Unknown": ("chain.unknown_error", None, "see the data"),
    "Empty": ("chain.reverted", None, "the contract gave no reason"),
    "ExecutionFailed": ("chain.execution_failed", None, "see the message"),
    "NotReproduced": ("chain.not_reproduced", None, "look at the block"),
}

#: The same errors, where the note's token raises them of itself: what is short is units, not coin, and
#: no rule stands behind that.
OF_UNITS: dict[str, tuple[str, str | None, str]] = {
    "ERC20InsufficientBalance": (
        "transfer.insufficient_units",
        None,
        "transfer no more units than the sender holds",
    ),
    "ERC20InsufficientAllowance": (
        "transfer.not_approved",
        None,
        "have the holder approve so many units first",
    ),
}


@contextmanager
def refused(what: str, *, of_units: bool = False) -> Iterator[None]:
    """A contract's refusal of what is to be done, as `ChainRefused`."""
    try:
        yield
    except ContractReverted as error:
        raise refusal(error.error_name, error.operands, what, of_units=of_units) from error


def refusal(
    error_name: str, operands: Mapping[str, Any], what: str, *, of_units: bool = False
) -> ChainRefused:
    """A contract's error in the service's words; `of_units` if the note's token was called itself."""
    words = REFUSALS | OF_UNITS if of_units else REFUSALS
    code, rule, cure = words.get(error_name, ("chain.unknown_error", None, "see the data"))
    shown = {name: _plain(value) for name, value in operands.items()}
    listed = ", ".join(f"{name}={value}" for name, value in shown.items())
    return ChainRefused(
        f"the chain refused to {what}: {error_name}({listed}). Cure: {cure}",
        code=code,
        error=error_name,
        operands=shown,
        rule=rule,
        cure=cure,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    # Numbers as text: a uint256 does not fit the number of most JSON readers.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
