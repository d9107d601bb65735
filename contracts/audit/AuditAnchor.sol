// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuditAnchor} from "../interfaces/IAuditAnchor.sol";

contract AuditAnchor is IAuditAnchor {
    address public immutable auditor;

    uint64 public rows;
    bytes32 public head;

    constructor(address auditor_) {
        auditor = auditor_;
    }

    /// @inheritdoc IAuditAnchor
    function anchor(uint64 rows_, bytes32 head_) external {
        require(msg.sender == auditor, NotTheAuditor(msg.sender));
        require(rows_ > rows, LogNotGrown(rows_, rows));
        rows = rows_;
        head = head_;
        emit Anchored(rows_, head_);
    }
}
