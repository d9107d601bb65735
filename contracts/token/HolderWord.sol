// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FieldOverflow, FieldUnderflow} from "./FieldOverflow.sol";

/// @title One holder of one tranche, in one storage slot
///
///      bits   field        meaning
///    0 –  79  balance      units now
///   80 – 159  previous     units when the epoch before `epoch` closed
///  160 – 175  epoch        the epoch that was open when units last moved
///  176 – 199  index        the number given to the wallet's owner, kept through recoveries; 0: none yet
///  200 – 215  expiryDay    first UTC day since 1970 on which the wallet may not receive; 0: ineligible
///  216 – 231  country      ISO 3166-1 numeric
///  232 – 239  class        investor class
///       240   frozen       the wallet may neither send nor receive
///       241   unitsFrozen  some units are frozen; how many stands in a mapping of its own
///       242   recorded     balances older than `previous` have been written to the history; never taken back
///       243   barred       never an investor: a contract of the deal, or a wallet given up for another
///  244 – 255  unused       zero
///
/// Getters give a uint256 where it is reckoned with, and the field's own type where it is only told. A word is written whole; reading one tells a transfer all that it must know about one side.
type HolderWord is uint256;

using HolderWordFields for HolderWord global;

library HolderWordFields {
    uint256 private constant MAX_UNITS = type(uint80).max;
    uint256 private constant MAX_EPOCH = type(uint16).max;
    uint256 private constant MAX_INDEX = type(uint24).max;
    uint256 private constant MAX_DAY = type(uint16).max;

    uint256 private constant PREVIOUS = 80;
    uint256 private constant EPOCH = 160;
    uint256 private constant INDEX = 176;
    uint256 private constant EXPIRY_DAY = 200;
    uint256 private constant COUNTRY = 216;
    uint256 private constant CLASS = 232;

    uint256 private constant FROZEN = 1 << 240;
    uint256 private constant UNITS_FROZEN = 1 << 241;
    uint256 private constant RECORDED = 1 << 242;
    uint256 private constant BARRED = 1 << 243;

    /* FIELDS */

    function balance(HolderWord word) internal pure returns (uint256) {
        return HolderWord.unwrap(word) & MAX_UNITS;
    }

    function previous(HolderWord word) internal pure returns (uint256) {
        return (HolderWord.unwrap(word) >> PREVIOUS) & MAX_UNITS;
    }

    function epoch(HolderWord word) internal pure returns (uint256) {
        return (HolderWord.unwrap(word) >> EPOCH) & MAX_EPOCH;
    }

    function index(HolderWord word) internal pure returns (uint24) {
        return uint24(HolderWord.unwrap(word) >> INDEX);
    }

    function expiryDay(HolderWord word) internal pure returns (uint16) {
        return uint16(HolderWord.unwrap(word) >> EXPIRY_DAY);
    }

    function country(HolderWord word) internal pure returns (uint16) {
        return uint16(HolderWord.unwrap(word) >> COUNTRY);
    }

    function class(HolderWord word) internal pure returns (uint8) {
        return uint8(HolderWord.unwrap(word) >> CLASS);
    }

    function frozen(HolderWord word) internal pure returns (bool) {
        return HolderWord.unwrap(word) & FROZEN != 0;
    }

    function unitsFrozen(HolderWord word) internal pure returns (bool) {
        return HolderWord.unwrap(word) & UNITS_FROZEN != 0;
    }

    function recorded(HolderWord word) internal pure returns (bool) {
        return HolderWord.unwrap(word) & RECORDED != 0;
    }

    function barred(HolderWord word) internal pure returns (bool) {
        return HolderWord.unwrap(word) & BARRED != 0;
    }

    /* WORDS WITH ONE FIELD CHANGED */

    /// @dev The balance is the lowest field, so units are added to the word itself.
    function plus(HolderWord word, uint256 units) internal pure returns (HolderWord) {
        unchecked {
            uint256 room = MAX_UNITS - (HolderWord.unwrap(word) & MAX_UNITS);
            if (units > room) revert FieldOverflow(units, room);
            return HolderWord.wrap(HolderWord.unwrap(word) + units);
        }
    }

    function minus(HolderWord word, uint256 units) internal pure returns (HolderWord) {
        unchecked {
            uint256 held = HolderWord.unwrap(word) & MAX_UNITS;
            if (units > held) revert FieldUnderflow(held, units);
            return HolderWord.wrap(HolderWord.unwrap(word) - units);
        }
    }

    function withIndex(HolderWord word, uint256 index_) internal pure returns (HolderWord) {
        return _with(word, INDEX, type(uint24).max, index_);
    }

    /// @param eligibility Expiry day, country and class, in one value as they lie in the word.
    function withEligibility(HolderWord word, uint40 eligibility) internal pure returns (HolderWord) {
        uint256 cleared = HolderWord.unwrap(word) & ~(uint256(type(uint40).max) << EXPIRY_DAY);
        return HolderWord.wrap(cleared | (uint256(eligibility) << EXPIRY_DAY));
    }

    function withFrozen(HolderWord word, bool on) internal pure returns (HolderWord) {
        return _withFlag(word, FROZEN, on);
    }

    function withUnitsFrozen(HolderWord word, bool on) internal pure returns (HolderWord) {
        return _withFlag(word, UNITS_FROZEN, on);
    }

    function withRecorded(HolderWord word, bool on) internal pure returns (HolderWord) {
        return _withFlag(word, RECORDED, on);
    }

    function withBarred(HolderWord word, bool on) internal pure returns (HolderWord) {
        return _withFlag(word, BARRED, on);
    }

    function _with(HolderWord word, uint256 offset, uint256 max, uint256 value)
        private
        pure
        returns (HolderWord)
    {
        require(value <= max, FieldOverflow(value, max));
        return HolderWord.wrap((HolderWord.unwrap(word) & ~(max << offset)) | (value << offset));
    }

    function _withFlag(HolderWord word, uint256 flag, bool on) private pure returns (HolderWord) {
        uint256 cleared = HolderWord.unwrap(word) & ~flag;
        return HolderWord.wrap(on ? cleared | flag : cleared);
    }

    /* WHAT A WORD SAYS */

    /// @dev By its index, not by being zero: a wallet may be frozen before anybody has registered it.
    function registered(HolderWord word) internal pure returns (bool) {
        return HolderWord.unwrap(word) & (MAX_INDEX << INDEX) != 0;
    }

    /// @dev An expired holder may leave; a frozen one, or one found ineligible, may not.
    function maySend(HolderWord word) internal pure returns (bool) {
        uint256 bits = HolderWord.unwrap(word);
        if (bits & (MAX_INDEX << INDEX) == 0 || bits & FROZEN != 0) return false;
        return bits & (MAX_DAY << EXPIRY_DAY) != 0;
    }

    function mayReceive(HolderWord word, uint256 instant) internal pure returns (bool) {
        uint256 bits = HolderWord.unwrap(word);
        if (bits & (MAX_INDEX << INDEX) == 0 || bits & FROZEN != 0) return false;
        return instant / 1 days < (bits >> EXPIRY_DAY) & MAX_DAY;
    }

    /// @dev The word as units are about to move in `epoch_`: once an epoch, today's balance becomes
    /// the one that record dates before it ask for.
    function movedOn(HolderWord word, uint16 epoch_) internal pure returns (HolderWord) {
        uint256 bits = HolderWord.unwrap(word);
        uint256 kept = bits & ~((MAX_UNITS << PREVIOUS) | (MAX_EPOCH << EPOCH));
        return HolderWord.wrap(kept | ((bits & MAX_UNITS) << PREVIOUS) | (uint256(epoch_) << EPOCH));
    }
}
