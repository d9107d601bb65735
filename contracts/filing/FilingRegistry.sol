// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";

contract FilingRegistry is IFilingRegistry, AccessControlDefaultAdminRules {
    /* CONSTANTS */

    bytes32 public constant REGULATOR_ROLE = keccak256("REGULATOR_ROLE");

    /// @dev Bounds the loops below, so that a suspension always fits one transaction.
    uint256 public constant MAX_TRANCHES = 8;

    /* STORAGE */

    mapping(bytes32 filingId => Filing) private _filings;
    mapping(bytes32 filingId => IAbsToken[]) private _tokens;
    mapping(bytes32 filingId => mapping(bytes32 tranche => IAbsToken)) public tokenOf;
    mapping(IAbsToken token => bytes32 filingId) public filingIdOf;

    /// @dev The admin is the regulator too: nobody else can ever make a key a regulator's.
    constructor(address regulator) AccessControlDefaultAdminRules(1 days, regulator) {
        _grantRole(REGULATOR_ROLE, regulator);
    }

    modifier onlyFiler(bytes32 filingId) {
        address filer = _filings[filingId].filer;
        require(msg.sender == filer, NotTheFiler(msg.sender, filer));
        _;
    }

    /* REGULATOR */

    /// @inheritdoc IFilingRegistry
    function attach(bytes32 filingId, bytes32 tranche, IAbsToken token)
        external
        onlyRole(REGULATOR_ROLE)
    {
        // A token takes the id 0 for "not attached": it must never be a filing's.
        require(filingId != 0, FilingIdMissing());
        _requireStatus(filingId, Status.None);
        address attached = address(tokenOf[filingId][tranche]);
        require(attached == address(0), TrancheAlreadyAttached(filingId, tranche, attached));
        require(_tokens[filingId].length < MAX_TRANCHES, TooManyTranches(filingId));
        address registry = token.filingRegistry();
        require(registry == address(this), TokenOfAnotherRegistry(address(token), registry));
        tokenOf[filingId][tranche] = token;
        filingIdOf[token] = filingId;
        _tokens[filingId].push(token);
        token.attachFiling(filingId);
        emit TokenAttached(filingId, tranche, address(token));
    }

    /// @inheritdoc IFilingRegistry
    function approve(
        bytes32 filingId,
        bytes32 bundleHash,
        address filer,
        uint256 filedTotal,
        uint16 validUntilDay,
        uint80[] calldata caps
    ) external onlyRole(REGULATOR_ROLE) {
        require(filer != address(0), FilerMissing(filingId));
        _move(filingId, Status.None, Status.Approved);
        _filings[filingId].filer = filer;
        _grant(filingId, bundleHash, filedTotal, validUntilDay, caps);
    }

    /// @inheritdoc IFilingRegistry
    function amend(
        bytes32 filingId,
        bytes32 bundleHash,
        uint256 filedTotal,
        uint16 validUntilDay,
        uint80[] calldata caps
    ) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Amending, Status.Approved);
        _grant(filingId, bundleHash, filedTotal, validUntilDay, caps);
    }

    /// @inheritdoc IFilingRegistry
    function replaceFiler(bytes32 filingId, address fresh) external onlyRole(REGULATOR_ROLE) {
        require(fresh != address(0), FilerMissing(filingId));
        Filing storage filing = _filings[filingId];
        require(filing.status != Status.None, UnexpectedStatus(filingId, Status.None));
        emit FilerReplaced(filingId, filing.filer, fresh);
        filing.filer = fresh;
    }

    /// @inheritdoc IFilingRegistry
    function suspend(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Approved, Status.Suspended);
    }

    /// @inheritdoc IFilingRegistry
    function lift(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Suspended, Status.Approved);
    }

    /// @inheritdoc IFilingRegistry
    function revoke(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        Status from = _filings[filingId].status;
        require(
            from == Status.Approved || from == Status.Suspended || from == Status.Amending,
            UnexpectedStatus(filingId, from)
        );
        _move(filingId, from, Status.Revoked);
    }

    /// @inheritdoc IFilingRegistry
    /// @dev An issuance is reported with every offering closed, so a reported one is refused too.
    function beginAmendment(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Approved, Status.Amending);
        IAbsToken[] memory tokens = _tokens[filingId];
        for (uint256 i; i < tokens.length; ++i) {
            require(
                tokens[i].offering() != IAbsToken.Offering.Closed,
                OfferingIsClosed(address(tokens[i]))
            );
        }
    }

    /// @inheritdoc IFilingRegistry
    function cancelAmendment(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Amending, Status.Approved);
    }

    /// @inheritdoc IFilingRegistry
    function close(bytes32 filingId) external onlyRole(REGULATOR_ROLE) {
        _move(filingId, Status.Approved, Status.Closed);
        require(_filings[filingId].issuanceReported, IssuanceNotReported(filingId));
        IAbsToken[] memory tokens = _tokens[filingId];
        for (uint256 i; i < tokens.length; ++i) {
            uint256 outstanding = tokens[i].outstandingPrincipal();
            require(outstanding == 0, PrincipalOutstanding(address(tokens[i]), outstanding));
            uint256 next = uint256(tokens[i].settledEpoch()) + 1;
            require(
                next == tokens[i].epoch() && tokens[i].recordAt() == 0,
                EpochUnsettled(address(tokens[i]), next)
            );
        }
    }

    /* FILER */

    /// @inheritdoc IFilingRegistry
    function reportIssuance(bytes32 filingId, bytes32 reportHash) external onlyFiler(filingId) {
        Filing storage filing = _filings[filingId];
        _requireStatus(filingId, Status.Approved);
        require(!filing.issuanceReported, IssuanceAlreadyReported(filingId));
        filing.issuanceReported = true;
        IAbsToken[] memory tokens = _tokens[filingId];
        for (uint256 i; i < tokens.length; ++i) {
            require(
                tokens[i].offering() == IAbsToken.Offering.Closed,
                OfferingNotClosed(address(tokens[i]))
            );
            tokens[i].openTransfers();
        }
        emit IssuanceReported(filingId, reportHash);
    }

    /* INTERNAL */

    function _requireStatus(bytes32 filingId, Status expected) private view {
        Status status = _filings[filingId].status;
        require(status == expected, UnexpectedStatus(filingId, status));
    }

    /// @dev The register and every token of the filing, in one transaction.
    function _move(bytes32 filingId, Status from, Status to) private {
        _requireStatus(filingId, from);
        _filings[filingId].status = to;
        IAbsToken[] memory tokens = _tokens[filingId];
        for (uint256 i; i < tokens.length; ++i) {
            tokens[i].setFilingStatus(to);
        }
        emit FilingStatusChanged(filingId, from, to);
    }

    /// @dev The terms of an approval, the first or an amended one.
    function _grant(
        bytes32 filingId,
        bytes32 bundleHash,
        uint256 filedTotal,
        uint16 validUntilDay,
        uint80[] calldata caps
    ) private {
        require(block.timestamp < uint256(validUntilDay) * 1 days, ValidityInPast(validUntilDay));
        IAbsToken[] memory tokens = _tokens[filingId];
        require(tokens.length != 0, NothingAttached(filingId));
        require(caps.length == tokens.length, CapsDoNotMatchTranches(caps.length, tokens.length));
        uint256 granted;
        for (uint256 i; i < tokens.length; ++i) {
            granted += caps[i] * tokens[i].denomination();
            tokens[i].setFiling(bundleHash, caps[i], validUntilDay);
        }
        require(granted <= filedTotal, FiledTotalExceeded(filedTotal, granted));
        Filing storage filing = _filings[filingId];
        (filing.bundleHash, filing.filedTotal) = (bundleHash, filedTotal);
        filing.validUntilDay = validUntilDay;
        emit FilingPublished(filingId, bundleHash, filing.filer, filedTotal, validUntilDay);
    }

    /* VIEWS */

    /// @inheritdoc IFilingRegistry
    function filingOf(bytes32 filingId) external view returns (Filing memory) {
        return _filings[filingId];
    }

    /// @inheritdoc IFilingRegistry
    function tokensOf(bytes32 filingId) external view returns (IAbsToken[] memory) {
        return _tokens[filingId];
    }
}
