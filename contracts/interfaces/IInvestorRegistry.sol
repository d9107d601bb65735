// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Admission} from "../token/Packed.sol";
import {IAbsToken} from "./IAbsToken.sol";

/// @title The registrar's hand on the tokens of one deal
/// @notice The only writer of eligibility. It keeps no copy: every call writes all tranches of the
/// deal in one transaction, and the views read the first tranche's word, so nothing can be stale.
interface IInvestorRegistry {
    event TokenAdmitted(address indexed token);
    /// @param evidenceHash Hash of the evidence the registrar relied on; the evidence stays off chain.
    event InvestorSet(address indexed wallet, uint16 expiryDay, bytes32 evidenceHash);
    /// @param evidenceHash Hash of the evidence for all of them; each token names every wallet.
    event InvestorsSet(uint256 count, bytes32 indexed evidenceHash);
    /// @param orderHash Hash of what the registrar acted on: the investor's claim, or a court's order.
    event InvestorRecovered(address indexed lost, address indexed fresh, bytes32 orderHash);

    error TokenOfAnotherRegistry(address token, address registry);
    error TokenAlreadyAdmitted(address token);
    error TooManyTokens();
    error NoTokenAdmitted();
    error OrderHashMissing();
    /// @notice No tranche knows an investor behind this wallet.
    error InvestorUnknown(address wallet);
    error EligibilityTooLong(uint256 expiryDay, uint256 latestDay);

    /// @notice Admits a tranche; it can never be taken out again.
    function admitToken(IAbsToken token) external;

    /// @notice Sets a wallet's eligibility on every tranche. An expiry day of 0 finds it ineligible.
    function setInvestor(
        address wallet,
        IAbsToken.Eligibility calldata eligibility,
        bytes32 evidenceHash
    ) external;

    /// @notice Sets many wallets at once. A word is one wallet's eligibility, see Packed.sol.
    function setInvestors(Admission[] calldata admissions, bytes32 evidenceHash) external;

    /// @notice Moves an investor from a lost, frozen wallet to a fresh one, on every tranche that knows it.
    function recover(address lost, address fresh, bytes32 orderHash) external;

    function tokens() external view returns (IAbsToken[] memory);

    /// @notice Is the wallet eligible to receive, now? (ERC-3643's name.) As the first tranche has it: the
    /// enforcement freezes tranche by tranche.
    function isVerified(address wallet) external view returns (bool);

    /// @notice ISO 3166-1 numeric. (ERC-3643's name.)
    function investorCountry(address wallet) external view returns (uint16);
}
