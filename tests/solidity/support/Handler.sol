// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {IERC7943Fungible} from "contracts/interfaces/IERC7943.sol";
import {AwkwardCoin} from "contracts/mocks/AwkwardCoin.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Books} from "./Books.sol";

/// @title Whatever anybody may do to a deal, in any order
/// @notice Forge calls the acts with any arguments, which are brought down to wallets and amounts of
/// the deal. The contracts may refuse an act; where they must not, or did what they must not, the act
/// reverts, and that is the finding.
contract Handler is Books {
    uint256 public constant ACTS_OF_THE_OFFERING = 16;

    uint256 private _acts;
    bool private _active;

    constructor() {
        // The senior notes bind their holders, loosely enough for something to happen.
        IAbsToken.Terms memory bound = terms();
        (bound.minHolding, bound.maxHolding, bound.holderCap) = (2, 40_000, 5);
        deploy(bound, new AwkwardCoin());
        tokens = [token, tokenB];
        (openEpoch[token], openEpoch[tokenB]) = (1, 1);
        for (uint160 i = 1; i <= 6; ++i) {
            wallets.push(address(0xE000 + i));
            if (i != 6) register(wallets[i - 1]);
        }
        amend(50_000, 50_000);
        for (uint256 i; i < 4; ++i) mint(1, i, 1000 + i);
        mint(0, 2, 77);
    }

    modifier act() {
        if (++_acts == ACTS_OF_THE_OFFERING) {
            tried(ISSUER, address(token), abi.encodeCall(token.closeOffering, ()));
            tried(ISSUER, address(tokenB), abi.encodeCall(token.closeOffering, ()));
        }
        // The report waits for a suspension to be lifted.
        if (_acts >= ACTS_OF_THE_OFFERING && !_active) {
            _active = tried(
                FILER, address(filings), abi.encodeCall(filings.reportIssuance, (FILING, "report"))
            );
        }
        noteBalances();
        _;
    }

    function tokenOf(uint256 seed) private view returns (AbsToken) {
        // The senior notes three times out of four, so that a run gets somewhere with them.
        return seed % 4 == 0 ? tokenB : token;
    }

    function walletOf(uint256 seed) private view returns (address) {
        return wallets[seed % wallets.length];
    }

    /// @dev A wallet with units, if there is one.
    function holderOf(AbsToken each, uint256 seed) private view returns (address) {
        for (uint256 i; i < wallets.length; ++i) {
            address holder = wallets[(seed % wallets.length + i) % wallets.length];
            if (each.balanceOf(holder) != 0) return holder;
        }
        return walletOf(seed);
    }

    /// @dev None, all, a few or too many of a balance.
    function amountOf(uint256 seed, uint256 balance) private pure returns (uint256) {
        if (seed % 8 == 0) return 0;
        if (seed % 8 == 1) return balance;
        if (seed % 8 == 2) return balance + 1;
        return between(seed / 8, 0, balance);
    }

    function tried(address who, address what, bytes memory call_) private returns (bool done) {
        vm.prank(who);
        (done,) = what.call(call_);
    }

    /* UNITS */

    function mint(uint256 which, uint256 to, uint256 units) public act {
        AbsToken each = tokenOf(which);
        units = between(units, 0, 2e4);
        uint256 operation = each.operationCount() + 1;
        bytes memory call_ = abi.encodeCall(each.mint, (walletOf(to), units, BUNDLE, operation));
        if (tried(address(dvp), address(each), call_)) {
            minted[each] += units;
            assertTrue(each.totalSupply() <= each.cap(), "P22: a mint beyond the cap");
        }
        assertWhoseBalanceRoseMayReceive();
    }

    function transfer(uint256 which, uint256 from_, uint256 to, uint256 units) external act {
        AbsToken each = tokenOf(which);
        address from = holderOf(each, from_);
        units = amountOf(units, each.balanceOf(from));
        bool said = each.canTransfer(from, walletOf(to), units);
        bytes memory call_ = abi.encodeCall(IERC20.transfer, (walletOf(to), units));
        assertTrue(tried(from, address(each), call_) == said, "the pre-check is another");
        assertWhoseBalanceRoseMayReceive();
    }

    function transferFrom(uint256 which, uint256 from_, uint256 to, uint256 units) external act {
        AbsToken each = tokenOf(which);
        address from = holderOf(each, from_);
        units = amountOf(units, each.balanceOf(from));
        tried(from, address(each), abi.encodeCall(IERC20.approve, (STRANGER, units)));
        tried(
            STRANGER,
            address(each),
            abi.encodeCall(IERC20.transferFrom, (from, walletOf(to), units))
        );
        assertWhoseBalanceRoseMayReceive();
    }

    function force(uint256 which, uint256 from_, uint256 to, uint256 units) external act {
        AbsToken each = tokenOf(which);
        address from = holderOf(each, from_);
        units = amountOf(units, each.balanceOf(from));
        tried(
            ENFORCEMENT,
            address(each),
            abi.encodeCall(IERC7943Fungible.forcedTransfer, (from, walletOf(to), units))
        );
        assertWhoseBalanceRoseMayReceive();
    }

    /// @dev Passes only once all principal is repaid.
    function retire(uint256 which, uint256 who) external act {
        tried(
            ISSUER,
            address(tokenOf(which)),
            abi.encodeCall(token.retire, (listOf(walletOf(who), walletOf(who / 7))))
        );
        assertWhoseBalanceRoseMayReceive();
    }

    /* WALLETS */

    function setInvestor(uint256 who, uint256 expiry) external act {
        // One in six is found ineligible, one expires soon.
        uint256 today = block.timestamp / 1 days;
        uint256 day = expiry % 6 == 0 ? 0 : expiry % 6 == 1 ? today + 2 : today + 300;
        bytes memory call_ = abi.encodeCall(
            investors.setInvestor,
            (walletOf(who), IAbsToken.Eligibility(uint16(day), 344, 2), "evidence")
        );
        bool done = tried(REGISTRAR, address(investors), call_);
        assertTrue(done || isBarred(walletOf(who)), "a wallet could not be registered");
    }

    function setFrozen(uint256 who, uint256 seldom) external act {
        if (!isBarred(walletOf(who))) freeze(walletOf(who), seldom % 3 == 0);
    }

    function setFrozenUnits(uint256 which, uint256 who, uint256 units) external act {
        AbsToken each = tokenOf(which);
        units = amountOf(units, 2 * each.balanceOf(walletOf(who)));
        bytes memory call_ = abi.encodeCall(IERC7943Fungible.setFrozenTokens, (walletOf(who), units));
        bool done = tried(ENFORCEMENT, address(each), call_);
        assertTrue(done || each.isBarred(walletOf(who)), "units could not be frozen");
    }

    /// @dev The fresh wallet takes over the units and stays frozen; thawing is another act.
    function recoverWallet(uint256 who) external act {
        address lost = walletOf(who);
        if (wallets.length == 10 || isBarred(lost) || token.indexOf(lost) == 0) return;
        address fresh = address(uint160(0xE001 + wallets.length));
        wallets.push(fresh);
        freeze(lost, true);
        uint256 units = token.balanceOf(lost);
        uint24 index = token.indexOf(lost);
        bytes memory call_ = abi.encodeCall(investors.recover, (lost, fresh, "order"));
        assertTrue(tried(REGISTRAR, address(investors), call_), "P46: recovery");
        assertEq(token.balanceOf(fresh), units, "P46: units");
        assertEq(token.indexOf(fresh), index, "P46: number");
        assertTrue(token.isBarred(lost) && token.isFrozen(fresh), "P46: flags");
    }

    /// @dev Given up for another, in one tranche at least: one may have been nobody's in the other.
    function isBarred(address wallet) private view returns (bool) {
        return token.isBarred(wallet) || tokenB.isBarred(wallet);
    }

    /* HALTS AND TIME */

    /// @dev Halts are undone more often than made, or nothing else would ever pass.
    function setPaused(uint256 which, uint256 seldom) external act {
        AbsToken each = tokenOf(which);
        bytes memory call_ = seldom % 6 == 0 ? abi.encodeCall(each.pause, ()) : abi.encodeCall(each.unpause, ());
        assertTrue(tried(ENFORCEMENT, address(each), call_), "could not be paused or unpaused");
    }

    function suspendOrLift(uint256 seldom) external act {
        bytes memory call_ = seldom % 6 == 0
            ? abi.encodeCall(filings.suspend, (FILING))
            : abi.encodeCall(filings.lift, (FILING));
        tried(REGULATOR, address(filings), call_);
    }

    /// @dev While the offering is open: other caps, be they below what is minted.
    function amend(uint256 cap, uint256 capB) public act {
        bytes memory call_ = abi.encodeCall(filings.beginAmendment, (FILING));
        if (!tried(REGULATOR, address(filings), call_)) return;
        uint80[] memory caps = new uint80[](2);
        (caps[0], caps[1]) = (uint80(between(cap, 0, 1e5)), uint80(between(capB, 0, 1e5)));
        call_ = abi.encodeCall(
            filings.amend, (FILING, BUNDLE, 2e5 * DENOMINATION, MINT_UNTIL_DAY, caps)
        );
        assertTrue(tried(REGULATOR, address(filings), call_), "P22: an amendment");
        for (uint256 i; i < 2; ++i) {
            if (caps[i] > mostGranted[tokens[i]]) mostGranted[tokens[i]] = caps[i];
        }
    }

    function revoke(uint256 seldom) external act {
        if (seldom % 32 != 0) return;
        bytes memory call_ = abi.encodeCall(filings.revoke, (FILING));
        tried(REGULATOR, address(filings), call_);
    }

    function passTime(uint256 seconds_) external act {
        passTo(block.timestamp + between(seconds_, 1, 10 days));
    }

    /* PAYMENTS */

    function announce(uint256 which, uint256 wait) public act {
        AbsToken each = tokenOf(which);
        uint256 closes = block.timestamp + between(wait, 0, 3 days);
        bytes memory call_ = abi.encodeCall(distributor.announce, (each, uint32(closes)));
        if (tried(PAYER, address(distributor), call_)) closesAt[each] = closes;
    }

    /// @dev A whole record date in one act, or few runs would see several.
    function passRecordDate(uint256 which, uint256 wait) external {
        announce(which, wait);
        uint256 closes = closesAt[tokenOf(which)];
        if (closes != 0) passTo(closes);
    }

    function recordNext(uint256 which) public act {
        AbsToken each = tokenOf(which);
        for (uint16 k = each.settledEpoch() + 1; k < openEpoch[each]; ++k) {
            if (distributor.paymentOf(each, k).state != ICouponDistributor.State.None) continue;
            bytes memory call_ = abi.encodeCall(distributor.record, (each, k));
            assertTrue(tried(PAYER, address(distributor), call_), "could not be recorded");
        }
    }

    function declareNext(uint256 which, uint256 interest, uint256 principal) external act {
        AbsToken each = tokenOf(which);
        recordNext(which);
        for (uint16 k = each.settledEpoch() + 1; k < openEpoch[each]; ++k) {
            if (distributor.paymentOf(each, k).state != ICouponDistributor.State.Recorded) continue;
            interest = between(interest, 0, 1e6);
            // All of it once in eight times; else little, so that there is something for the next.
            principal = amountOf(principal, each.outstandingPerUnit() / (principal % 8 == 1 ? 1 : 9));
            uint256 amount = (interest + principal) * each.supplyAt(k);
            fund(PAYER, amount);
            bytes memory call_ = abi.encodeCall(
                distributor.declare,
                (each, k, interest, IAbsToken.PrincipalChange(0, 0, principal, 0))
            );
            if (!tried(PAYER, address(distributor), call_)) return;
            funded[each] += amount;
            perUnit[each][k] = interest + principal;
            return;
        }
    }

    function skipNext(uint256 which, uint256 seldom) external act {
        AbsToken each = tokenOf(which);
        if (seldom % 4 != 0) return;
        for (uint16 k = each.settledEpoch() + 1; k < openEpoch[each]; ++k) {
            tried(PAYER, address(distributor), abi.encodeCall(distributor.skip, (each, k)));
        }
    }

    /// @dev Any wallets, known or not, among them the same one twice; mostly for what is declared.
    function payHolders(uint256 which, uint256 whom, uint256 when, bool byPayer) external act {
        AbsToken each = tokenOf(which);
        uint16 epoch = uint16(between(when, each.settledEpoch(), openEpoch[each]));
        while (when % 8 != 0 && !isDeclared(each, epoch) && epoch > each.settledEpoch()) --epoch;
        address[] memory list = new address[](whom % 12);
        for (uint256 i; i < list.length; ++i) list[i] = walletOf(whom >> (8 + 8 * i));
        if (list.length > 2) list[1] = whom % 2 == 0 ? list[0] : address(0);
        bool declared = isDeclared(each, epoch);
        uint256[] memory since = coinsOfWallets();
        bool done = tried(
            byPayer ? PAYER : STRANGER,
            address(distributor),
            abi.encodeCall(distributor.pay, (each, epoch, list))
        );
        assertTrue(done == declared, "P30: a payment that was declared could not be made");
        enterReceipts(each, since);
    }

    function isDeclared(AbsToken each, uint16 epoch) private view returns (bool) {
        return distributor.paymentOf(each, epoch).state == ICouponDistributor.State.Declared;
    }

    function releaseTo(uint256 which, uint256 who) public act {
        AbsToken each = tokenOf(which);
        uint256[] memory since = coinsOfWallets();
        bytes memory call_ = abi.encodeCall(distributor.release, (each, walletOf(who)));
        tried(STRANGER, address(distributor), call_);
        enterReceipts(each, since);
    }

    function collectTo(uint256 which, uint256 who) public act {
        AbsToken each = tokenOf(which);
        uint256[] memory since = coinsOfWallets();
        bytes memory call_ = abi.encodeCall(distributor.collect, (each, walletOf(who)));
        tried(STRANGER, address(distributor), call_);
        enterReceipts(each, since);
    }

    function setMannerOfTheCoin(uint256 who, uint256 manner) external act {
        // Reverting, or answering false, or as it should.
        manner = manner % 4 == 3 ? 0 : manner % 4;
        AwkwardCoin(address(coin)).setManner(walletOf(who), AwkwardCoin.Manner(manner));
    }

    function donate(uint256 amount) external act {
        amount = between(amount, 1, 1e9);
        donated += amount;
        fund(address(distributor), amount);
    }

    /// @dev What nobody asked for can be taken out again, and nothing else.
    function rescue() external act {
        bytes memory call_ = abi.encodeCall(distributor.rescue, (coin));
        bool done = tried(ADMIN, address(distributor), call_);
        assertTrue(done == (donated != 0), "P35: rescued what is owed, or not what is not");
        donated = 0;
    }

    /// @dev In default, and once accelerated, a junior tranche waits its turn to be declared.
    function setStanding(uint256 how) external act {
        bytes memory call_;
        if (how % 4 == 0) call_ = abi.encodeCall(distributor.declareDefault, (FILING, "notice"));
        if (how % 4 == 1) call_ = abi.encodeCall(distributor.waiveDefault, (FILING, "notice"));
        if (how % 4 == 2) call_ = abi.encodeCall(distributor.accelerate, (FILING, "notice"));
        if (how % 4 == 3) call_ = abi.encodeCall(distributor.rescindAcceleration, (FILING, "notice"));
        tried(TRUSTEE, address(distributor), call_);
    }

    /* THE END */

    /// @notice Pays and hands out all there is, as soon as nobody is held up any more.
    /// @dev Declared here because the contracts must be able to get there from anywhere.
    function windUp() external {
        for (uint256 i; i < wallets.length; ++i) {
            AwkwardCoin(address(coin)).setManner(wallets[i], AwkwardCoin.Manner.Honest);
            if (isBarred(wallets[i])) continue;
            register(wallets[i], uint16(block.timestamp / 1 days + 300));
            freeze(wallets[i], false);
        }
        for (uint256 i; i < 2; ++i) {
            if (closesAt[tokens[i]] != 0) passTo(closesAt[tokens[i]]);
        }
        for (uint256 i; i < 2; ++i) payAll(tokens[i]);
        assertCoin();
        assertEq(distributor.liabilities(), 0, "money that nobody can get");
    }

    function payAll(AbsToken each) private {
        for (uint16 k = each.settledEpoch() + 1; k < openEpoch[each]; ++k) {
            ICouponDistributor.State state = distributor.paymentOf(each, k).state;
            if (state == ICouponDistributor.State.None) {
                vm.prank(PAYER);
                distributor.record(each, k);
            }
            if (state < ICouponDistributor.State.Declared) {
                vm.prank(PAYER);
                distributor.skip(each, k);
            }
            if (state == ICouponDistributor.State.Declared) {
                uint256[] memory since = coinsOfWallets();
                pay(each, k, wallets);
                enterReceipts(each, since);
            }
        }
        assertEq(each.settledEpoch() + 1, each.epoch(), "P25: an epoch is not settled");
        for (uint256 i; i < wallets.length; ++i) {
            uint24 index = each.indexOf(wallets[i]);
            uint256[] memory since = coinsOfWallets();
            if (distributor.setAsideOf(each, index) != 0) distributor.release(each, wallets[i]);
            if (distributor.creditOf(each, index) != 0) distributor.collect(each, wallets[i]);
            enterReceipts(each, since);
        }
    }
}
