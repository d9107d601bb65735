// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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
import {DealParties} from "./DealParties.sol";
import {Documents} from "./Documents.sol";
import {Enforcement} from "./Enforcement.sol";
import {HolderWord} from "./HolderWord.sol";
import {Issuance} from "./Issuance.sol";
import {Admission} from "./Packed.sol";
import {Refusal} from "./Refusals.sol";
import {TokenWord} from "./TokenWord.sol";
import {TransferRules} from "./TransferRules.sol";
import {UnitLedger} from "./UnitLedger.sol";

/// @title One tranche of asset-backed notes, put together of its parts
///
///   UnitLedger      who holds how many units, now and at record dates     HolderWord, TokenWord
///   DealParties     the deal's other contracts, and how they are replaced
///   FiledTerms      what the filing allows
///   TransferRules   what stands in the way of a transfer                  Refusals
///   Issuance        offering, mint, retirement                            UnitPrincipal, Packed
///   Enforcement     halt, freeze, force
///   Allowances, Documents                                                 ERC-20/2612, ERC-1643
///
/// Here stand transfers, eligibility, and what the distributor does at record dates.
contract AbsToken is Issuance, Enforcement, Allowances, Documents, IERC20Metadata {
    /* CONSTANTS */

    /// @dev Closed but unsettled epochs a holder's history must answer for.
    uint256 public constant MAX_OPEN_EPOCHS = 8;

    /// @dev An announced record date cannot be taken back, and no other one comes before it: a date
    /// mistyped into the next century would keep the holders from every payment.
    uint256 private constant MAX_NOTICE = 366 days;

    /* IMMUTABLES */

    uint256 public immutable rank;

    /* STORAGE */

    string public name;
    string public symbol;

    constructor(string memory name_, string memory symbol_, Terms memory terms, Parties memory parties)
        UnitLedger(terms.holderCap)
        DealParties(parties)
        TransferRules(terms)
        Issuance(terms)
        EIP712(name_, "1")
    {
        (name, symbol) = (name_, symbol_);
        rank = terms.rank;
        _grantRole(DEFAULT_ADMIN_ROLE, parties.admin);
        _grantRole(ISSUER_ROLE, parties.issuer);
        _grantRole(ENFORCEMENT_ROLE, parties.enforcement);
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
        if (holder.unitsFrozen()) {
            emit Frozen(lost, 0);
            emit Frozen(fresh, _frozenUnits[holder.index()]);
        }
        emit WalletRecovered(lost, fresh, holder.index());
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

    /// @inheritdoc IAbsToken
    function outstandingPrincipal() external view returns (uint256) {
        return totalSupply() * outstandingPerUnit();
    }

    /// @inheritdoc IAbsToken
    function principalOf(address account) external view returns (uint256) {
        return balanceOf(account) * outstandingPerUnit();
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
    function isBarred(address wallet) external view returns (bool) {
        return _holders[wallet].barred();
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
