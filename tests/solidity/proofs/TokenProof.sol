// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Proof} from "./Proof.sol";

/// @title A tranche token with any terms, in any state, at any time
/// @dev Its whole storage is symbolic: not only what calls can lead to, but any words and any roles
/// beside those given at construction. So what is proved here needs no assumption about the past.
abstract contract TokenProof is Proof {
    address internal constant FILING_REGISTRY = address(0xf1);
    address internal constant INVESTOR_REGISTRY = address(0xf2);
    address internal constant DISTRIBUTOR = address(0xf3);
    address internal constant SETTLEMENT = address(0xf4);
    address internal constant ISSUER = address(0xf7);
    address internal constant ENFORCEMENT = address(0xf8);

    /// @dev More than the token has outside its mappings.
    uint256 private constant STATIC_SLOTS = 32;

    /// @dev The first second of a day, at which what ends that day has just ended. Days and instants in
    /// the token's words are any, before and after it; a symbolic time would have to be divided.
    uint256 internal constant NOW = 20_000 days;

    AbsToken internal token;

    function setUp() public virtual {
        token = new AbsToken(
            "Note",
            "NOTE",
            terms(),
            IAbsToken.Parties({
                filingRegistry: FILING_REGISTRY,
                investorRegistry: INVESTOR_REGISTRY,
                distributor: DISTRIBUTOR,
                settlement: SETTLEMENT,
                currency: address(0xf5),
                admin: address(0xf6),
                issuer: ISSUER,
                enforcement: ENFORCEMENT
            })
        );
        svm.enableSymbolicStorage(address(token));
        // What the constructor wrote would stay as it was written, but for this.
        for (uint256 slot; slot < STATIC_SLOTS; ++slot) {
            vm.store(address(token), bytes32(slot), svm.createBytes32("word"));
        }
        vm.warp(NOW);
    }

    /// @dev Terms that refuse nothing, so that no success is missed; see where they matter.
    function terms() internal virtual returns (IAbsToken.Terms memory) {
        return IAbsToken.Terms(1_000_000, 0, 0, 0, 0, 30_000 days, 1);
    }

    /// @dev P8, to the second.
    function _isEligible(address wallet) internal view returns (bool) {
        uint256 end = uint256(token.eligibilityOf(wallet).expiryDay) * 1 days;
        return token.indexOf(wallet) != 0 && !token.isFrozen(wallet) && block.timestamp < end;
    }
}
