// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenProof} from "./TokenProof.sol";

/// @title Conservation: what one wallet gains another loses, and a mint is the only gain from nothing
/// @dev Three wallets stand for any three: the code asks of no address which one it is, but for zero and
/// for whether two are the same. Their words, as all of the storage, are any.
contract ConservationProof is TokenProof {
    address private constant FROM = address(0xa1);
    address private constant TO = address(0xa2);
    address private constant OTHER = address(0xa3);

    uint256 private _from;
    uint256 private _to;
    uint256 private _other;
    uint256 private _supply;

    function check_P9_transferMovesUnits(uint256 units) external {
        _note();
        bool eligible = _isEligible(TO);
        vm.prank(FROM);
        token.transfer(TO, units);
        _assertMoved(units);
        assert(eligible);
    }

    function check_forcedTransferMovesUnits(uint256 units) external {
        _note();
        vm.prank(ENFORCEMENT);
        token.forcedTransfer(FROM, TO, units);
        _assertMoved(units);
    }

    function check_P22_mintAddsUnitsAndAsManyToTheSupply(uint256 units, bytes32 bundle, uint256 operation)
        external
    {
        _note();
        vm.prank(SETTLEMENT);
        token.mint(TO, units, bundle, operation);
        assert(token.balanceOf(TO) == _to + units);
        assert(token.totalSupply() == _supply + units && token.totalSupply() <= token.cap());
        assert(token.balanceOf(FROM) == _from && token.balanceOf(OTHER) == _other);
    }

    function check_P18_retireTakesAllUnitsAndAsManyFromTheSupply() external {
        _note();
        uint256 cap = token.cap();
        address[] memory holders = new address[](1);
        holders[0] = FROM;
        vm.prank(ISSUER);
        token.retire(holders);
        assert(token.balanceOf(FROM) == 0 && token.totalSupply() == _supply - _from);
        assert(token.cap() == (cap < _from ? 0 : cap - _from));
        assert(token.balanceOf(TO) == _to && token.balanceOf(OTHER) == _other);
    }

    function _note() private {
        (_from, _to) = (token.balanceOf(FROM), token.balanceOf(TO));
        (_other, _supply) = (token.balanceOf(OTHER), token.totalSupply());
    }

    function _assertMoved(uint256 units) private view {
        assert(units <= _from);
        assert(token.balanceOf(FROM) == _from - units);
        assert(token.balanceOf(TO) == _to + units);
        assert(token.balanceOf(OTHER) == _other);
        assert(token.totalSupply() == _supply);
    }
}
