// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CouponDistributor} from "contracts/cashflow/CouponDistributor.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IFilingRegistry} from "contracts/interfaces/IFilingRegistry.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Admission, packAdmission} from "contracts/token/Packed.sol";
import {GreedyCoin} from "./GreedyCoin.sol";
import {Proof} from "./Proof.sol";

/// @title P30: a coupon is paid once and whole, however often and by whomever it is asked for
/// @dev The deal is deployed and run by real calls, token and distributor both ours; the units, who
/// asks, and what the coin refuses are any. Unlike `PaymentsProof`, it shows that coin does move.
contract PaidOnceProof is Proof {
    bytes32 private constant BUNDLE = "bundle";
    address private constant A = address(0xa11);
    address private constant B = address(0xb22);
    uint256 private constant START = 20_000 days;
    /// @dev A power of two: products are what the solvers take longest over.
    uint256 private constant PER_UNIT = 1 << 14;

    AbsToken private token;
    GreedyCoin private coin;
    CouponDistributor private desk;

    function setUp() public {
        vm.warp(START);
        address me = address(this);
        coin = new GreedyCoin();
        desk = new CouponDistributor(IERC20(address(coin)), me, me, me, me);
        token = new AbsToken(
            "Note",
            "NOTE",
            IAbsToken.Terms(1_000_000, 0, 0, 0, 0, 30_000 days, 1),
            IAbsToken.Parties(me, me, address(desk), me, address(coin), me, me, me)
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

    function check_P30_onceAndWhole(
        uint40 units,
        uint40 others,
        bool firstByPayer,
        bool thenByPayer
    ) external {
        vm.assume(units != 0 && others != 0);
        _declare(units, others);
        uint256 due = uint256(units) * PER_UNIT;

        _pay(firstByPayer, A, A);
        bool paid = desk.isPaid(token, 1, 1);
        assert(coin.called() && _got(A, 1) == (paid ? due : 0));
        // Only what the coin refused can be asked for again.
        assert(paid || coin.received(A) == 0);

        _pay(thenByPayer, A, A);
        assert(_got(A, 1) == (desk.isPaid(token, 1, 1) ? due : 0));
        assert(!paid || desk.isPaid(token, 1, 1));
        assert(_got(B, 2) == 0 && !desk.isPaid(token, 1, 2));
        assert(!coin.entered());
    }

    function _declare(uint256 units, uint256 others) private {
        token.mint(A, units, BUNDLE, 1);
        token.mint(B, others, BUNDLE, 2);
        desk.announce(token, uint32(START + 30 days));
        vm.warp(START + 30 days);
        desk.record(token, 1);
        desk.declare(token, 1, PER_UNIT, IAbsToken.PrincipalChange(0, 0, 0, 0));
    }

    function _pay(bool byPayer, address one, address other) private {
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (one, other);
        coin.prepare(coin.balance(), abi.encodeCall(desk.pay, (token, 1, holders)));
        vm.prank(byPayer ? address(this) : address(0xe5));
        desk.pay(token, 1, holders);
    }

    /// @dev In coin, or kept for the investor of that number.
    function _got(address holder, uint24 index) private view returns (uint256) {
        return coin.received(holder) + desk.creditOf(token, index) + desk.setAsideOf(token, index);
    }
}
