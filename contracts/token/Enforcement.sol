// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IERC7943Fungible} from "../interfaces/IERC7943.sol";
import {HolderWord} from "./HolderWord.sol";
import {TransferRules} from "./TransferRules.sol";

/// @title What the enforcement may do: halt, freeze, and move units on an authority's order
abstract contract Enforcement is TransferRules {
    bytes32 public constant ENFORCEMENT_ROLE = keccak256("ENFORCEMENT_ROLE");

    /* HALT */

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

    /* FREEZE */

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

    /* FORCE */

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

    /* VIEWS */

    /// @inheritdoc IAbsToken
    function paused() external view returns (bool) {
        return _token.paused();
    }

    /// @inheritdoc IAbsToken
    function isFrozen(address account) external view returns (bool) {
        return _holders[account].frozen();
    }

    /// @inheritdoc IERC7943Fungible
    function getFrozenTokens(address account) external view returns (uint256) {
        return _frozenUnits[_holders[account].index()];
    }
}
