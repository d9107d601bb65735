// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAbsToken} from "./IAbsToken.sol";

/// @title The regulator's register of filings, and the anchor of the second gate
/// @notice It holds a hash of the materials and the terms of the approval, never the materials; and it
/// pushes what is decided into every token of the filing, so that it binds from the same transaction.
/// Terms are granted, and taken up for amendment (rules FIL-13, FIL-14), by the regulator's key alone.
interface IFilingRegistry {
    enum Status {
        None,
        Approved,
        Suspended,
        Revoked,
        Amending,
        Closed
    }

    /// @param filer The domestic entity's key: it alone may report the completed issuance.
    /// @param filedTotal Coin micro-units; the sum of cap times denomination never exceeds it.
    struct Filing {
        Status status;
        uint16 validUntilDay;
        bool issuanceReported;
        address filer;
        bytes32 bundleHash;
        uint256 filedTotal;
    }

    event TokenAttached(bytes32 indexed filingId, bytes32 indexed tranche, address indexed token);
    /// @notice The regulator publishes the completed filing (rule FIL-09).
    event FilingPublished(
        bytes32 indexed filingId,
        bytes32 bundleHash,
        address indexed filer,
        uint256 filedTotal,
        uint16 validUntilDay
    );
    event FilerReplaced(bytes32 indexed filingId, address indexed former, address indexed fresh);
    event FilingStatusChanged(bytes32 indexed filingId, Status from, Status to);
    event IssuanceReported(bytes32 indexed filingId, bytes32 reportHash);

    error FilingIdMissing();
    error FilerMissing(bytes32 filingId);
    error UnexpectedStatus(bytes32 filingId, Status status);
    error TrancheAlreadyAttached(bytes32 filingId, bytes32 tranche, address token);
    error TokenOfAnotherRegistry(address token, address registry);
    error TooManyTranches(bytes32 filingId);
    error NothingAttached(bytes32 filingId);
    error CapsDoNotMatchTranches(uint256 caps, uint256 tranches);
    error FiledTotalExceeded(uint256 filedTotal, uint256 granted);
    error ValidityInPast(uint256 validUntilDay);
    error NotTheFiler(address caller, address filer);
    error IssuanceAlreadyReported(bytes32 filingId);
    error IssuanceNotReported(bytes32 filingId);
    error OfferingNotClosed(address token);
    error OfferingIsClosed(address token);
    /// @notice Coin micro-units of principal that the token's holders are still owed.
    error PrincipalOutstanding(address token, uint256 outstanding);
    /// @notice The record date of `epoch` is announced or closed, and its payment not finished.
    error EpochUnsettled(address token, uint256 epoch);

    /// @notice Ties a deployed token to a tranche of a filing, once each.
    function attach(bytes32 filingId, bytes32 tranche, IAbsToken token) external;

    /// @notice Approves and publishes a filing: every attached token becomes mintable up to its cap.
    /// @param caps Units, in the order in which the tokens were attached.
    function approve(
        bytes32 filingId,
        bytes32 bundleHash,
        address filer,
        uint256 filedTotal,
        uint16 validUntilDay,
        uint80[] calldata caps
    ) external;

    /// @notice Grants the amended terms in place of the earlier ones, and publishes them. The units in
    /// existence count against the new caps; a cap below them takes none away and stops minting.
    /// @param caps Units, in the order in which the tokens were attached.
    function amend(
        bytes32 filingId,
        bytes32 bundleHash,
        uint256 filedTotal,
        uint16 validUntilDay,
        uint80[] calldata caps
    ) external;

    /// @notice Names another key of the filer's, for one that is lost: without it no issuance is reported.
    function replaceFiler(bytes32 filingId, address fresh) external;

    function suspend(bytes32 filingId) external;

    function lift(bytes32 filingId) external;

    /// @notice Absorbing.
    function revoke(bytes32 filingId) external;

    /// @notice The regulator takes up the filer's amendment: nothing is minted until it has decided on
    /// the amended terms. Possible while every offering can still go on, also when the approval's
    /// validity has run out.
    function beginAmendment(bytes32 filingId) external;

    /// @notice The filer has taken its amendment back: the terms that were granted go on. The
    /// regulator's, because not every amendment may be taken back.
    function cancelAmendment(bytes32 filingId) external;

    /// @notice The filer reports the completed issuance (event EV-01); transfers open.
    function reportIssuance(bytes32 filingId, bytes32 reportHash) external;

    /// @notice Ends a filing on whose notes nothing is outstanding, every payment settled. What was written
    /// down by then is lost for good: while it may still be reversed, the regulator waits.
    /// Absorbing: nothing is minted or transferred again. What is set aside or credited to a holder
    /// stays payable.
    function close(bytes32 filingId) external;

    function filingOf(bytes32 filingId) external view returns (Filing memory);

    function tokensOf(bytes32 filingId) external view returns (IAbsToken[] memory);

    function tokenOf(bytes32 filingId, bytes32 tranche) external view returns (IAbsToken);

    /// @notice The filing a token is attached to; 0 for a token nobody has attached.
    function filingIdOf(IAbsToken token) external view returns (bytes32);
}
