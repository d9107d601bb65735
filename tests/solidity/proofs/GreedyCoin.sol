// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Svm} from "./Proof.sol";

/// @title A coin that may refuse any payment, and that asks for the same once more during each
/// @dev What it sees is written down: a failed `assert` here would only look like a refusal.
contract GreedyCoin {
    Svm private constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    uint256 public balance;
    mapping(address wallet => uint256) public received;
    bool public called;
    bool public entered;
    bytes private _again;

    function prepare(uint256 balance_, bytes calldata again) external {
        balance = balance_;
        _again = again;
    }

    function balanceOf(address) external view returns (uint256) {
        return balance;
    }

    function transferFrom(address, address, uint256 amount) external returns (bool) {
        balance += amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        called = true;
        (bool success,) = msg.sender.call(_again);
        if (success) entered = true;
        if (svm.createBool("refuses")) return false;
        balance -= amount;
        received[to] += amount;
        return true;
    }
}
