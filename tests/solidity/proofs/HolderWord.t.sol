// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HolderWord} from "contracts/token/HolderWord.sol";
import {Proof} from "./Proof.sol";

/// @title P4 and P5 of the holder's word, for each of its 2^256 values and every value of a field
/// @dev No bound. A setter is held to three things: the field reads as set, all others read as before,
/// and setting it back gives the old word, so that unused bits stay too. A value that does not fit
/// cannot read as set, so a setter that returns has proved that it fits.
contract HolderWordProof is Proof {
    uint256 private constant BALANCE = 1;
    uint256 private constant PREVIOUS = 2;
    uint256 private constant EPOCH = 4;
    uint256 private constant INDEX = 8;
    uint256 private constant ELIGIBILITY = 16;
    uint256 private constant FROZEN = 32;
    uint256 private constant UNITS_FROZEN = 64;
    uint256 private constant RECORDED = 128;
    uint256 private constant BARRED = 256;

    function check_P5_plus(HolderWord word, uint256 units) external pure {
        HolderWord changed = word.plus(units);
        assert(units <= type(uint80).max && changed.balance() == word.balance() + units);
        _requireSameBut(word, changed, BALANCE);
        _requireEqual(changed.minus(units), word);
    }

    function check_P5_minus(HolderWord word, uint256 units) external pure {
        HolderWord changed = word.minus(units);
        assert(units <= word.balance() && changed.balance() == word.balance() - units);
        _requireSameBut(word, changed, BALANCE);
        _requireEqual(changed.plus(units), word);
    }

    function check_P5_withIndex(HolderWord word, uint256 index) external pure {
        HolderWord changed = word.withIndex(index);
        assert(changed.index() == index);
        _requireSameBut(word, changed, INDEX);
        _requireEqual(changed.withIndex(word.index()), word);
    }

    function check_P5_withEligibility(
        HolderWord word,
        uint16 expiryDay,
        uint16 country,
        uint8 class
    ) external pure {
        HolderWord changed = word.withEligibility(_eligibility(expiryDay, country, class));
        assert(changed.expiryDay() == expiryDay);
        assert(changed.country() == country);
        assert(changed.class() == class);
        _requireSameBut(word, changed, ELIGIBILITY);
        uint40 before = _eligibility(word.expiryDay(), word.country(), word.class());
        _requireEqual(changed.withEligibility(before), word);
    }

    function check_P5_withFrozen(HolderWord word, bool on) external pure {
        HolderWord changed = word.withFrozen(on);
        assert(changed.frozen() == on);
        _requireSameBut(word, changed, FROZEN);
        _requireEqual(changed.withFrozen(word.frozen()), word);
    }

    function check_P5_withUnitsFrozen(HolderWord word, bool on) external pure {
        HolderWord changed = word.withUnitsFrozen(on);
        assert(changed.unitsFrozen() == on);
        _requireSameBut(word, changed, UNITS_FROZEN);
        _requireEqual(changed.withUnitsFrozen(word.unitsFrozen()), word);
    }

    function check_P5_withRecorded(HolderWord word, bool on) external pure {
        HolderWord changed = word.withRecorded(on);
        assert(changed.recorded() == on);
        _requireSameBut(word, changed, RECORDED);
        _requireEqual(changed.withRecorded(word.recorded()), word);
    }

    function check_P5_withBarred(HolderWord word, bool on) external pure {
        HolderWord changed = word.withBarred(on);
        assert(changed.barred() == on);
        _requireSameBut(word, changed, BARRED);
        _requireEqual(changed.withBarred(word.barred()), word);
    }

    /// @dev It sets two fields at once, so it is undone by itself only where they were set by it.
    function check_P5_movedOn(HolderWord word, uint16 epoch, uint16 later) external pure {
        HolderWord changed = word.movedOn(epoch);
        assert(changed.previous() == word.balance());
        assert(changed.epoch() == epoch);
        _requireSameBut(word, changed, PREVIOUS | EPOCH);
        _requireEqual(changed.movedOn(later).movedOn(epoch), changed);
    }

    /// @dev In whole days, as the code has it: division by 86,400 is too much for the solvers.
    function check_P8_mayReceive(HolderWord word, uint64 instant) external pure {
        bool eligible =
            word.index() != 0 && !word.frozen() && instant / 1 days < word.expiryDay();
        assert(word.mayReceive(instant) == eligible);
    }

    function _eligibility(uint16 expiryDay, uint16 country, uint8 class)
        private
        pure
        returns (uint40)
    {
        return uint40(expiryDay) | (uint40(country) << 16) | (uint40(class) << 32);
    }

    function _requireEqual(HolderWord one, HolderWord other) private pure {
        assert(HolderWord.unwrap(one) == HolderWord.unwrap(other));
    }

    function _requireSameBut(HolderWord a, HolderWord b, uint256 fields) private pure {
        assert(fields & BALANCE != 0 || a.balance() == b.balance());
        assert(fields & PREVIOUS != 0 || a.previous() == b.previous());
        assert(fields & EPOCH != 0 || a.epoch() == b.epoch());
        assert(fields & INDEX != 0 || a.index() == b.index());
        assert(fields & ELIGIBILITY != 0 || a.expiryDay() == b.expiryDay());
        assert(fields & ELIGIBILITY != 0 || a.country() == b.country());
        assert(fields & ELIGIBILITY != 0 || a.class() == b.class());
        assert(fields & FROZEN != 0 || a.frozen() == b.frozen());
        assert(fields & UNITS_FROZEN != 0 || a.unitsFrozen() == b.unitsFrozen());
        assert(fields & RECORDED != 0 || a.recorded() == b.recorded());
        assert(fields & BARRED != 0 || a.barred() == b.barred());
    }
}
