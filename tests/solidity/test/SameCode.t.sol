// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CouponDistributor} from "contracts/cashflow/CouponDistributor.sol";
import {FilingRegistry} from "contracts/filing/FilingRegistry.sol";
import {InvestorRegistry} from "contracts/investors/InvestorRegistry.sol";
import {DvpSettlement} from "contracts/settlement/DvpSettlement.sol";
import {SettlementCoin} from "contracts/settlement/SettlementCoin.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Test} from "../support/Test.sol";

/// @title What is tested here is what is deployed, to the byte
contract SameCodeTest is Test {
    function test_theContractsTestedAreTheArtifacts() external view {
        assertSame("AbsToken", type(AbsToken).creationCode);
        assertSame("CouponDistributor", type(CouponDistributor).creationCode);
        assertSame("DvpSettlement", type(DvpSettlement).creationCode);
        assertSame("FilingRegistry", type(FilingRegistry).creationCode);
        assertSame("InvestorRegistry", type(InvestorRegistry).creationCode);
        assertSame("SettlementCoin", type(SettlementCoin).creationCode);
    }

    function assertSame(string memory name, bytes memory code) private view {
        bytes memory artifact = vm.getCode(string.concat("chain/artifacts/", name, ".json"));
        assertEq(keccak256(artifact), keccak256(code), string.concat(name, " is another"));
    }
}
