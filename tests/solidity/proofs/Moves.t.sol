// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {TokenProof} from "./TokenProof.sol";

/// @title P9, P10, P46: units move to whom may receive, and none by a move to oneself
/// @dev Who may receive is read from the facts about the wallet, not from the token's own answer.
contract MovesProof is TokenProof {
    function check_P9_transferFrom(address from, address to, uint256 units) external {
        bool eligible = _isEligible(to);
        address spender = svm.createAddress("spender");
        uint256 allowed = token.allowance(from, spender);
        vm.prank(spender);
        token.transferFrom(from, to, units);
        assert(eligible && units <= allowed);
    }

    /// @dev Whoever calls it.
    function check_P9_forcedTransfer(address from, address to, uint256 units) external {
        bool eligible = _isEligible(to);
        vm.prank(svm.createAddress("caller"));
        token.forcedTransfer(from, to, units);
        assert(eligible);
    }

    function check_P9_mint(address to, uint256 units, bytes32 bundleHash, uint256 operation)
        external
    {
        bool eligible = _isEligible(to);
        vm.prank(SETTLEMENT);
        token.mint(to, units, bundleHash, operation);
        assert(eligible);
    }

    function check_P10_forcedTransferToItself(address wallet, uint256 units) external {
        address caller = svm.createAddress("caller");
        vm.prank(caller);
        try token.forcedTransfer(wallet, wallet, units) {
            assert(false);
        } catch {}
    }

    function check_P10_transferToOneself(address holder, uint256 units) external {
        uint256 balance = token.balanceOf(holder);
        uint256 supply = token.totalSupply();
        vm.prank(holder);
        token.transfer(holder, units);
        assert(units <= balance);
        assert(token.balanceOf(holder) == balance);
        assert(token.totalSupply() == supply);
    }

    /// @dev The word moves whole: units, number, eligibility and freezes.
    function check_P46_recover(address caller, address lost, address fresh) external {
        uint24 index = token.indexOf(lost);
        uint256 balance = token.balanceOf(lost);
        uint256 unitsFrozen = token.getFrozenTokens(lost);
        uint256 supply = token.totalSupply();
        IAbsToken.Eligibility memory eligibility = token.eligibilityOf(lost);
        bool unknown = token.indexOf(fresh) == 0 && !token.isBarred(fresh);
        bool frozen = token.isFrozen(lost);
        address registry = token.investorRegistry();
        vm.prank(caller);
        token.recover(lost, fresh);
        assert(caller == registry && unknown && frozen && lost != fresh);
        assert(token.indexOf(fresh) == index && index != 0);
        assert(token.balanceOf(fresh) == balance);
        assert(token.getFrozenTokens(fresh) == unitsFrozen);
        assert(token.isFrozen(fresh));
        IAbsToken.Eligibility memory moved = token.eligibilityOf(fresh);
        assert(
            moved.expiryDay == eligibility.expiryDay && moved.country == eligibility.country
                && moved.class == eligibility.class
        );
        assert(token.balanceOf(lost) == 0 && token.indexOf(lost) == 0 && token.isBarred(lost));
        assert(token.totalSupply() == supply);
    }
}
