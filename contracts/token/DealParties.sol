// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {HolderWord} from "./HolderWord.sol";
import {UnitLedger} from "./UnitLedger.sol";

/// @title The other contracts of the deal: whom a token listens to, and which of them may be replaced
abstract contract DealParties is UnitLedger, AccessControl {
    address public immutable filingRegistry;
    address public immutable settlement;
    address public immutable currency;

    address public distributor;
    // In one slot, as an admission reads both.
    address public investorRegistry;
    /// @dev The investor's number given last.
    uint24 internal _lastIndex;

    constructor(Parties memory parties) {
        filingRegistry = parties.filingRegistry;
        (investorRegistry, distributor) = (parties.investorRegistry, parties.distributor);
        settlement = parties.settlement;
        currency = parties.currency;
        _bar(address(0));
        _bar(address(this));
        _bar(parties.filingRegistry);
        _bar(parties.investorRegistry);
        _bar(parties.distributor);
        _bar(parties.settlement);
        _bar(parties.currency);
    }

    modifier onlyFrom(address expected) {
        _requireFrom(expected);
        _;
    }

    function _requireFrom(address expected) private view {
        require(msg.sender == expected, UnauthorizedCaller(msg.sender, expected));
    }

    /// @inheritdoc IAbsToken
    function replaceInvestorRegistry(address fresh) external onlyRole(DEFAULT_ADMIN_ROLE) {
        emit InvestorRegistryReplaced(investorRegistry, fresh);
        investorRegistry = fresh;
        _bar(fresh);
    }

    /// @inheritdoc IAbsToken
    function replaceDistributor(address fresh) external onlyRole(DEFAULT_ADMIN_ROLE) {
        uint256 unsettled = _token.at(block.timestamp).unsettled();
        require(unsettled == 0, EpochsUnsettled(unsettled));
        emit DistributorReplaced(distributor, fresh);
        distributor = fresh;
        _bar(fresh);
    }

    /// @dev The deal's own contracts never become investors.
    function _bar(address party) private {
        HolderWord holder = _holders[party];
        require(!holder.registered(), WalletAlreadyRegistered(party));
        _holders[party] = holder.withBarred(true);
    }
}
