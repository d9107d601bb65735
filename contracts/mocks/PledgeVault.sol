// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title The attempt CIR-01: pledge registered notes, receive freely transferable claims on them
/// @dev It must never work. It fails because the vault is not an eligible holder, not because anybody
/// looks for vaults.
contract PledgeVault is ERC20 {
    using SafeERC20 for IERC20;

    IERC20 public immutable notes;

    constructor(IERC20 notes_) ERC20("Pledged notes", "PLEDGE") {
        notes = notes_;
    }

    function pledge(uint256 units) external {
        notes.safeTransferFrom(msg.sender, address(this), units);
        _mint(msg.sender, units);
    }
}
