// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-1404: why a transfer would be refused, as a code and as a sentence
interface IERC1404 {
    /// @return code 0 if the transfer would pass now; allowances are not considered.
    function detectTransferRestriction(address from, address to, uint256 value)
        external
        view
        returns (uint8 code);

    function messageForTransferRestriction(uint8 code) external view returns (string memory);
}
