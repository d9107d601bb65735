// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IDvpSettlement} from "contracts/interfaces/IDvpSettlement.sol";
import {CallingCoin} from "../../support/Callers.sol";
import {Deal} from "../../support/Deal.sol";

/// @title A trade that two holders have signed: both legs or none, once, and to the letter
contract OrdersTest is Deal {
    uint256 private constant SELLER_KEY = 0x5E11;
    uint256 private constant BUYER_KEY = 0xB0E7;
    uint256 private constant COINS = 1e12;

    CallingCoin private callingCoin;
    address private seller;
    address private buyer;

    function setUp() external {
        (seller, buyer) = (vm.addr(SELLER_KEY), vm.addr(BUYER_KEY));
        callingCoin = new CallingCoin();
        deploy(terms(), callingCoin);
        issue(token, seller, 1000);
        register(buyer);
        activate();
        fund(buyer, COINS);
        vm.prank(seller);
        token.approve(address(dvp), type(uint256).max);
        vm.prank(buyer);
        callingCoin.approve(address(dvp), type(uint256).max);
    }

    function fund(address account, uint256 amount) internal override {
        CallingCoin(address(coin)).issue(account, amount);
    }

    function order(uint256 units, uint256 price)
        private
        view
        returns (IDvpSettlement.Order memory)
    {
        return IDvpSettlement.Order(token, seller, buyer, units, price, 1, block.timestamp);
    }

    function signed(uint256 key, IDvpSettlement.Order memory order_)
        private
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, dvp.hashOf(order_));
        return abi.encodePacked(r, s, v);
    }

    function settle(IDvpSettlement.Order memory order_) private {
        (bytes memory ofSeller, bytes memory ofBuyer) =
            (signed(SELLER_KEY, order_), signed(BUYER_KEY, order_));
        vm.prank(STRANGER);
        dvp.settle(order_, ofSeller, ofBuyer);
    }

    function settles(IDvpSettlement.Order memory order_) external {
        settle(order_);
    }

    function assertUntouched() private view {
        assertEq(token.balanceOf(seller), 1000, "units of the seller");
        assertEq(token.balanceOf(buyer), 0, "units of the buyer");
        assertEq(coin.balanceOf(seller), 0, "coin of the seller");
        assertEq(coin.balanceOf(buyer), COINS, "coin of the buyer");
    }

    function test_P50_anOrderMovesExactlyBothLegs(uint256 units, uint256 price) external {
        (units, price) = (between(units, 1, 1000), between(price, 1, COINS));
        settle(order(units, price));
        assertEq(token.balanceOf(seller), 1000 - units, "units of the seller");
        assertEq(token.balanceOf(buyer), units, "units of the buyer");
        assertEq(coin.balanceOf(seller), price, "coin of the seller");
        assertEq(coin.balanceOf(buyer), COINS - price, "coin of the buyer");
        assertEq(token.balanceOf(address(dvp)), 0, "units kept");
        assertEq(coin.balanceOf(address(dvp)), 0, "coin kept");
    }

    function test_P50_anOrderIsSettledOnce() external {
        IDvpSettlement.Order memory once = order(10, 70);
        settle(once);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDvpSettlement.OrderNotOpen.selector,
                dvp.hashOf(once),
                IDvpSettlement.OrderState.Settled
            )
        );
        this.settles(once);
    }

    function test_P12_anOrderIsGoodUpToAndIncludingItsDeadline(uint32 wait) external {
        IDvpSettlement.Order memory late = order(10, 70);
        late.deadline = block.timestamp + between(wait, 0, 30 days);
        vm.warp(late.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IDvpSettlement.OrderExpired.selector, late.deadline)
        );
        this.settles(late);
        assertUntouched();
        vm.warp(late.deadline);
        settle(late);
        assertEq(token.balanceOf(buyer), 10, "settled in its last second");
    }

    /// @dev What was signed is what is done: no field may be another.
    function test_P50_anOrderThatWasNotSignedLikeThisIsRefused(uint8 field, uint64 by) external {
        IDvpSettlement.Order memory order_ = order(10, 70);
        (bytes memory ofSeller, bytes memory ofBuyer) =
            (signed(SELLER_KEY, order_), signed(BUYER_KEY, order_));
        uint256 more = between(by, 1, 900);
        if (field % 5 == 0) order_.units += more;
        if (field % 5 == 1) order_.price += more;
        if (field % 5 == 2) order_.nonce += more;
        if (field % 5 == 3) order_.deadline += more;
        if (field % 5 == 4) order_.token = tokenB;
        vm.expectRevert(
            abi.encodeWithSelector(
                IDvpSettlement.OrderNotSignedBy.selector, dvp.hashOf(order_), seller
            )
        );
        dvp.settle(order_, ofSeller, ofBuyer);
        assertUntouched();
    }

    function test_P50_bothPartiesMustHaveSigned(uint128 key, bool asSeller) external {
        vm.assume(key != 0 && key != SELLER_KEY && key != BUYER_KEY);
        IDvpSettlement.Order memory order_ = order(10, 70);
        bytes memory forged = signed(key, order_);
        bytes memory ofSeller = asSeller ? forged : signed(SELLER_KEY, order_);
        bytes memory ofBuyer = asSeller ? signed(BUYER_KEY, order_) : forged;
        vm.expectRevert(
            abi.encodeWithSelector(
                IDvpSettlement.OrderNotSignedBy.selector,
                dvp.hashOf(order_),
                asSeller ? seller : buyer
            )
        );
        dvp.settle(order_, ofSeller, ofBuyer);
        assertUntouched();
    }

    function test_P50_anOrderForAnotherChainIsRefused() external {
        IDvpSettlement.Order memory order_ = order(10, 70);
        (bytes memory ofSeller, bytes memory ofBuyer) =
            (signed(SELLER_KEY, order_), signed(BUYER_KEY, order_));
        vm.chainId(4321);
        bytes32 here = dvp.hashOf(order_);
        vm.expectRevert(
            abi.encodeWithSelector(IDvpSettlement.OrderNotSignedBy.selector, here, seller)
        );
        dvp.settle(order_, ofSeller, ofBuyer);
        assertUntouched();
    }

    function test_P50_oneLegFailingLeavesBothAsTheyWere(uint8 how) external {
        how %= 5;
        if (how == 0) freeze(seller, true);
        if (how == 1) freeze(buyer, true);
        if (how == 2) callingCoin.refuse(seller, true);
        if (how == 3) freezeUnits(seller, 991);
        IDvpSettlement.Order memory order_ = order(10, how == 4 ? COINS + 1 : 70);
        vm.expectRevert();
        this.settles(order_);
        assertUntouched();
        assertTrue(
            dvp.stateOf(dvp.hashOf(order_)) == IDvpSettlement.OrderState.Open, "used up all the same"
        );
    }

    function test_onlyAPartyCancelsAndACancelledOrderStaysCancelled(address caller) external {
        vm.assume(caller != seller && caller != buyer);
        IDvpSettlement.Order memory order_ = order(10, 70);
        vm.expectRevert(
            abi.encodeWithSelector(IDvpSettlement.NotAPartyToTheOrder.selector, caller)
        );
        vm.prank(caller);
        dvp.cancel(order_);
        vm.prank(buyer);
        dvp.cancel(order_);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDvpSettlement.OrderNotOpen.selector,
                dvp.hashOf(order_),
                IDvpSettlement.OrderState.Cancelled
            )
        );
        this.settles(order_);
        assertUntouched();
    }

    /// @dev The coin tries to settle a second order of the same parties in the midst of the first.
    function test_P50_fromWithinAnOrderNoOtherIsReached() external {
        IDvpSettlement.Order memory second = order(20, 90);
        second.nonce = 2;
        bytes memory call_ = abi.encodeCall(
            dvp.settle, (second, signed(SELLER_KEY, second), signed(BUYER_KEY, second))
        );
        callingCoin.arm(address(dvp), call_);
        settle(order(10, 70));
        assertTrue(callingCoin.called(), "the coin did not call");
        assertFalse(callingCoin.succeeded(), "the inner order was reached");
        assertEq(
            bytes32(bytes4(callingCoin.answer())),
            bytes32(ReentrancyGuard.ReentrancyGuardReentrantCall.selector),
            "refused for another reason"
        );
        assertEq(token.balanceOf(buyer), 10, "units of the buyer");
        assertEq(coin.balanceOf(seller), 70, "coin of the seller");
        // From outside the same order works.
        settle(second);
        assertEq(token.balanceOf(buyer), 30, "units of the buyer after the second");
    }
}
