// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IDvpSettlement} from "../interfaces/IDvpSettlement.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";

contract DvpSettlement is IDvpSettlement, AccessControlDefaultAdminRules, ReentrancyGuard {
    using SafeERC20 for IERC20;

    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");

    IERC20 public immutable coin;
    IFilingRegistry public immutable filingRegistry;
    address public immutable proceedsAccount;

    constructor(
        IERC20 coin_,
        IFilingRegistry filingRegistry_,
        address admin,
        address issuer,
        address proceedsAccount_
    ) AccessControlDefaultAdminRules(1 days, admin) {
        coin = coin_;
        filingRegistry = filingRegistry_;
        proceedsAccount = proceedsAccount_;
        _grantRole(ISSUER_ROLE, issuer);
    }

    /// @inheritdoc IDvpSettlement
    function issue(
        IAbsToken token,
        address investor,
        uint256 units,
        bytes32 bundleHash,
        uint256 operation
    ) external onlyRole(ISSUER_ROLE) nonReentrant {
        require(token.currency() == address(coin), CoinNotOfTheDeal(token.currency(), address(coin)));
        require(units != 0, NothingToIssue());
        uint256 price = units * token.outstandingPerUnit();
        // The gate speaks first: a refused mint says why before anybody's coin is looked at.
        token.mint(investor, units, bundleHash, operation);
        // A made-up token could say anything; only one that the regulator attached is worth coin.
        require(filingRegistry.filingIdOf(token) != 0, TokenNotFiled(address(token)));
        uint256 before = coin.balanceOf(proceedsAccount);
        coin.safeTransferFrom(investor, proceedsAccount, price);
        uint256 received = coin.balanceOf(proceedsAccount) - before;
        require(received == price, PaymentIncomplete(price, received));
        emit UnitsIssued(address(token), investor, units, price, operation);
    }
}
