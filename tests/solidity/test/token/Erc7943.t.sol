// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IERC1404} from "contracts/interfaces/IERC1404.sol";
import {IERC7943Fungible} from "contracts/interfaces/IERC7943.sol";
import {Deal} from "../../support/Deal.sol";
import {Vm} from "../../support/Vm.sol";

/// @title What ERC-7943 asks of a fungible token for real-world assets
contract Erc7943Test is Deal {
    uint256 private constant UNITS = 1000e18;

    address private constant EXPIRED = address(0xC001);
    address private constant FROZEN = address(0xC002);
    address private constant INELIGIBLE = address(0xC003);
    address private constant LOST = address(0xC004);
    address private constant FOUND = address(0xC005);
    address private constant HALF_FROZEN = address(0xC006);
    address private constant UNKNOWN = address(0xC007);
    address private constant FROZEN_UNKNOWN = address(0xC008);

    /// @dev A wallet of every kind, each but the unknown with units; the minimum is for the pre-check.
    function setUp() external {
        IAbsToken.Terms memory terms_ = terms();
        terms_.minHolding = 100;
        terms_.maxHolding = 3 * UNITS;
        terms_.holderCap = 8;
        terms_.lockedUntil = START + 10 days;
        deploy(terms_);
        address[7] memory holders =
            [ALICE, BOB, EXPIRED, FROZEN, INELIGIBLE, LOST, HALF_FROZEN];
        for (uint256 i; i < holders.length; ++i) issue(token, holders[i], UNITS);
        register(CAROL);
        activate();
        register(EXPIRED, 20_610);
        register(INELIGIBLE, 0);
        freeze(FROZEN, true);
        freeze(FROZEN_UNKNOWN, true);
        freezeUnits(HALF_FROZEN, UNITS / 2);
        freeze(LOST, true);
        recover(LOST, FOUND);
        vm.warp(START + 11 days);
    }

    function anyWallet(uint256 number) private view returns (address) {
        address[14] memory wallets = [
            ALICE,
            BOB,
            CAROL,
            EXPIRED,
            FROZEN,
            INELIGIBLE,
            LOST,
            FOUND,
            HALF_FROZEN,
            UNKNOWN,
            FROZEN_UNKNOWN,
            address(0),
            address(token),
            address(dvp)
        ];
        return wallets[number % wallets.length];
    }

    /// @dev Amounts at which an answer may turn, and any other.
    function anyAmount(uint256 number) private pure returns (uint256) {
        uint256[9] memory turns =
            [0, 1, 99, 100, UNITS / 2, UNITS / 2 + 1, UNITS - 99, UNITS, UNITS + 1];
        if (number % 3 != 0) return turns[(number / 3) % turns.length];
        return number % 2 == 0 ? number : number % (4 * UNITS);
    }

    /// @dev A state of the filing, of the pause, of the clock and of the record dates.
    function inAnyState(uint256 number) private {
        number %= 8;
        if (number == 1) vm.warp(START + 9 days);
        if (number == 2) {
            vm.prank(ENFORCEMENT);
            token.pause();
        }
        if (number == 3 || number == 4) {
            vm.prank(REGULATOR);
            number == 3 ? filings.suspend(FILING) : filings.revoke(FILING);
        }
        if (number == 5) record(token);
        if (number == 6) {
            vm.prank(PAYER);
            distributor.announce(token, uint32(block.timestamp + 1));
            vm.warp(block.timestamp + 1);
        }
        if (number == 7) vm.warp(uint256(EXPIRY_DAY) * 1 days);
    }

    /* INTERFACE AND VIEWS */

    function test_theInterfaceIdIsTheStandards() external view {
        assertTrue(type(IERC7943Fungible).interfaceId == 0x3edbb4c4, "id");
        assertTrue(token.supportsInterface(0x3edbb4c4), "not announced");
        assertTrue(token.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertFalse(token.supportsInterface(0xffffffff), "the id that nothing has");
    }

    function test_viewsNeverRevertNorWriteWhateverTheAccount(
        address account,
        address other,
        uint256 amount,
        uint256 state
    ) external {
        inAnyState(state);
        assertAnswers(account, other, amount);
        assertAnswers(anyWallet(amount), anyWallet(state >> 8), anyAmount(amount >> 8));
    }

    function assertAnswers(address account, address other, uint256 amount) private view {
        bytes[6] memory questions = [
            abi.encodeCall(IERC7943Fungible.canSend, (account)),
            abi.encodeCall(IERC7943Fungible.canReceive, (account)),
            abi.encodeCall(IERC7943Fungible.getFrozenTokens, (account)),
            abi.encodeCall(IERC7943Fungible.canTransfer, (account, other, amount)),
            abi.encodeCall(IERC1404.detectTransferRestriction, (account, other, amount)),
            abi.encodeCall(IERC1404.messageForTransferRestriction, (uint8(amount)))
        ];
        for (uint256 i; i < questions.length; ++i) {
            (bool answered,) = address(token).staticcall(questions[i]);
            assertTrue(answered, "reverted");
        }
    }

    /* THE ANSWER BINDS */

    function test_canTransferIsExactlyWhatTransferDoes(
        uint256 from_,
        uint256 to_,
        uint256 amount,
        uint256 state
    ) external {
        inAnyState(state);
        (address from, address to) = (anyWallet(from_), anyWallet(to_));
        amount = anyAmount(amount);
        bool said = token.canTransfer(from, to, amount);
        assertTrue(
            said == (token.detectTransferRestriction(from, to, amount) == 0), "ERC-1404 differs"
        );
        if (said) assertTrue(token.canSend(from) && token.canReceive(to), "the halves say no");
        vm.prank(from);
        (bool done,) = address(token).call(abi.encodeCall(IERC20.transfer, (to, amount)));
        assertTrue(done == said, "transfer does another thing");
    }

    function test_P9_whoseBalanceRoseIsEligible(
        uint256 from_,
        uint256 to_,
        uint256 amount,
        uint256 state
    ) external {
        inAnyState(state);
        (address from, address to) = (anyWallet(from_), anyWallet(to_));
        uint256 before = token.balanceOf(to);
        vm.prank(from);
        (bool moved,) = address(token).call(abi.encodeCall(IERC20.transfer, (to, anyAmount(amount))));
        vm.prank(ENFORCEMENT);
        (bool forced,) = address(token).call(
            abi.encodeCall(IERC7943Fungible.forcedTransfer, (from, to, anyAmount(amount >> 9)))
        );
        if (token.balanceOf(to) > before) {
            assertTrue((moved || forced) && token.canReceive(to), "received without being eligible");
        }
    }

    function test_aRefusedSenderCannotSendAndARefusedReceiverCannotReceive() external {
        address[4] memory senders = [FROZEN, INELIGIBLE, LOST, UNKNOWN];
        for (uint256 i; i < senders.length; ++i) {
            assertFalse(token.canSend(senders[i]), "may send");
            vm.expectRevert(
                abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotSend.selector, senders[i])
            );
            vm.prank(senders[i]);
            token.transfer(BOB, 0);
        }
        address[5] memory receivers = [EXPIRED, FROZEN, INELIGIBLE, LOST, UNKNOWN];
        for (uint256 i; i < receivers.length; ++i) {
            assertFalse(token.canReceive(receivers[i]), "may receive");
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC7943Fungible.ERC7943CannotReceive.selector, receivers[i]
                )
            );
            vm.prank(ALICE);
            token.transfer(receivers[i], UNITS);
        }
        assertTrue(token.canSend(EXPIRED), "an expired holder may leave");
    }

    /* FREEZING */

    function test_frozenUnitsBindTheTransfer(uint256 frozen, uint256 units) external {
        // What stays frozen, and what may leave, make a holding of their own.
        frozen = between(frozen, 100, 2 * UNITS);
        uint256 free = frozen < UNITS ? UNITS - frozen : 0;
        freezeUnits(ALICE, frozen);
        units = between(units, free + 1, UNITS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC7943Fungible.ERC7943InsufficientUnfrozenBalance.selector, ALICE, units, free
            )
        );
        vm.prank(ALICE);
        token.transfer(BOB, units);
        if (free < 100) return;
        vm.prank(ALICE);
        token.transfer(BOB, free);
        assertEq(token.balanceOf(ALICE), UNITS - free, "what is left is what is frozen");
    }

    function test_setFrozenTokensOverwritesAndMayExceedTheBalance(uint256 first, uint256 second)
        external
    {
        freezeUnits(ALICE, first);
        assertEq(token.getFrozenTokens(ALICE), first, "first");
        vm.recordLogs();
        freezeUnits(ALICE, second);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "events");
        assertEq(logs[0].topics[0], IERC7943Fungible.Frozen.selector, "event");
        assertEq(abi.decode(logs[0].data, (uint256)), second, "told");
        assertEq(token.getFrozenTokens(ALICE), second, "second");
        assertEq(token.balanceOf(ALICE), UNITS, "freezing moves nothing");
    }

    /* FORCE */

    function test_forceGoesThroughEveryFreezeLockAndHalt(uint256 state, uint256 units) external {
        inAnyState(state % 7);
        units = between(units, 0, UNITS);
        address[5] memory bound = [ALICE, HALF_FROZEN, FROZEN, INELIGIBLE, FOUND];
        address from = bound[state % bound.length];
        (uint256 had, uint256 got) = (token.balanceOf(from), token.balanceOf(BOB));
        vm.prank(ENFORCEMENT);
        assertTrue(token.forcedTransfer(from, BOB, units), "answer");
        assertEq(token.balanceOf(from), had - units, "from");
        assertEq(token.balanceOf(BOB), got + units, "to");
    }

    function test_forceNeverReachesAWalletThatMayNotReceive(uint256 to_, uint256 units) external {
        address to = anyWallet(to_);
        units = between(units, 0, UNITS);
        vm.assume(to != ALICE && !token.canReceive(to));
        vm.expectRevert(abi.encodeWithSelector(IERC7943Fungible.ERC7943CannotReceive.selector, to));
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, to, units);
    }

    function test_forceThawsWhatItTakesAndNoMore(uint256 frozen, uint256 units) external {
        frozen = between(frozen, 1, 2 * UNITS);
        units = between(units, 1, UNITS);
        uint256 free = frozen < UNITS ? UNITS - frozen : 0;
        uint256 thawed = units > free ? units - free : 0;
        freezeUnits(ALICE, frozen);
        vm.recordLogs();
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, BOB, units);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(token.getFrozenTokens(ALICE), frozen - thawed, "still frozen");
        uint256 first = thawed == 0 ? 0 : 1;
        assertEq(logs.length, first + 2, "events");
        if (thawed != 0) {
            assertEq(logs[0].topics[0], IERC7943Fungible.Frozen.selector, "the thaw first");
            assertEq(abi.decode(logs[0].data, (uint256)), frozen - thawed, "what stays frozen");
        }
        assertEq(logs[first].topics[0], IERC20.Transfer.selector, "then the transfer");
        assertEq(
            logs[first + 1].topics[0], IERC7943Fungible.ForcedTransfer.selector, "then the force"
        );
    }

    function test_P10_forceToOneselfIsRefused(uint256 wallet, uint256 units) external {
        address to = anyWallet(wallet);
        vm.expectRevert(abi.encodeWithSelector(IAbsToken.ForcedTransferToSelf.selector, to));
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(to, to, units);
    }

    function test_forceOfMoreThanTheBalanceIsRefused(uint256 units) external {
        units = between(units, UNITS + 1, type(uint256).max - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, ALICE, UNITS, units
            )
        );
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(ALICE, BOB, units);
    }

    function test_onlyTheEnforcementForcesAndFreezes(address caller) external {
        vm.assume(caller != ENFORCEMENT);
        vm.startPrank(caller);
        vm.expectRevert();
        token.forcedTransfer(ALICE, BOB, 1);
        vm.expectRevert();
        token.setFrozenTokens(ALICE, 1);
        vm.stopPrank();
    }
}
