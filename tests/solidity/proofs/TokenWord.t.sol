// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IFilingRegistry} from "contracts/interfaces/IFilingRegistry.sol";
import {TokenWord} from "contracts/token/TokenWord.sol";
import {Proof} from "./Proof.sol";

/// @title P4 and P5 of the tranche's word, for each of its values and every value of a field
/// @dev As for the holder's word. One bound, of the type and not of the proof: words whose three bits
/// of filing status name none cannot be read, so they are left out.
contract TokenWordProof is Proof {
    uint256 private constant SUPPLY = 1;
    uint256 private constant CAP = 2;
    uint256 private constant RECORD_AT = 4;
    uint256 private constant EPOCH = 8;
    uint256 private constant UNSETTLED = 16;
    uint256 private constant MINT_UNTIL_DAY = 32;
    uint256 private constant OPERATIONS = 64;
    uint256 private constant FILING_STATUS = 128;
    uint256 private constant OFFERING = 256;
    uint256 private constant TRANSFERS_OPEN = 512;
    uint256 private constant PAUSED = 1024;

    function check_P5_plus(TokenWord word, uint256 units) external pure {
        TokenWord changed = word.plus(units);
        assert(units <= type(uint80).max && changed.supply() == word.supply() + units);
        _requireSameBut(word, changed, SUPPLY);
        _requireEqual(changed.minus(units), word);
    }

    function check_P5_minus(TokenWord word, uint256 units) external pure {
        TokenWord changed = word.minus(units);
        assert(units <= word.supply() && changed.supply() == word.supply() - units);
        _requireSameBut(word, changed, SUPPLY);
        _requireEqual(changed.plus(units), word);
    }

    function check_P5_withCap(TokenWord word, uint256 units) external pure {
        TokenWord changed = word.withCap(units);
        assert(changed.cap() == units);
        _requireSameBut(word, changed, CAP);
        _requireEqual(changed.withCap(word.cap()), word);
    }

    function check_P5_withRecordAt(TokenWord word, uint256 instant) external pure {
        TokenWord changed = word.withRecordAt(instant);
        assert(changed.recordAt() == instant);
        _requireSameBut(word, changed, RECORD_AT);
        _requireEqual(changed.withRecordAt(word.recordAt()), word);
    }

    function check_P5_withEpoch(TokenWord word, uint256 epoch) external pure {
        TokenWord changed = word.withEpoch(epoch);
        assert(changed.epoch() == epoch);
        _requireSameBut(word, changed, EPOCH);
        _requireEqual(changed.withEpoch(word.epoch()), word);
    }

    function check_P5_withUnsettled(TokenWord word, uint256 count) external pure {
        TokenWord changed = word.withUnsettled(count);
        assert(changed.unsettled() == count);
        _requireSameBut(word, changed, UNSETTLED);
        _requireEqual(changed.withUnsettled(word.unsettled()), word);
    }

    function check_P5_withMintUntilDay(TokenWord word, uint256 day) external pure {
        TokenWord changed = word.withMintUntilDay(day);
        assert(changed.mintUntilDay() == day);
        _requireSameBut(word, changed, MINT_UNTIL_DAY);
        _requireEqual(changed.withMintUntilDay(word.mintUntilDay()), word);
    }

    function check_P5_withOperations(TokenWord word, uint256 count) external pure {
        TokenWord changed = word.withOperations(count);
        assert(changed.operations() == count);
        _requireSameBut(word, changed, OPERATIONS);
        _requireEqual(changed.withOperations(word.operations()), word);
    }

    function check_P5_withFilingStatus(TokenWord word, IFilingRegistry.Status status)
        external
        pure
    {
        TokenWord changed = word.withFilingStatus(status);
        assert(changed.filingStatus() == status);
        _requireSameBut(word, changed, FILING_STATUS);
        _requireEqual(changed.withFilingStatus(word.filingStatus()), word);
    }

    function check_P5_withOffering(TokenWord word, uint256 offering) external pure {
        TokenWord changed = word.withOffering(offering);
        assert(changed.offering() == offering);
        _requireSameBut(word, changed, OFFERING);
        _requireEqual(changed.withOffering(word.offering()), word);
    }

    function check_P5_withTransfersOpen(TokenWord word, bool on) external pure {
        TokenWord changed = word.withTransfersOpen(on);
        assert(changed.transfersOpen() == on);
        _requireSameBut(word, changed, TRANSFERS_OPEN);
        _requireEqual(changed.withTransfersOpen(word.transfersOpen()), word);
    }

    function check_P5_withPaused(TokenWord word, bool on) external pure {
        TokenWord changed = word.withPaused(on);
        assert(changed.paused() == on);
        _requireSameBut(word, changed, PAUSED);
        _requireEqual(changed.withPaused(word.paused()), word);
    }

    /// @dev P28: the word as of an instant differs from the one written down in that the announced
    /// epoch is closed, and in nothing else.
    function check_P28_at(TokenWord word, uint64 instant) external pure {
        TokenWord now_ = word.at(instant);
        bool closes = word.recordAt() != 0 && instant >= word.recordAt();
        assert(now_.recordAt() == (closes ? 0 : word.recordAt()));
        assert(now_.epoch() == uint256(word.epoch()) + (closes ? 1 : 0));
        assert(now_.unsettled() == word.unsettled() + (closes ? 1 : 0));
        _requireSameBut(word, now_, RECORD_AT | EPOCH | UNSETTLED);
    }

    /// @dev Three fields asked in one comparison.
    function check_circulating(TokenWord word) external pure {
        bool circulates = word.filingStatus() == IFilingRegistry.Status.Approved
            && word.transfersOpen() && !word.paused();
        assert(word.circulating() == circulates);
    }

    function check_issuing(TokenWord word) external pure {
        bool issues = word.filingStatus() == IFilingRegistry.Status.Approved
            && word.offering() == uint256(IAbsToken.Offering.Open) && !word.paused();
        assert(word.issuing() == issues);
    }

    function _requireEqual(TokenWord one, TokenWord other) private pure {
        assert(TokenWord.unwrap(one) == TokenWord.unwrap(other));
    }

    function _requireSameBut(TokenWord a, TokenWord b, uint256 fields) private pure {
        assert(fields & SUPPLY != 0 || a.supply() == b.supply());
        assert(fields & CAP != 0 || a.cap() == b.cap());
        assert(fields & RECORD_AT != 0 || a.recordAt() == b.recordAt());
        assert(fields & EPOCH != 0 || a.epoch() == b.epoch());
        assert(fields & UNSETTLED != 0 || a.unsettled() == b.unsettled());
        assert(fields & MINT_UNTIL_DAY != 0 || a.mintUntilDay() == b.mintUntilDay());
        assert(fields & OPERATIONS != 0 || a.operations() == b.operations());
        assert(fields & FILING_STATUS != 0 || a.filingStatus() == b.filingStatus());
        assert(fields & OFFERING != 0 || a.offering() == b.offering());
        assert(fields & TRANSFERS_OPEN != 0 || a.transfersOpen() == b.transfersOpen());
        assert(fields & PAUSED != 0 || a.paused() == b.paused());
    }
}
