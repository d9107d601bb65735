// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-7943, fungible part: the smallest interface of a token for real-world assets
/// @dev ERC-165 id `0x3edbb4c4`. The four views never revert, whatever the account.
interface IERC7943Fungible {
    /// @notice Units were moved by an authority, without the holder's consent.
    event ForcedTransfer(address indexed from, address indexed to, uint256 amount);

    /// @notice The number of `account`'s units that may not be moved is now `amount`.
    event Frozen(address indexed account, uint256 amount);

    /// @notice The account may not send.
    error ERC7943CannotSend(address account);

    /// @notice The account may not receive.
    error ERC7943CannotReceive(address account);

    /// @notice This transfer is refused for a reason that lies in neither account.
    error ERC7943CannotTransfer(address from, address to, uint256 amount);

    /// @notice The account's balance covers the amount, its unfrozen part does not.
    error ERC7943InsufficientUnfrozenBalance(address account, uint256 amount, uint256 unfrozen);

    function forcedTransfer(address from, address to, uint256 amount) external returns (bool);

    /// @notice Sets (does not add to) the frozen amount, which may exceed the balance.
    function setFrozenTokens(address account, uint256 amount) external returns (bool);

    function canSend(address account) external view returns (bool);

    function canReceive(address account) external view returns (bool);

    function getFrozenTokens(address account) external view returns (uint256);

    /// @notice Would this transfer pass, now? Allowances are not considered.
    function canTransfer(address from, address to, uint256 amount) external view returns (bool);
}
