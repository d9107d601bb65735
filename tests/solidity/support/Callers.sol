// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Whoever is called and, in the midst of it, calls whom it was told to, and keeps the answer
abstract contract Caller {
    address private _callee;
    bytes private _call;

    bool public called;
    bool public succeeded;
    bytes public answer;

    /// @notice The next time it is called, and only then, it makes this call.
    function arm(address callee, bytes calldata call_) external {
        (_callee, _call) = (callee, call_);
        called = false;
    }

    function callOut() internal {
        if (_callee == address(0)) return;
        address callee = _callee;
        _callee = address(0);
        called = true;
        (succeeded, answer) = callee.call(_call);
    }
}

/// @title A coin that calls while it is being moved, and refuses whom it is told to refuse
contract CallingCoin is ERC20, Caller {
    mapping(address account => bool) public refuses;

    constructor() ERC20("Calling coin", "CALL") {}

    function issue(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(address account, bool on) external {
        refuses[account] = on;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!refuses[to], "refused");
        super._update(from, to, amount);
        callOut();
    }
}

/// @title As much of a tranche as it takes to be recorded; it calls while its epoch is closed
contract CallingToken is Caller {
    address public immutable distributor;
    address public immutable currency;

    constructor(address distributor_, address currency_) {
        (distributor, currency) = (distributor_, currency_);
    }

    function closeEpoch(uint16) external returns (uint256) {
        callOut();
        return 1;
    }
}
