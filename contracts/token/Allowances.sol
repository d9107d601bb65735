// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title ERC-20 allowances, given by a transaction or by a signature (ERC-2612)
/// @dev A permit is the owner's plain signature, also where the owner's account carries code
/// (EIP-7702): asking that code would make this contract call somebody.
abstract contract Allowances is IERC20, IERC20Permit, IERC20Errors, EIP712, Nonces {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    mapping(address owner => mapping(address spender => uint256)) public allowance;

    /// @notice The permit is good up to and including the second `deadline`.
    error ERC2612ExpiredSignature(uint256 deadline);
    error ERC2612InvalidSigner(address signer, address owner);

    /// @inheritdoc IERC20
    function approve(address spender, uint256 units) external returns (bool) {
        _approve(msg.sender, spender, units);
        return true;
    }

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(block.timestamp <= deadline, ERC2612ExpiredSignature(deadline));
        bytes32 order = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline)
        );
        address signer = ECDSA.recover(_hashTypedDataV4(order), v, r, s);
        require(signer == owner, ERC2612InvalidSigner(signer, owner));
        _approve(owner, spender, value);
    }

    function _approve(address owner, address spender, uint256 units) private {
        require(owner != address(0), ERC20InvalidApprover(owner));
        require(spender != address(0), ERC20InvalidSpender(spender));
        _requireMayAllow(owner, units);
        allowance[owner][spender] = units;
        emit Approval(owner, spender, units);
    }

    /// @dev Refuses to prepare a spending for an owner who may not send.
    function _requireMayAllow(address owner, uint256 units) internal view virtual;

    function _spend(address owner, address spender, uint256 units) internal {
        uint256 allowed = allowance[owner][spender];
        if (allowed == type(uint256).max) return;
        require(units <= allowed, ERC20InsufficientAllowance(spender, allowed, units));
        unchecked {
            allowance[owner][spender] = allowed - units;
        }
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}
