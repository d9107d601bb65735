// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {IFilingRegistry} from "contracts/interfaces/IFilingRegistry.sol";
import {Allotment} from "contracts/token/Packed.sol";
import {TokenProof} from "./TokenProof.sol";

/// @title P17: units come into existence under an approved, unexpired filing only, within its cap
contract IssuanceProof is TokenProof {
    struct Gate {
        IFilingRegistry.Status status;
        IAbsToken.Offering offering;
        bytes32 bundleHash;
        bool paused;
        uint256 cap;
        uint256 supply;
        uint256 mintUntil;
        uint256 operations;
    }

    function check_P17_mint(
        address caller,
        address to,
        uint256 units,
        bytes32 bundleHash,
        uint256 operation
    ) external {
        Gate memory gate = _gate();
        vm.prank(caller);
        token.mint(to, units, bundleHash, operation);
        assert(caller == SETTLEMENT);
        _requireOpen(gate, bundleHash, operation);
        assert(token.totalSupply() == gate.supply + units);
    }

    /// @dev Batches of one: the gate is asked once for a batch, whatever its length.
    function check_P17_mintBatch(
        address caller,
        Allotment[] calldata allotments,
        bytes32 bundleHash,
        uint256 operation
    ) external {
        Gate memory gate = _gate();
        vm.prank(caller);
        token.mintBatch(allotments, bundleHash, operation);
        assert(caller == SETTLEMENT);
        _requireOpen(gate, bundleHash, operation);
        uint256 units;
        for (uint256 i; i < allotments.length; ++i) {
            units += allotments[i].units();
        }
        assert(token.totalSupply() == gate.supply + units);
    }

    function _requireOpen(Gate memory gate, bytes32 bundleHash, uint256 operation) private view {
        assert(gate.status == IFilingRegistry.Status.Approved);
        assert(block.timestamp < gate.mintUntil);
        assert(bundleHash == gate.bundleHash);
        assert(gate.offering == IAbsToken.Offering.Open);
        assert(!gate.paused);
        assert(operation == gate.operations + 1);
        assert(token.operationCount() == operation);
        assert(token.totalSupply() <= gate.cap);
    }

    function _gate() private view returns (Gate memory) {
        return Gate({
            status: token.filingStatus(),
            offering: token.offering(),
            bundleHash: token.bundleHash(),
            paused: token.paused(),
            cap: token.cap(),
            supply: token.totalSupply(),
            mintUntil: token.mintUntil(),
            operations: token.operationCount()
        });
    }
}
