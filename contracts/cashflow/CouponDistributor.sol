// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {ICouponDistributor} from "../interfaces/ICouponDistributor.sol";

contract CouponDistributor is ICouponDistributor, AccessControlDefaultAdminRules {
    using Arrays for uint256[];
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    bytes32 public constant PAYER_ROLE = keccak256("PAYER_ROLE");
    bytes32 public constant TRUSTEE_ROLE = keccak256("TRUSTEE_ROLE");

    uint256 public constant DIVERSION_DELAY = 30 days;

    /// @dev How long after the legal final maturity a holder may still be paid what was declared: the
    /// six years after which Hong Kong bars an action on a contract (Limitation Ordinance, Cap. 347, s. 4),
    /// whichever of them are leap years.
    uint256 public constant UNCLAIMED_PERIOD = 6 * 366 days;

    /// @dev What one coin transfer may burn, so that a hostile recipient cannot starve the rest. A coin
    /// that always needs more cannot be paid out: not one for a deal.
    uint256 public constant COIN_GAS = 300_000;

    /// @dev COIN_GAS, of which EIP-150 lets 63 parts in 64 be passed on, and 150,000 for what is left to
    /// do in `pay` after the last holder. A literal, as the compiler would work it out for each holder.
    uint256 private constant GAS_FOR_ONE = 454_762;

    /// @dev The parts of a word of `IAbsToken.holdersAt`.
    uint256 private constant UNITS = type(uint80).max;
    uint256 private constant INDEX = 80;
    uint256 private constant MAX_INDEX = type(uint24).max;
    uint256 private constant CAN_BE_PAID = 1 << 104;

    uint8 private constant OPEN = 1;
    uint8 private constant ENTERED = 2;

    IERC20 public immutable coin;
    address public immutable unclaimedAccount;

    /* STORAGE */

    /// @dev In one slot, since every payment writes both: a lock of its own would cost each one 5,000.
    /// The lock is never 0, so the slot is never empty and opening it never dear.
    uint248 private _liabilities;
    uint8 private _lock = OPEN;

    mapping(IAbsToken token => mapping(uint16 epoch => Payment)) private _payments;
    /// @dev A bit for each investor number: 256 holders share a slot.
    mapping(IAbsToken token => mapping(uint16 epoch => mapping(uint256 bucket => uint256))) private
        _paid;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public setAsideOf;
    mapping(IAbsToken token => mapping(uint24 index => uint256)) public creditOf;
    mapping(bytes32 filingId => Standing) public standingOf;

    constructor(
        IERC20 coin_,
        address admin,
        address payer,
        address trustee,
        address unclaimedAccount_
    ) AccessControlDefaultAdminRules(1 days, admin) {
        require(address(coin_).code.length != 0, NotAContract(address(coin_)));
        require(unclaimedAccount_ != address(0), UnclaimedAccountMissing());
        (coin, unclaimedAccount) = (coin_, unclaimedAccount_);
        _grantRole(PAYER_ROLE, payer);
        _grantRole(TRUSTEE_ROLE, trustee);
    }

    /// @dev The coin is called in the midst of a payment; what it calls back finds the door shut.
    modifier nonReentrant() {
        require(_lock == OPEN, ReentrantCall());
        _lock = ENTERED;
        _;
        _lock = OPEN;
    }

    /* STANDING */

    /// @inheritdoc ICouponDistributor
    function declareDefault(bytes32 filingId, bytes32 noticeHash) external onlyRole(TRUSTEE_ROLE) {
        _move(filingId, Standing.Performing, Standing.Defaulted, noticeHash);
    }

    /// @inheritdoc ICouponDistributor
    function waiveDefault(bytes32 filingId, bytes32 noticeHash) external onlyRole(TRUSTEE_ROLE) {
        _move(filingId, Standing.Defaulted, Standing.Performing, noticeHash);
    }

    /// @inheritdoc ICouponDistributor
    function accelerate(bytes32 filingId, bytes32 noticeHash) external onlyRole(TRUSTEE_ROLE) {
        _move(filingId, Standing.Defaulted, Standing.Accelerated, noticeHash);
    }

    /// @inheritdoc ICouponDistributor
    function rescindAcceleration(bytes32 filingId, bytes32 noticeHash)
        external
        onlyRole(TRUSTEE_ROLE)
    {
        _move(filingId, Standing.Accelerated, Standing.Defaulted, noticeHash);
    }

    function _move(bytes32 filingId, Standing from, Standing to, bytes32 noticeHash) private {
        Standing current = standingOf[filingId];
        require(current == from, UnexpectedStanding(filingId, current));
        require(noticeHash != 0, NoticeHashMissing());
        standingOf[filingId] = to;
        emit StandingChanged(filingId, from, to, noticeHash);
    }

    /// @dev In default, principal goes by rank; once accelerated, all coin does.
    function _requireTurn(IAbsToken token, uint256 perUnit, uint256 principalPerUnit) private view {
        bytes32 filingId = token.filingId();
        Standing standing = standingOf[filingId];
        if (standing == Standing.Performing) return;
        if ((standing == Standing.Accelerated ? perUnit : principalPerUnit) == 0) return;
        uint256 rank = token.rank();
        IAbsToken[] memory tranches =
            IFilingRegistry(token.filingRegistry()).tokensOf(filingId);
        for (uint256 i; i < tranches.length; ++i) {
            require(
                tranches[i].rank() >= rank || _isDone(tranches[i]),
                SeniorOutstanding(address(tranches[i]), standing)
            );
        }
    }

    /// @dev Repaid, or lost for good: else a loss, which moves no coin, would let the juniors pass and
    /// could be reversed behind them.
    function _isDone(IAbsToken token) private view returns (bool) {
        if (token.outstandingPrincipal() != 0) return false;
        return token.writtenDownPerUnit() == 0 || block.timestamp >= token.maturityDate();
    }

    /* RECORD DATES */

    /// @inheritdoc ICouponDistributor
    function announce(IAbsToken token, uint32 recordAt) external onlyRole(PAYER_ROLE) {
        _requireOurs(token);
        token.announceRecordDate(recordAt);
    }

    /// @dev Asked of a record date too, before it is announced: one that nobody can pay would keep the
    /// token from ever being given another distributor.
    function _requireOurs(IAbsToken token) private view {
        require(
            token.distributor() == address(this),
            TokenOfAnotherDistributor(address(token), token.distributor())
        );
        require(token.currency() == address(coin), CoinNotOfTheDeal(token.currency(), address(coin)));
    }

    /// @inheritdoc ICouponDistributor
    function record(IAbsToken token, uint16 epoch) external onlyRole(PAYER_ROLE) nonReentrant {
        _requireOurs(token);
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
        _requireTurn(token, perUnit, principal.paid);
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
    /// @dev All that is owed is written down before the coin is called for anybody, so a coin that calls
    /// back finds nothing left to take.
    function pay(IAbsToken token, uint16 epoch, address[] calldata holders) external nonReentrant {
        Payment storage payment = _payments[token][epoch];
        State state = payment.state;
        require(state == State.Declared, UnexpectedState(address(token), epoch, state));
        uint256[] memory words = _holdersAt(token, epoch, holders);
        (uint256 total, uint256 diverted) = _mark(payment, _paid[token][epoch], words);
        if (diverted != 0) _setAside(token, epoch, holders, words);
        uint256 available = coin.balanceOf(address(this));
        require(available >= total, InsufficientCoin(available, total));
        uint256 paid = total - _transferAll(token, epoch, holders, words);
        // What left may have changed only by what was paid: a coin that takes more is refused.
        uint256 actual = available - coin.balanceOf(address(this));
        require(actual == paid, PaidAmountMismatch(paid, actual));
        _liabilities -= uint248(paid);
        uint256 left = payment.left;
        emit HoldersPaid(address(token), epoch, paid, left);
        if (left == 0) _finish(token, epoch, State.Paid);
    }

    /// @dev `token.holdersAt(holders, epoch)`, passing the list on as it came: to decode and encode each
    /// entry on the way there and back would cost a holder 500 gas.
    function _holdersAt(IAbsToken token, uint16 epoch, address[] calldata holders)
        private
        view
        returns (uint256[] memory words)
    {
        bytes4 selector = IAbsToken.holdersAt.selector;
        uint256 answered;
        assembly ("memory-safe") {
            words := mload(0x40)
            let size := mul(holders.length, 0x20)
            mstore(words, selector)
            mstore(add(words, 0x04), 0x40)
            mstore(add(words, 0x24), epoch)
            mstore(add(words, 0x44), holders.length)
            calldatacopy(add(words, 0x64), holders.offset, size)
            if iszero(staticcall(gas(), token, words, add(size, 0x64), 0x00, 0x00)) {
                returndatacopy(words, 0x00, returndatasize())
                revert(words, returndatasize())
            }
            // The answer is an offset, then a length and the words: as an array lies in memory.
            answered := returndatasize()
            if eq(answered, add(size, 0x40)) { returndatacopy(words, 0x20, add(size, 0x20)) }
            mstore(0x40, add(words, add(size, 0x20)))
        }
        require(
            answered == 64 + 32 * holders.length && words.length == holders.length,
            UnexpectedAnswer(address(token))
        );
    }

    /// @dev Writes down who gets their money now. In the words of those, the units become the amount;
    /// the words of all others become 0.
    function _mark(
        Payment storage payment,
        mapping(uint256 bucket => uint256) storage paid,
        uint256[] memory words
    ) private returns (uint256 total, uint256 diverted) {
        uint256 perUnit = uint256(payment.interestPerUnit) + payment.principalPerUnit;
        // The marks of 256 investors share a slot, read and written once for a run of them.
        (uint256 bucket, uint256 marks) = (type(uint256).max, 0);
        for (uint256 i; i < words.length; ++i) {
            uint256 word = words.unsafeMemoryAccess(i);
            uint256 index = (word >> INDEX) & MAX_INDEX;
            if (index >> 8 != bucket) {
                if (bucket != type(uint256).max) paid[bucket] = marks;
                bucket = index >> 8;
                marks = paid[bucket];
            }
            uint256 mark = 1 << (index & 0xff);
            uint256 amount;
            unchecked {
                // 80 bits of units by 65 of coin, and a block's worth of such products. Nobody, whose
                // index is 0, has no units.
                if (marks & mark == 0) amount = (word & UNITS) * perUnit;
                if (amount == 0) {
                    words[i] = 0;
                    continue;
                }
                if (word & CAN_BE_PAID != 0) {
                    total += amount;
                } else if (_mayDivert(payment.declaredAt)) {
                    diverted += amount;
                } else {
                    words[i] = 0;
                    continue;
                }
            }
            marks |= mark;
            words[i] = (word & ~UNITS) | amount;
        }
        if (bucket != type(uint256).max) paid[bucket] = marks;
        // Bounds every amount too: none is wider than the field it stands in.
        payment.left -= (total + diverted).toUint80();
    }

    function _setAside(
        IAbsToken token,
        uint16 epoch,
        address[] calldata holders,
        uint256[] memory words
    ) private {
        for (uint256 i; i < words.length; ++i) {
            (uint256 amount, uint24 index) = (words[i] & UNITS, uint24(words[i] >> INDEX));
            if (amount == 0 || words[i] & CAN_BE_PAID != 0) continue;
            setAsideOf[token][index] += amount;
            emit SetAside(address(token), epoch, index, holders[i], amount);
            words[i] = 0;
        }
    }

    /// @return refused What the coin did not let go, of all that was to be paid.
    function _transferAll(
        IAbsToken token,
        uint16 epoch,
        address[] calldata holders,
        uint256[] memory words
    ) private returns (uint256 refused) {
        for (uint256 i; i < words.length; ++i) {
            uint256 amount = words.unsafeMemoryAccess(i) & UNITS;
            if (amount == 0) continue;
            // Without this, a caller could choose so little gas that good transfers look refused.
            if (gasleft() <= GAS_FOR_ONE) revert TooLittleGas();
            address holder;
            assembly ("memory-safe") {
                // As the token has read it: no longer than an address.
                holder := calldataload(add(holders.offset, shl(5, i)))
            }
            if (_tryTransfer(holder, amount)) continue;
            _afterRefusal(token, epoch, uint24(words[i] >> INDEX), holder, amount);
            refused += amount;
        }
    }

    function _afterRefusal(
        IAbsToken token,
        uint16 epoch,
        uint24 index,
        address holder,
        uint256 amount
    ) private {
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

    /// @dev `coin.transfer(to, amount)` with a bound on its gas and no memory of its own: it is called
    /// once a holder, so what the compiler would add to each call is left out.
    function _tryTransfer(address to, uint256 amount) private returns (bool done) {
        (address coin_, uint256 gas_) = (address(coin), COIN_GAS);
        bytes4 selector = IERC20.transfer.selector;
        assembly ("memory-safe") {
            // 68 bytes of call data from 0 on: they reach into the free memory pointer, put back below.
            let free := mload(0x40)
            mstore(0x00, selector)
            mstore(0x04, to)
            mstore(0x24, amount)
            done := call(gas_, coin_, 0, 0x00, 0x44, 0x00, 0x20)
            // Nothing returned counts as true; anything but one true word does not.
            let answered := and(gt(returndatasize(), 31), eq(mload(0x00), 1))
            done := and(done, or(iszero(returndatasize()), answered))
            mstore(0x40, free)
        }
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

    /// @inheritdoc ICouponDistributor
    function sweep(IAbsToken token, uint16 epoch) external onlyRole(PAYER_ROLE) nonReentrant {
        _requireState(token, epoch, State.Declared);
        Payment storage payment = _payments[token][epoch];
        uint256 claimable = Math.max(token.maturityDate(), payment.declaredAt) + UNCLAIMED_PERIOD;
        require(block.timestamp >= claimable, StillClaimable(claimable));
        uint256 amount = payment.left;
        payment.left = 0;
        _liabilities -= uint248(amount);
        coin.safeTransfer(unclaimedAccount, amount);
        emit Swept(address(token), epoch, amount, unclaimedAccount);
        _finish(token, epoch, State.Swept);
    }

    /// @inheritdoc ICouponDistributor
    function rescue(IERC20 asset) external onlyRole(DEFAULT_ADMIN_ROLE) nonReentrant {
        uint256 owed = address(asset) == address(coin) ? _liabilities : 0;
        uint256 surplus = Math.saturatingSub(asset.balanceOf(address(this)), owed);
        require(surplus != 0, NothingToRescue(address(asset)));
        uint256 before = coin.balanceOf(address(this));
        asset.safeTransfer(unclaimedAccount, surplus);
        if (asset != coin) {
            // The coin may be reached by a second address.
            uint256 left = coin.balanceOf(address(this));
            require(left == before, PaidAmountMismatch(0, Math.saturatingSub(before, left)));
        }
        emit Rescued(address(asset), surplus, unclaimedAccount);
    }

    /// @dev Settles the oldest epochs as far as they are done: "settled" is always a prefix.
    function _finish(IAbsToken token, uint16 epoch, State how) private {
        _payments[token][epoch].state = how;
        for (uint16 next = token.settledEpoch() + 1;; ++next) {
            State state = _payments[token][next].state;
            if (state < State.Paid) return;
            token.settle(next);
        }
    }

    /// @dev What a payment leaves outstanding is what the next one starts from.
    function _requireNext(IAbsToken token, uint16 epoch) private view {
        _requireState(token, epoch, State.Recorded);
        // What an earlier distributor has settled is nothing that this one has to wait for.
        require(
            epoch == 1 || _payments[token][epoch - 1].state > State.Recorded
                || token.settledEpoch() >= epoch - 1,
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
        return index != 0 && _paid[token][epoch][index >> 8] & (1 << (index & 0xff)) != 0;
    }
}
