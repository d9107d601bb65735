// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A coin that misbehaves on demand, for the tests of those who must live with one
contract AwkwardCoin is ERC20 {
    enum Manner {
        Honest,
        Reverts,
        ReturnsFalse,
        BurnsGas,
        TakesFee,
        CallsBack
    }

    mapping(address recipient => Manner) public mannerTowards;
    address public callee;
    bytes public callData;

    constructor() ERC20("Awkward coin", "AWK") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function issue(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setManner(address recipient, Manner manner) external {
        mannerTowards[recipient] = manner;
    }

    function setCallback(address callee_, bytes calldata callData_) external {
        callee = callee_;
        callData = callData_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount)
        public
        override
        returns (bool)
    {
        _spendAllowance(from, msg.sender, amount);
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        Manner manner = mannerTowards[to];
        require(manner != Manner.Reverts, "recipient refused");
        if (manner == Manner.ReturnsFalse) return false;
        if (manner == Manner.BurnsGas) _burnAllGas();
        if (manner == Manner.CallsBack) {
            // Whether the callback succeeds is the victim's business; the coin goes on regardless.
            (bool success,) = callee.call(callData);
            success;
        }
        _transfer(from, to, amount);
        if (manner == Manner.TakesFee) _burn(to, amount / 100);
        return true;
    }

    function _burnAllGas() private view {
        uint256 waste;
        while (gasleft() > 0) {
            waste = uint256(keccak256(abi.encode(waste)));
        }
    }
}
