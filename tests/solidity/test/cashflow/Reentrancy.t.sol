// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {Caller, CallingCoin, CallingToken} from "../../support/Callers.sol";
import {Deal} from "../../support/Deal.sol";

/// @title A coin or token that calls back: from every act that calls it, into every act there is
/// @dev The caller is a payer too, so that nothing but the shut door keeps it out. Every call that is
/// refused within is made from outside as well, where it must work: else its failure would say nothing.
contract ReentrancyTest is Deal {
    CallingCoin private callingCoin;
    CallingToken private callingToken;

    /// @dev Of the senior notes' first payment Alice is still to be paid, Bob has his set aside and
    /// Carol hers credited. The second is recorded; the third could be. The mezzanine's first is recorded.
    function setUp() external {
        callingCoin = new CallingCoin();
        deploy(terms(), callingCoin);
        issue(token, ALICE, 1000);
        issue(token, BOB, 500);
        issue(token, CAROL, 250);
        issue(tokenB, ALICE, 100);
        activate();
        callingToken = new CallingToken(address(distributor), address(coin));
        bytes32 payer = distributor.PAYER_ROLE();
        vm.startPrank(ADMIN);
        distributor.grantRole(payer, address(callingCoin));
        distributor.grantRole(payer, address(callingToken));
        vm.stopPrank();

        uint16 first = record(token);
        declare(token, first, 5, 0);
        freeze(BOB, true);
        callingCoin.refuse(CAROL, true);
        vm.prank(PAYER);
        distributor.pay(token, first, listOf(BOB, CAROL));
        freeze(BOB, false);
        callingCoin.refuse(CAROL, false);

        record(token);
        record(tokenB);
        vm.prank(PAYER);
        distributor.announce(token, uint32(block.timestamp + 1));
        // So late that what is unclaimed may be swept.
        vm.warp(MATURITY + distributor.UNCLAIMED_PERIOD());
        callingCoin.issue(address(distributor), 7);
        callingCoin.issue(PAYER, 1e12);
        mayPay(address(callingCoin));
        mayPay(address(callingToken));
    }

    function mayPay(address who) private {
        callingCoin.issue(who, 1e12);
        vm.prank(who);
        callingCoin.approve(address(distributor), type(uint256).max);
    }

    function fund(address account, uint256 amount) internal override {
        CallingCoin(address(coin)).issue(account, amount);
    }

    function everyAct() private view returns (bytes[] memory acts) {
        IAbsToken.PrincipalChange memory principal = IAbsToken.PrincipalChange(0, 0, 1, 0);
        acts = new bytes[](8);
        acts[0] = abi.encodeCall(distributor.declare, (token, 2, 5, principal));
        acts[1] = abi.encodeCall(distributor.declare, (tokenB, 1, 5, principal));
        acts[2] = abi.encodeCall(distributor.pay, (token, 1, listOf(ALICE)));
        acts[3] = abi.encodeCall(distributor.release, (token, BOB));
        acts[4] = abi.encodeCall(distributor.collect, (token, CAROL));
        acts[5] = abi.encodeCall(distributor.record, (token, 3));
        acts[6] = abi.encodeCall(distributor.skip, (token, 2));
        acts[7] = abi.encodeCall(distributor.sweep, (token, 1));
    }

    function test_P31_fromDeclareNoActIsReached() external {
        assertNoActIsReached(callingCoin, everyAct()[0]);
    }

    function test_P31_fromPayNoActIsReached() external {
        assertNoActIsReached(callingCoin, everyAct()[2]);
    }

    function test_P31_fromReleaseNoActIsReached() external {
        assertNoActIsReached(callingCoin, everyAct()[3]);
    }

    function test_P31_fromCollectNoActIsReached() external {
        assertNoActIsReached(callingCoin, everyAct()[4]);
    }

    function test_P31_fromSweepNoActIsReached() external {
        assertNoActIsReached(callingCoin, everyAct()[7]);
    }

    function test_P31_fromRescueNoActIsReached() external {
        assertNoActIsReached(callingCoin, ADMIN, abi.encodeCall(distributor.rescue, (coin)));
    }

    /// @dev Recording moves no coin; here the token calls back.
    function test_P31_fromRecordNoActIsReached() external {
        IAbsToken hostile = IAbsToken(address(callingToken));
        assertNoActIsReached(callingToken, abi.encodeCall(distributor.record, (hostile, 1)));
    }

    function assertNoActIsReached(Caller caller, bytes memory outer) private {
        assertNoActIsReached(caller, PAYER, outer);
    }

    function assertNoActIsReached(Caller caller, address who, bytes memory outer) private {
        bytes[] memory acts = everyAct();
        uint256 start = vm.snapshotState();
        assertTrue(done(who, outer), "the outer act fails by itself");
        bytes32 alone = books();
        for (uint256 i; i < acts.length; ++i) {
            vm.revertToState(start);
            assertTrue(done(address(caller), acts[i]), "the inner act fails by itself");
            vm.revertToState(start);
            caller.arm(address(distributor), acts[i]);
            assertTrue(done(who, outer), "the outer act fails");
            assertTrue(caller.called(), "the coin did not call");
            assertFalse(caller.succeeded(), "the inner act was reached");
            assertEq(
                bytes32(bytes4(caller.answer())),
                bytes32(ICouponDistributor.ReentrantCall.selector),
                "refused for another reason"
            );
            assertEq(books(), alone, "the call from within left a trace");
        }
    }

    function done(address who, bytes memory act) private returns (bool success) {
        vm.prank(who);
        (success,) = address(distributor).call(act);
    }

    /// @dev All that a call from within could have changed.
    function books() private view returns (bytes32) {
        uint256[8] memory coins = [
            coin.balanceOf(ALICE),
            coin.balanceOf(BOB),
            coin.balanceOf(CAROL),
            coin.balanceOf(PAYER),
            coin.balanceOf(UNCLAIMED),
            coin.balanceOf(address(callingCoin)),
            coin.balanceOf(address(distributor)),
            distributor.liabilities()
        ];
        return keccak256(
            abi.encode(
                coins,
                distributor.paymentOf(token, 1),
                distributor.paymentOf(token, 2),
                distributor.paymentOf(token, 3),
                distributor.paymentOf(tokenB, 1),
                distributor.setAsideOf(token, token.indexOf(BOB)),
                distributor.creditOf(token, token.indexOf(CAROL)),
                token.outstandingPerUnit()
            )
        );
    }
}
