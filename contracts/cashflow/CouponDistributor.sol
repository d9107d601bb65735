// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {ICouponDistributor} from "../interfaces/ICouponDistributor.sol";

contract CouponDistributor is ICouponDistributor, AccessControlDefaultAdminRules, ReentrancyGuard {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    bytes32 public constant PAYER_ROLE = keccak256("PAYER_ROLE");

    uint256 public constant DIVERSION_DELAY = 30 days;

    /// @dev What one coin transfer may burn, so that a hostile recipient cannot starve the rest.
    uint256 public constant COIN_GAS = 300_000;

    /// @dev What is left to do in `pay` after the last coin transfer.
    uint256 private constant GAS_RESERVE = 150_000;

    IERC20 public immutable coin;

    /* STORAGE */

    uint256 public liabilities;
    mapping(IAbsToken token => mapping(uint16 epoch => Payment)) private _payments;
    mapping(IAbsToken token => mapping(uint16 epoch => BitMaps.BitMap)) private _paid;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public setAsideOf;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public creditOf;

    constructor(IERC20 coin_, address admin, address payer)
        AccessControlDefaultAdminRules(1 days, admin)
    {
        require(address(coin_).code.length != 0, NotAContract(address(coin_)));
        coin = coin_;
        _grantRole(PAYER_ROLE, payer);
    }

    /* RECORD DATES */

    /// @inheritdoc ICouponDistributor
    function announce(IAbsToken token, uint32 recordAt) external onlyRole(PAYER_ROLE) {
        token.announceRecordDate(recordAt);
    }

    /// @inheritdoc ICouponDistributor
    function record(IAbsToken token, uint16 epoch) external onlyRole(PAYER_ROLE) nonReentrant {
        require(
            token.distributor() == address(this),
            TokenOfAnotherDistributor(address(token), token.distributor())
        );
        require(token.currency() == address(coin), CoinNotOfTheDeal(token.currency(), address(coin)));
        _requireState(token, epoch, State.None);
        uint256 supply = token.closeEpoch(epoch);
        _payments[token][epoch].state = State.Recorded;
        emit Recorded(address(token), epoch, supply);
    }

    /// @inheritdoc ICouponDistributor
    function declare(
        IAbsToken token,
        uint16 epoch,
        uint256 interestPerUnit,
        IAbsToken.PrincipalChange calldata principal
    ) external onlyRole(PAYER_ROLE) nonReentrant {
        _requireNext(token, epoch);
        uint256 perUnit = interestPerUnit + principal.paid;
        require(
            perUnit != 0 || principal.capitalised != 0 || principal.writtenUp != 0
                || principal.writtenDown != 0,
            NothingToDeclare()
        );
        uint256 amount = perUnit * token.supplyAt(epoch);
        _payments[token][epoch] = Payment(
            State.Declared, uint64(block.timestamp), interestPerUnit, principal.paid, amount
        );
        liabilities += amount;
        token.changePrincipal(epoch, principal);
        if (amount != 0) _pull(amount);
        emit Declared(address(token), epoch, interestPerUnit, principal.paid, amount);
        if (amount == 0) _finish(token, epoch, State.Paid);
    }

    function _pull(uint256 amount) private {
        uint256 before = coin.balanceOf(address(this));
        coin.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = coin.balanceOf(address(this)) - before;
        require(received == amount, FundingIncomplete(amount, received));
    }

    /// @inheritdoc ICouponDistributor
    function skip(IAbsToken token, uint16 epoch) external onlyRole(PAYER_ROLE) nonReentrant {
        _requireNext(token, epoch);
        emit Skipped(address(token), epoch);
        _finish(token, epoch, State.Skipped);
    }

    /* PAYMENTS */

    /// @inheritdoc ICouponDistributor
    /// @dev Two passes: all that is owed is written down before the coin is called for anybody, so a
    /// coin that calls back finds nothing left to take.
    function pay(IAbsToken token, uint16 epoch, address[] calldata holders) external nonReentrant {
        _requireState(token, epoch, State.Declared);
        Payment storage payment = _payments[token][epoch];
        bool mayDivert = hasRole(PAYER_ROLE, msg.sender)
            || block.timestamp >= uint256(payment.declaredAt) + DIVERSION_DELAY;
        (uint256[] memory amounts, uint256 total) = _mark(token, epoch, holders, mayDivert);
        uint256 available = coin.balanceOf(address(this));
        require(available >= total, InsufficientCoin(available, total));
        uint256 paid = _transferAll(token, epoch, holders, amounts, mayDivert);
        // What left may have changed only by what was paid: a coin that takes more is refused.
        uint256 actual = available - coin.balanceOf(address(this));
        require(actual == paid, PaidAmountMismatch(paid, actual));
        liabilities -= paid;
        emit HoldersPaid(address(token), epoch, paid, payment.left);
        if (payment.left == 0) _finish(token, epoch, State.Paid);
    }

    function _mark(IAbsToken token, uint16 epoch, address[] calldata holders, bool mayDivert)
        private
        returns (uint256[] memory amounts, uint256 total)
    {
        amounts = new uint256[](holders.length);
        for (uint256 i; i < holders.length; ++i) {
            amounts[i] = _markOne(token, epoch, holders[i], mayDivert);
            total += amounts[i];
        }
    }

    /// @return The amount now to be transferred to the holder; 0 if there is nothing to transfer.
    function _markOne(IAbsToken token, uint16 epoch, address holder, bool mayDivert)
        private
        returns (uint256)
    {
        BitMaps.BitMap storage paid = _paid[token][epoch];
        Payment storage payment = _payments[token][epoch];
        uint24 index = token.indexOf(holder);
        if (index == 0 || paid.get(index)) return 0;
        uint256 amount = token.balanceAt(holder, epoch)
            * (payment.interestPerUnit + payment.principalPerUnit);
        if (amount == 0) return 0;
        bool canBePaid = token.canBePaid(holder);
        if (!canBePaid && !mayDivert) return 0;
        paid.set(index);
        payment.left -= amount;
        if (canBePaid) return amount;
        setAsideOf[token][index] += amount;
        emit SetAside(address(token), epoch, index, amount);
        return 0;
    }

    function _transferAll(
        IAbsToken token,
        uint16 epoch,
        address[] calldata holders,
        uint256[] memory amounts,
        bool mayDivert
    ) private returns (uint256 paid) {
        for (uint256 i; i < holders.length; ++i) {
            if (amounts[i] == 0) continue;
            // Without this, a caller could choose so little gas that good transfers look refused.
            require(gasleft() > COIN_GAS * 64 / 63 + GAS_RESERVE, TooLittleGas());
            if (_tryTransfer(holders[i], amounts[i])) paid += amounts[i];
            else _afterRefusal(token, epoch, token.indexOf(holders[i]), amounts[i], mayDivert);
        }
    }

    function _afterRefusal(
        IAbsToken token,
        uint16 epoch,
        uint24 index,
        uint256 amount,
        bool mayDivert
    ) private {
        if (mayDivert) {
            creditOf[token][index] += amount;
            emit Credited(address(token), epoch, index, amount);
        } else {
            _paid[token][epoch].unset(index);
            _payments[token][epoch].left += amount;
        }
    }

    function _tryTransfer(address to, uint256 amount) private returns (bool) {
        (bool success, bytes memory answer) =
            address(coin).call{gas: COIN_GAS}(abi.encodeCall(IERC20.transfer, (to, amount)));
        if (!success) return false;
        return answer.length == 0 || (answer.length >= 32 && uint256(bytes32(answer)) == 1);
    }

    /// @inheritdoc ICouponDistributor
    function release(IAbsToken token, uint24 index) external nonReentrant {
        uint256 amount = setAsideOf[token][index];
        delete setAsideOf[token][index];
        address wallet = _payOut(token, index, amount);
        emit Released(address(token), index, wallet, amount);
    }

    /// @inheritdoc ICouponDistributor
    function collect(IAbsToken token, uint24 index) external nonReentrant {
        uint256 amount = creditOf[token][index];
        delete creditOf[token][index];
        address wallet = _payOut(token, index, amount);
        emit Collected(address(token), index, wallet, amount);
    }

    /// @dev Only ever to the investor's current wallet, and only if it may be paid.
    function _payOut(IAbsToken token, uint24 index, uint256 amount)
        private
        returns (address wallet)
    {
        require(amount != 0, NothingHeld(address(token), index));
        wallet = token.walletOf(index);
        require(token.canBePaid(wallet), HolderNotCleared(wallet));
        liabilities -= amount;
        uint256 before = coin.balanceOf(address(this));
        require(_tryTransfer(wallet, amount), CoinRefused(wallet, amount));
        uint256 actual = before - coin.balanceOf(address(this));
        require(actual == amount, PaidAmountMismatch(amount, actual));
    }

    /// @dev Settles the oldest epochs as far as they are done: "settled" is always a prefix.
    function _finish(IAbsToken token, uint16 epoch, State how) private {
        _payments[token][epoch].state = how;
        for (uint16 next = token.settledEpoch() + 1;; ++next) {
            State state = _payments[token][next].state;
            if (state != State.Paid && state != State.Skipped) return;
            token.settle(next);
        }
    }

    /// @dev What a payment leaves outstanding is what the next one starts from.
    function _requireNext(IAbsToken token, uint16 epoch) private view {
        _requireState(token, epoch, State.Recorded);
        require(
            epoch == 1 || _payments[token][epoch - 1].state > State.Recorded,
            EarlierEpochOpen(address(token), epoch - 1)
        );
    }

    function _requireState(IAbsToken token, uint16 epoch, State expected) private view {
        State state = _payments[token][epoch].state;
        require(state == expected, UnexpectedState(address(token), epoch, state));
    }

    /* VIEWS */

    /// @inheritdoc ICouponDistributor
    function paymentOf(IAbsToken token, uint16 epoch) external view returns (Payment memory) {
        return _payments[token][epoch];
    }

    /// @inheritdoc ICouponDistributor
    function isPaid(IAbsToken token, uint16 epoch, uint24 index) external view returns (bool) {
        return _paid[token][epoch].get(index);
    }
}
