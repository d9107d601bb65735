// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {Deal} from "../../support/Deal.sol";

/// @title What the distributor holds for holders, and what becomes of it when nobody comes
contract ClaimsTest is Deal {
    uint256 private constant SIX_YEARS = 6 * 366 days;
    uint16 private epoch;

    /// @dev Of one payment Alice has been paid, Bob has his set aside and Carol has not come.
    function setUp() external {
        deploy();
        issue(token, ALICE, 1000);
        issue(token, BOB, 500);
        issue(token, CAROL, 250);
        issue(tokenB, ALICE, 100);
        activate();
        epoch = record(token);
        declare(token, epoch, 4, 0);
        freeze(BOB, true);
        vm.prank(PAYER);
        distributor.pay(token, epoch, listOf(ALICE, BOB));
    }

    function sweep() private {
        vm.prank(PAYER);
        distributor.sweep(token, epoch);
    }

    function test_P44_nothingIsSweptBeforeThePeriodHasRunOut(uint256 instant) external {
        uint256 end = MATURITY + SIX_YEARS;
        vm.warp(between(instant, START + 2 days, end - 1));
        vm.expectRevert(
            abi.encodeWithSelector(ICouponDistributor.StillClaimable.selector, end)
        );
        sweep();
        vm.warp(end);
        sweep();
        assertEq(coin.balanceOf(UNCLAIMED), 4 * 250, "swept");
    }

    /// @dev What is declared after the maturity has its six years too.
    function test_P44_whatWasDeclaredLateIsNotSweptEarly() external {
        vm.warp(MATURITY + 100 days);
        uint16 late = record(token);
        declare(token, late, 9, 0);
        uint256 end = block.timestamp + SIX_YEARS;
        vm.warp(end - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICouponDistributor.StillClaimable.selector, end)
        );
        vm.prank(PAYER);
        distributor.sweep(token, late);
        vm.warp(end);
        vm.prank(PAYER);
        distributor.sweep(token, late);
        assertEq(coin.balanceOf(UNCLAIMED), 9 * 1750, "swept");
    }

    function test_P44_sweepingTakesWhatIsLeftAndNothingThatIsHeldForSomebody() external {
        vm.warp(MATURITY + SIX_YEARS);
        sweep();
        assertEq(coin.balanceOf(UNCLAIMED), 4 * 250, "swept");
        assertEq(distributor.liabilities(), 4 * 500, "still owed");
        assertEq(coin.balanceOf(address(distributor)), 4 * 500, "still held");
        assertEq(token.settledEpoch(), epoch, "settled");
        // Swept once, and paid no more.
        bytes memory over = abi.encodeWithSelector(
            ICouponDistributor.UnexpectedState.selector,
            token,
            epoch,
            ICouponDistributor.State.Swept
        );
        vm.expectRevert(over);
        sweep();
        vm.expectRevert(over);
        pay(token, epoch, listOf(CAROL));
        // Bob's money is his, however late.
        freeze(BOB, false);
        distributor.release(token, BOB);
        assertEq(coin.balanceOf(BOB), 4 * 500, "released");
        assertEq(distributor.liabilities(), 0, "owed to nobody");
    }

    function test_P44_onlyThePayerSweeps(address caller) external {
        vm.assume(caller != PAYER);
        vm.warp(MATURITY + SIX_YEARS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                caller,
                distributor.PAYER_ROLE()
            )
        );
        vm.prank(caller);
        distributor.sweep(token, epoch);
    }

    function test_P35_onlyTheSurplusIsRescued(uint64 surplus) external {
        uint256 owed = distributor.liabilities();
        bytes memory nothing = abi.encodeWithSelector(
            ICouponDistributor.NothingToRescue.selector, coin
        );
        vm.startPrank(ADMIN);
        vm.expectRevert(nothing);
        distributor.rescue(coin);
        vm.stopPrank();
        if (surplus == 0) return;
        fund(address(distributor), surplus);
        vm.prank(ADMIN);
        distributor.rescue(coin);
        assertEq(coin.balanceOf(UNCLAIMED), surplus, "rescued");
        assertEq(coin.balanceOf(address(distributor)), owed, "what is owed stays");
    }

    /* DEFAULT */

    function stand(bytes4 act) private {
        vm.prank(TRUSTEE);
        (bool done,) = address(distributor).call(abi.encodeWithSelector(act, FILING, "notice"));
        assertTrue(done, "the standing has not changed");
    }

    /// @dev In default principal goes by rank; once accelerated, interest does too.
    function test_aJuniorTrancheWaitsForTheSeniorInDefault() external {
        uint16 junior = record(tokenB);
        bytes memory waits = abi.encodeWithSelector(
            ICouponDistributor.SeniorOutstanding.selector,
            token,
            ICouponDistributor.Standing.Defaulted
        );
        stand(ICouponDistributor.declareDefault.selector);
        fund(PAYER, 1e12);
        vm.expectRevert(waits);
        this.declareAs(junior, 0, 1);
        uint256 state = vm.snapshotState();
        this.declareAs(junior, 1, 0);
        vm.revertToState(state);
        stand(ICouponDistributor.accelerate.selector);
        waits = abi.encodeWithSelector(
            ICouponDistributor.SeniorOutstanding.selector,
            token,
            ICouponDistributor.Standing.Accelerated
        );
        vm.expectRevert(waits);
        this.declareAs(junior, 1, 0);
        // What was declared before is paid all the same.
        pay(token, epoch, listOf(CAROL));
        assertEq(coin.balanceOf(CAROL), 4 * 250, "paid");
        uint16 last = record(token);
        declare(token, last, 0, DENOMINATION);
        this.declareAs(junior, 1, 1);
        assertEq(tokenB.outstandingPerUnit(), DENOMINATION - 1, "its turn");
    }

    function declareAs(uint16 junior, uint256 interest, uint256 principal) external {
        declare(tokenB, junior, interest, principal);
    }
}
