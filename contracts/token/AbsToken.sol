// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IERC1404} from "../interfaces/IERC1404.sol";
import {IERC1643} from "../interfaces/IERC1643.sol";
import {IERC7943Fungible} from "../interfaces/IERC7943.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {Allowances} from "./Allowances.sol";
import {Documents} from "./Documents.sol";
import {HolderWord} from "./HolderWord.sol";
import {Admission, Allotment} from "./Packed.sol";
import {Refusal, Refusals} from "./Refusals.sol";
import {TokenWord} from "./TokenWord.sol";
import {UnitLedger} from "./UnitLedger.sol";
import {UnitPrincipal} from "./UnitPrincipal.sol";

contract AbsToken is
    UnitLedger,
    UnitPrincipal,
    Allowances,
    Documents,
    IERC20Metadata,
    IERC7943Fungible,
    IERC1404,
    AccessControl
{
    /* CONSTANTS */

    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant ENFORCEMENT_ROLE = keccak256("ENFORCEMENT_ROLE");

    /// @dev Closed but unsettled epochs a holder's history must answer for.
    uint256 public constant MAX_OPEN_EPOCHS = 8;

    /// @dev An announced record date cannot be taken back, and no other one comes before it: a date
    /// mistyped into the next century would keep the holders from every payment.
    uint256 private constant MAX_NOTICE = 366 days;

    /* IMMUTABLES */

    uint256 public immutable minHolding;
    uint256 public immutable maxHolding;
    uint256 public immutable lockedUntil;
    uint256 public immutable maturityDate;
    uint256 public immutable rank;
    address public immutable filingRegistry;
    address public immutable settlement;
    address public immutable currency;

    /* STORAGE */

    string public name;
    string public symbol;

    bytes32 public filingId;
    bytes32 public bundleHash;

    address public distributor;
    // In one slot, as an admission reads both.
    address public investorRegistry;
    uint24 private _lastIndex;

    mapping(uint24 index => uint256 units) private _frozenUnits;

    constructor(string memory name_, string memory symbol_, Terms memory terms, Parties memory parties)
        UnitLedger(terms.holderCap)
        UnitPrincipal(terms.denomination)
        EIP712(name_, "1")
    {
        (name, symbol) = (name_, symbol_);
        minHolding = terms.minHolding;
        maxHolding = terms.maxHolding == 0 ? type(uint80).max : terms.maxHolding;
        lockedUntil = terms.lockedUntil;
        maturityDate = terms.maturityDate;
        rank = terms.rank;
        filingRegistry = parties.filingRegistry;
        (investorRegistry, distributor) = (parties.investorRegistry, parties.distributor);
        settlement = parties.settlement;
        currency = parties.currency;
        _bar(address(0));
        _bar(address(this));
        _bar(parties.filingRegistry);
        _bar(parties.investorRegistry);
        _bar(parties.distributor);
        _bar(parties.settlement);
        _bar(parties.currency);
        _grantRole(DEFAULT_ADMIN_ROLE, parties.admin);
        _grantRole(ISSUER_ROLE, parties.issuer);
        _grantRole(ENFORCEMENT_ROLE, parties.enforcement);
    }

    modifier onlyFrom(address expected) {
        _requireFrom(expected);
        _;
    }

    function _requireFrom(address expected) private view {
        require(msg.sender == expected, UnauthorizedCaller(msg.sender, expected));
    }

    /* FILING */

    /// @inheritdoc IAbsToken
    function attachFiling(bytes32 filingId_) external onlyFrom(filingRegistry) {
        require(filingId == 0, FilingAlreadyAttached(filingId));
        filingId = filingId_;
        emit FilingAttached(filingId_);
    }

    /// @inheritdoc IAbsToken
    function setFiling(bytes32 bundleHash_, uint80 cap_, uint16 mintUntilDay)
        external
        onlyFrom(filingRegistry)
    {
        TokenWord token = _token;
        _requireNotOver(token);
        bundleHash = bundleHash_;
        _token = token.withCap(cap_).withMintUntilDay(mintUntilDay);
        emit FilingSet(filingId, bundleHash_, cap_, mintUntilDay);
    }

    /// @inheritdoc IAbsToken
    function setFilingStatus(IFilingRegistry.Status status) external onlyFrom(filingRegistry) {
        TokenWord token = _token;
        _requireNotOver(token);
        if (status == IFilingRegistry.Status.Revoked) token = token.withCap(0);
        _token = token.withFilingStatus(status);
        emit FilingStatusSet(status);
    }

    /// @inheritdoc IAbsToken
    function openTransfers() external onlyFrom(filingRegistry) {
        _token = _token.withTransfersOpen(true);
        emit TransfersOpened();
    }

    /* REPLACEMENT */

    /// @inheritdoc IAbsToken
    function replaceInvestorRegistry(address fresh) external onlyRole(DEFAULT_ADMIN_ROLE) {
        emit InvestorRegistryReplaced(investorRegistry, fresh);
        investorRegistry = fresh;
        _bar(fresh);
    }

    /// @inheritdoc IAbsToken
    function replaceDistributor(address fresh) external onlyRole(DEFAULT_ADMIN_ROLE) {
        uint256 unsettled = _token.at(block.timestamp).unsettled();
        require(unsettled == 0, EpochsUnsettled(unsettled));
        emit DistributorReplaced(distributor, fresh);
        distributor = fresh;
        _bar(fresh);
    }

    /// @dev The deal's own contracts never become investors.
    function _bar(address party) private {
        HolderWord holder = _holders[party];
        require(!holder.registered(), WalletAlreadyRegistered(party));
        _holders[party] = holder.withBarred(true);
    }

    /* OFFERING */

    /// @inheritdoc IAbsToken
    function openOffering() external onlyRole(ISSUER_ROLE) {
        TokenWord token = _token;
        require(offering() == Offering.NotOpened, OfferingAlreadyOpened(offering()));
        _requireApproved(token);
        require(!token.paused(), TransfersPaused());
        _requireWithinValidity(token);
        _token = token.withOffering(uint256(Offering.Open));
        emit OfferingOpened();
    }

    /// @inheritdoc IAbsToken
    function closeOffering() external onlyRole(ISSUER_ROLE) {
        require(offering() == Offering.Open, OfferingNotOpen(offering()));
        _token = _token.withOffering(uint256(Offering.Closed));
        emit OfferingClosed(totalSupply());
    }

    /// @inheritdoc IAbsToken
    function mint(address to, uint256 units, bytes32 bundleHash_, uint256 operation)
        external
        onlyFrom(settlement)
    {
        TokenWord token = _requireNextMint(bundleHash_, operation);
        _mint(token, to, units);
        _token = _requireWithinCap(token, units);
    }

    /// @inheritdoc IAbsToken
    function mintBatch(Allotment[] calldata allotments, bytes32 bundleHash_, uint256 operation)
        external
        onlyFrom(settlement)
    {
        TokenWord token = _requireNextMint(bundleHash_, operation);
        uint256 minted;
        for (uint256 i; i < allotments.length; ++i) {
            Allotment allotment = allotments[i];
            uint256 units = allotment.units();
            _mint(token, allotment.wallet(), units);
            unchecked {
                // Each fits its field, so a block's worth of them fits a word.
                minted += units;
            }
        }
        _token = _requireWithinCap(token, minted);
    }

    function _mint(TokenWord token, address to, uint256 units) private {
        HolderWord receiver = _holders[to];
        if (!receiver.mayReceive(block.timestamp)) revert ERC7943CannotReceive(to);
        Refusal refusal = _refusalOfHolding(receiver, units, true);
        if (refusal != Refusal.None) _revertWith(refusal, address(0), to, units);
        _create(token, to, receiver, units);
    }

    function _requireWithinCap(TokenWord token, uint256 minted) private pure returns (TokenWord) {
        TokenWord grown = token.plus(minted);
        if (grown.supply() > grown.cap()) revert CapExceeded(grown.cap(), grown.supply());
        return grown;
    }

    /// @dev The whole gate of an issue, but for the cap and for what concerns the one who receives.
    /// What a refusal would tell is read only once there is one.
    function _requireNextMint(bytes32 bundleHash_, uint256 operation)
        private
        returns (TokenWord token)
    {
        token = _closingIfDue();
        _requireWithinValidity(token);
        if (!token.issuing()) {
            _requireApproved(token);
            require(!token.paused(), TransfersPaused());
            revert OfferingNotOpen(Offering(token.offering()));
        }
        bytes32 approved = bundleHash;
        if (bundleHash_ != approved) revert BundleHashMismatch(approved, bundleHash_);
        uint256 next = token.operations() + 1;
        if (operation != next) revert OperationOutOfSequence(next, operation);
        token = token.withOperations(next);
    }

    /// @dev A filing's expiry needs no transaction by anybody.
    function _requireWithinValidity(TokenWord token) private view {
        uint256 until = token.mintUntilDay() * 1 days;
        if (block.timestamp < until) return;
        _requireApproved(token);
        revert FilingExpired(filingId, until);
    }

    /// @dev One answer for whatever needs an approved filing: which status stands in the way.
    function _requireApproved(TokenWord token) private view {
        IFilingRegistry.Status status = token.filingStatus();
        if (status == IFilingRegistry.Status.Approved) return;
        require(status != IFilingRegistry.Status.None, FilingNotApproved());
        require(status != IFilingRegistry.Status.Suspended, FilingSuspended(filingId));
        require(status != IFilingRegistry.Status.Amending, FilingBeingAmended(filingId));
        _requireNotOver(token);
    }

    function _requireNotOver(TokenWord token) private view {
        IFilingRegistry.Status status = token.filingStatus();
        require(status != IFilingRegistry.Status.Revoked, FilingRevoked(filingId));
        require(status != IFilingRegistry.Status.Closed, FilingClosed(filingId));
    }

    /// @inheritdoc IAbsToken
    function retire(address[] calldata holders) external onlyRole(ISSUER_ROLE) {
        uint256 outstanding = outstandingPerUnit();
        require(outstanding == 0, UnitsStillOutstanding(outstanding));
        // A loss may be reversed up to the end, for those who hold the units then.
        uint256 writtenDown = writtenDownPerUnit();
        require(
            writtenDown == 0 || block.timestamp >= maturityDate, WriteDownReversible(writtenDown)
        );
        TokenWord token = _closingIfDue();
        for (uint256 i; i < holders.length; ++i) {
            HolderWord holder = _holders[holders[i]];
            uint256 units = holder.balance();
            if (units == 0) continue;
            token = _destroy(token, holders[i], holder, units);
            emit UnitsRetired(holders[i], units);
        }
        _token = token;
    }

    /* ELIGIBILITY */

    /// @inheritdoc IAbsToken
    function setEligibility(Admission[] calldata admissions) external onlyFrom(investorRegistry) {
        uint256 last = _lastIndex;
        Admission[] memory admitted = new Admission[](admissions.length);
        for (uint256 i; i < admissions.length; ++i) {
            Admission admission = admissions[i];
            address wallet = admission.wallet();
            HolderWord holder = _holders[wallet];
            if (!holder.registered()) {
                if (holder.barred()) revert WalletBarred(wallet);
                holder = holder.withIndex(++last);
            }
            _holders[wallet] = holder.withEligibility(admission.eligibility());
            admitted[i] = admission.withIndex(holder.index());
        }
        // The last index was held to its field when it was given.
        _lastIndex = uint24(last);
        emit EligibilitySet(admitted);
    }

    /// @inheritdoc IAbsToken
    function recover(address lost, address fresh) external onlyFrom(investorRegistry) {
        HolderWord holder = _holders[lost];
        require(holder.registered(), WalletNotRegistered(lost));
        require(holder.frozen(), WalletNotFrozen(lost));
        HolderWord empty = _holders[fresh];
        require(!empty.registered(), WalletAlreadyRegistered(fresh));
        require(!empty.barred(), WalletBarred(fresh));
        _holders[fresh] = holder;
        _holders[lost] = HolderWord.wrap(0).withFrozen(true).withBarred(true);
        emit IERC20.Transfer(lost, fresh, holder.balance());
        emit WalletRecovered(lost, fresh, holder.index());
    }

    /* ENFORCEMENT */

    /// @inheritdoc IAbsToken
    function pause() external onlyRole(ENFORCEMENT_ROLE) {
        _token = _token.withPaused(true);
        emit Paused(msg.sender);
    }

    /// @inheritdoc IAbsToken
    function unpause() external onlyRole(ENFORCEMENT_ROLE) {
        _token = _token.withPaused(false);
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IAbsToken
    function setAddressFrozen(address account, bool frozen) external onlyRole(ENFORCEMENT_ROLE) {
        HolderWord holder = _holders[account];
        require(!holder.barred(), WalletBarred(account));
        _holders[account] = holder.withFrozen(frozen);
        emit AddressFrozen(account, frozen, msg.sender);
    }

    /// @inheritdoc IERC7943Fungible
    /// @dev A wallet nobody has registered gets its number here: what is frozen belongs to that number.
    function setFrozenTokens(address account, uint256 amount)
        external
        onlyRole(ENFORCEMENT_ROLE)
        returns (bool)
    {
        HolderWord holder = _holders[account];
        if (!holder.registered()) {
            require(!holder.barred(), WalletBarred(account));
            holder = holder.withIndex(uint256(_lastIndex) + 1);
            _lastIndex = holder.index();
        }
        _setFrozenUnits(account, holder, amount);
        return true;
    }

    function _setFrozenUnits(address account, HolderWord holder, uint256 amount)
        private
        returns (HolderWord changed)
    {
        changed = holder.withUnitsFrozen(amount != 0);
        _holders[account] = changed;
        _frozenUnits[holder.index()] = amount;
        emit Frozen(account, amount);
    }

    /// @inheritdoc IERC7943Fungible
    /// @dev Works through freezes, locks and suspension, never to a wallet that may not receive.
    function forcedTransfer(address from, address to, uint256 amount)
        external
        onlyRole(ENFORCEMENT_ROLE)
        returns (bool)
    {
        _force(from, to, amount);
        return true;
    }

    /// @inheritdoc IAbsToken
    function forcedTransferByOrder(address from, address to, uint256 units, bytes32 orderHash)
        external
        onlyRole(ENFORCEMENT_ROLE)
    {
        require(orderHash != 0, OrderHashMissing());
        _force(from, to, units);
        emit ForcedByOrder(from, to, units, orderHash);
    }

    function _force(address from, address to, uint256 units) private {
        // To itself it would only thaw units, which is setFrozenTokens' business.
        require(from != to, ForcedTransferToSelf(from));
        require(from != address(0), ERC20InvalidSender(from));
        (HolderWord sender, HolderWord receiver) = (_holders[from], _holders[to]);
        require(receiver.mayReceive(block.timestamp), ERC7943CannotReceive(to));
        require(
            units <= sender.balance(), ERC20InsufficientBalance(from, sender.balance(), units)
        );
        uint256 unfrozen = _unfrozenOf(sender);
        if (units > unfrozen) {
            // Thaws what it takes and no more: what was frozen beyond the balance stays frozen.
            uint256 frozen = _frozenUnits[sender.index()];
            sender = _setFrozenUnits(from, sender, frozen - (units - unfrozen));
        }
        _move(_token.at(block.timestamp), from, sender, to, receiver, units);
        emit ForcedTransfer(from, to, units);
    }

    /* RECORD DATES AND PAYMENTS */

    /// @inheritdoc IAbsToken
    function announceRecordDate(uint32 recordAt_) external onlyFrom(distributor) {
        TokenWord token = _closingIfDue();
        // A revoked deal is still wound up; a closed one owes nothing that a record date could be for.
        require(
            token.filingStatus() != IFilingRegistry.Status.Closed, FilingClosed(filingId)
        );
        require(token.recordAt() == 0, RecordDateAlreadyAnnounced(token.recordAt()));
        require(recordAt_ > block.timestamp, RecordDateNotInFuture(recordAt_, block.timestamp));
        uint256 latest = block.timestamp + MAX_NOTICE;
        require(recordAt_ <= latest, RecordDateTooFar(recordAt_, latest));
        require(token.unsettled() < MAX_OPEN_EPOCHS, TooManyOpenEpochs(token.unsettled()));
        require(token.epoch() != type(uint16).max, EpochsExhausted());
        require(token.supply() != 0, NoUnitsOutstanding());
        _token = token.withRecordAt(recordAt_);
        emit RecordDateAnnounced(token.epoch(), recordAt_);
    }

    /// @inheritdoc IAbsToken
    function closeEpoch(uint16 epoch_) external onlyFrom(distributor) returns (uint256) {
        TokenWord token = _closingIfDue();
        if (epoch_ >= token.epoch()) {
            require(epoch_ == token.epoch() && token.recordAt() != 0, RecordDateNotAnnounced());
            revert RecordDateNotReached(token.recordAt(), block.timestamp);
        }
        _token = token;
        return supplyAt(epoch_);
    }

    /// @inheritdoc IAbsToken
    function settle(uint16 epoch_) external onlyFrom(distributor) {
        TokenWord token = _closingIfDue();
        uint256 next = token.settledEpoch() + 1;
        require(epoch_ == next, SettlementOutOfOrder(next, epoch_));
        require(epoch_ < token.epoch(), EpochNotClosed(epoch_));
        _token = token.withUnsettled(token.unsettled() - 1);
        emit EpochSettled(epoch_);
    }

    /// @inheritdoc IAbsToken
    function changePrincipal(uint16 epoch_, PrincipalChange calldata change)
        external
        onlyFrom(distributor)
    {
        require(epoch_ < epoch(), EpochNotClosed(epoch_));
        _changePrincipal(epoch_, change);
    }

    /* TRANSFER */

    /// @inheritdoc IERC20
    function transfer(address to, uint256 units) external returns (bool) {
        _transfer(msg.sender, to, units);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 units) external returns (bool) {
        _spend(from, msg.sender, units);
        _transfer(from, to, units);
        return true;
    }

    function _transfer(address from, address to, uint256 units) private {
        TokenWord token = _token.at(block.timestamp);
        (HolderWord sender, HolderWord receiver) = (_holders[from], _holders[to]);
        Refusal refusal = _refusal(token, from, sender, to, receiver, units);
        if (refusal != Refusal.None) _revertWith(refusal, from, to, units);
        if (from == to) emit IERC20.Transfer(from, to, units);
        else _move(token, from, sender, to, receiver, units);
    }

    /// @dev The one answer that binds the transfer and that every pre-check gives.
    function _refusal(
        TokenWord token,
        address from,
        HolderWord sender,
        address to,
        HolderWord receiver,
        uint256 units
    ) private view returns (Refusal) {
        if (!token.circulating()) {
            if (token.filingStatus() != IFilingRegistry.Status.Approved) return Refusal.Filing;
            return token.transfersOpen() ? Refusal.Paused : Refusal.Locked;
        }
        if (block.timestamp < lockedUntil) return Refusal.LockedUntil;
        if (!sender.maySend()) return Refusal.CannotSend;
        if (!receiver.mayReceive(block.timestamp)) return Refusal.CannotReceive;
        if (units > sender.balance()) return Refusal.Balance;
        if (units > _unfrozenOf(sender)) return Refusal.Unfrozen;
        // Where no unit changes hands, the terms of a holding are not asked: one that a forced
        // transfer left too small stays valid.
        if (units == 0 || from == to) return Refusal.None;
        uint256 kept = sender.balance() - units;
        if (kept != 0 && kept < minHolding) return Refusal.SenderBelowMinimum;
        return _refusalOfHolding(receiver, units, kept != 0);
    }

    /// @param adds Nobody gives up a holding for this one.
    function _refusalOfHolding(HolderWord receiver, uint256 units, bool adds)
        private
        view
        returns (Refusal)
    {
        uint256 held = receiver.balance();
        unchecked {
            // Units beyond the field are refused where they are added to it.
            uint256 holds = held + units;
            if (holds < minHolding) return Refusal.ReceiverBelowMinimum;
            if (holds > maxHolding) return Refusal.ReceiverAboveMaximum;
        }
        if (holderCap == 0) return Refusal.None;
        if (held != 0 || !adds) return Refusal.None;
        return holderCount < holderCap ? Refusal.None : Refusal.HolderCap;
    }

    function _revertWith(Refusal refusal, address from, address to, uint256 units) private view {
        uint256 balance = balanceOf(from);
        if (refusal == Refusal.Filing) _requireApproved(_token);
        if (refusal == Refusal.Locked) revert TransfersLocked();
        if (refusal == Refusal.Paused) revert TransfersPaused();
        if (refusal == Refusal.LockedUntil) revert TransfersLockedUntil(lockedUntil);
        if (refusal == Refusal.CannotSend) revert ERC7943CannotSend(from);
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        if (refusal == Refusal.CannotReceive) revert ERC7943CannotReceive(to);
        if (refusal == Refusal.Balance) revert ERC20InsufficientBalance(from, balance, units);
        if (refusal == Refusal.Unfrozen) {
            revert ERC7943InsufficientUnfrozenBalance(from, units, _unfrozenOf(_holders[from]));
        }
        if (refusal == Refusal.SenderBelowMinimum) {
            revert HoldingBelowMinimum(from, minHolding, balance - units);
        }
        uint256 held = balanceOf(to) + units;
        if (refusal == Refusal.ReceiverBelowMinimum) {
            revert HoldingBelowMinimum(to, minHolding, held);
        }
        if (refusal == Refusal.HolderCap) revert HolderCapReached(holderCap);
        revert HoldingAboveMaximum(to, maxHolding, held);
    }

    function _unfrozenOf(HolderWord holder) private view returns (uint256) {
        uint256 balance = holder.balance();
        if (!holder.unitsFrozen()) return balance;
        uint256 frozen = _frozenUnits[holder.index()];
        return frozen >= balance ? 0 : balance - frozen;
    }

    function _requireMayAllow(address owner, uint256 units) internal view override {
        HolderWord holder = _holders[owner];
        // Whoever is no investor has nothing to give away, and may allow what they like.
        bool mayAllow = holder.maySend() || !(holder.registered() || holder.frozen());
        require(units == 0 || mayAllow, ERC7943CannotSend(owner));
    }

    /* DOCUMENTS */

    /// @inheritdoc IERC1643
    function setDocument(bytes32 name_, string calldata uri, bytes32 documentHash)
        external
        onlyRole(ISSUER_ROLE)
    {
        _setDocument(name_, uri, documentHash);
    }

    /// @inheritdoc IERC1643
    function removeDocument(bytes32 name_) external onlyRole(ISSUER_ROLE) {
        _removeDocument(name_);
    }

    /* VIEWS */

    /// @notice Notes are indivisible.
    function decimals() external pure returns (uint8) {
        return 0;
    }

    /// @inheritdoc IERC20
    function totalSupply() public view returns (uint256) {
        return _token.supply();
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) public view returns (uint256) {
        return _holders[account].balance();
    }

    /// @inheritdoc IAbsToken
    function outstandingPrincipal() external view returns (uint256) {
        return totalSupply() * outstandingPerUnit();
    }

    /// @inheritdoc IAbsToken
    function principalOf(address account) external view returns (uint256) {
        return balanceOf(account) * outstandingPerUnit();
    }

    /// @inheritdoc IAbsToken
    function cap() external view returns (uint256) {
        return _token.cap();
    }

    /// @inheritdoc IAbsToken
    function mintUntil() external view returns (uint256) {
        return _token.mintUntilDay() * 1 days;
    }

    /// @inheritdoc IAbsToken
    function filingStatus() external view returns (IFilingRegistry.Status) {
        return _token.filingStatus();
    }

    /// @inheritdoc IAbsToken
    function transfersOpen() external view returns (bool) {
        return _token.transfersOpen();
    }

    /// @inheritdoc IAbsToken
    function offering() public view returns (Offering) {
        return Offering(_token.offering());
    }

    /// @inheritdoc IAbsToken
    function paused() external view returns (bool) {
        return _token.paused();
    }

    /// @inheritdoc IAbsToken
    function operationCount() external view returns (uint256) {
        return _token.operations();
    }

    /// @inheritdoc IAbsToken
    function epoch() public view returns (uint16) {
        return _token.at(block.timestamp).epoch();
    }

    /// @inheritdoc IAbsToken
    function settledEpoch() external view returns (uint16) {
        return uint16(_token.settledEpoch());
    }

    /// @inheritdoc IAbsToken
    function recordAt() external view returns (uint32) {
        return _token.at(block.timestamp).recordAt();
    }

    /// @inheritdoc IAbsToken
    function holdersAt(address[] calldata accounts, uint16 epoch_)
        external
        view
        returns (uint256[] memory words)
    {
        _requireClosedUnsettled(epoch_);
        words = new uint256[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            // The list is read, and the answer written, without the compiler's checks of each entry, of
            // which the loop and this one leave nothing to find.
            uint256 account;
            assembly ("memory-safe") {
                account := calldataload(add(accounts.offset, shl(5, i)))
            }
            if (account >> 160 != 0) revert NotAnAddress(account);
            HolderWord holder = _holders[address(uint160(account))];
            uint256 word = _heldAt(holder, epoch_) | (uint256(holder.index()) << 80);
            if (holder.maySend()) word |= 1 << 104;
            assembly ("memory-safe") {
                mstore(add(words, shl(5, add(i, 1))), word)
            }
        }
    }

    /// @inheritdoc IAbsToken
    function indexOf(address wallet) external view returns (uint24) {
        return _holders[wallet].index();
    }

    /// @inheritdoc IAbsToken
    function eligibilityOf(address wallet) external view returns (Eligibility memory) {
        HolderWord holder = _holders[wallet];
        return Eligibility(holder.expiryDay(), holder.country(), holder.class());
    }

    /// @inheritdoc IAbsToken
    function isFrozen(address account) external view returns (bool) {
        return _holders[account].frozen();
    }

    /// @inheritdoc IAbsToken
    function isBarred(address wallet) external view returns (bool) {
        return _holders[wallet].barred();
    }

    /// @inheritdoc IERC7943Fungible
    function getFrozenTokens(address account) external view returns (uint256) {
        return _frozenUnits[_holders[account].index()];
    }

    /// @inheritdoc IERC7943Fungible
    function canSend(address account) public view returns (bool) {
        return _holders[account].maySend();
    }

    /// @inheritdoc IERC7943Fungible
    function canReceive(address account) external view returns (bool) {
        return _holders[account].mayReceive(block.timestamp);
    }

    /// @inheritdoc IAbsToken
    function canBePaid(address wallet) external view returns (bool) {
        return canSend(wallet);
    }

    /// @inheritdoc IERC7943Fungible
    function canTransfer(address from, address to, uint256 amount) external view returns (bool) {
        return _refusalOf(from, to, amount) == Refusal.None;
    }

    /// @inheritdoc IERC1404
    function detectTransferRestriction(address from, address to, uint256 value)
        external
        view
        returns (uint8)
    {
        return uint8(_refusalOf(from, to, value));
    }

    /// @inheritdoc IERC1404
    function messageForTransferRestriction(uint8 code) external pure returns (string memory) {
        return Refusals.message(code);
    }

    function _refusalOf(address from, address to, uint256 units) private view returns (Refusal) {
        return _refusal(
            _token.at(block.timestamp), from, _holders[from], to, _holders[to], units
        );
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC20).interfaceId
            || interfaceId == type(IERC20Metadata).interfaceId
            || interfaceId == type(IERC20Permit).interfaceId
            || interfaceId == type(IERC5267).interfaceId
            || interfaceId == type(IERC7943Fungible).interfaceId
            || interfaceId == type(IERC1404).interfaceId
            || interfaceId == type(IERC1643).interfaceId || super.supportsInterface(interfaceId);
    }
}
