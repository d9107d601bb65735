// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title The base of all tests: Forge runs every public function whose name starts with `test`
/// @dev `test_P5_…` names the property of the contracts that the test would see broken.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function assertTrue(bool condition, string memory what) internal pure {
        vm.assertTrue(condition, what);
    }

    function assertFalse(bool condition, string memory what) internal pure {
        vm.assertTrue(!condition, what);
    }

    function assertEq(uint256 found, uint256 wanted, string memory what) internal pure {
        vm.assertEq(found, wanted, what);
    }

    function assertEq(address found, address wanted, string memory what) internal pure {
        vm.assertEq(found, wanted, what);
    }

    function assertEq(bytes32 found, bytes32 wanted, string memory what) internal pure {
        vm.assertEq(found, wanted, what);
    }

    /// @dev A number of at least `low` and at most `high`, from any; the range is not all numbers.
    function between(uint256 any, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + any % (high - low + 1);
    }
}
