// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {Deal} from "../../support/Deal.sol";

/// @title What every ERC-20 token promises, of ours: all three wallets are eligible and unfrozen
contract Erc20Test is Deal {
    uint256 private constant UNITS = 1000e18;

    function setUp() external {
        deploy();
        issue(token, ALICE, UNITS);
        issue(token, BOB, UNITS);
        issue(token, CAROL, UNITS);
        activate();
    }

    function allow(address spender, uint256 units) private {
        vm.prank(ALICE);
        token.approve(spender, units);
    }

    function assertBalances(uint256 alice, uint256 bob, uint256 carol) private view {
        assertEq(token.balanceOf(ALICE), alice, "Alice's balance");
        assertEq(token.balanceOf(BOB), bob, "Bob's balance");
        assertEq(token.balanceOf(CAROL), carol, "Carol's balance");
        assertEq(token.totalSupply(), 3 * UNITS, "supply");
    }

    /* BALANCES AND SUPPLY */

    function test_theSupplyIsTheSumOfTheBalancesAndNoBalanceExceedsIt() external view {
        assertBalances(UNITS, UNITS, UNITS);
    }

    function test_theZeroAddressHoldsNothing() external view {
        assertEq(token.balanceOf(address(0)), 0, "balance");
    }

    function test_notesAreIndivisible() external view {
        assertEq(uint256(token.decimals()), 0, "decimals");
    }

    /* TRANSFER */

    function test_transferMovesExactlyTheUnits(uint256 units) external {
        units = between(units, 0, UNITS);
        vm.prank(ALICE);
        assertTrue(token.transfer(BOB, units), "answer");
        assertBalances(UNITS - units, UNITS + units, UNITS);
    }

    function test_transferOfMoreThanTheBalanceIsRefused(uint256 units) external {
        units = between(units, UNITS + 1, type(uint256).max - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, ALICE, UNITS, units
            )
        );
        vm.prank(ALICE);
        token.transfer(BOB, units);
    }

    function test_transferToTheZeroAddressIsRefused(uint256 units) external {
        units = between(units, 0, UNITS);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        vm.prank(ALICE);
        token.transfer(address(0), units);
    }

    function test_P10_transferToOneselfChangesNothing(uint256 units) external {
        units = between(units, 0, UNITS);
        uint16 epoch = record(token);
        vm.prank(ALICE);
        token.transfer(ALICE, units);
        assertBalances(UNITS, UNITS, UNITS);
        assertEq(token.balanceAt(ALICE, epoch), UNITS, "balance of record");
    }

    function test_P11_transferOfNothingPassesAndChangesNothing() external {
        uint16 epoch = record(token);
        vm.prank(ALICE);
        assertTrue(token.transfer(BOB, 0), "answer");
        assertBalances(UNITS, UNITS, UNITS);
        assertEq(token.balanceAt(ALICE, epoch), UNITS, "Alice's balance of record");
        assertEq(token.balanceAt(BOB, epoch), UNITS, "Bob's balance of record");
    }

    /* ALLOWANCES */

    function test_approveSetsTheAllowanceAndTheNextOneOverwritesIt(
        address spender,
        uint256 first,
        uint256 second
    ) external {
        vm.assume(spender != address(0) && spender != CAROL);
        allow(spender, first);
        assertEq(token.allowance(ALICE, spender), first, "first allowance");
        allow(spender, second);
        assertEq(token.allowance(ALICE, spender), second, "second allowance");
        assertEq(token.allowance(ALICE, CAROL), 0, "another's allowance");
        assertBalances(UNITS, UNITS, UNITS);
    }

    function test_approveOfTheZeroAddressIsRefused() external {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0))
        );
        allow(address(0), 1);
    }

    function test_transferFromMovesTheUnitsAndLowersTheAllowance(uint256 allowed, uint256 units)
        external
    {
        allowed = between(allowed, 0, type(uint256).max - 2);
        units = between(units, 0, allowed < UNITS ? allowed : UNITS);
        allow(CAROL, allowed);
        vm.prank(CAROL);
        assertTrue(token.transferFrom(ALICE, BOB, units), "answer");
        assertBalances(UNITS - units, UNITS + units, UNITS);
        assertEq(token.allowance(ALICE, CAROL), allowed - units, "allowance");
    }

    function test_anEndlessAllowanceStaysEndless(uint256 units) external {
        units = between(units, 0, UNITS);
        allow(CAROL, type(uint256).max);
        vm.prank(CAROL);
        token.transferFrom(ALICE, BOB, units);
        assertEq(token.allowance(ALICE, CAROL), type(uint256).max, "allowance");
    }

    function test_transferFromOfMoreThanAllowedIsRefused(uint256 allowed, uint256 units) external {
        allowed = between(allowed, 0, UNITS - 1);
        units = between(units, allowed + 1, UNITS);
        allow(CAROL, allowed);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, CAROL, allowed, units
            )
        );
        vm.prank(CAROL);
        token.transferFrom(ALICE, BOB, units);
        assertBalances(UNITS, UNITS, UNITS);
    }

    function test_transferFromOfMoreThanTheBalanceIsRefusedAndKeepsTheAllowance(uint256 units)
        external
    {
        units = between(units, UNITS + 1, type(uint256).max - 1);
        allow(CAROL, units);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, ALICE, UNITS, units
            )
        );
        vm.prank(CAROL);
        token.transferFrom(ALICE, BOB, units);
        assertEq(token.allowance(ALICE, CAROL), units, "allowance");
    }

    function test_transferFromToTheZeroAddressIsRefused(uint256 units) external {
        units = between(units, 0, UNITS);
        allow(CAROL, units);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
        vm.prank(CAROL);
        token.transferFrom(ALICE, address(0), units);
    }

    function test_P10_transferFromToOneselfMovesNothingAndSpendsTheAllowance(uint256 units)
        external
    {
        units = between(units, 0, UNITS);
        allow(CAROL, UNITS);
        vm.prank(CAROL);
        token.transferFrom(ALICE, ALICE, units);
        assertBalances(UNITS, UNITS, UNITS);
        assertEq(token.allowance(ALICE, CAROL), UNITS - units, "allowance");
    }

    function test_P11_aStrangersTransferFromOfNothingChangesNoEntitlement() external {
        uint16 epoch = record(token);
        vm.prank(ALICE);
        token.transfer(BOB, 1);
        vm.prank(STRANGER);
        token.transferFrom(ALICE, BOB, 0);
        assertEq(token.balanceAt(ALICE, epoch), UNITS, "Alice's balance of record");
        assertEq(token.balanceAt(BOB, epoch), UNITS, "Bob's balance of record");
    }

    /* WHO MAY CHANGE WHAT */

    /// @dev A caller without an allowance takes nobody's units, and gives nobody's allowance away.
    function test_aStrangerLowersNoBalanceAndChangesNoAllowance(
        uint8 act,
        address caller,
        uint256 units
    ) external {
        // Not one of the wallets and keys of the deal, nor of its contracts.
        vm.assume(uint160(caller) > type(uint16).max && caller.code.length == 0);
        units = between(units, 1, UNITS);
        allow(CAROL, 1);
        vm.startPrank(caller);
        bool done;
        if (act % 5 == 0) done = tried(abi.encodeCall(token.transferFrom, (ALICE, BOB, units)));
        if (act % 5 == 1) done = tried(abi.encodeCall(token.forcedTransfer, (ALICE, BOB, units)));
        if (act % 5 == 2) done = tried(abi.encodeCall(token.retire, (listOf(ALICE))));
        if (act % 5 == 3) done = tried(abi.encodeCall(token.recover, (ALICE, caller)));
        if (act % 5 == 4) done = tried(abi.encodeCall(token.mint, (caller, units, BUNDLE, 4)));
        vm.stopPrank();
        assertFalse(done, "done");
        assertBalances(UNITS, UNITS, UNITS);
        assertEq(token.allowance(ALICE, CAROL), 1, "allowance");
    }

    function tried(bytes memory data) private returns (bool done) {
        (done,) = address(token).call(data);
    }

    function test_retiringIsRefusedWhileUnitsStandForAnything() external {
        vm.expectRevert(
            abi.encodeWithSelector(IAbsToken.UnitsStillOutstanding.selector, DENOMINATION)
        );
        vm.prank(ISSUER);
        token.retire(listOf(ALICE));
    }
}

