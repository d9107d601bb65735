// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {DealParties} from "./DealParties.sol";
import {TokenWord} from "./TokenWord.sol";

/// @title What the filing allows, as the filing registry has pushed it
abstract contract FiledTerms is DealParties {
    bytes32 public filingId;
    bytes32 public bundleHash;

    /* PUSHED BY THE REGISTRY */

    /// @inheritdoc IAbsToken
    function attachFiling(bytes32 filingId_) external onlyFrom(filingRegistry) {
        require(filingId == 0, FilingAlreadyAttached(filingId));
        filingId = filingId_;
        emit FilingAttached(filingId_);
    }

    /// @inheritdoc IAbsToken
    function setFiling(bytes32 bundleHash_, uint80 cap_, uint16 mintUntilDay)
        external
        onlyFrom(filingRegistry)
    {
        TokenWord token = _token;
        _requireNotOver(token);
        bundleHash = bundleHash_;
        _token = token.withCap(cap_).withMintUntilDay(mintUntilDay);
        emit FilingSet(filingId, bundleHash_, cap_, mintUntilDay);
    }

    /// @inheritdoc IAbsToken
    function setFilingStatus(IFilingRegistry.Status status) external onlyFrom(filingRegistry) {
        TokenWord token = _token;
        _requireNotOver(token);
        if (status == IFilingRegistry.Status.Revoked) token = token.withCap(0);
        _token = token.withFilingStatus(status);
        emit FilingStatusSet(status);
    }

    /// @inheritdoc IAbsToken
    function openTransfers() external onlyFrom(filingRegistry) {
        _token = _token.withTransfersOpen(true);
        emit TransfersOpened();
    }

    /* ASKED BY OTHERS */

    /// @dev A filing's expiry needs no transaction by anybody.
    function _requireWithinValidity(TokenWord token) internal view {
        uint256 until = token.mintUntilDay() * 1 days;
        if (block.timestamp < until) return;
        _requireApproved(token);
        revert FilingExpired(filingId, until);
    }

    /// @dev One answer for whatever needs an approved filing: which status stands in the way.
    function _requireApproved(TokenWord token) internal view {
        IFilingRegistry.Status status = token.filingStatus();
        if (status == IFilingRegistry.Status.Approved) return;
        require(status != IFilingRegistry.Status.None, FilingNotApproved());
        require(status != IFilingRegistry.Status.Suspended, FilingSuspended(filingId));
        require(status != IFilingRegistry.Status.Amending, FilingBeingAmended(filingId));
        _requireNotOver(token);
    }

    function _requireNotOver(TokenWord token) internal view {
        IFilingRegistry.Status status = token.filingStatus();
        require(status != IFilingRegistry.Status.Revoked, FilingRevoked(filingId));
        require(status != IFilingRegistry.Status.Closed, FilingClosed(filingId));
    }

    /* VIEWS */

    /// @inheritdoc IAbsToken
    function cap() external view returns (uint256) {
        return _token.cap();
    }

    /// @inheritdoc IAbsToken
    function mintUntil() external view returns (uint256) {
        return _token.mintUntilDay() * 1 days;
    }

    /// @inheritdoc IAbsToken
    function filingStatus() external view returns (IFilingRegistry.Status) {
        return _token.filingStatus();
    }

    /// @inheritdoc IAbsToken
    function transfersOpen() external view returns (bool) {
        return _token.transfersOpen();
    }
}
