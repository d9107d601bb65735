// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {FieldOverflow} from "contracts/token/FieldOverflow.sol";
import {TokenWord} from "contracts/token/TokenWord.sol";
import {Deal} from "../../support/Deal.sol";

/// @title A tranche at the end of its numbers: everything stops by name, nothing carries over
/// @dev Nobody gets there by calls in the time of a test, so the words are written into the storage.
contract LimitsTest is Deal {
    function setUp() external {
        deploy();
        issue(token, ALICE, 1000);
        register(BOB);
    }

    /// @dev Found by what it says: the supply and the cap of this very token.
    function slotOfTokenWord() private view returns (bytes32) {
        for (uint256 slot; slot < 40; ++slot) {
            TokenWord found = TokenWord.wrap(uint256(vm.load(address(token), bytes32(slot))));
            if (found.supply() == 1000 && found.cap() == CAP) return bytes32(slot);
        }
        revert("the token's word is nowhere");
    }

    function word() private view returns (TokenWord) {
        return TokenWord.wrap(uint256(vm.load(address(token), slotOfTokenWord())));
    }

    function write(TokenWord changed) private {
        vm.store(address(token), slotOfTokenWord(), bytes32(TokenWord.unwrap(changed)));
    }

    /// @dev Makes Carol the last number there is. Where the token keeps the number it gave last is its
    /// own affair: what looks like it is tried, until Carol gets the one that follows.
    function registerLast() private {
        for (uint256 place; place < 40 * 30; ++place) {
            (bytes32 slot, uint256 shift) = (bytes32(place / 30), 8 * (place % 30));
            uint256 was = uint256(vm.load(address(token), slot));
            if ((was >> shift) & type(uint24).max != token.indexOf(BOB)) continue;
            uint256 state = vm.snapshotState();
            uint256 kept = was & ~(uint256(type(uint24).max) << shift);
            uint256 last = uint256(type(uint24).max - 1) << shift;
            vm.store(address(token), slot, bytes32(kept | last));
            vm.prank(REGISTRAR);
            try investors.setInvestor(
                CAROL, IAbsToken.Eligibility(EXPIRY_DAY, 344, 2), "evidence"
            ) {
                if (token.indexOf(CAROL) == type(uint24).max) return;
            } catch {}
            vm.revertToState(state);
        }
        revert("the last number is nowhere");
    }

    function test_P4_afterTheLastNumberNobodyIsRegistered() external {
        registerLast();
        address next = address(0xB004);
        bytes memory full = abi.encodeWithSelector(
            FieldOverflow.selector, uint256(type(uint24).max) + 1, type(uint24).max
        );
        vm.prank(REGISTRAR);
        vm.expectRevert(full);
        investors.setInvestor(next, IAbsToken.Eligibility(EXPIRY_DAY, 344, 2), "evidence");
        vm.prank(ENFORCEMENT);
        vm.expectRevert(full);
        token.setFrozenTokens(next, 1);
        assertEq(token.indexOf(next), 0, "number");
        // Who has a number is served as before.
        register(CAROL, EXPIRY_DAY + 1);
        issue(token, CAROL, 10);
        assertEq(token.balanceOf(CAROL), 10, "balance");
    }

    function test_P4_theLastNumberIsPaidLikeAnyOther() external {
        registerLast();
        issue(token, CAROL, 10);
        activate();
        uint16 epoch = record(token);
        declare(token, epoch, 3, 0);
        pay(token, epoch, listOf(CAROL, CAROL));
        assertEq(coin.balanceOf(CAROL), 30, "paid");
        assertTrue(distributor.isPaid(token, epoch, type(uint24).max), "marked");
        assertFalse(distributor.isPaid(token, epoch, type(uint24).max - 1), "its neighbour");
        assertFalse(distributor.isPaid(token, epoch, 1), "Alice");
    }

    function test_P4_theLastOperationIsFollowedByNone() external {
        write(word().withOperations(type(uint16).max - 1));
        issue(token, ALICE, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                FieldOverflow.selector, uint256(type(uint16).max) + 1, type(uint16).max
            )
        );
        vm.prank(address(dvp));
        token.mint(ALICE, 1, BUNDLE, uint256(type(uint16).max) + 1);
        assertEq(token.operationCount(), type(uint16).max, "operations");
    }

    function test_P4_inTheLastEpochNoRecordDateIsAnnounced() external {
        activate();
        write(word().withEpoch(type(uint16).max - 1));
        uint16 epoch = record(token);
        assertEq(token.balanceAt(ALICE, epoch), 1000, "balance of record");
        vm.prank(address(distributor));
        token.settle(epoch);
        assertEq(token.epoch(), type(uint16).max, "epoch");
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.EpochsExhausted.selector));
        vm.prank(PAYER);
        distributor.announce(token, uint32(block.timestamp + 1 days));
        vm.prank(ALICE);
        token.transfer(BOB, 400);
        assertEq(token.balanceOf(BOB), 400, "units still move");
    }

    function test_P4_theLastDayIsADayLikeAnyOther() external {
        uint256 end = uint256(type(uint16).max) * 1 days;
        vm.warp(end - 10 days);
        register(BOB, type(uint16).max);
        vm.warp(end - 1);
        assertTrue(token.canReceive(BOB), "in the last second");
        vm.warp(end);
        assertFalse(token.canReceive(BOB), "in the first second of the last day");
    }

    function test_P27_eightRecordDatesMayWaitAndNoMore() external {
        activate();
        for (uint16 epoch = 1; epoch <= 8; ++epoch) {
            record(token);
            vm.prank(ALICE);
            token.transfer(BOB, epoch);
        }
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.TooManyOpenEpochs.selector, 8));
        vm.prank(PAYER);
        distributor.announce(token, uint32(block.timestamp + 1 days));
        uint256 held;
        for (uint16 epoch = 1; epoch <= 8; ++epoch) {
            assertEq(token.balanceAt(BOB, epoch), held, "Bob's balance of record");
            assertEq(token.balanceAt(ALICE, epoch), 1000 - held, "Alice's balance of record");
            held += epoch;
        }
    }

    function test_P8_theFilingsLastSecondMintsAndTheNextDoesNot() external {
        uint256 until = uint256(MINT_UNTIL_DAY) * 1 days;
        vm.warp(until - 1);
        register(ALICE, MINT_UNTIL_DAY + 10);
        issue(token, ALICE, 1);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.FilingExpired.selector, FILING, until));
        vm.prank(address(dvp));
        token.mint(ALICE, 1, BUNDLE, 3);
    }
}
