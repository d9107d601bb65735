// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "../support/Vm.sol";

/// @title What Halmos can do beyond Forge; only what these proofs use
interface Svm {
    function createUint(uint256 bits, string calldata name) external returns (uint256);
    function createUint256(string calldata name) external returns (uint256);
    function createBytes32(string calldata name) external returns (bytes32);
    function createAddress(string calldata name) external returns (address);
    function createBool(string calldata name) external returns (bool);
    function createCalldata(string calldata contractName) external returns (bytes memory);
    function enableSymbolicStorage(address account) external;
}

/// @title The base of all proofs: Halmos runs every function whose name starts with `check_`
/// @dev Its arguments stand for every value at once. What reverts proves nothing and disproves
/// nothing: a proof says what holds of the calls that succeed, so a false `assert` is a counterexample
/// and a check that can never reach its end is an error.
abstract contract Proof {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Svm internal constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
}
