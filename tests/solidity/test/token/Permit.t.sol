// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7943Fungible} from "contracts/interfaces/IERC7943.sol";
import {Allowances} from "contracts/token/Allowances.sol";
import {Deal} from "../../support/Deal.sol";

/// @title ERC-2612: an allowance by signature
contract PermitTest is Deal {
    uint256 private constant KEY = 0xA11CE;
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private owner;

    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    function setUp() external {
        owner = vm.addr(KEY);
        deploy();
        issue(token, owner, 1000);
        issue(token, BOB, 1000);
        activate();
    }

    function signed(uint256 key, address spender, uint256 units, uint256 nonce, uint256 deadline)
        private
        view
        returns (Signature memory signature)
    {
        bytes32 order = keccak256(abi.encode(PERMIT, owner, spender, units, nonce, deadline));
        (signature.v, signature.r, signature.s) = vm.sign(
            key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), order))
        );
    }

    function permit(address spender, uint256 units, uint256 deadline, Signature memory signature)
        private
    {
        token.permit(owner, spender, units, deadline, signature.v, signature.r, signature.s);
    }

    function test_aPermitSetsTheAllowanceUsesOneNonceAndMovesNothing(
        address spender,
        uint256 units,
        uint256 wait
    ) external {
        vm.assume(spender != address(0));
        uint256 deadline = between(wait, block.timestamp, type(uint256).max - 1);
        permit(spender, units, deadline, signed(KEY, spender, units, 0, deadline));
        assertEq(token.allowance(owner, spender), units, "allowance");
        assertEq(token.nonces(owner), 1, "nonce");
        assertEq(token.balanceOf(owner), 1000, "balance");
    }

    function test_P12_aPermitIsGoodUpToAndIncludingItsDeadline(uint32 wait) external {
        uint256 deadline = block.timestamp + wait;
        vm.warp(deadline);
        permit(CAROL, 5, deadline, signed(KEY, CAROL, 5, 0, deadline));
        vm.warp(deadline + 1);
        Signature memory late = signed(KEY, CAROL, 6, 1, deadline);
        vm.expectRevert(
            abi.encodeWithSelector(Allowances.ERC2612ExpiredSignature.selector, deadline)
        );
        permit(CAROL, 6, deadline, late);
    }

    function test_aPermitIsUsedOnce() external {
        uint256 deadline = block.timestamp;
        Signature memory signature = signed(KEY, CAROL, 5, 0, deadline);
        permit(CAROL, 5, deadline, signature);
        vm.expectRevert();
        permit(CAROL, 5, deadline, signature);
    }

    function test_anotherKeysPermitIsRefused(uint256 key, uint256 units) external {
        key = between(key, 1, type(uint128).max);
        vm.assume(key != KEY);
        Signature memory signature = signed(key, CAROL, units, 0, block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(
                Allowances.ERC2612InvalidSigner.selector, vm.addr(key), owner
            )
        );
        permit(CAROL, units, block.timestamp, signature);
        assertEq(token.nonces(owner), 0, "nonce");
    }

    function test_P12_aFrozenOwnersPermitIsRefusedAndCannotBeSpent() external {
        uint256 deadline = block.timestamp;
        permit(CAROL, 5, deadline, signed(KEY, CAROL, 5, 0, deadline));
        freeze(owner, true);
        Signature memory next = signed(KEY, CAROL, 6, 1, deadline);
        vm.expectRevert(abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotSend.selector, owner));
        permit(CAROL, 6, deadline, next);
        vm.expectRevert(abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotSend.selector, owner));
        vm.prank(CAROL);
        token.transferFrom(owner, BOB, 5);
    }

    function test_P12_anExpiredOwnerMayStillLeaveByPermit() external {
        vm.warp(uint256(EXPIRY_DAY) * 1 days - 1 days);
        register(BOB, EXPIRY_DAY + 100);
        vm.warp(uint256(EXPIRY_DAY) * 1 days);
        permit(CAROL, 5, block.timestamp, signed(KEY, CAROL, 5, 0, block.timestamp));
        vm.prank(CAROL);
        token.transferFrom(owner, BOB, 5);
        assertEq(token.balanceOf(BOB), 1005, "balance");
    }

    function test_P15_anOwnerWithCodeOfItsOwnPermitsAsBefore() external {
        vm.etch(owner, hex"ef0100000000000000000000000000000000000000beef");
        permit(CAROL, 5, block.timestamp, signed(KEY, CAROL, 5, 0, block.timestamp));
        assertEq(token.allowance(owner, CAROL), 5, "allowance");
    }
}
