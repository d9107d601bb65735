// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

/// @title Creates a deal's contracts in one transaction, at addresses known beforehand
/// @notice An address depends on this contract, on who calls it, on the salt and on the creation code:
/// the contracts of a deal can name each other before any of them exists, and nobody else can take
/// their places.
contract SuiteDeployer {
    event Deployed(address indexed caller, bytes32 indexed salt, address created);

    /// @param creations Creation code of each contract, constructor arguments appended.
    function deploy(bytes32 salt, bytes[] calldata creations)
        external
        returns (address[] memory created)
    {
        created = new address[](creations.length);
        for (uint256 i; i < creations.length; ++i) {
            created[i] = Create2.deploy(0, _saltOf(msg.sender, salt), creations[i]);
            emit Deployed(msg.sender, salt, created[i]);
        }
    }

    /// @notice Where `caller` would create a contract whose creation code has this hash.
    function addressOf(address caller, bytes32 salt, bytes32 creationHash)
        external
        view
        returns (address)
    {
        return Create2.computeAddress(_saltOf(caller, salt), creationHash);
    }

    function _saltOf(address caller, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(caller, salt));
    }
}
