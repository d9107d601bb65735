// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What stands in the way of a transfer: one answer for the revert, for ERC-7943's
/// `canTransfer` and, as its number, for ERC-1404's code.
enum Refusal {
    None,
    Filing,
    Locked,
    Paused,
    LockedUntil,
    CannotSend,
    CannotReceive,
    Balance,
    Unfrozen,
    SenderBelowMinimum,
    ReceiverBelowMinimum,
    ReceiverAboveMaximum,
    HolderCap
}

/// @title The same answers as sentences, each short enough for one word of code
library Refusals {
    function message(uint8 code) internal pure returns (string memory) {
        bytes32[13] memory sentences = [
            bytes32("no restriction"),
            "filing not in force",
            "issuance not reported yet",
            "paused",
            "lock-up not over",
            "sender may not send",
            "receiver may not receive",
            "sender holds too little",
            "sender's units are frozen",
            "sender would keep too few",
            "receiver would hold too few",
            "receiver would hold too many",
            "too many holders"
        ];
        bytes32 sentence = code < sentences.length ? sentences[code] : bytes32("unknown code");
        uint256 length;
        while (sentence[length] != 0) ++length;
        bytes memory text = abi.encodePacked(sentence);
        assembly ("memory-safe") {
            mstore(text, length)
        }
        return string(text);
    }
}
