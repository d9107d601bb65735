// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A coin that, while it is being moved, calls whoever it was told to, and keeps the answer
contract CallingCoin is ERC20 {
    address private _callee;
    bytes private _call;

    mapping(address account => bool) public refuses;
    bool public called;
    bool public succeeded;
    bytes public answer;

    constructor() ERC20("Calling coin", "CALL") {}

    function issue(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(address account, bool on) external {
        refuses[account] = on;
    }

    /// @notice At its next move, once, the coin makes this call.
    function arm(address callee, bytes calldata call_) external {
        (_callee, _call) = (callee, call_);
        called = false;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!refuses[to], "refused");
        super._update(from, to, amount);
        if (_callee == address(0)) return;
        address callee = _callee;
        _callee = address(0);
        called = true;
        (succeeded, answer) = callee.call(_call);
    }
}
