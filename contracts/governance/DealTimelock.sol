// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The admin of a deal's contracts: whatever may be changed is announced first, and waits
/// @notice One key announces, another carries out, and the regulator may cancel in between (rule P51
/// of docs/properties.md). Nobody administers the timelock but itself.
contract DealTimelock is TimelockController {
    /// @notice One key would announce and carry out.
    error ProposerIsExecutor(address account);
    /// @notice Address 0 as executor would mean anybody, the proposer too.
    error ExecutorMissing();
    /// @notice Nobody but the proposer could cancel.
    error CancellerMissing();
    error DelayTooShort(uint256 delay, uint256 minimum);

    uint256 public constant MIN_DELAY = 1 days;

    constructor(uint256 delay, address proposer, address executor, address regulator)
        TimelockController(delay, _only(proposer), _only(executor), address(0))
    {
        require(delay >= MIN_DELAY, DelayTooShort(delay, MIN_DELAY));
        require(proposer != executor, ProposerIsExecutor(proposer));
        require(executor != address(0), ExecutorMissing());
        require(regulator != address(0) && regulator != proposer, CancellerMissing());
        _grantRole(CANCELLER_ROLE, regulator);
    }

    /// @dev The timelock may change its own delay, but not to less than the minimum: else one announced
    /// act would let every later one go unannounced.
    function getMinDelay() public view override returns (uint256) {
        return Math.max(super.getMinDelay(), MIN_DELAY);
    }

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
