// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IERC1404} from "../interfaces/IERC1404.sol";
import {IERC7943Fungible} from "../interfaces/IERC7943.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {FiledTerms} from "./FiledTerms.sol";
import {HolderWord} from "./HolderWord.sol";
import {Refusal, Refusals} from "./Refusals.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title What stands in the way of a transfer: one answer for the revert and for every pre-check
abstract contract TransferRules is FiledTerms, IERC7943Fungible, IERC1404, IERC20Errors {
    uint256 public immutable minHolding;
    uint256 public immutable maxHolding;
    uint256 public immutable lockedUntil;

    /// @dev Where the holder's word says that some are.
    mapping(uint24 index => uint256 units) internal _frozenUnits;

    constructor(Terms memory terms) {
        minHolding = terms.minHolding;
        maxHolding = terms.maxHolding == 0 ? type(uint80).max : terms.maxHolding;
        lockedUntil = terms.lockedUntil;
    }

    /* THE RULES */

    /// @dev The one answer that binds the transfer and that every pre-check gives.
    function _refusal(
        TokenWord token,
        address from,
        HolderWord sender,
        address to,
        HolderWord receiver,
        uint256 units
    ) internal view returns (Refusal) {
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
        internal
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

    function _revertWith(Refusal refusal, address from, address to, uint256 units) internal view {
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

    function _unfrozenOf(HolderWord holder) internal view returns (uint256) {
        uint256 balance = holder.balance();
        if (!holder.unitsFrozen()) return balance;
        uint256 frozen = _frozenUnits[holder.index()];
        return frozen >= balance ? 0 : balance - frozen;
    }

    /* PRE-CHECKS */

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
}
