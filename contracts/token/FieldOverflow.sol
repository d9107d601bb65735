// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A value does not fit its field of a packed word: nothing carries into the neighbour.
/// @param max The most that fits; where units are added, the most that may still be.
error FieldOverflow(uint256 value, uint256 max);

/// @notice More is taken from a field of a packed word than it holds: nothing is borrowed from the
/// neighbour.
error FieldUnderflow(uint256 value, uint256 taken);
