// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Allotment} from "../token/Packed.sol";
import {IAbsToken} from "./IAbsToken.sol";
import {IFilingRegistry} from "./IFilingRegistry.sol";

/// @title Delivery versus payment: coin against units, or neither
/// @notice Holds neither asset. It is the only caller a token accepts for `mint`, so the issuer's key
/// cannot create a unit without its price in the same transaction (rule SET-08). Holders trade through
/// it by an order that both have signed.
interface IDvpSettlement {
    enum OrderState {
        Open,
        Settled,
        Cancelled
    }

    /// @notice A trade as its two parties sign it (EIP-712): these units for this coin, nothing else.
    /// @param price Coin micro-units for all the units together.
    /// @param nonce Tells apart two orders that are alike in all else.
    /// @param deadline The last second at which the order may be settled.
    struct Order {
        IAbsToken token;
        address seller;
        address buyer;
        uint256 units;
        uint256 price;
        uint256 nonce;
        uint256 deadline;
    }

    event UnitsIssued(
        address indexed token,
        address indexed investor,
        uint256 units,
        uint256 price,
        uint256 operation
    );
    event OrderSettled(
        bytes32 indexed orderHash,
        address indexed seller,
        address indexed buyer,
        address token,
        uint256 units,
        uint256 price
    );
    event OrderCancelled(bytes32 indexed orderHash, address indexed party);

    error CoinNotOfTheDeal(address tokenCurrency, address coin);
    error TokenNotFiled(address token);
    /// @notice No units, or units on which nothing is outstanding: none is created without coin.
    error NothingToIssue();
    error PaymentIncomplete(uint256 expected, uint256 received);
    /// @notice An order moves at least one unit and one micro-unit of coin, between two parties.
    error OrderEmpty(address seller, address buyer, uint256 units, uint256 price);
    /// @notice The order was good up to and including the second `deadline`.
    error OrderExpired(uint256 deadline);
    error OrderNotOpen(bytes32 orderHash, OrderState state);
    error OrderNotSignedBy(bytes32 orderHash, address party);
    error NotAPartyToTheOrder(address caller);
    /// @notice The token moved other than it was told to.
    error DeliveryIncomplete(uint256 expected, uint256 received);

    /// @notice Mints `units` to `investor` and pulls their price, at outstanding per unit, from the
    /// coin the investor approved. That approval is all the consent asked for: it should be for what
    /// was subscribed, and no more. Between a record date and its declaration the price does not know
    /// yet what is repaid or lost: offerings close before the first record date.
    function issue(
        IAbsToken token,
        address investor,
        uint256 units,
        bytes32 bundleHash,
        uint256 operation
    ) external;

    /// @notice Mints to many investors, and pulls each one's price, under one operation number.
    function issueBatch(
        IAbsToken token,
        Allotment[] calldata allotments,
        bytes32 bundleHash,
        uint256 operation
    ) external;

    /// @notice Settles an order signed by both its parties: both legs or none. Anybody may bring it.
    /// @dev A signature is the party's plain one, or what its contract accepts (ERC-1271).
    function settle(
        Order calldata order,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external;

    /// @notice Either party withdraws from an order that is not settled yet, for good.
    function cancel(Order calldata order) external;

    /// @notice What the parties sign.
    function hashOf(Order calldata order) external view returns (bytes32);

    /// @notice Open for every order that was neither settled nor cancelled, also for one nobody signed.
    function stateOf(bytes32 orderHash) external view returns (OrderState);

    function coin() external view returns (IERC20);

    /// @notice The register that knows the real tokens: coin is never pulled for another.
    function filingRegistry() external view returns (IFilingRegistry);

    /// @notice The account that receives the proceeds of the issue.
    function proceedsAccount() external view returns (address);
}
