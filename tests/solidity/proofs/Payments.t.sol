// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CouponDistributor} from "contracts/cashflow/CouponDistributor.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {GreedyCoin} from "./GreedyCoin.sol";
import {Proof} from "./Proof.sol";

/// @title What a distributor asks a token, answered with any number and clearance of a wallet
/// @dev Only the units are given: a product of two unknowns is too much for the solvers.
contract AnyToken {
    uint256 public constant UNITS = 1_000;

    mapping(address wallet => uint256) private _words;
    uint16 public settledEpoch;

    function holdersAt(address[] calldata wallets, uint16)
        external
        view
        returns (uint256[] memory words)
    {
        words = new uint256[](wallets.length);
        for (uint256 i; i < wallets.length; ++i) {
            words[i] = (_words[wallets[i]] & ~uint256(type(uint80).max)) | UNITS;
        }
    }

    function indexOf(address wallet) external view returns (uint24) {
        return uint24(_words[wallet] >> 80);
    }

    function settle(uint16 epoch) external {
        settledEpoch = epoch;
    }
}

/// @title P30: whoever is marked as paid for a record date gets nothing more for it
/// @dev The distributor's storage is symbolic, as are the token's answers, the rate, and who calls.
/// Bounds: one holder a call, of 1,000 units; at most four epochs settled at the end.
contract PaymentsProof is Proof {
    uint256 private constant STATIC_SLOTS = 16;

    CouponDistributor private desk;
    AnyToken private token;
    GreedyCoin private coin;

    function setUp() public {
        vm.warp(20_000 days);
        coin = new GreedyCoin();
        token = new AnyToken();
        desk = new CouponDistributor(
            IERC20(address(coin)), address(0xa), address(0xb), address(0xc), address(0xd)
        );
        svm.enableSymbolicStorage(address(token));
        svm.enableSymbolicStorage(address(desk));
        for (uint256 slot; slot < STATIC_SLOTS; ++slot) {
            vm.store(address(desk), bytes32(slot), svm.createBytes32("word"));
        }
    }

    function check_P30_paidIsNotPaidAgain(address holder, uint16 epoch) external {
        uint24 index = token.indexOf(holder);
        vm.assume(desk.isPaid(_token(), epoch, index));
        uint256 kept = _kept(index);
        _pay(holder, epoch);
        assert(coin.received(holder) == 0 && !coin.called());
        assert(_kept(index) == kept);
        assert(desk.isPaid(_token(), epoch, index));
    }

    function _pay(address holder, uint16 epoch) private {
        address[] memory holders = new address[](1);
        holders[0] = holder;
        bytes memory call = abi.encodeCall(desk.pay, (_token(), epoch, holders));
        coin.prepare(svm.createUint(128, "balance"), call);
        vm.prank(svm.createAddress("caller"));
        desk.pay(_token(), epoch, holders);
    }

    /// @dev What is credited to an investor or set aside.
    function _kept(uint24 index) private view returns (uint256) {
        uint256 credited = desk.creditOf(_token(), index);
        uint256 aside = desk.setAsideOf(_token(), index);
        vm.assume(credited < 1 << 200 && aside < 1 << 200);
        return credited + aside;
    }

    function _token() private view returns (IAbsToken) {
        return IAbsToken(address(token));
    }
}
