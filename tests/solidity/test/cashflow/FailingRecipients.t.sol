// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {AwkwardCoin} from "contracts/mocks/AwkwardCoin.sol";
import {Admission, Allotment, packAdmission} from "contracts/token/Packed.sol";
import {Deal} from "../../support/Deal.sol";

/// @title Recipients whom the coin refuses, and one at whom it burns all its gas
contract FailingRecipientsTest is Deal {
    uint256 private constant REFUSED = 250;
    uint256 private constant PER_UNIT = 5;
    /// @dev What a transaction may burn since Osaka (EIP-7825), the least of the chains we know.
    uint256 private constant TRANSACTION_GAS = 16_777_216;

    AwkwardCoin private awkward;
    /// @dev The refused first, then the burner of gas, then one good holder.
    address[] private holders;
    uint16 private epoch;

    function setUp() external {
        awkward = new AwkwardCoin();
        deploy(terms(), awkward);
        // Investors without units come first: the marks of the holders lie in two slots.
        Admission[] memory others = new Admission[](100);
        for (uint160 i; i < 100; ++i) {
            others[i] = packAdmission(address(0xF000 + i), EXPIRY_DAY, 344, 2);
        }
        vm.prank(REGISTRAR);
        investors.setInvestors(others, "evidence");
        Admission[] memory admissions = new Admission[](REFUSED + 2);
        Allotment[] memory allotments = new Allotment[](REFUSED + 2);
        for (uint160 i; i < REFUSED + 2; ++i) {
            address wallet = address(0xD000 + i);
            holders.push(wallet);
            admissions[i] = packAdmission(wallet, EXPIRY_DAY, 344, 2);
            allotments[i] = Allotment.wrap(uint256(uint160(wallet)) | (10 << 160));
            if (i < REFUSED) awkward.setManner(wallet, AwkwardCoin.Manner.Reverts);
        }
        awkward.setManner(burner(), AwkwardCoin.Manner.BurnsGas);
        vm.prank(REGISTRAR);
        investors.setInvestors(admissions, "evidence");
        vm.prank(address(dvp));
        token.mintBatch(allotments, BUNDLE, 1);
        activate();
        epoch = record(token);
        declare(token, epoch, PER_UNIT, 0);
    }

    function fund(address account, uint256 amount) internal override {
        AwkwardCoin(address(coin)).issue(account, amount);
    }

    function burner() private view returns (address) {
        return holders[REFUSED];
    }

    function good() private view returns (address) {
        return holders[REFUSED + 1];
    }

    function part(uint256 from, uint256 length) private view returns (address[] memory list) {
        if (from + length > holders.length) length = holders.length - from;
        list = new address[](length);
        for (uint256 i; i < length; ++i) list[i] = holders[from + i];
    }

    function payWith(address caller, uint256 gas_, address[] memory list) private returns (bool done) {
        bytes memory call_ = abi.encodeCall(distributor.pay, (token, epoch, list));
        vm.prank(caller);
        (done,) = address(distributor).call{gas: gas_}(call_);
    }

    /// @dev However the payer cuts the list, each part fits a transaction, and all is done at the end.
    /// forge-config: default.fuzz.runs = 8
    function test_P42_splittingTheListAlwaysCompletes(uint256 size) external {
        size = between(size, 5, holders.length);
        for (uint256 from; from < holders.length; from += size) {
            assertTrue(payWith(PAYER, TRANSACTION_GAS, part(from, size)), "a part did not fit");
        }
        assertSettled();
    }

    /// @dev Also a payer who halves whatever did not fit comes to an end, on any chain that can carry
    /// a single payment.
    /// forge-config: default.fuzz.runs = 8
    function test_P42_halvingWhatDoesNotFitAlwaysCompletes(uint256 gas_) external {
        payHalving(0, holders.length, between(gas_, 900_000, 5_000_000));
        assertSettled();
    }

    function payHalving(uint256 from, uint256 length, uint256 gas_) private {
        if (payWith(PAYER, gas_, part(from, length))) return;
        assertTrue(length > 1, "a single payment did not fit");
        payHalving(from, length / 2, gas_);
        payHalving(from + length / 2, length - length / 2, gas_);
    }

    function assertSettled() private view {
        ICouponDistributor.Payment memory payment = distributor.paymentOf(token, epoch);
        assertTrue(payment.state == ICouponDistributor.State.Paid, "not finished");
        assertEq(token.settledEpoch(), epoch, "settled");
        assertEq(coin.balanceOf(good()), 10 * PER_UNIT, "the good holder is paid");
        for (uint256 i; i <= REFUSED; ++i) {
            assertTrue(distributor.isPaid(token, epoch, token.indexOf(holders[i])), "not marked");
            uint256 credit = distributor.creditOf(token, token.indexOf(holders[i]));
            assertEq(credit, 10 * PER_UNIT, "credited");
            assertEq(coin.balanceOf(holders[i]), 0, "paid");
        }
        assertEq(distributor.liabilities(), (REFUSED + 1) * 10 * PER_UNIT, "liabilities");
        assertEq(coin.balanceOf(address(distributor)), distributor.liabilities(), "coin held");
    }

    /// @dev Too little gas must look like too little gas, never like a refusal by the coin.
    function test_P42_aGoodHolderIsPaidOrNothingHappensWhateverTheGas(uint256 gas_) external {
        gas_ = between(gas_, 30_000, 900_000);
        bool done = payWith(PAYER, gas_, listOf(good()));
        assertEq(coin.balanceOf(good()), done ? 10 * PER_UNIT : 0, "paid");
        assertTrue(distributor.isPaid(token, epoch, token.indexOf(good())) == done, "marked");
        assertEq(distributor.creditOf(token, token.indexOf(good())), 0, "credited");
    }

    /// @dev A transfer is tried only with all the gas it may take, and with enough for what comes after.
    function test_P42_tooLittleGasIsRefusedByName(uint256 gas_) external {
        gas_ = between(gas_, 200_000, 450_000);
        bytes memory call_ = abi.encodeCall(distributor.pay, (token, epoch, listOf(good())));
        vm.prank(PAYER);
        (bool success, bytes memory answer) = address(distributor).call{gas: gas_}(call_);
        assertFalse(success, "done");
        assertEq(
            bytes32(bytes4(answer)),
            bytes32(ICouponDistributor.TooLittleGas.selector),
            "refused for another reason"
        );
    }

    function test_P42_behindABurnerOfGasTheNextIsStillPaid() external {
        assertTrue(payWith(PAYER, 2_000_000, listOf(burner(), good())), "not done");
        assertEq(coin.balanceOf(good()), 10 * PER_UNIT, "paid");
        assertEq(distributor.creditOf(token, token.indexOf(burner())), 10 * PER_UNIT, "credited");
    }

    function test_P40_aStrangerPaysTheGoodAndDivertsNobody() external {
        assertTrue(payWith(STRANGER, 30_000_000, part(0, holders.length)), "not done");
        assertEq(coin.balanceOf(good()), 10 * PER_UNIT, "paid");
        assertEq(
            uint256(distributor.paymentOf(token, epoch).left), (REFUSED + 1) * 10 * PER_UNIT, "left"
        );
        assertFalse(distributor.isPaid(token, epoch, token.indexOf(burner())), "marked");
        assertEq(distributor.creditOf(token, token.indexOf(burner())), 0, "credited");
        vm.warp(block.timestamp + 30 days);
        for (uint256 from; from < holders.length; from += 50) {
            assertTrue(payWith(STRANGER, TRANSACTION_GAS, part(from, 50)), "not done");
        }
        assertSettled();
    }

    function test_P33_whomTheCoinTakesBackCollectsOnce() external {
        assertTrue(payWith(PAYER, 1_000_000, listOf(holders[0])), "not done");
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponDistributor.CoinRefused.selector, holders[0], 10 * PER_UNIT
            )
        );
        distributor.collect(token, holders[0]);
        awkward.setManner(holders[0], AwkwardCoin.Manner.Honest);
        distributor.collect(token, holders[0]);
        assertEq(coin.balanceOf(holders[0]), 10 * PER_UNIT, "collected");
        vm.expectRevert(
            abi.encodeWithSelector(
                ICouponDistributor.NothingHeld.selector, token, token.indexOf(holders[0])
            )
        );
        distributor.collect(token, holders[0]);
    }
}
