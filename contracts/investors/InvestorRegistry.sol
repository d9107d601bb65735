// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IERC7943Fungible} from "../interfaces/IERC7943.sol";
import {IInvestorRegistry} from "../interfaces/IInvestorRegistry.sol";
import {Admission, packAdmission} from "../token/Packed.sol";

contract InvestorRegistry is IInvestorRegistry, AccessControlDefaultAdminRules {
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    uint256 public constant MAX_TOKENS = 8;

    /// @dev A missed renewal heals by itself within a year.
    uint256 public constant MAX_ELIGIBILITY_DAYS = 366;

    IAbsToken[] private _tokens;

    constructor(address admin, address registrar) AccessControlDefaultAdminRules(1 days, admin) {
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    /// @inheritdoc IInvestorRegistry
    function admitToken(IAbsToken token) external onlyRole(REGISTRAR_ROLE) {
        address registry = token.investorRegistry();
        require(registry == address(this), TokenOfAnotherRegistry(address(token), registry));
        require(_tokens.length < MAX_TOKENS, TooManyTokens());
        for (uint256 i; i < _tokens.length; ++i) {
            require(
                address(_tokens[i]) != address(token), TokenAlreadyAdmitted(address(token))
            );
        }
        _tokens.push(token);
        emit TokenAdmitted(address(token));
    }

    /// @inheritdoc IInvestorRegistry
    function setInvestor(
        address wallet,
        IAbsToken.Eligibility calldata eligibility,
        bytes32 evidenceHash
    ) external onlyRole(REGISTRAR_ROLE) {
        Admission[] memory admissions = new Admission[](1);
        admissions[0] =
            packAdmission(wallet, eligibility.expiryDay, eligibility.country, eligibility.class);
        _admit(admissions);
        emit InvestorSet(wallet, eligibility.expiryDay, evidenceHash);
    }

    /// @inheritdoc IInvestorRegistry
    function setInvestors(Admission[] calldata admissions, bytes32 evidenceHash)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        _admit(admissions);
        emit InvestorsSet(admissions.length, evidenceHash);
    }

    function _admit(Admission[] memory admissions) private {
        require(_tokens.length != 0, NoTokenAdmitted());
        uint256 latestDay = block.timestamp / 1 days + MAX_ELIGIBILITY_DAYS;
        for (uint256 i; i < admissions.length; ++i) {
            uint256 day = admissions[i].expiryDay();
            require(day <= latestDay, EligibilityTooLong(day, latestDay));
        }
        for (uint256 i; i < _tokens.length; ++i) {
            _tokens[i].setEligibility(admissions);
        }
    }

    /// @inheritdoc IInvestorRegistry
    function recover(address lost, address fresh, bytes32 orderHash)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        require(_tokens.length != 0, NoTokenAdmitted());
        require(orderHash != 0, OrderHashMissing());
        bool found;
        for (uint256 i; i < _tokens.length; ++i) {
            // A tranche admitted later may not know the investor yet, but must be able to.
            if (_tokens[i].indexOf(lost) == 0) {
                require(
                    _tokens[i].indexOf(fresh) == 0, IAbsToken.WalletAlreadyRegistered(fresh)
                );
                require(!_tokens[i].isBarred(fresh), IAbsToken.WalletBarred(fresh));
                continue;
            }
            _tokens[i].recover(lost, fresh);
            found = true;
        }
        require(found, InvestorUnknown(lost));
        emit InvestorRecovered(lost, fresh, orderHash);
    }

    /// @inheritdoc IInvestorRegistry
    function tokens() external view returns (IAbsToken[] memory) {
        return _tokens;
    }

    /// @inheritdoc IInvestorRegistry
    function isVerified(address wallet) external view returns (bool) {
        return _tokens.length != 0 && IERC7943Fungible(address(_tokens[0])).canReceive(wallet);
    }

    /// @inheritdoc IInvestorRegistry
    function investorCountry(address wallet) external view returns (uint16) {
        return _tokens.length == 0 ? 0 : _tokens[0].eligibilityOf(wallet).country;
    }
}
