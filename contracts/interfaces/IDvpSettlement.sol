// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAbsToken} from "./IAbsToken.sol";
import {IFilingRegistry} from "./IFilingRegistry.sol";

/// @title Delivery versus payment for the primary issue: coin against units, or neither
/// @notice Holds neither asset. It is the only caller a token accepts for `mint`, so the issuer's key
/// cannot create a unit without its price in the same transaction (rule SET-08).
interface IDvpSettlement {
    event UnitsIssued(
        address indexed token,
        address indexed investor,
        uint256 units,
        uint256 price,
        uint256 operation
    );

    error CoinNotOfTheDeal(address tokenCurrency, address coin);
    error TokenNotFiled(address token);
    error NothingToIssue();
    error PaymentIncomplete(uint256 expected, uint256 received);

    /// @notice Mints `units` to `investor` and pulls their price, at outstanding per unit, from the
    /// coin the investor approved.
    function issue(
        IAbsToken token,
        address investor,
        uint256 units,
        bytes32 bundleHash,
        uint256 operation
    ) external;

    function coin() external view returns (IERC20);

    /// @notice The register that knows the real tokens: coin is never pulled for another.
    function filingRegistry() external view returns (IFilingRegistry);

    /// @notice The account that receives the proceeds of the issue.
    function proceedsAccount() external view returns (address);
}
