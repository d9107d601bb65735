// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FieldOverflow, FieldUnderflow} from "contracts/token/FieldOverflow.sol";
import {HolderWord} from "contracts/token/HolderWord.sol";
import {Test} from "../../support/Test.sol";

/// @dev Words are any 256 bits, so every pair of a field written and a field beside it is tried with
/// whatever the neighbour may hold. The layout is written down here once more, on purpose.
contract HolderWordTest is Test {
    uint256 private constant MAX_UNITS = type(uint80).max;

    uint8[11] private _offsets = [0, 80, 160, 176, 200, 216, 232, 240, 241, 242, 243];
    uint8[11] private _widths = [80, 80, 16, 24, 16, 16, 8, 1, 1, 1, 1];

    uint256 private constant BALANCE = 1 << 0;
    uint256 private constant PREVIOUS = 1 << 1;
    uint256 private constant EPOCH = 1 << 2;
    uint256 private constant INDEX = 1 << 3;
    uint256 private constant ELIGIBILITY = 7 << 4;
    uint256 private constant FROZEN = 1 << 7;
    uint256 private constant UNITS_FROZEN = 1 << 8;
    uint256 private constant RECORDED = 1 << 9;
    uint256 private constant BARRED = 1 << 10;

    function fields(HolderWord word) private pure returns (uint256[11] memory) {
        return [
            word.balance(),
            word.previous(),
            word.epoch(),
            word.index(),
            word.expiryDay(),
            word.country(),
            word.class(),
            word.frozen() ? 1 : 0,
            word.unitsFrozen() ? 1 : 0,
            word.recorded() ? 1 : 0,
            word.barred() ? 1 : 0
        ];
    }

    /// @param changed A bit for every field that may differ; the unused bits never may.
    function assertOnly(uint256 changed, uint256 raw, HolderWord word) private view {
        (uint256[11] memory was, uint256[11] memory now_) =
            (fields(HolderWord.wrap(raw)), fields(word));
        uint256 free;
        for (uint256 i; i < 11; ++i) {
            if (changed & (1 << i) == 0) assertEq(now_[i], was[i], "another field changed");
            else free |= ((1 << uint256(_widths[i])) - 1) << _offsets[i];
        }
        assertEq(HolderWord.unwrap(word) & ~free, raw & ~free, "bits outside the field changed");
    }

    /* EVERY FIELD LIES WHERE THE LAYOUT SAYS */

    function test_P5_everyGetterReadsItsOwnBitsOnly(uint256 raw) external view {
        uint256[11] memory found = fields(HolderWord.wrap(raw));
        for (uint256 i; i < 11; ++i) {
            uint256 wanted = (raw >> _offsets[i]) & ((1 << uint256(_widths[i])) - 1);
            assertEq(found[i], wanted, "field");
        }
    }

    /* EVERY SETTER CHANGES ITS OWN FIELD ONLY */

    function test_P5_withIndexChangesTheIndexOnly(uint256 raw, uint24 index) external view {
        HolderWord word = HolderWord.wrap(raw).withIndex(index);
        assertEq(word.index(), index, "index");
        assertOnly(INDEX, raw, word);
    }

    function test_P5_withEligibilityChangesDayCountryAndClassOnly(
        uint256 raw,
        uint16 day,
        uint16 country,
        uint8 class
    ) external view {
        uint40 packed = uint40(day) | (uint40(country) << 16) | (uint40(class) << 32);
        HolderWord word = HolderWord.wrap(raw).withEligibility(packed);
        assertEq(word.expiryDay(), day, "expiry day");
        assertEq(word.country(), country, "country");
        assertEq(word.class(), class, "class");
        assertOnly(ELIGIBILITY, raw, word);
    }

    function test_P5_everyFlagChangesItselfOnly(uint256 raw, bool on) external view {
        HolderWord word = HolderWord.wrap(raw);
        assertTrue(word.withFrozen(on).frozen() == on, "frozen");
        assertOnly(FROZEN, raw, word.withFrozen(on));
        assertTrue(word.withUnitsFrozen(on).unitsFrozen() == on, "units frozen");
        assertOnly(UNITS_FROZEN, raw, word.withUnitsFrozen(on));
        assertTrue(word.withRecorded(on).recorded() == on, "recorded");
        assertOnly(RECORDED, raw, word.withRecorded(on));
        assertTrue(word.withBarred(on).barred() == on, "barred");
        assertOnly(BARRED, raw, word.withBarred(on));
    }

    function test_P5_plusChangesTheBalanceOnly(uint256 raw, uint256 units) external view {
        uint256 held = HolderWord.wrap(raw).balance();
        units = between(units, 0, MAX_UNITS - held);
        HolderWord word = HolderWord.wrap(raw).plus(units);
        assertEq(word.balance(), held + units, "balance");
        assertOnly(BALANCE, raw, word);
    }

    function test_P5_minusChangesTheBalanceOnly(uint256 raw, uint256 units) external view {
        uint256 held = HolderWord.wrap(raw).balance();
        units = between(units, 0, held);
        HolderWord word = HolderWord.wrap(raw).minus(units);
        assertEq(word.balance(), held - units, "balance");
        assertOnly(BALANCE, raw, word);
    }

    function test_P5_movedOnKeepsTheBalanceAsThePreviousOne(uint256 raw, uint16 epoch)
        external
        view
    {
        HolderWord word = HolderWord.wrap(raw).movedOn(epoch);
        assertEq(word.epoch(), epoch, "epoch");
        assertEq(word.previous(), HolderWord.wrap(raw).balance(), "previous");
        assertOnly(PREVIOUS | EPOCH, raw, word);
    }

    /* WHAT DOES NOT FIT IS REFUSED BY NAME */

    function plus(uint256 raw, uint256 units) external pure returns (HolderWord) {
        return HolderWord.wrap(raw).plus(units);
    }

    function minus(uint256 raw, uint256 units) external pure returns (HolderWord) {
        return HolderWord.wrap(raw).minus(units);
    }

    function withIndex(uint256 raw, uint256 index) external pure returns (HolderWord) {
        return HolderWord.wrap(raw).withIndex(index);
    }

    function test_P4_aBalanceOverItsFieldIsRefusedByName(uint256 raw, uint256 units) external {
        uint256 held = HolderWord.wrap(raw).balance();
        units = between(units, MAX_UNITS - held + 1, type(uint256).max - 1);
        vm.expectRevert(abi.encodeWithSelector(FieldOverflow.selector, units, MAX_UNITS - held));
        this.plus(raw, units);
    }

    function test_P4_aBalanceBelowZeroIsRefusedByName(uint256 raw, uint256 units) external {
        uint256 held = HolderWord.wrap(raw).balance();
        units = between(units, held + 1, type(uint256).max - 1);
        vm.expectRevert(abi.encodeWithSelector(FieldUnderflow.selector, held, units));
        this.minus(raw, units);
    }

    function test_P4_anIndexOverItsFieldIsRefusedByName(uint256 raw, uint256 index) external {
        index = between(index, uint256(type(uint24).max) + 1, type(uint256).max - 1);
        vm.expectRevert(abi.encodeWithSelector(FieldOverflow.selector, index, type(uint24).max));
        this.withIndex(raw, index);
    }

    /* WHAT A WORD SAYS */

    function test_P2_aWordIsRegisteredByItsIndexAlone(uint256 raw) external pure {
        HolderWord word = HolderWord.wrap(raw);
        assertTrue(word.registered() == (word.index() != 0), "registered");
        assertFalse(HolderWord.wrap(raw).withIndex(0).registered(), "registered without an index");
    }

    function test_P8_mayReceiveUntilTheLastSecondBeforeTheDay(uint256 raw, uint64 instant)
        external
        pure
    {
        HolderWord word = HolderWord.wrap(raw);
        bool live = word.index() != 0 && !word.frozen();
        uint256 ends = uint256(word.expiryDay()) * 86_400;
        assertTrue(word.mayReceive(instant) == (live && instant < ends), "at any second");
        if (ends != 0) assertTrue(word.mayReceive(ends - 1) == live, "in the last second");
        assertFalse(word.mayReceive(ends), "in the first second of the day");
    }

    function test_P12_maySendUnlessFrozenOrFoundIneligible(uint256 raw) external pure {
        HolderWord word = HolderWord.wrap(raw);
        bool may = word.index() != 0 && word.expiryDay() != 0 && !word.frozen();
        assertTrue(word.maySend() == may, "may send");
    }
}
