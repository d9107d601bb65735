// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1643} from "../interfaces/IERC1643.sol";

/// @title The papers a note refers to, by name and hash
abstract contract Documents is IERC1643 {
    struct Document {
        bytes32 hash;
        uint64 modifiedAt;
        uint32 position;
        string uri;
    }

    mapping(bytes32 name => Document) private _documents;
    bytes32[] private _names;

    function _setDocument(bytes32 name, string calldata uri, bytes32 hash) internal {
        require(name != 0 && hash != 0, DocumentIncomplete(name, hash));
        Document storage document = _documents[name];
        if (document.modifiedAt == 0) {
            _names.push(name);
            document.position = uint32(_names.length);
        }
        (document.hash, document.modifiedAt, document.uri) = (hash, uint64(block.timestamp), uri);
        emit DocumentUpdated(name, uri, hash);
    }

    function _removeDocument(bytes32 name) internal {
        Document memory document = _documents[name];
        require(document.modifiedAt != 0, DocumentUnknown(name));
        bytes32 last = _names[_names.length - 1];
        _names[document.position - 1] = last;
        _documents[last].position = document.position;
        _names.pop();
        delete _documents[name];
        emit DocumentRemoved(name, document.uri, document.hash);
    }

    /// @inheritdoc IERC1643
    function getDocument(bytes32 name) external view returns (string memory, bytes32, uint256) {
        Document storage document = _documents[name];
        return (document.uri, document.hash, document.modifiedAt);
    }

    /// @inheritdoc IERC1643
    function getAllDocuments() external view returns (bytes32[] memory) {
        return _names;
    }
}
