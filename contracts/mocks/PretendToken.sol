// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A token that says what the settlement wants to hear, and delivers nothing
contract PretendToken {
    event Pretended(address to, uint256 units, bytes32 bundleHash, uint256 operation);

    address public immutable currency;
    address public immutable settlement;
    uint256 public immutable outstandingPerUnit;

    constructor(address currency_, address settlement_, uint256 outstandingPerUnit_) {
        currency = currency_;
        settlement = settlement_;
        outstandingPerUnit = outstandingPerUnit_;
    }

    function mint(address to, uint256 units, bytes32 bundleHash, uint256 operation) external {
        emit Pretended(to, units, bundleHash, operation);
    }
}
