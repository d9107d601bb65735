// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HolderWord} from "contracts/token/HolderWord.sol";
import {Test} from "../../support/Test.sol";

contract HolderWordTest is Test {
    function test_P5_withIndexSetsTheIndex(uint256 raw, uint24 index) external pure {
        assertEq(HolderWord.wrap(raw).withIndex(index).index(), index, "index");
    }
}
