// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title To measure against: OpenZeppelin's ERC-20 as it is, minted by anybody, without any rule
contract PlainToken is ERC20 {
    constructor() ERC20("Toll notes", "TOLL") {}

    function mint(address to, uint256 units) external {
        _mint(to, units);
    }

    function mintBatch(address[] calldata to, uint256[] calldata units) external {
        for (uint256 i; i < to.length; ++i) {
            _mint(to[i], units[i]);
        }
    }
}
