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
    enum State {
        None,
        Recorded,
        Declared,
        Paid,
        Skipped
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

    error ReentrantCall();
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

    function coin() external view returns (IERC20);

    function paymentOf(IAbsToken token, uint16 epoch) external view returns (Payment memory);

    function isPaid(IAbsToken token, uint16 epoch, uint24 index) external view returns (bool);

    function setAsideOf(IAbsToken token, uint24 index) external view returns (uint256);

    function creditOf(IAbsToken token, uint24 index) external view returns (uint256);

    /// @notice All that is owed to holders: still payable, set aside and credited.
    function liabilities() external view returns (uint256);
}
