// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {HolderWord} from "./HolderWord.sol";
import {Allotment} from "./Packed.sol";
import {Refusal} from "./Refusals.sol";
import {TokenWord} from "./TokenWord.sol";
import {TransferRules} from "./TransferRules.sol";
import {UnitPrincipal} from "./UnitPrincipal.sol";

/// @title How units come into existence, under the filing and against coin, and go out of it, repaid
abstract contract Issuance is TransferRules, UnitPrincipal {
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");

    uint256 public immutable maturityDate;

    constructor(Terms memory terms) UnitPrincipal(terms.denomination) {
        maturityDate = terms.maturityDate;
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
        require(offering() != Offering.Closed, OfferingNotOpen(offering()));
        _token = _token.withOffering(uint256(Offering.Closed));
        emit OfferingClosed(totalSupply());
    }

    /* MINT */

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

    /* RETIREMENT */

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

    /* VIEWS */

    /// @inheritdoc IAbsToken
    function offering() public view returns (Offering) {
        return Offering(_token.offering());
    }

    /// @inheritdoc IAbsToken
    function operationCount() external view returns (uint256) {
        return _token.operations();
    }
}
