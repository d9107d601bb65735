// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFilingRegistry} from "contracts/interfaces/IFilingRegistry.sol";
import {FieldOverflow, FieldUnderflow} from "contracts/token/FieldOverflow.sol";
import {TokenWord} from "contracts/token/TokenWord.sol";
import {Test} from "../../support/Test.sol";

contract TokenWordTest is Test {
    uint256 private constant STATUSES = uint256(type(IFilingRegistry.Status).max) + 1;
    uint256 private constant STATUS_BITS = 7 << 244;

    uint8[11] private _offsets = [0, 80, 160, 192, 208, 212, 228, 244, 247, 249, 250];
    uint8[11] private _widths = [80, 80, 32, 16, 4, 16, 16, 3, 2, 1, 1];

    uint256 private constant SUPPLY = 0;
    uint256 private constant CAP = 1;
    uint256 private constant RECORD_AT = 2;
    uint256 private constant EPOCH = 3;
    uint256 private constant UNSETTLED = 4;
    uint256 private constant MINT_UNTIL_DAY = 5;
    uint256 private constant OPERATIONS = 6;
    uint256 private constant FILING_STATUS = 7;
    uint256 private constant OFFERING = 8;
    uint256 private constant TRANSFERS_OPEN = 9;
    uint256 private constant PAUSED = 10;

    /// @dev Any word but for the two filing statuses that there are not.
    function anyWord(uint256 raw) private pure returns (TokenWord) {
        uint256 status = (raw & STATUS_BITS) >> 244;
        return TokenWord.wrap((raw & ~STATUS_BITS) | ((status % STATUSES) << 244));
    }

    function max(uint256 field) private view returns (uint256) {
        return field == FILING_STATUS ? STATUSES - 1 : (1 << uint256(_widths[field])) - 1;
    }

    function fields(TokenWord word) private pure returns (uint256[11] memory) {
        return [
            word.supply(),
            word.cap(),
            word.recordAt(),
            word.epoch(),
            word.unsettled(),
            word.mintUntilDay(),
            word.operations(),
            uint256(word.filingStatus()),
            word.offering(),
            word.transfersOpen() ? 1 : 0,
            word.paused() ? 1 : 0
        ];
    }

    /// @dev External, so that a refusal can be looked at.
    function set(TokenWord word, uint256 field, uint256 value) external pure returns (TokenWord) {
        // The supply is emptied first, so that all of its field is room.
        if (field == SUPPLY) return word.minus(word.supply()).plus(value);
        if (field == CAP) return word.withCap(value);
        if (field == RECORD_AT) return word.withRecordAt(value);
        if (field == EPOCH) return word.withEpoch(value);
        if (field == UNSETTLED) return word.withUnsettled(value);
        if (field == MINT_UNTIL_DAY) return word.withMintUntilDay(value);
        if (field == OPERATIONS) return word.withOperations(value);
        if (field == FILING_STATUS) return word.withFilingStatus(IFilingRegistry.Status(value));
        if (field == OFFERING) return word.withOffering(value);
        if (field == TRANSFERS_OPEN) return word.withTransfersOpen(value == 1);
        return word.withPaused(value == 1);
    }

    function test_P5_everyGetterReadsItsOwnBitsOnly(uint256 raw) external view {
        TokenWord word = anyWord(raw);
        uint256[11] memory found = fields(word);
        for (uint256 i; i < 11; ++i) {
            uint256 mask = (1 << uint256(_widths[i])) - 1;
            assertEq(found[i], (TokenWord.unwrap(word) >> _offsets[i]) & mask, "field");
        }
    }

    function test_P5_everySetterChangesItsOwnFieldOnly(uint256 raw, uint256 value) external view {
        TokenWord word = anyWord(raw);
        uint256[11] memory was = fields(word);
        for (uint256 field; field < 11; ++field) {
            uint256 fits = between(value, 0, max(field));
            TokenWord changed = this.set(word, field, fits);
            uint256[11] memory found = fields(changed);
            for (uint256 i; i < 11; ++i) {
                assertEq(found[i], i == field ? fits : was[i], "field");
            }
            uint256 rest = ~(((1 << uint256(_widths[field])) - 1) << _offsets[field]);
            assertEq(
                TokenWord.unwrap(changed) & rest, TokenWord.unwrap(word) & rest, "bits outside"
            );
        }
    }

    function test_P4_whatDoesNotFitAFieldIsRefusedByName(uint256 raw, uint256 value) external {
        TokenWord word = anyWord(raw);
        for (uint256 field; field <= OFFERING; ++field) {
            // A status has a type of its own: the compiler refuses what is none.
            if (field == FILING_STATUS) continue;
            uint256 tooMuch = between(value, max(field) + 1, type(uint256).max - 1);
            vm.expectRevert(
                abi.encodeWithSelector(FieldOverflow.selector, tooMuch, max(field))
            );
            this.set(word, field, tooMuch);
        }
    }

    /* WHAT A WORD SAYS */

    function test_circulatingIsApprovedReportedAndNotPaused(uint256 raw) external pure {
        TokenWord word = anyWord(raw);
        bool wanted = word.filingStatus() == IFilingRegistry.Status.Approved
            && word.transfersOpen() && !word.paused();
        assertTrue(word.circulating() == wanted, "circulating");
    }

    function test_issuingIsApprovedOpenAndNotPaused(uint256 raw) external pure {
        TokenWord word = anyWord(raw);
        bool wanted = word.filingStatus() == IFilingRegistry.Status.Approved
            && word.offering() == 1 && !word.paused();
        assertTrue(word.issuing() == wanted, "issuing");
    }

    function test_P28_anEpochIsClosedFromItsInstantOn(uint256 raw, uint256 instant) external pure {
        TokenWord word = anyWord(raw);
        uint256 closes = word.recordAt();
        instant = between(instant, 0, uint256(type(uint32).max) + 1);
        vm.assume(word.epoch() != type(uint16).max && word.unsettled() != 15);
        uint256[11] memory was = fields(word);
        uint256[11] memory found = fields(word.at(instant));
        bool closed = closes != 0 && instant >= closes;
        assertTrue(word.closesBy(instant) == closed, "closes by");
        for (uint256 i; i < 11; ++i) {
            uint256 wanted = was[i];
            if (closed && i == RECORD_AT) wanted = 0;
            if (closed && (i == EPOCH || i == UNSETTLED)) ++wanted;
            assertEq(found[i], wanted, "field");
        }
    }

    function test_P25_theSettledEpochsAreThoseBelowTheUnsettled(uint16 epoch, uint8 unsettled)
        external
        pure
    {
        uint256 open = between(epoch, 1, type(uint16).max);
        uint256 waiting = between(unsettled, 0, open - 1 < 15 ? open - 1 : 15);
        TokenWord word = TokenWord.wrap(0).withEpoch(open).withUnsettled(waiting);
        assertEq(word.settledEpoch() + waiting + 1, open, "settled, waiting and the open one");
    }

    function plus(TokenWord word, uint256 units) external pure returns (TokenWord) {
        return word.plus(units);
    }

    function minus(TokenWord word, uint256 units) external pure returns (TokenWord) {
        return word.minus(units);
    }

    function test_P4_aSupplyNeverLeavesItsField(uint256 raw, uint256 units) external {
        TokenWord word = anyWord(raw);
        (uint256 there, uint256 most) = (word.supply(), type(uint80).max);
        uint256 fits = between(units, 0, most - there);
        uint256 wanted = TokenWord.unwrap(word) + fits;
        assertEq(TokenWord.unwrap(word.plus(fits)), wanted, "more");
        assertEq(TokenWord.unwrap(word.plus(fits).minus(fits)), TokenWord.unwrap(word), "back");
        uint256 tooMuch = between(units, most - there + 1, type(uint256).max - 1);
        vm.expectRevert(
            abi.encodeWithSelector(FieldOverflow.selector, tooMuch, most - there)
        );
        this.plus(word, tooMuch);
        tooMuch = between(units, there + 1, type(uint256).max - 1);
        vm.expectRevert(abi.encodeWithSelector(FieldUnderflow.selector, there, tooMuch));
        this.minus(word, tooMuch);
    }

    function at(TokenWord word, uint256 instant) external pure returns (TokenWord) {
        return word.at(instant);
    }

    function test_P4_noEpochFollowsTheLast() external {
        TokenWord word = TokenWord.wrap(0).withEpoch(type(uint16).max).withRecordAt(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                FieldOverflow.selector, uint256(type(uint16).max) + 1, type(uint16).max
            )
        );
        this.at(word, 1);
    }
}
