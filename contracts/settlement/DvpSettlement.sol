// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAbsToken} from "../interfaces/IAbsToken.sol";
import {IDvpSettlement} from "../interfaces/IDvpSettlement.sol";
import {IFilingRegistry} from "../interfaces/IFilingRegistry.sol";
import {Allotment} from "../token/Packed.sol";

contract DvpSettlement is
    IDvpSettlement,
    AccessControlDefaultAdminRules,
    EIP712("DvpSettlement", "1"),
    ReentrancyGuard
{
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    bytes32 public constant ISSUER_ROLE = keccak256("ISSUER_ROLE");

    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(address token,address seller,address buyer,uint256 units,uint256 price,uint256 nonce,uint256 deadline)"
    );

    IERC20 public immutable coin;
    IFilingRegistry public immutable filingRegistry;
    address public immutable proceedsAccount;

    /* STORAGE */

    mapping(bytes32 orderHash => OrderState) public stateOf;

    constructor(
        IERC20 coin_,
        IFilingRegistry filingRegistry_,
        address admin,
        address issuer,
        address proceedsAccount_
    ) AccessControlDefaultAdminRules(1 days, admin) {
        coin = coin_;
        filingRegistry = filingRegistry_;
        proceedsAccount = proceedsAccount_;
        _grantRole(ISSUER_ROLE, issuer);
    }

    /* ISSUE */

    /// @inheritdoc IDvpSettlement
    function issue(
        IAbsToken token,
        address investor,
        uint256 units,
        bytes32 bundleHash,
        uint256 operation
    ) external onlyRole(ISSUER_ROLE) nonReentrant {
        _requireOfTheDeal(token);
        require(units != 0, NothingToIssue());
        // The gate speaks first: a refused mint says why before anybody's coin is looked at.
        token.mint(investor, units, bundleHash, operation);
        _requireFiled(token);
        _collect(token, investor, units, token.outstandingPerUnit(), operation);
    }

    /// @inheritdoc IDvpSettlement
    function issueBatch(
        IAbsToken token,
        Allotment[] calldata allotments,
        bytes32 bundleHash,
        uint256 operation
    ) external onlyRole(ISSUER_ROLE) nonReentrant {
        _requireOfTheDeal(token);
        require(allotments.length != 0, NothingToIssue());
        token.mintBatch(allotments, bundleHash, operation);
        _requireFiled(token);
        uint256 perUnit = token.outstandingPerUnit();
        for (uint256 i; i < allotments.length; ++i) {
            Allotment allotment = allotments[i];
            _collect(token, allotment.wallet(), allotment.units(), perUnit, operation);
        }
    }

    function _collect(
        IAbsToken token,
        address investor,
        uint256 units,
        uint256 perUnit,
        uint256 operation
    ) private {
        uint256 price = units * perUnit;
        require(price != 0, NothingToIssue());
        _pay(investor, proceedsAccount, price);
        emit UnitsIssued(address(token), investor, units, price, operation);
    }

    /* ORDERS */

    /// @inheritdoc IDvpSettlement
    function settle(
        Order calldata order,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external nonReentrant {
        bytes32 orderHash = hashOf(order);
        require(
            order.units != 0 && order.price != 0 && order.seller != order.buyer,
            OrderEmpty(order.seller, order.buyer, order.units, order.price)
        );
        require(block.timestamp <= order.deadline, OrderExpired(order.deadline));
        _requireOfTheDeal(order.token);
        _requireFiled(order.token);
        _finish(orderHash, OrderState.Settled);
        _requireSigned(orderHash, order.seller, sellerSignature);
        _requireSigned(orderHash, order.buyer, buyerSignature);
        _deliver(order);
        _pay(order.buyer, order.seller, order.price);
        emit OrderSettled(
            orderHash, order.seller, order.buyer, address(order.token), order.units, order.price
        );
    }

    /// @inheritdoc IDvpSettlement
    function cancel(Order calldata order) external {
        require(
            msg.sender == order.seller || msg.sender == order.buyer,
            NotAPartyToTheOrder(msg.sender)
        );
        bytes32 orderHash = hashOf(order);
        _finish(orderHash, OrderState.Cancelled);
        emit OrderCancelled(orderHash, msg.sender);
    }

    /// @inheritdoc IDvpSettlement
    function hashOf(Order calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ORDER_TYPEHASH, order)));
    }

    function _finish(bytes32 orderHash, OrderState how) private {
        require(
            stateOf[orderHash] == OrderState.Open, OrderNotOpen(orderHash, stateOf[orderHash])
        );
        stateOf[orderHash] = how;
    }

    /// @dev The plain signature first: an account that carries code (EIP-7702) still signs with its key.
    function _requireSigned(bytes32 orderHash, address party, bytes calldata signature)
        private
        view
    {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(orderHash, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == party) return;
        require(party.code.length != 0, OrderNotSignedBy(orderHash, party));
        try IERC1271(party).isValidSignature(orderHash, signature) returns (bytes4 answer) {
            require(
                answer == IERC1271.isValidSignature.selector, OrderNotSignedBy(orderHash, party)
            );
        } catch {
            revert OrderNotSignedBy(orderHash, party);
        }
    }

    /* LEGS */

    function _deliver(Order calldata order) private {
        IERC20 units = IERC20(address(order.token));
        (uint256 sold, uint256 bought) =
            (units.balanceOf(order.seller), units.balanceOf(order.buyer));
        // Returns true or reverts; what it did is looked at below.
        units.safeTransferFrom(order.seller, order.buyer, order.units);
        sold -= units.balanceOf(order.seller);
        bought = units.balanceOf(order.buyer) - bought;
        require(sold == order.units, DeliveryIncomplete(order.units, sold));
        require(bought == order.units, DeliveryIncomplete(order.units, bought));
    }

    function _pay(address from, address to, uint256 price) private {
        (uint256 spent, uint256 received) = (coin.balanceOf(from), coin.balanceOf(to));
        coin.safeTransferFrom(from, to, price);
        spent -= coin.balanceOf(from);
        received = coin.balanceOf(to) - received;
        require(received == price, PaymentIncomplete(price, received));
        require(spent == price, PaymentIncomplete(price, spent));
    }

    function _requireOfTheDeal(IAbsToken token) private view {
        require(token.currency() == address(coin), CoinNotOfTheDeal(token.currency(), address(coin)));
    }

    /// @dev A made-up token could say anything; only one that the regulator attached is worth coin.
    function _requireFiled(IAbsToken token) private view {
        require(filingRegistry.filingIdOf(token) != 0, TokenNotFiled(address(token)));
    }
}
