// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AwkwardCoin} from "contracts/mocks/AwkwardCoin.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Deal} from "./Deal.sol";

/// @title What a test has seen happen to a deal: the books that the contracts' own are held to
/// @notice Kept by the investor's number, which survives the loss of a wallet.
abstract contract Books is Deal {
    AbsToken[2] public tokens;
    /// @notice Every wallet that can ever have held a unit.
    address[] public wallets;

    /// @notice Coin that somebody sent to the distributor without being asked.
    uint256 public donated;
    /// @notice Coin of all declarations, and what of it has reached wallets.
    mapping(AbsToken => uint256) public funded;
    mapping(AbsToken => uint256) public paid;
    mapping(AbsToken => mapping(uint24 index => uint256)) public received;

    mapping(AbsToken => uint256) public minted;
    mapping(AbsToken => uint256) public mostGranted;

    /// @notice The open epoch, and the instant announced for its end; 0 if there is none.
    mapping(AbsToken => uint16) public openEpoch;
    mapping(AbsToken => uint256) public closesAt;
    mapping(AbsToken => mapping(uint16 epoch => uint256)) public supplyOfRecord;
    mapping(AbsToken => mapping(uint16 epoch => mapping(uint24 index => uint256))) public ofRecord;
    mapping(AbsToken => mapping(uint16 epoch => uint256)) public perUnit;

    uint256[] private _before;

    function walletCount() public view returns (uint256) {
        return wallets.length;
    }

    function fund(address account, uint256 amount) internal override {
        AwkwardCoin(address(coin)).issue(account, amount);
    }

    /// @dev Balances do not change with time alone, so what is held as the clock passes the announced
    /// instant is what was held at it.
    function passTo(uint256 instant) internal {
        for (uint256 i; i < 2; ++i) {
            AbsToken each = tokens[i];
            if (closesAt[each] == 0 || instant < closesAt[each]) continue;
            uint16 epoch = openEpoch[each];
            supplyOfRecord[each][epoch] = each.totalSupply();
            for (uint256 j; j < wallets.length; ++j) {
                ofRecord[each][epoch][each.indexOf(wallets[j])] = each.balanceOf(wallets[j]);
            }
            (openEpoch[each], closesAt[each]) = (epoch + 1, 0);
        }
        vm.warp(instant);
    }

    function noteBalances() internal {
        delete _before;
        for (uint256 i; i < 2 * wallets.length; ++i) {
            _before.push(tokens[i % 2].balanceOf(wallets[i / 2]));
        }
    }

    function assertWhoseBalanceRoseMayReceive() internal view {
        for (uint256 i; i < _before.length; ++i) {
            (AbsToken each, address wallet) = (tokens[i % 2], wallets[i / 2]);
            bool rose = each.balanceOf(wallet) > _before[i];
            assertTrue(!rose || each.canReceive(wallet), "P9: received without being eligible");
        }
    }

    function coinsOfWallets() internal view returns (uint256[] memory coins) {
        coins = new uint256[](wallets.length);
        for (uint256 i; i < coins.length; ++i) coins[i] = coin.balanceOf(wallets[i]);
    }

    /// @dev Enters what wallets have got since; a wallet that is nobody's must not have got anything.
    function enterReceipts(AbsToken token_, uint256[] memory since) internal {
        for (uint256 i; i < since.length; ++i) {
            uint256 got = coin.balanceOf(wallets[i]) - since[i];
            if (got == 0) continue;
            assertTrue(token_.canBePaid(wallets[i]), "P43: paid to a wallet that may not be paid");
            received[token_][token_.indexOf(wallets[i])] += got;
            paid[token_] += got;
        }
    }

    /* WHAT MUST HOLD AT ANY TIME */

    function assertUnits(AbsToken token_) public view {
        (uint256 sum, uint256 holders) = (0, 0);
        for (uint256 i; i < wallets.length; ++i) {
            uint256 units = token_.balanceOf(wallets[i]);
            sum += units;
            if (units != 0) ++holders;
        }
        assertEq(sum, token_.totalSupply(), "the balances are not the supply");
        // Counted only where the terms cap them.
        assertEq(token_.holderCount(), token_.holderCap() == 0 ? 0 : holders, "P16: the holders");
        assertTrue(minted[token_] <= mostGranted[token_], "P18: more minted than ever granted");
    }

    function assertRecords(AbsToken token_) public view {
        assertEq(token_.epoch(), openEpoch[token_], "the open epoch");
        for (uint16 k = token_.settledEpoch() + 1; k < openEpoch[token_]; ++k) {
            uint256 sum;
            for (uint256 i; i < wallets.length; ++i) {
                uint24 index = token_.indexOf(wallets[i]);
                uint256 units = token_.balanceAt(wallets[i], k);
                sum += units;
                uint256 wanted = index == 0 ? 0 : ofRecord[token_][k][index];
                assertEq(units, wanted, "P24: not what was held of record");
            }
            assertEq(sum, token_.supplyAt(k), "P24: the balances of record are not the supply of record");
            assertEq(sum, supplyOfRecord[token_][k], "P24: the supply of record has changed");
        }
    }

    /// @dev For each investor: what left the payments is what it got, or is kept for it. So nothing is
    /// paid twice and nothing is lost.
    function assertMoney(AbsToken token_) public view {
        (uint256 kept, uint256 left) = (0, 0);
        for (uint256 i; i < wallets.length; ++i) {
            uint24 index = token_.indexOf(wallets[i]);
            if (index == 0) continue;
            uint256 owed;
            for (uint16 k = 1; k < openEpoch[token_]; ++k) {
                uint256 due = ofRecord[token_][k][index] * perUnit[token_][k];
                if (distributor.isPaid(token_, k, index)) owed += due;
                else left += due;
            }
            uint256 held = distributor.setAsideOf(token_, index) + distributor.creditOf(token_, index);
            assertEq(received[token_][index] + held, owed, "P32: an investor's money");
            kept += held;
        }
        assertEq(paid[token_] + kept + left, funded[token_], "paid, kept and left are not the funds");
        uint256 stillPayable;
        for (uint16 k = 1; k < openEpoch[token_]; ++k) {
            stillPayable += distributor.paymentOf(token_, k).left;
        }
        assertEq(stillPayable, left, "what the payments say is left");
    }

    function assertCoin() public view {
        uint256 owed;
        for (uint256 i; i < 2; ++i) owed += funded[tokens[i]] - paid[tokens[i]];
        assertEq(distributor.liabilities(), owed, "P35: the liabilities");
        assertEq(coin.balanceOf(address(distributor)), owed + donated, "P35: the coin held");
    }
}
