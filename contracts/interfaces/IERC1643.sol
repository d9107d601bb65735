// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-1643: documents attached to a token
interface IERC1643 {
    event DocumentUpdated(bytes32 indexed name, string uri, bytes32 documentHash);
    event DocumentRemoved(bytes32 indexed name, string uri, bytes32 documentHash);

    error DocumentIncomplete(bytes32 name, bytes32 documentHash);
    error DocumentUnknown(bytes32 name);

    /// @notice Attaches a document, or replaces the one of this name.
    function setDocument(bytes32 name, string calldata uri, bytes32 documentHash) external;

    function removeDocument(bytes32 name) external;

    /// @return uri Where it is to be found.
    /// @return documentHash What its content hashes to; 0 if there is none of this name.
    /// @return modifiedAt When it was attached or replaced, in seconds since 1970.
    function getDocument(bytes32 name)
        external
        view
        returns (string memory uri, bytes32 documentHash, uint256 modifiedAt);

    function getAllDocuments() external view returns (bytes32[] memory names);
}
