// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Inputs of batch calls, one word an entry: a word that says more than its fields is refused
///
/// Allotment:   0 – 159 wallet | 160 – 239 units     | 240 – 255 zero
/// Admission:   0 – 159 wallet | 160 – 175 expiryDay | 176 – 191 country | 192 – 199 class | 200 – 255 zero;
///              in events the token has added 200 – 223 index
type Allotment is uint256;

type Admission is uint256;

using PackedFields for Allotment global;
using PackedFields for Admission global;

function packAdmission(address wallet, uint16 expiryDay, uint16 country, uint8 class)
    pure
    returns (Admission)
{
    return Admission.wrap(
        uint256(uint160(wallet)) | (uint256(expiryDay) << 160) | (uint256(country) << 176)
            | (uint256(class) << 192)
    );
}

library PackedFields {
    /// @notice Bits outside the word's fields are set.
    error UnusedBitsSet(uint256 word);

    function wallet(Allotment word) internal pure returns (address) {
        return address(uint160(Allotment.unwrap(word)));
    }

    function units(Allotment word) internal pure returns (uint256) {
        uint256 rest = Allotment.unwrap(word) >> 160;
        if (rest > type(uint80).max) revert UnusedBitsSet(Allotment.unwrap(word));
        return rest;
    }

    function wallet(Admission word) internal pure returns (address) {
        return address(uint160(Admission.unwrap(word)));
    }

    /// @dev Expiry day, country and class, from the lowest bit up.
    function eligibility(Admission word) internal pure returns (uint40) {
        if (Admission.unwrap(word) >> 200 != 0) revert UnusedBitsSet(Admission.unwrap(word));
        return uint40(Admission.unwrap(word) >> 160);
    }

    function expiryDay(Admission word) internal pure returns (uint16) {
        return uint16(Admission.unwrap(word) >> 160);
    }

    /// @dev For an event: where the wallet stands in the token.
    function withIndex(Admission word, uint24 index) internal pure returns (Admission) {
        return Admission.wrap(Admission.unwrap(word) | (uint256(index) << 200));
    }
}
