// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {FieldOverflow, FieldUnderflow} from "./FieldOverflow.sol";

/// @title What a tranche knows of itself, in one storage slot
///
///      bits   field           meaning
///    0 –  79  supply          units in existence
///   80 – 159  cap             units that the approved filing lets exist, less those retired
///  160 – 191  recordAt        announced instant, up to 2106, at which the open epoch closes; 0: none
///  192 – 207  epoch           the open epoch; every lower one is closed
///  208 – 211  unsettled       closed epochs whose payments are not finished
///  212 – 227  mintUntilDay    first UTC day since 1970 on which nothing is minted any more
///  228 – 243  operations      mints so far, 65,535 at most; each names its number, so none can be repeated
///  244 – 246  filingStatus    as the filing registry pushed it
///  247 – 248  offering        not opened, open, closed
///       249   transfersOpen   the completed issuance has been reported
///       250   paused          the enforcement's own halt; a regulator's suspension is a filing status
///  251 – 255  unused          zero
///
/// A transfer reads it once and does not write it; a mint reads and writes it once.
type TokenWord is uint256;

using TokenWordFields for TokenWord global;

library TokenWordFields {
    // The narrow fields' masks are literals, 0xf for four bits, 7 for three, 3 for two: a named one would
    // keep the compiler from inlining their getters.
    uint256 private constant MAX_UNITS = type(uint80).max;

    uint256 private constant CAP = 80;
    uint256 private constant RECORD_AT = 160;
    uint256 private constant EPOCH = 192;
    uint256 private constant UNSETTLED = 208;
    uint256 private constant MINT_UNTIL_DAY = 212;
    uint256 private constant OPERATIONS = 228;
    uint256 private constant FILING_STATUS = 244;
    uint256 private constant OFFERING = 247;

    uint256 private constant TRANSFERS_OPEN = 1 << 249;
    uint256 private constant PAUSED = 1 << 250;

    uint256 private constant APPROVED = uint256(IFilingRegistry.Status.Approved) << FILING_STATUS;
    /// @dev IAbsToken.Offering.Open, which this file does not import.
    uint256 private constant OFFERED = 1 << OFFERING;
    uint256 private constant CIRCULATION = (7 << FILING_STATUS) | TRANSFERS_OPEN | PAUSED;
    uint256 private constant IN_CIRCULATION = APPROVED | TRANSFERS_OPEN;
    uint256 private constant ISSUE = (7 << FILING_STATUS) | (3 << OFFERING) | PAUSED;
    uint256 private constant IN_ISSUE = APPROVED | OFFERED;

    /* FIELDS */

    function supply(TokenWord word) internal pure returns (uint256) {
        return TokenWord.unwrap(word) & MAX_UNITS;
    }

    function cap(TokenWord word) internal pure returns (uint256) {
        return (TokenWord.unwrap(word) >> CAP) & MAX_UNITS;
    }

    function recordAt(TokenWord word) internal pure returns (uint32) {
        return uint32(TokenWord.unwrap(word) >> RECORD_AT);
    }

    function epoch(TokenWord word) internal pure returns (uint16) {
        return uint16(TokenWord.unwrap(word) >> EPOCH);
    }

    function unsettled(TokenWord word) internal pure returns (uint256) {
        return (TokenWord.unwrap(word) >> UNSETTLED) & 0xf;
    }

    function mintUntilDay(TokenWord word) internal pure returns (uint256) {
        return (TokenWord.unwrap(word) >> MINT_UNTIL_DAY) & type(uint16).max;
    }

    function operations(TokenWord word) internal pure returns (uint256) {
        return (TokenWord.unwrap(word) >> OPERATIONS) & type(uint16).max;
    }

    function filingStatus(TokenWord word) internal pure returns (IFilingRegistry.Status) {
        return IFilingRegistry.Status((TokenWord.unwrap(word) >> FILING_STATUS) & 7);
    }

    function offering(TokenWord word) internal pure returns (uint256) {
        return (TokenWord.unwrap(word) >> OFFERING) & 3;
    }

    function transfersOpen(TokenWord word) internal pure returns (bool) {
        return TokenWord.unwrap(word) & TRANSFERS_OPEN != 0;
    }

    function paused(TokenWord word) internal pure returns (bool) {
        return TokenWord.unwrap(word) & PAUSED != 0;
    }

    /* WORDS WITH ONE FIELD CHANGED */

    /// @dev The supply is the lowest field, so units are added to the word itself.
    function plus(TokenWord word, uint256 units) internal pure returns (TokenWord) {
        unchecked {
            uint256 room = MAX_UNITS - (TokenWord.unwrap(word) & MAX_UNITS);
            if (units > room) revert FieldOverflow(units, room);
            return TokenWord.wrap(TokenWord.unwrap(word) + units);
        }
    }

    function minus(TokenWord word, uint256 units) internal pure returns (TokenWord) {
        unchecked {
            uint256 there = TokenWord.unwrap(word) & MAX_UNITS;
            if (units > there) revert FieldUnderflow(there, units);
            return TokenWord.wrap(TokenWord.unwrap(word) - units);
        }
    }

    function withCap(TokenWord word, uint256 units) internal pure returns (TokenWord) {
        return _with(word, CAP, MAX_UNITS, units);
    }

    function withRecordAt(TokenWord word, uint256 instant) internal pure returns (TokenWord) {
        return _with(word, RECORD_AT, type(uint32).max, instant);
    }

    function withEpoch(TokenWord word, uint256 epoch_) internal pure returns (TokenWord) {
        return _with(word, EPOCH, type(uint16).max, epoch_);
    }

    function withUnsettled(TokenWord word, uint256 count) internal pure returns (TokenWord) {
        return _with(word, UNSETTLED, 0xf, count);
    }

    function withMintUntilDay(TokenWord word, uint256 day) internal pure returns (TokenWord) {
        return _with(word, MINT_UNTIL_DAY, type(uint16).max, day);
    }

    function withOperations(TokenWord word, uint256 count) internal pure returns (TokenWord) {
        return _with(word, OPERATIONS, type(uint16).max, count);
    }

    function withFilingStatus(TokenWord word, IFilingRegistry.Status status)
        internal
        pure
        returns (TokenWord)
    {
        return _with(word, FILING_STATUS, 7, uint256(status));
    }

    function withOffering(TokenWord word, uint256 offering_) internal pure returns (TokenWord) {
        return _with(word, OFFERING, 3, offering_);
    }

    function withTransfersOpen(TokenWord word, bool on) internal pure returns (TokenWord) {
        return _withFlag(word, TRANSFERS_OPEN, on);
    }

    function withPaused(TokenWord word, bool on) internal pure returns (TokenWord) {
        return _withFlag(word, PAUSED, on);
    }

    function _with(TokenWord word, uint256 offset, uint256 max, uint256 value)
        private
        pure
        returns (TokenWord)
    {
        require(value <= max, FieldOverflow(value, max));
        return TokenWord.wrap((TokenWord.unwrap(word) & ~(max << offset)) | (value << offset));
    }

    function _withFlag(TokenWord word, uint256 flag, bool on) private pure returns (TokenWord) {
        uint256 cleared = TokenWord.unwrap(word) & ~flag;
        return TokenWord.wrap(on ? cleared | flag : cleared);
    }

    /* WHAT A WORD SAYS */

    /// @dev The filing is approved, the issuance reported, and nobody has paused: in one comparison.
    function circulating(TokenWord word) internal pure returns (bool) {
        return TokenWord.unwrap(word) & CIRCULATION == IN_CIRCULATION;
    }

    /// @dev The filing is approved, the offering open, and nobody has paused: in one comparison.
    function issuing(TokenWord word) internal pure returns (bool) {
        return TokenWord.unwrap(word) & ISSUE == IN_ISSUE;
    }

    /// @dev The last epoch of the unbroken row, from the first on, whose payments are finished.
    function settledEpoch(TokenWord word) internal pure returns (uint256) {
        return uint256(epoch(word)) - 1 - unsettled(word);
    }

    /// @dev Has the announced instant of the open epoch's close come?
    function closesBy(TokenWord word, uint256 instant) internal pure returns (bool) {
        uint256 closes = recordAt(word);
        return closes != 0 && instant >= closes;
    }

    /// @dev The word as it counts at `instant`. From the announced instant on the epoch is closed
    /// for everybody, whether or not anybody has written it down yet.
    function at(TokenWord word, uint256 instant) internal pure returns (TokenWord) {
        if (!closesBy(word, instant)) return word;
        return withUnsettled(
            withEpoch(withRecordAt(word, 0), uint256(epoch(word)) + 1), unsettled(word) + 1
        );
    }
}
