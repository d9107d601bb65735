// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title To measure against: the usual permissioned token, of OpenZeppelin's parts and a list
/// @dev It knows who is on the list, who is in charge, and whether it is paused; no more.
contract AllowlistToken is ERC20, AccessControl, Pausable {
    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    mapping(address account => bool) public isAllowed;

    event Allowed(address indexed account, bool allowed);

    error NotAllowed(address account);

    constructor(address admin, address issuer, address registrar) ERC20("Toll notes", "TOLL") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(ISSUER_ROLE, issuer);
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    function pause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    function setAllowed(address account, bool allowed) external onlyRole(REGISTRAR_ROLE) {
        _setAllowed(account, allowed);
    }

    function setAllowedBatch(address[] calldata accounts, bool allowed)
        external
        onlyRole(REGISTRAR_ROLE)
    {
        for (uint256 i; i < accounts.length; ++i) {
            _setAllowed(accounts[i], allowed);
        }
    }

    function _setAllowed(address account, bool allowed) private {
        isAllowed[account] = allowed;
        emit Allowed(account, allowed);
    }

    function mint(address to, uint256 units) external onlyRole(ISSUER_ROLE) {
        _mint(to, units);
    }

    function mintBatch(address[] calldata to, uint256[] calldata units)
        external
        onlyRole(ISSUER_ROLE)
    {
        for (uint256 i; i < to.length; ++i) {
            _mint(to[i], units[i]);
        }
    }

    function _update(address from, address to, uint256 units) internal override whenNotPaused {
        require(from == address(0) || isAllowed[from], NotAllowed(from));
        require(to == address(0) || isAllowed[to], NotAllowed(to));
        super._update(from, to, units);
    }
}
