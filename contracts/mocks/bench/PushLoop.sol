// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title To measure against: a payer that sends coin as it is told, to whom and as often as it is told
contract PushLoop {
    using SafeERC20 for IERC20;

    function pay(IERC20 coin, address[] calldata to, uint256[] calldata amounts) external {
        for (uint256 i; i < to.length; ++i) {
            coin.safeTransfer(to[i], amounts[i]);
        }
    }
}
