// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where the head of the service's audit log is written down, so that the log cannot be rewritten
/// @notice The log is a chain of hashes: its head stands for every row before it. Anchors only go
/// forward, so whoever shortens or rewrites an anchored log contradicts the chain.
interface IAuditAnchor {
    /// @param rows Number of rows in the log; also the sequence number of its last row.
    /// @param head SHA-256 of the last row, which contains its predecessor's.
    event Anchored(uint64 indexed rows, bytes32 head);

    error NotTheAuditor(address caller);
    error LogNotGrown(uint64 rows, uint64 anchored);

    /// @notice Writes down the head of a log that has grown since last time.
    function anchor(uint64 rows, bytes32 head) external;

    /// @notice The one key that may anchor.
    function auditor() external view returns (address);

    /// @notice Rows covered by the latest anchor; 0 before the first.
    function rows() external view returns (uint64);

    function head() external view returns (bytes32);
}
