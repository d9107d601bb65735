// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";

/// @title What one unit still stands for: repaid by a factor, never by burning units
abstract contract UnitPrincipal is IAbsToken {
    using SafeCast for uint256;

    /// @dev All that has changed the principal of a unit, in one slot; `epoch` is the latest to do so.
    struct Principal {
        uint80 paid;
        uint80 writtenDown;
        uint80 capitalised;
        uint16 epoch;
    }

    uint256 public immutable denomination;

    Principal private _principal;

    constructor(uint256 denomination_) {
        // Beyond that, the last of it could not be written down as paid.
        denomination = denomination_.toUint80();
    }

    /// @dev What is added comes first: interest capitalised at a payment may be repaid at the same.
    function _changePrincipal(uint16 epoch_, PrincipalChange calldata change) internal {
        require(epoch_ > _principal.epoch, PrincipalChangedSince(_principal.epoch, epoch_));
        _principal.epoch = epoch_;
        if (change.capitalised != 0) _capitalise(epoch_, change.capitalised);
        if (change.writtenUp != 0) _writeUp(epoch_, change.writtenUp);
        if (change.paid != 0) _payPrincipal(epoch_, change.paid);
        if (change.writtenDown != 0) _writeDown(epoch_, change.writtenDown);
    }

    function _capitalise(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        _principal.capitalised = (_principal.capitalised + perUnit).toUint80();
        emit InterestCapitalised(epoch_, perUnit, before, before + perUnit);
    }

    function _writeUp(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        uint80 written = _principal.writtenDown;
        require(perUnit <= written, WriteUpExceedsWrittenDown(written, perUnit));
        _principal.writtenDown = (written - perUnit).toUint80();
        emit WrittenUp(epoch_, perUnit, before, before + perUnit);
    }

    function _payPrincipal(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        require(perUnit <= before, PrincipalExceedsOutstanding(before, perUnit));
        _principal.paid = (_principal.paid + perUnit).toUint80();
        emit PrincipalPaid(epoch_, perUnit, before, before - perUnit);
    }

    function _writeDown(uint16 epoch_, uint256 perUnit) private {
        uint256 before = outstandingPerUnit();
        require(perUnit <= before, WriteDownExceedsOutstanding(before, perUnit));
        _principal.writtenDown = (_principal.writtenDown + perUnit).toUint80();
        emit WrittenDown(epoch_, perUnit, before, before - perUnit);
    }

    /// @inheritdoc IAbsToken
    function outstandingPerUnit() public view returns (uint256) {
        Principal storage principal = _principal;
        return denomination + principal.capitalised - principal.paid - principal.writtenDown;
    }

    /// @inheritdoc IAbsToken
    function writtenDownPerUnit() public view returns (uint256) {
        return _principal.writtenDown;
    }

    /// @inheritdoc IAbsToken
    function capitalisedPerUnit() external view returns (uint256) {
        return _principal.capitalised;
    }
}
