// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IERC7943Fungible} from "../interfaces/IERC7943.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";

contract AbsToken is IAbsToken, IERC7943Fungible, ERC20, AccessControlDefaultAdminRules {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev What stands in the way of a transfer: one answer for the views and for the revert.
    enum Refusal {
        None,
        Filing,
        Locked,
        LockedUntil,
        CannotSend,
        CannotReceive,
        Balance,
        Unfrozen,
        SenderBelowMinimum,
        ReceiverBelowMinimum,
        HolderCap
    }

    struct Holder {
        uint24 index;
        uint16 expiryDay;
        uint16 country;
        uint8 class;
        bool frozen;
    }

    /// @dev All that has changed the principal of a unit, in one slot; `epoch` is the latest to do so.
    struct Principal {
        uint80 paid;
        uint80 writtenDown;
        uint80 capitalised;
        uint16 epoch;
    }

    /* CONSTANTS */

    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant ENFORCEMENT_ROLE = keccak256("ENFORCEMENT_ROLE");

    /// @dev Closed but unsettled epochs a holder's history must answer for.
    uint256 public constant MAX_OPEN_EPOCHS = 8;

    uint48 private constant ADMIN_DELAY = 1 days;

    /* IMMUTABLES */

    uint256 public immutable denomination;
    uint256 public immutable minHolding;
    uint256 public immutable holderCap;
    uint256 public immutable lockedUntil;
    address public immutable filingRegistry;
    address public immutable investorRegistry;
    address public immutable distributor;
    address public immutable settlement;
    address public immutable currency;

    /* STORAGE */

    bytes32 public filingId;
    bytes32 public bundleHash;

    uint64 private _cap;
    uint16 private _mintUntilDay;
    IFilingRegistry.Status public filingStatus;
    bool public transfersOpen;
    Offering public offering;
    uint16 private _operationCount;
    uint24 private _lastIndex;
    uint24 public holderCount;
    uint16 public epoch = 1;
    uint16 public settledEpoch;
    uint32 public recordAt;

    Principal private _principal;

    mapping(address wallet => Holder) private _holders;
    mapping(uint24 index => address wallet) public walletOf;
    /// @dev Keyed by investor, not by wallet, so that replacing a wallet will not lose it.
    mapping(uint24 index => Checkpoints.Trace208) private _balances;
    mapping(address account => uint256 units) private _frozenUnits;
    Checkpoints.Trace208 private _supplies;

    constructor(string memory name_, string memory symbol_, Terms memory terms, Parties memory parties)
        ERC20(name_, symbol_)
        AccessControlDefaultAdminRules(ADMIN_DELAY, parties.admin)
    {
        // Beyond that, the last of it could not be written down as paid.
        denomination = terms.denomination.toUint80();
        minHolding = terms.minHolding;
        holderCap = terms.holderCap;
        lockedUntil = terms.lockedUntil;
        filingRegistry = parties.filingRegistry;
        investorRegistry = parties.investorRegistry;
        distributor = parties.distributor;
        settlement = parties.settlement;
        currency = parties.currency;
        _grantRole(ISSUER_ROLE, parties.issuer);
        _grantRole(ENFORCEMENT_ROLE, parties.enforcement);
    }

    modifier onlyFrom(address expected) {
        require(msg.sender == expected, UnauthorizedCaller(msg.sender, expected));
        _;
    }

    /* FILING */

    /// @inheritdoc IAbsToken
    function attachFiling(bytes32 filingId_) external onlyFrom(filingRegistry) {
        require(filingId == 0, FilingAlreadyAttached(filingId));
        filingId = filingId_;
        emit FilingAttached(filingId_);
    }

    /// @inheritdoc IAbsToken
    function setFiling(bytes32 bundleHash_, uint64 cap_, uint16 mintUntilDay)
        external
        onlyFrom(filingRegistry)
    {
        _requireNotOver();
        require(cap_ >= totalSupply(), CapBelowSupply(cap_, totalSupply()));
        bundleHash = bundleHash_;
        _cap = cap_;
        _mintUntilDay = mintUntilDay;
        emit FilingSet(filingId, bundleHash_, cap_, mintUntilDay);
    }

    /// @inheritdoc IAbsToken
    function setFilingStatus(IFilingRegistry.Status status) external onlyFrom(filingRegistry) {
        _requireNotOver();
        filingStatus = status;
        if (status == IFilingRegistry.Status.Revoked) _cap = 0;
        emit FilingStatusSet(status);
    }

    /// @inheritdoc IAbsToken
    function openTransfers() external onlyFrom(filingRegistry) {
        transfersOpen = true;
        emit TransfersOpened();
    }

    /* OFFERING */

    /// @inheritdoc IAbsToken
    function openOffering() external onlyRole(ISSUER_ROLE) {
        require(offering == Offering.NotOpened, OfferingAlreadyOpened(offering));
        _requireMintable();
        offering = Offering.Open;
        emit OfferingOpened();
    }

    /// @inheritdoc IAbsToken
    function closeOffering() external onlyRole(ISSUER_ROLE) {
        require(offering == Offering.Open, OfferingNotOpen(offering));
        offering = Offering.Closed;
        emit OfferingClosed(totalSupply());
    }

    /// @inheritdoc IAbsToken
    function mint(address to, uint256 units, bytes32 bundleHash_, uint256 operation)
        external
        onlyFrom(settlement)
    {
        _requireMintable();
        require(bundleHash_ == bundleHash, BundleHashMismatch(bundleHash, bundleHash_));
        require(offering == Offering.Open, OfferingNotOpen(offering));
        require(
            operation == uint256(_operationCount) + 1,
            OperationOutOfSequence(uint256(_operationCount) + 1, operation)
        );
        require(totalSupply() + units <= _cap, CapExceeded(_cap, totalSupply() + units));
        require(canReceive(to), ERC7943CannotReceive(to));
        _enforce(_refusalByTerms(address(0), to, units), address(0), to, units);
        _operationCount = operation.toUint16();
        _mint(to, units);
    }

    /// @dev The filing's part of the gate. Its expiry needs no transaction by anybody.
    function _requireMintable() private view {
        _requireApproved();
        require(block.timestamp < mintUntil(), FilingExpired(filingId, mintUntil()));
    }

    /// @dev One answer for whatever needs an approved filing: which status stands in the way.
    function _requireApproved() private view {
        IFilingRegistry.Status status = filingStatus;
        require(status != IFilingRegistry.Status.None, FilingNotApproved());
        require(status != IFilingRegistry.Status.Suspended, FilingSuspended(filingId));
        require(status != IFilingRegistry.Status.Amending, FilingBeingAmended(filingId));
        _requireNotOver();
    }

    function _requireNotOver() private view {
        require(filingStatus != IFilingRegistry.Status.Revoked, FilingRevoked(filingId));
        require(filingStatus != IFilingRegistry.Status.Closed, FilingClosed(filingId));
    }

    /* ELIGIBILITY */

    /// @inheritdoc IAbsToken
    function setEligibility(address wallet, Eligibility calldata eligibility)
        external
        onlyFrom(investorRegistry)
    {
        require(!_isOfTheDeal(wallet), WalletNotRegistrable(wallet));
        Holder storage holder = _holders[wallet];
        // Unregistered means "no index yet", not "empty": a wallet may be frozen before it is known.
        if (holder.index == 0) {
            holder.index = (uint256(_lastIndex) + 1).toUint24();
            _lastIndex = holder.index;
            walletOf[holder.index] = wallet;
        }
        holder.expiryDay = eligibility.expiryDay;
        holder.country = eligibility.country;
        holder.class = eligibility.class;
        emit EligibilitySet(
            wallet, holder.index, eligibility.expiryDay, eligibility.country, eligibility.class
        );
    }

    function _isOfTheDeal(address wallet) private view returns (bool) {
        return wallet == address(0) || wallet == address(this) || wallet == filingRegistry
            || wallet == investorRegistry || wallet == distributor || wallet == settlement
            || wallet == currency;
    }

    /* ENFORCEMENT */

    /// @inheritdoc IAbsToken
    function setAddressFrozen(address account, bool frozen) external onlyRole(ENFORCEMENT_ROLE) {
        _holders[account].frozen = frozen;
        emit AddressFrozen(account, frozen, msg.sender);
    }

    /// @inheritdoc IERC7943Fungible
    function setFrozenTokens(address account, uint256 amount)
        external
        onlyRole(ENFORCEMENT_ROLE)
        returns (bool)
    {
        _frozenUnits[account] = amount;
        emit Frozen(account, amount);
        return true;
    }

    /// @inheritdoc IERC7943Fungible
    /// @dev Works through freezes, locks and suspension, never to a wallet that may not receive.
    function forcedTransfer(address from, address to, uint256 amount)
        external
        onlyRole(ENFORCEMENT_ROLE)
        returns (bool)
    {
        // To itself it would only thaw units, which is setFrozenTokens' business.
        require(from != to, ForcedTransferToSelf(from));
        require(canReceive(to), ERC7943CannotReceive(to));
        uint256 balance = balanceOf(from);
        require(amount <= balance, ERC20InsufficientBalance(from, balance, amount));
        uint256 unfrozen = _unfrozenOf(from);
        if (amount > unfrozen) {
            // Thaws what it takes and no more: what was frozen beyond the balance stays frozen.
            _frozenUnits[from] -= amount - unfrozen;
            emit Frozen(from, _frozenUnits[from]);
        }
        _transfer(from, to, amount);
        emit ForcedTransfer(from, to, amount);
        return true;
    }

    /* RECORD DATES AND PAYMENTS */

    /// @inheritdoc IAbsToken
    function announceRecordDate(uint32 recordAt_) external onlyFrom(distributor) {
        // A revoked deal is still wound up; a closed one owes nothing that a record date could be for.
        require(filingStatus != IFilingRegistry.Status.Closed, FilingClosed(filingId));
        _rollEpoch();
        require(recordAt == 0, RecordDateAlreadyAnnounced(recordAt));
        require(recordAt_ > block.timestamp, RecordDateNotInFuture(recordAt_, block.timestamp));
        uint256 unsettled = uint256(epoch) - 1 - settledEpoch;
        require(unsettled < MAX_OPEN_EPOCHS, TooManyOpenEpochs(unsettled));
        require(totalSupply() != 0, NoUnitsOutstanding());
        recordAt = recordAt_;
        emit RecordDateAnnounced(epoch, recordAt_);
    }

    /// @inheritdoc IAbsToken
    function closeEpoch(uint16 epoch_) external onlyFrom(distributor) returns (uint256 supply) {
        _rollEpoch();
        if (epoch_ >= epoch) {
            require(epoch_ == epoch && recordAt != 0, RecordDateNotAnnounced());
            revert RecordDateNotReached(recordAt, block.timestamp);
        }
        return supplyAt(epoch_);
    }

    /// @inheritdoc IAbsToken
    function settle(uint16 epoch_) external onlyFrom(distributor) {
        require(epoch_ == settledEpoch + 1, SettlementOutOfOrder(settledEpoch + 1, epoch_));
        require(epoch_ < epoch, EpochNotClosed(epoch_));
        settledEpoch = epoch_;
        emit EpochSettled(epoch_);
    }

    /// @inheritdoc IAbsToken
    /// @dev What is added comes first: interest capitalised at a payment may be repaid at the same.
    function changePrincipal(uint16 epoch_, PrincipalChange calldata change)
        external
        onlyFrom(distributor)
    {
        require(epoch_ < epoch, EpochNotClosed(epoch_));
        require(epoch_ > _principal.epoch, PrincipalChangedSince(_principal.epoch, epoch_));
        _principal.epoch = epoch_;
        if (change.capitalised != 0) _capitalise(epoch_, change.capitalised);
        if (change.writtenUp != 0) _writeUp(epoch_, change.writtenUp);
        if (change.paid != 0) _payPrincipal(epoch_, change.paid);
        if (change.writtenDown != 0) _writeDown(epoch_, change.writtenDown);
    }

    function _capitalise(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        _principal.capitalised = (_principal.capitalised + perUnit).toUint80();
        emit InterestCapitalised(epoch_, perUnit, before, before + perUnit);
    }

    function _writeUp(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        uint80 written = _principal.writtenDown;
        require(perUnit <= written, WriteUpExceedsWrittenDown(written, perUnit));
        _principal.writtenDown = (written - perUnit).toUint80();
        emit WrittenUp(epoch_, perUnit, before, before + perUnit);
    }

    function _payPrincipal(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        require(perUnit <= before, PrincipalExceedsOutstanding(before, perUnit));
        _principal.paid = (_principal.paid + perUnit).toUint80();
        emit PrincipalPaid(epoch_, perUnit, before, before - perUnit);
    }

    function _writeDown(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        require(perUnit <= before, WriteDownExceedsOutstanding(before, perUnit));
        _principal.writtenDown = (_principal.writtenDown + perUnit).toUint80();
        emit WrittenDown(epoch_, perUnit, before, before - perUnit);
    }

    /* TRANSFER */

    function transfer(address to, uint256 units) public override returns (bool) {
        _enforce(_refusal(msg.sender, to, units), msg.sender, to, units);
        return super.transfer(to, units);
    }

    function transferFrom(address from, address to, uint256 units)
        public
        override
        returns (bool)
    {
        _enforce(_refusal(from, to, units), from, to, units);
        return super.transferFrom(from, to, units);
    }

    /// @dev Spending must not be prepared for an owner who may not send.
    function _approve(address owner_, address spender, uint256 units, bool emitEvent)
        internal
        override
    {
        require(units == 0 || canSend(owner_), ERC7943CannotSend(owner_));
        super._approve(owner_, spender, units, emitEvent);
    }

    /// @dev The one place where balances change. Checkpoints are keyed by epoch, so a holder has at
    /// most one for each record date, and the value at a record date is the last one up to it.
    function _update(address from, address to, uint256 units) internal override {
        _rollEpoch();
        if (units != 0 && from != to) {
            if (balanceOf(to) == 0) ++holderCount;
            if (balanceOf(from) == units) --holderCount;
        }
        super._update(from, to, units);
        uint48 key = epoch;
        if (from == address(0)) {
            _supplies.push(key, totalSupply().toUint208());
        } else {
            _balances[_holders[from].index].push(key, balanceOf(from).toUint208());
        }
        _balances[_holders[to].index].push(key, balanceOf(to).toUint208());
    }

    function _rollEpoch() private {
        if (recordAt == 0 || block.timestamp < recordAt) return;
        emit EpochClosed(epoch, totalSupply());
        epoch = (uint256(epoch) + 1).toUint16();
        recordAt = 0;
    }

    function _refusal(address from, address to, uint256 units) private view returns (Refusal) {
        if (filingStatus != IFilingRegistry.Status.Approved) return Refusal.Filing;
        if (!transfersOpen) return Refusal.Locked;
        if (block.timestamp < lockedUntil) return Refusal.LockedUntil;
        if (!canSend(from)) return Refusal.CannotSend;
        if (!canReceive(to)) return Refusal.CannotReceive;
        if (units > balanceOf(from)) return Refusal.Balance;
        if (units > _unfrozenOf(from)) return Refusal.Unfrozen;
        return _refusalByTerms(from, to, units);
    }

    /// @dev What the terms say of holdings. A mint asks too, with nobody as sender. Where no unit
    /// changes hands they are not asked: a holding that a forced transfer left too small stays valid.
    function _refusalByTerms(address from, address to, uint256 units)
        private
        view
        returns (Refusal)
    {
        if (units == 0 || from == to) return Refusal.None;
        if (from != address(0) && _isTooSmall(balanceOf(from) - units)) {
            return Refusal.SenderBelowMinimum;
        }
        if (_isTooSmall(balanceOf(to) + units)) return Refusal.ReceiverBelowMinimum;
        bool addsHolder = balanceOf(to) == 0 && balanceOf(from) != units;
        if (addsHolder && holderCap != 0 && holderCount >= holderCap) return Refusal.HolderCap;
        return Refusal.None;
    }

    function _isTooSmall(uint256 holding) private view returns (bool) {
        return holding != 0 && holding < minHolding;
    }

    function _enforce(Refusal refusal, address from, address to, uint256 units) private view {
        if (refusal == Refusal.None) return;
        if (refusal == Refusal.Filing) _requireApproved();
        if (refusal == Refusal.Locked) revert TransfersLocked();
        if (refusal == Refusal.LockedUntil) revert TransfersLockedUntil(lockedUntil);
        if (refusal == Refusal.CannotSend) revert ERC7943CannotSend(from);
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        if (refusal == Refusal.CannotReceive) revert ERC7943CannotReceive(to);
        if (refusal == Refusal.Balance) revert ERC20InsufficientBalance(from, balanceOf(from), units);
        if (refusal == Refusal.SenderBelowMinimum) {
            revert HoldingBelowMinimum(from, minHolding, balanceOf(from) - units);
        }
        if (refusal == Refusal.ReceiverBelowMinimum) {
            revert HoldingBelowMinimum(to, minHolding, balanceOf(to) + units);
        }
        if (refusal == Refusal.HolderCap) revert HolderCapReached(holderCap);
        revert ERC7943InsufficientUnfrozenBalance(from, units, _unfrozenOf(from));
    }

    function _unfrozenOf(address account) private view returns (uint256) {
        uint256 balance = balanceOf(account);
        uint256 frozenUnits = _frozenUnits[account];
        return frozenUnits >= balance ? 0 : balance - frozenUnits;
    }

    /* VIEWS */

    /// @notice Notes are indivisible.
    function decimals() public pure override returns (uint8) {
        return 0;
    }

    /// @inheritdoc IAbsToken
    function outstandingPerUnit() public view returns (uint256) {
        Principal storage principal = _principal;
        return denomination + principal.capitalised - principal.paid - principal.writtenDown;
    }

    /// @inheritdoc IAbsToken
    function writtenDownPerUnit() external view returns (uint256) {
        return _principal.writtenDown;
    }

    /// @inheritdoc IAbsToken
    function capitalisedPerUnit() external view returns (uint256) {
        return _principal.capitalised;
    }

    /// @inheritdoc IAbsToken
    function outstandingPrincipal() external view returns (uint256) {
        return totalSupply() * outstandingPerUnit();
    }

    /// @inheritdoc IAbsToken
    function cap() external view returns (uint256) {
        return _cap;
    }

    /// @inheritdoc IAbsToken
    function mintUntil() public view returns (uint256) {
        return uint256(_mintUntilDay) * 1 days;
    }

    /// @inheritdoc IAbsToken
    function operationCount() external view returns (uint256) {
        return _operationCount;
    }

    /// @inheritdoc IAbsToken
    function balanceAt(address account, uint16 epoch_) external view returns (uint256) {
        _requireClosedUnsettled(epoch_);
        return _balances[_holders[account].index].upperLookup(epoch_);
    }

    /// @inheritdoc IAbsToken
    function supplyAt(uint16 epoch_) public view returns (uint256) {
        _requireClosedUnsettled(epoch_);
        return _supplies.upperLookup(epoch_);
    }

    function _requireClosedUnsettled(uint16 epoch_) private view {
        require(epoch_ != 0 && epoch_ < epoch, EpochNotClosed(epoch_));
        require(epoch_ > settledEpoch, EpochIsSettled(epoch_));
    }

    /// @inheritdoc IAbsToken
    function indexOf(address wallet) external view returns (uint24) {
        return _holders[wallet].index;
    }

    /// @inheritdoc IAbsToken
    function eligibilityOf(address wallet) external view returns (Eligibility memory) {
        Holder storage holder = _holders[wallet];
        return Eligibility(holder.expiryDay, holder.country, holder.class);
    }

    /// @inheritdoc IAbsToken
    function isFrozen(address account) external view returns (bool) {
        return _holders[account].frozen;
    }

    /// @inheritdoc IERC7943Fungible
    function getFrozenTokens(address account) external view returns (uint256) {
        return _frozenUnits[account];
    }

    /// @inheritdoc IERC7943Fungible
    /// @dev An expired holder may leave; a frozen one, or one found ineligible, may not.
    function canSend(address account) public view returns (bool) {
        Holder storage holder = _holders[account];
        return holder.index != 0 && holder.expiryDay != 0 && !holder.frozen;
    }

    /// @inheritdoc IERC7943Fungible
    function canReceive(address account) public view returns (bool) {
        Holder storage holder = _holders[account];
        return holder.index != 0 && block.timestamp < uint256(holder.expiryDay) * 1 days
            && !holder.frozen;
    }

    /// @inheritdoc IERC7943Fungible
    function canTransfer(address from, address to, uint256 amount) external view returns (bool) {
        return _refusal(from, to, amount) == Refusal.None;
    }

    /// @inheritdoc IAbsToken
    function canBePaid(address wallet) external view returns (bool) {
        return canSend(wallet);
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC7943Fungible).interfaceId
            || interfaceId == type(IERC20).interfaceId
            || interfaceId == type(IERC20Metadata).interfaceId || super.supportsInterface(interfaceId);
    }
}