/// @title What changes the supply: a mint while the offering is open, and retiring what is repaid
contract Erc20SupplyTest is Deal {
    function setUp() external {
        deploy();
        issue(token, ALICE, 700);
        register(BOB);
    }

    function test_mintAddsToTheReceiverAndTheSupplyOnly(uint256 units) external {
        units = between(units, 1, CAP - 700);
        issue(token, BOB, units);
        assertEq(token.balanceOf(BOB), units, "Bob's balance");
        assertEq(token.balanceOf(ALICE), 700, "Alice's balance");
        assertEq(token.totalSupply(), 700 + units, "supply");
        assertEq(token.cap(), CAP, "cap");
    }

    function test_P17_mintOfMoreThanTheCapIsRefused(uint256 units) external {
        units = between(units, CAP - 700 + 1, type(uint80).max - 700);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.CapExceeded.selector, CAP, 700 + units));
        vm.prank(address(dvp));
        token.mint(BOB, units, BUNDLE, 2);
    }

    function test_P18_retiringTakesFromTheHolderTheSupplyAndTheCapOnly(uint256 units) external {
        units = between(units, 1, CAP - 700);
        issue(token, BOB, units);
        activate();
        uint16 epoch = record(token);
        vm.prank(address(distributor));
        token.changePrincipal(epoch, IAbsToken.PrincipalChange(0, 0, DENOMINATION, 0));
        vm.prank(ISSUER);
        token.retire(listOf(ALICE));
        assertEq(token.balanceOf(ALICE), 0, "Alice's balance");
        assertEq(token.balanceOf(BOB), units, "Bob's balance");
        assertEq(token.totalSupply(), units, "supply");
        assertEq(token.cap(), CAP - 700, "cap");
    }
}
