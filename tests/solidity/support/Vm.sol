// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the tests' machine can do that no contract can; only what these tests use
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function assume(bool condition) external pure;
    function chainId(uint256 id) external;
    function warp(uint256 instant) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function etch(address account, bytes calldata code) external;
    function label(address account, string calldata name) external;
    function snapshotState() external returns (uint256 state);
    function revertToState(uint256 state) external returns (bool);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata revertData) external;
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function assertTrue(bool condition, string calldata what) external pure;
    function assertEq(uint256 found, uint256 wanted, string calldata what) external pure;
    function assertEq(address found, address wanted, string calldata what) external pure;
    function assertEq(bytes32 found, bytes32 wanted, string calldata what) external pure;
}
