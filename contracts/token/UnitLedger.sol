// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {HolderWord} from "./HolderWord.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title Who holds how many units, now and at every record date still to be paid
/// @notice The one place where balances change. A holder's word keeps the balance before the last
/// record date beside today's; only where two record dates wait for their payment at once is an older
/// balance written to the history, keyed by investor, so that it follows a recovered wallet.
abstract contract UnitLedger is IAbsToken, IERC20 {
    /// @dev Tells a recorded zero from nothing recorded.
    uint256 private constant RECORDED = 1 << 255;

    uint256 public immutable holderCap;

    uint24 public holderCount;
    TokenWord internal _token;
    mapping(address wallet => HolderWord) internal _holders;
    mapping(uint24 index => mapping(uint256 epoch => uint256)) private _history;
    mapping(uint256 epoch => uint256) private _supplies;

    constructor(uint256 holderCap_) {
        holderCap = holderCap_;
        _token = _token.withEpoch(1);
    }

    /* BALANCES */

    /// @inheritdoc IERC20
    function totalSupply() public view returns (uint256) {
        return _token.supply();
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) public view returns (uint256) {
        return _holders[account].balance();
    }

    /* MOVES */

    /// @dev `sender` and `receiver` are the words of two different wallets, as just read.
    function _move(
        TokenWord token,
        address from,
        HolderWord sender,
        address to,
        HolderWord receiver,
        uint256 units
    ) internal {
        if (units != 0) {
            if (holderCap != 0) _count(sender.balance() == units, receiver.balance() == 0);
            _holders[from] = _movedOn(sender, token).minus(units);
            _holders[to] = _movedOn(receiver, token).plus(units);
        }
        emit IERC20.Transfer(from, to, units);
    }

    /// @dev The caller counts the supply: many may be created in one call.
    function _create(TokenWord token, address to, HolderWord receiver, uint256 units) internal {
        if (holderCap != 0) _count(false, units != 0 && receiver.balance() == 0);
        _holders[to] = _movedOn(receiver, token).plus(units);
        emit IERC20.Transfer(address(0), to, units);
    }

    /// @dev What is destroyed is not granted anew: the cap falls with the supply. The caller writes
    /// the word it gets back.
    function _destroy(TokenWord token, address from, HolderWord sender, uint256 units)
        internal
        returns (TokenWord)
    {
        if (holderCap != 0) _count(sender.balance() == units, false);
        _holders[from] = _movedOn(sender, token).minus(units);
        emit IERC20.Transfer(from, address(0), units);
        uint256 cap_ = token.cap();
        return token.minus(units).withCap(cap_ < units ? 0 : cap_ - units);
    }

    /// @dev Holders are counted only where the terms cap them: it costs a slot of its own.
    function _count(bool leaves, bool enters) private {
        if (leaves == enters) return;
        holderCount = enters ? holderCount + 1 : holderCount - 1;
    }

    function _movedOn(HolderWord holder, TokenWord token) private returns (HolderWord) {
        (uint256 last, uint16 open) = (holder.epoch(), token.epoch());
        if (last == open) return holder;
        // `previous` answers for the epochs before `last`; kept if one of them is still to be paid.
        if (last + token.unsettled() > open) {
            _history[holder.index()][last - 1] = RECORDED | holder.previous();
            holder = holder.withRecorded(true);
        }
        return holder.movedOn(open);
    }

    /* EPOCHS */

    /// @dev The token's word as of now; the caller writes it. Units in existence change only after
    /// this has noted how many there were when the epoch closed; transfers need not ask.
    function _closingIfDue() internal returns (TokenWord current) {
        current = _token;
        if (!current.closesBy(block.timestamp)) return current;
        _supplies[current.epoch()] = current.supply();
        emit EpochClosed(current.epoch(), current.supply());
        return current.at(block.timestamp);
    }

    /// @inheritdoc IAbsToken
    function balanceAt(address account, uint16 epoch_) public view returns (uint256) {
        _requireClosedUnsettled(epoch_);
        return _heldAt(_holders[account], epoch_);
    }

    /// @dev Of a closed, unsettled epoch: at most eight are, so the search is short. What the history
    /// has of settled ones lies before it and is never come across.
    function _heldAt(HolderWord holder, uint256 epoch_) internal view returns (uint256) {
        uint256 last = holder.epoch();
        if (epoch_ >= last) return holder.balance();
        if (holder.recorded()) {
            uint24 index = holder.index();
            for (uint256 each = epoch_; each + 1 < last; ++each) {
                uint256 units = _history[index][each];
                if (units != 0) return units ^ RECORDED;
            }
        }
        return holder.previous();
    }

    /// @inheritdoc IAbsToken
    function supplyAt(uint16 epoch_) public view returns (uint256) {
        _requireClosedUnsettled(epoch_);
        TokenWord stored = _token;
        return epoch_ == stored.epoch() ? stored.supply() : _supplies[epoch_];
    }

    function _requireClosedUnsettled(uint256 epoch_) internal view {
        TokenWord token = _token.at(block.timestamp);
        require(epoch_ != 0 && epoch_ < token.epoch(), EpochNotClosed(epoch_));
        require(epoch_ > token.settledEpoch(), EpochIsSettled(epoch_));
    }
}
