// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A simulated licensed coin, 6 decimals: the cash leg of the deal
/// @notice `paymentReference` is the payment reference of the coin's issuer or payer. Each is accepted once,
/// so that repeating an instruction never moves money twice.
interface ISettlementCoin {
    event Issued(address indexed to, uint256 amount, bytes32 indexed paymentReference);
    event PaidWithReference(
        address indexed from, address indexed to, uint256 amount, bytes32 indexed paymentReference
    );

    error ReferenceAlreadyUsed(bytes32 paymentReference);

    /// @notice Issues coin against money received; by the coin's issuer only.
    function issue(address to, uint256 amount, bytes32 paymentReference) external;

    function transferWithReference(address to, uint256 amount, bytes32 paymentReference) external;

    /// @notice Has `account` used this reference?
    function isReferenceUsed(address account, bytes32 paymentReference) external view returns (bool);
}
