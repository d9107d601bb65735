// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IERC7943Fungible} from "contracts/interfaces/IERC7943.sol";
import {SettlementCoin} from "contracts/settlement/SettlementCoin.sol";
import {Deal} from "../support/Deal.sol";
import {Vm} from "../support/Vm.sol";

/// @title What went wrong in other issuers' tokens, each tried on ours
contract PeerBugsTest is Deal {
    address private constant FRESH = address(0xB00F);

    function setUp() external {
        deploy();
        issue(token, ALICE, 1000);
        issue(token, BOB, 500);
        activate();
    }

    /// @notice Elsewhere a forced transfer to oneself thawed units that an authority had frozen.
    function test_bug1_forcedTransferToItselfDoesNotThaw() external {
        freezeUnits(ALICE, 900);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.ForcedTransferToSelf.selector, ALICE));
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, ALICE, 500);
        assertEq(token.getFrozenTokens(ALICE), 900, "frozen");
    }

    /// @notice Elsewhere the pre-check reverted, or said yes where the transfer then said no.
    function test_bug2_thePreCheckNeverRevertsAndIsWhatTheTransferDoes(
        address from,
        address to,
        uint256 units
    ) external {
        bool said = token.canTransfer(from, to, units);
        assertTrue((token.detectTransferRestriction(from, to, units) == 0) == said, "ERC-1404");
        vm.prank(from);
        try token.transfer(to, units) returns (bool done) {
            assertTrue(said && done, "moved although the pre-check said no");
        } catch {
            assertFalse(said, "refused although the pre-check said yes");
        }
    }

    /// @notice Elsewhere a forced transfer told of the thaw last, or went to whoever it named.
    function test_bug3_aForcedTransferTellsTheThawFirstAndGoesToEligibleWalletsOnly() external {
        freezeUnits(ALICE, 900);
        vm.expectRevert(
            abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotReceive.selector, CAROL)
        );
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, CAROL, 500);

        vm.recordLogs();
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, BOB, 500);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3, "events");
        assertEq(logs[0].topics[0], IERC7943Fungible.Frozen.selector, "first");
        assertEq(logs[1].topics[0], IERC20.Transfer.selector, "second");
        assertEq(logs[2].topics[0], IERC7943Fungible.ForcedTransfer.selector, "third");
    }

    /// @notice Elsewhere freezing more than the balance was cut to it, and later receipts were free.
    function test_bug4_freezingOverwritesAndMayExceedTheBalance() external {
        freezeUnits(ALICE, 300);
        freezeUnits(ALICE, 5000);
        assertEq(token.getFrozenTokens(ALICE), 5000, "frozen");
        vm.prank(BOB);
        token.transfer(ALICE, 500);
        assertFalse(token.canTransfer(ALICE, BOB, 1), "what came later is frozen too");
        freezeUnits(ALICE, 0);
        assertTrue(token.canTransfer(ALICE, BOB, 1500), "thawed");
    }

    /// @notice Elsewhere a frozen owner could still hand out allowances.
    function test_bug5_aFrozenOwnerCanNeitherAllowNorBeSpentFrom() external {
        vm.prank(ALICE);
        token.approve(STRANGER, 100);
        freeze(ALICE, true);
        vm.expectRevert(abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotSend.selector, ALICE));
        vm.prank(ALICE);
        token.approve(STRANGER, 200);
        vm.expectRevert(abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotSend.selector, ALICE));
        vm.prank(STRANGER);
        token.transferFrom(ALICE, BOB, 100);
    }

    /// @notice Elsewhere a recovered wallet lost its unpaid coupons, or was paid them twice.
    function test_bug6_recoveryTakesUnpaidAndPaidCouponsAlong() external {
        uint16 first = record(token);
        declare(token, first, 7, 0);
        pay(token, first, listOf(ALICE));
        uint16 second = record(token);
        declare(token, second, 11, 0);
        freeze(ALICE, true);
        recover(ALICE, FRESH);
        freeze(FRESH, false);

        uint256 before = coin.balanceOf(FRESH);
        pay(token, first, listOf(ALICE, FRESH));
        assertEq(coin.balanceOf(FRESH), before, "paid a coupon that the lost wallet was paid");
        pay(token, second, listOf(ALICE, FRESH));
        assertEq(coin.balanceOf(FRESH), before + 11 * 1000, "not paid the coupon still open");
        assertEq(coin.balanceOf(ALICE), 7 * 1000, "the lost wallet was paid again");
    }

    /// @notice Elsewhere the wallet recovered to could already be somebody's.
    function test_bug6_recoveryGoesToAFreshWalletOnly() external {
        freeze(ALICE, true);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.WalletAlreadyRegistered.selector, BOB));
        recover(ALICE, BOB);
    }

    /// @notice Elsewhere units burnt after a record date changed what was held at it.
    function test_bug7_unitsRetiredLaterStillCountAtTheRecordDate() external {
        uint16 first = record(token);
        declare(token, first, 0, DENOMINATION);
        vm.prank(ISSUER);
        token.retire(listOf(ALICE));
        assertEq(token.balanceOf(ALICE), 0, "retired");
        assertEq(token.balanceAt(ALICE, first), 1000, "balance of record");
        assertEq(token.supplyAt(first), 1500, "supply of record");
        pay(token, first, listOf(ALICE));
        assertEq(coin.balanceOf(ALICE), 1000 * DENOMINATION, "paid what it held of record");
    }

    /// @notice Elsewhere the issuer could mark an epoch as settled that was never paid.
    function test_bug8_onlyTheDistributorSettlesAndOnlyTheNextClosedEpoch() external {
        uint16 first = record(token);
        address[4] memory others = [ISSUER, ADMIN, PAYER, ENFORCEMENT];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAbsToken.UnauthorizedCaller.selector, others[i], address(distributor)
                )
            );
            vm.prank(others[i]);
            token.settle(first);
        }
        vm.startPrank(address(distributor));
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.SettlementOutOfOrder.selector, 1, 2));
        token.settle(first + 1);
        token.settle(first);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.SettlementOutOfOrder.selector, 2, 1));
        token.settle(first);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.EpochNotClosed.selector, 2));
        token.settle(first + 1);
        vm.stopPrank();
    }

    /// @notice Elsewhere two investors came to share a number, and one was marked paid for the other.
    function test_bug9_aNumberIsNeverGivenTwice() external {
        freeze(CAROL, true);
        register(CAROL);
        register(CAROL, 0);
        register(CAROL);
        assertTrue(token.isFrozen(CAROL), "registering thawed the wallet");
        address next = address(0xB004);
        freezeUnits(next, 5);
        register(next);
        freeze(ALICE, true);
        recover(ALICE, FRESH);
        register(address(0xB005));
        address[5] memory all = [FRESH, BOB, CAROL, next, address(0xB005)];
        for (uint256 i; i < all.length; ++i) {
            assertEq(token.indexOf(all[i]), i + 1, "number");
        }
        assertEq(token.indexOf(ALICE), 0, "the lost wallet is nobody's");
    }

    /// @notice Elsewhere an empty list of holders marked the last number of all as paid.
    function test_bug10_payingNobodyWritesNothing() external {
        uint16 first = record(token);
        declare(token, first, 7, 0);
        pay(token, first, new address[](0));
        ICouponDistributor.Payment memory payment = distributor.paymentOf(token, first);
        assertEq(payment.left, 7 * 1500, "left");
        assertFalse(distributor.isPaid(token, first, type(uint24).max), "the last number is paid");
        pay(token, first, listOf(STRANGER));
        assertFalse(distributor.isPaid(token, first, 0), "nobody is paid");
        pay(token, first, listOf(ALICE, BOB));
        assertEq(uint256(distributor.paymentOf(token, first).left), 0, "all paid");
    }

    /// @notice Elsewhere two roles had one id by a slip of the pen, so one key could do both.
    function test_bug11_noTwoRolesShareAnId() external view {
        bytes32[7] memory ids = [
            token.DEFAULT_ADMIN_ROLE(),
            token.ISSUER_ROLE(),
            token.ENFORCEMENT_ROLE(),
            filings.REGULATOR_ROLE(),
            investors.REGISTRAR_ROLE(),
            distributor.PAYER_ROLE(),
            SettlementCoin(address(coin)).COIN_ISSUER_ROLE()
        ];
        for (uint256 i; i < ids.length; ++i) {
            for (uint256 j; j < i; ++j) {
                assertTrue(ids[i] != ids[j], "two roles of one id");
            }
        }
    }
}
