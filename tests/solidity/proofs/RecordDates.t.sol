// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IFilingRegistry} from "contracts/interfaces/IFilingRegistry.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Admission, packAdmission} from "contracts/token/Packed.sol";
import {Proof} from "./Proof.sol";

/// @title P24: no transfer changes what a holder had at a record date that is still to be paid
/// @dev From deployment on, by real calls: a holder of any units, two record dates that both wait for
/// their payment, and a transfer of any units, or of none, to another holder before, between and after
/// them: the shortest past in which an older balance has to be written to the history. Bounded thus,
/// because what is proved is about a past.
contract RecordDatesProof is Proof {
    bytes32 private constant BUNDLE = "bundle";
    address private constant A = address(0xa11);
    address private constant B = address(0xb22);
    uint256 private constant START = 20_000 days;

    AbsToken private token;

    function setUp() public {
        vm.warp(START);
        address me = address(this);
        token = new AbsToken(
            "Note",
            "NOTE",
            IAbsToken.Terms(1_000_000, 0, 0, 0, 0, 30_000 days, 1),
            IAbsToken.Parties(me, me, me, me, address(0xc0), me, me, me)
        );
        token.attachFiling("filing");
        token.setFiling(BUNDLE, type(uint80).max, 30_000);
        token.setFilingStatus(IFilingRegistry.Status.Approved);
        token.openOffering();
        Admission[] memory admissions = new Admission[](2);
        admissions[0] = packAdmission(A, 30_000, 344, 1);
        admissions[1] = packAdmission(B, 30_000, 344, 1);
        token.setEligibility(admissions);
    }

    function check_P24_transfersAcrossRecordDates(uint64 units, uint64[3] calldata moves) external {
        vm.assume(units != 0);
        token.mint(A, units, BUNDLE, 1);
        token.closeOffering();
        token.openTransfers();
        _transfer(moves[0]);
        uint256 first = token.balanceOf(A);
        _closeEpoch(30 days);
        _transfer(moves[1]);
        uint256 second = token.balanceOf(A);
        _closeEpoch(60 days);
        _transfer(moves[2]);
        assert(token.balanceAt(A, 1) == first);
        assert(token.balanceAt(B, 1) == units - first);
        assert(token.balanceAt(A, 2) == second);
        assert(token.balanceAt(B, 2) == units - second);
        assert(token.supplyAt(1) == units && token.supplyAt(2) == units);
    }

    function _transfer(uint256 units) private {
        vm.prank(A);
        token.transfer(B, units);
    }

    function _closeEpoch(uint256 later) private {
        uint32 recordAt = uint32(START + later);
        token.announceRecordDate(recordAt);
        vm.warp(recordAt);
    }
}
