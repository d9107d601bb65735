// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Handler} from "../../support/Handler.sol";
import {Test} from "../../support/Test.sol";

/// @title What holds of a deal of two tranches after any acts, in any order
contract DealInvariants is Test {
    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    Handler private handler;

    function setUp() external {
        handler = new Handler();
    }

    /// @dev What Forge calls in the course of a run.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev The end comes once, at the end.
    function excludeSelectors() external view returns (Selectors[] memory excluded) {
        excluded = new Selectors[](1);
        excluded[0] = Selectors(address(handler), new bytes4[](1));
        excluded[0].selectors[0] = Handler.windUp.selector;
    }

    function invariant_unitsRecordsAndMoney() external view {
        for (uint256 i; i < 2; ++i) {
            handler.assertUnits(handler.tokens(i));
            handler.assertRecords(handler.tokens(i));
            handler.assertMoney(handler.tokens(i));
        }
        handler.assertCoin();
    }

    /// @dev Nothing that happened stands in the way of the end: all are paid, nothing stays behind.
    function afterInvariant() external {
        handler.windUp();
    }
}
