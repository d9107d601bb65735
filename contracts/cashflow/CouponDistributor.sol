// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {ICouponDistributor} from "../interfaces/ICouponDistributor.sol";

contract CouponDistributor is ICouponDistributor, AccessControlDefaultAdminRules {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    bytes32 public constant PAYER_ROLE = keccak256("PAYER_ROLE");

    uint256 public constant DIVERSION_DELAY = 30 days;

    /// @dev What one coin transfer may burn, so that a hostile recipient cannot starve the rest.
    uint256 public constant COIN_GAS = 300_000;

    /// @dev What is left to do in `pay` after the last coin transfer.
    uint256 private constant GAS_RESERVE = 150_000;

    /// @dev The parts of a word of `IAbsToken.holdersAt`.
    uint256 private constant UNITS = type(uint80).max;
    uint256 private constant CAN_BE_PAID = 1 << 104;

    IERC20 public immutable coin;

    /* STORAGE */

    /// @dev In one slot, since every payment writes both: a lock of its own would cost each one 5,000.
    uint248 private _liabilities;
    bool private _entered;

    mapping(IAbsToken token => mapping(uint16 epoch => Payment)) private _payments;
    /// @dev A bit for each investor number: 256 holders share a slot.
    mapping(IAbsToken token => mapping(uint16 epoch => mapping(uint256 bucket => uint256))) private
        _paid;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public setAsideOf;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public creditOf;

    constructor(IERC20 coin_, address admin, address payer)
        AccessControlDefaultAdminRules(1 days, admin)
    {
        require(address(coin_).code.length != 0, NotAContract(address(coin_)));
        coin = coin_;
        _grantRole(PAYER_ROLE, payer);
    }

    /// @dev The coin is called in the midst of a payment; what it calls back finds the door shut.
    modifier nonReentrant() {
        require(!_entered, ReentrantCall());
        _entered = true;
        _;
        _entered = false;
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
            State.Declared,
            uint40(block.timestamp),
            interestPerUnit.toUint64(),
            principal.paid.toUint64(),
            amount.toUint80()
        );
        _liabilities += uint248(amount);
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
        uint256[] memory words = token.holdersAt(holders, epoch);
        uint256 total = _mark(token, epoch, holders, words);
        uint256 available = coin.balanceOf(address(this));
        require(available >= total, InsufficientCoin(available, total));
        uint256 paid = _transferAll(token, epoch, holders, words);
        // What left may have changed only by what was paid: a coin that takes more is refused.
        uint256 actual = available - coin.balanceOf(address(this));
        require(actual == paid, PaidAmountMismatch(paid, actual));
        _liabilities -= uint248(paid);
        uint256 left = _payments[token][epoch].left;
        emit HoldersPaid(address(token), epoch, paid, left);
        if (left == 0) _finish(token, epoch, State.Paid);
    }

    /// @dev Writes down who is paid now, and turns every word into the amount to be transferred to
    /// its holder: 0 if there is nothing to transfer.
    function _mark(
        IAbsToken token,
        uint16 epoch,
        address[] calldata holders,
        uint256[] memory words
    ) private returns (uint256 total) {
        Payment memory payment = _payments[token][epoch];
        mapping(uint256 bucket => uint256) storage paid = _paid[token][epoch];
        uint256 perUnit = uint256(payment.interestPerUnit) + payment.principalPerUnit;
        uint256 left = payment.left;
        for (uint256 i; i < words.length; ++i) {
            (uint256 word, uint256 amount) = (words[i], (words[i] & UNITS) * perUnit);
            words[i] = 0;
            if (amount == 0 || _isMarked(paid, uint24(word >> 80))) continue;
            if (word & CAN_BE_PAID != 0) {
                words[i] = amount;
                total += amount;
            } else {
                if (!_mayDivert(payment.declaredAt)) continue;
                _setAside(token, epoch, uint24(word >> 80), holders[i], amount);
            }
            _setMark(paid, uint24(word >> 80));
            left -= amount;
        }
        // No more than what was left before.
        _payments[token][epoch].left = uint80(left);
    }

    /// @dev Nobody's number, 0, counts as marked: there is nobody to pay.
    function _isMarked(mapping(uint256 bucket => uint256) storage paid, uint24 index)
        private
        view
        returns (bool)
    {
        return index == 0 || paid[index >> 8] & (1 << (index & 0xff)) != 0;
    }

    function _setMark(mapping(uint256 bucket => uint256) storage paid, uint24 index) private {
        paid[index >> 8] |= 1 << (index & 0xff);
    }

    function _setAside(
        IAbsToken token,
        uint16 epoch,
        uint24 index,
        address holder,
        uint256 amount
    ) private {
        setAsideOf[token][index] += amount;
        emit SetAside(address(token), epoch, index, holder, amount);
    }

    function _transferAll(
        IAbsToken token,
        uint16 epoch,
        address[] calldata holders,
        uint256[] memory amounts
    ) private returns (uint256 paid) {
        for (uint256 i; i < amounts.length; ++i) {
            uint256 amount = amounts[i];
            if (amount == 0) continue;
            // Without this, a caller could choose so little gas that good transfers look refused.
            require(gasleft() > COIN_GAS * 64 / 63 + GAS_RESERVE, TooLittleGas());
            if (_tryTransfer(holders[i], amount)) paid += amount;
            else _afterRefusal(token, epoch, holders[i], amount);
        }
    }

    function _afterRefusal(IAbsToken token, uint16 epoch, address holder, uint256 amount) private {
        uint24 index = token.indexOf(holder);
        Payment storage payment = _payments[token][epoch];
        if (_mayDivert(payment.declaredAt)) {
            creditOf[token][index] += amount;
            emit Credited(address(token), epoch, index, holder, amount);
        } else {
            _paid[token][epoch][index >> 8] &= ~(1 << (index & 0xff));
            payment.left += uint80(amount);
        }
    }

    function _mayDivert(uint256 declaredAt) private view returns (bool) {
        return block.timestamp >= declaredAt + DIVERSION_DELAY || hasRole(PAYER_ROLE, msg.sender);
    }

    function _tryTransfer(address to, uint256 amount) private returns (bool) {
        (bool success, bytes memory answer) =
            address(coin).call{gas: COIN_GAS}(abi.encodeCall(IERC20.transfer, (to, amount)));
        if (!success) return false;
        return answer.length == 0 || (answer.length >= 32 && uint256(bytes32(answer)) == 1);
    }

    /// @inheritdoc ICouponDistributor
    function release(IAbsToken token, address wallet) external nonReentrant {
        uint24 index = token.indexOf(wallet);
        uint256 amount = setAsideOf[token][index];
        delete setAsideOf[token][index];
        _payOut(token, index, wallet, amount);
        emit Released(address(token), index, wallet, amount);
    }

    /// @inheritdoc ICouponDistributor
    function collect(IAbsToken token, address wallet) external nonReentrant {
        uint24 index = token.indexOf(wallet);
        uint256 amount = creditOf[token][index];
        delete creditOf[token][index];
        _payOut(token, index, wallet, amount);
        emit Collected(address(token), index, wallet, amount);
    }

    /// @dev Only ever to the investor's wallet of today, and only if it may be paid.
    function _payOut(IAbsToken token, uint24 index, address wallet, uint256 amount) private {
        require(amount != 0, NothingHeld(address(token), index));
        require(token.canBePaid(wallet), HolderNotCleared(wallet));
        _liabilities -= uint248(amount);
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
    function liabilities() external view returns (uint256) {
        return _liabilities;
    }

    /// @inheritdoc ICouponDistributor
    function paymentOf(IAbsToken token, uint16 epoch) external view returns (Payment memory) {
        return _payments[token][epoch];
    }

    /// @inheritdoc ICouponDistributor
    function isPaid(IAbsToken token, uint16 epoch, uint24 index) external view returns (bool) {
        return index != 0 && _isMarked(_paid[token][epoch], index);
    }
}
