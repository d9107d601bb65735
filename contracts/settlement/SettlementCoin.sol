// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ISettlementCoin} from "../interfaces/ISettlementCoin.sol";

contract SettlementCoin is ISettlementCoin, ERC20, AccessControlDefaultAdminRules {
    bytes32 public constant COIN_ISSUER_ROLE = keccak256("COIN_ISSUER_ROLE");

    mapping(address account => mapping(bytes32 paymentReference => bool)) public isReferenceUsed;

    constructor(string memory name_, string memory symbol_, address admin, address coinIssuer)
        ERC20(name_, symbol_)
        AccessControlDefaultAdminRules(1 days, admin)
    {
        _grantRole(COIN_ISSUER_ROLE, coinIssuer);
    }

    /// @inheritdoc ISettlementCoin
    function issue(address to, uint256 amount, bytes32 paymentReference)
        external
        onlyRole(COIN_ISSUER_ROLE)
    {
        _useReference(paymentReference);
        _mint(to, amount);
        emit Issued(to, amount, paymentReference);
    }

    /// @inheritdoc ISettlementCoin
    function transferWithReference(address to, uint256 amount, bytes32 paymentReference) external {
        _useReference(paymentReference);
        _transfer(msg.sender, to, amount);
        emit PaidWithReference(msg.sender, to, amount, paymentReference);
    }

    function _useReference(bytes32 paymentReference) private {
        require(!isReferenceUsed[msg.sender][paymentReference], ReferenceAlreadyUsed(paymentReference));
        isReferenceUsed[msg.sender][paymentReference] = true;
    }

    /// @notice Micro-units.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
