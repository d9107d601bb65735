// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Admission, Allotment, PackedFields, packAdmission} from "contracts/token/Packed.sol";
import {Test} from "../../support/Test.sol";

contract PackedTest is Test {
    function units(uint256 raw) external pure returns (uint256) {
        return Allotment.wrap(raw).units();
    }

    function eligibility(uint256 raw) external pure returns (uint40) {
        return Admission.wrap(raw).eligibility();
    }

    function test_P5_anAllotmentSaysWalletAndUnits(address wallet, uint80 units_) external pure {
        Allotment word = Allotment.wrap(uint256(uint160(wallet)) | (uint256(units_) << 160));
        assertEq(word.wallet(), wallet, "wallet");
        assertEq(word.units(), units_, "units");
    }

    function test_P5_anAdmissionSaysWalletDayCountryAndClass(
        address wallet,
        uint16 day,
        uint16 country,
        uint8 class
    ) external pure {
        Admission word = packAdmission(wallet, day, country, class);
        assertEq(word.wallet(), wallet, "wallet");
        assertEq(word.expiryDay(), day, "expiry day");
        uint256 packed = word.eligibility();
        assertEq(uint16(packed), day, "day");
        assertEq(uint16(packed >> 16), country, "country");
        assertEq(packed >> 32, class, "class");
    }

    function test_P5_anAllotmentWithAnUnusedBitIsRefusedByName(uint256 raw, uint8 bit) external {
        raw |= 1 << between(bit, 240, 255);
        vm.expectRevert(abi.encodeWithSelector(PackedFields.UnusedBitsSet.selector, raw));
        this.units(raw);
    }

    function test_P5_anAdmissionWithAnUnusedBitIsRefusedByName(uint256 raw, uint8 bit) external {
        raw |= 1 << between(bit, 200, 255);
        vm.expectRevert(abi.encodeWithSelector(PackedFields.UnusedBitsSet.selector, raw));
        this.eligibility(raw);
    }
}
