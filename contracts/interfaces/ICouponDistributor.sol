// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAbsToken} from "./IAbsToken.sol";

/// @title Pays interest and principal to the holders of record, per unit, exactly
/// @notice Amounts are integers of coin micro-units per unit, so a payment is a product and nothing is
/// rounded. For each (token, epoch, investor): paid + credited + set aside is nothing or all of it.
///
/// `pay` is open to anyone. Diverting a payment is not: money is set aside (the holder may not be paid)
/// or credited (the coin refused the holder) only by the payer, or by anyone after DIVERSION_DELAY; so
/// a stranger's early call leaves such a holder unpaid and unmarked.
interface ICouponDistributor {
    /// @notice Where the payment of one record date stands. Paid: nothing is payable any more to a
    /// holder who has neither been paid, nor credited, nor had it set aside; or no coin was due.
    enum State {
        None,
        Recorded,
        Declared,
        Paid,
        Skipped,
        Swept
    }

    /// @notice How the deal behind a filing stands with its noteholders, as their trustee has declared.
    /// Defaulted: no principal is declared for a tranche while a more senior one is outstanding.
    /// Accelerated: no coin at all is. What was declared before is paid whatever happens. It is known
    /// here alone: to a distributor that replaces this one, the trustee declares it again.
    enum Standing {
        Performing,
        Defaulted,
        Accelerated
    }

    /// @param left Coin still payable to holders of record of this epoch; zero at once where a payment
    /// only changes what is outstanding.
    struct Payment {
        State state;
        uint40 declaredAt;
        uint64 interestPerUnit;
        uint64 principalPerUnit;
        uint80 left;
    }

    /// @param noticeHash Hash of the trustee's notice; the notice stays off chain.
    event StandingChanged(
        bytes32 indexed filingId, Standing from, Standing to, bytes32 indexed noticeHash
    );
    event Recorded(address indexed token, uint16 indexed epoch, uint256 supply);
    event Declared(
        address indexed token,
        uint16 indexed epoch,
        uint256 interestPerUnit,
        uint256 principalPerUnit,
        uint256 amount
    );
    event Skipped(address indexed token, uint16 indexed epoch);
    /// @notice One call's payments; the coin's own Transfer events name the wallets and amounts.
    event HoldersPaid(address indexed token, uint16 indexed epoch, uint256 amount, uint256 left);
    event SetAside(
        address indexed token,
        uint16 indexed epoch,
        uint24 indexed index,
        address wallet,
        uint256 amount
    );
    event Credited(
        address indexed token,
        uint16 indexed epoch,
        uint24 indexed index,
        address wallet,
        uint256 amount
    );
    event Released(address indexed token, uint24 indexed index, address wallet, uint256 amount);
    event Collected(address indexed token, uint24 indexed index, address wallet, uint256 amount);
    /// @notice What nobody can claim any more has left for the account fixed beforehand.
    event Swept(address indexed token, uint16 indexed epoch, uint256 amount, address to);
    event Rescued(address indexed asset, uint256 amount, address to);

    error ReentrantCall();
    error UnclaimedAccountMissing();
    error UnexpectedStanding(bytes32 filingId, Standing standing);
    error NoticeHashMissing();
    /// @notice The deal's standing puts this tranche, which still has principal outstanding, first.
    error SeniorOutstanding(address senior, Standing standing);
    error StillClaimable(uint256 until);
    /// @notice The token does not say of every holder what a payment must know.
    error UnexpectedAnswer(address token);
    error NothingToRescue(address asset);
    error NotAContract(address coin);
    error TokenOfAnotherDistributor(address token, address distributor);
    error CoinNotOfTheDeal(address tokenCurrency, address coin);
    error UnexpectedState(address token, uint16 epoch, State state);
    error NothingToDeclare();
    /// @notice An older record date is neither declared nor skipped yet.
    error EarlierEpochOpen(address token, uint16 epoch);
    error FundingIncomplete(uint256 expected, uint256 received);
    error InsufficientCoin(uint256 available, uint256 needed);
    error PaidAmountMismatch(uint256 expected, uint256 actual);
    error TooLittleGas();
    error NothingHeld(address token, uint24 index);
    error HolderNotCleared(address wallet);
    error CoinRefused(address wallet, uint256 amount);

    // ---- standing: the trustee only

    function declareDefault(bytes32 filingId, bytes32 noticeHash) external;

    function waiveDefault(bytes32 filingId, bytes32 noticeHash) external;

    /// @notice Only a deal in default is accelerated.
    function accelerate(bytes32 filingId, bytes32 noticeHash) external;

    function rescindAcceleration(bytes32 filingId, bytes32 noticeHash) external;

    // ---- record dates and payments

    /// @notice Announces the instant at which the token's open epoch will close.
    function announce(IAbsToken token, uint32 recordAt) external;

    /// @notice Closes the epoch, once its instant is reached.
    function record(IAbsToken token, uint16 epoch) external;

    /// @notice Pulls exactly (interest + principal per unit) times the units of record, and lets the
    /// token's outstanding per unit follow: paid, written down or up, capitalised. Both or neither, once
    /// for each epoch, in the order of the record dates. Where no coin is due the epoch is settled by it.
    function declare(
        IAbsToken token,
        uint16 epoch,
        uint256 interestPerUnit,
        IAbsToken.PrincipalChange calldata principal
    ) external;

    /// @notice Nothing will be paid for this epoch, and nothing changes what is outstanding.
    function skip(IAbsToken token, uint16 epoch) external;

    /// @notice Pays the listed holders of record; skips the paid, the unknown and the empty.
    function pay(IAbsToken token, uint16 epoch, address[] calldata holders) external;

    /// @notice Pays what was set aside for an investor to its wallet of today, once cleared.
    function release(IAbsToken token, address wallet) external;

    /// @notice Pays what was credited to an investor to its wallet of today.
    function collect(IAbsToken token, address wallet) external;

    /// @notice Ends the payment of an epoch, UNCLAIMED_PERIOD after the legal final maturity and after
    /// its declaration: what is left unpaid goes to the unclaimed account. Credits and money set aside
    /// stay where they are.
    function sweep(IAbsToken token, uint16 epoch) external;

    /// @notice Sends to the unclaimed account what came here by mistake: another asset, or coin beyond
    /// all that is owed.
    function rescue(IERC20 asset) external;

    function standingOf(bytes32 filingId) external view returns (Standing);

    function unclaimedAccount() external view returns (address);

    function coin() external view returns (IERC20);

    function paymentOf(IAbsToken token, uint16 epoch) external view returns (Payment memory);

    /// @notice Has `pay` dealt with the investor's entitlement? Also where the money was set aside or
    /// credited, and waits here for `release` or `collect`.
    function isPaid(IAbsToken token, uint16 epoch, uint24 index) external view returns (bool);

    function setAsideOf(IAbsToken token, uint24 index) external view returns (uint256);

    function creditOf(IAbsToken token, uint24 index) external view returns (uint256);

    /// @notice All that is owed to holders: still payable, set aside and credited.
    function liabilities() external view returns (uint256);
}
