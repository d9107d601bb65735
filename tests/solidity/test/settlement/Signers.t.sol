// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDvpSettlement} from "contracts/interfaces/IDvpSettlement.sol";
import {Deal} from "../../support/Deal.sol";

/// @title A wallet with code, which answers for a signature as it was told to (ERC-1271)
contract AnsweringWallet {
    bytes private _answer;
    bool private _reverts;

    function tell(bytes calldata answer_, bool reverts_) external {
        (_answer, _reverts) = (answer_, reverts_);
    }

    fallback() external {
        bytes memory answer = _answer;
        if (_reverts) revert("no");
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }
}

/// @title Who may have signed an order: a key, a contract, or a key whose account carries code
contract SignersTest is Deal {
    uint256 private constant SELLER_KEY = 0x5E11;
    bytes4 private constant GOOD = 0x1626ba7e;

    address private seller;
    AnsweringWallet private buyer;

    function setUp() external {
        (seller, buyer) = (vm.addr(SELLER_KEY), new AnsweringWallet());
        deploy();
        issue(token, seller, 1000);
        register(address(buyer));
        activate();
        fund(address(buyer), 1e12);
        vm.prank(seller);
        token.approve(address(dvp), type(uint256).max);
        vm.prank(address(buyer));
        coin.approve(address(dvp), type(uint256).max);
    }

    function order() private view returns (IDvpSettlement.Order memory) {
        return IDvpSettlement.Order(token, seller, address(buyer), 10, 70, 1, block.timestamp);
    }

    function signed(bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SELLER_KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function settle(bytes memory ofBuyer) private {
        dvp.settle(order(), signed(dvp.hashOf(order())), ofBuyer);
    }

    function expectNotSignedBy(address party) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IDvpSettlement.OrderNotSignedBy.selector, dvp.hashOf(order()), party
            )
        );
    }

    function test_P50_aContractThatAcceptsTheSignatureHasSigned(bytes calldata signature) external {
        buyer.tell(abi.encode(GOOD), false);
        settle(signature);
        assertEq(token.balanceOf(address(buyer)), 10, "units of the buyer");
        assertEq(coin.balanceOf(seller), 70, "coin of the seller");
    }

    function test_P50_aContractThatAnswersAnythingElseHasNot(bytes4 answer) external {
        vm.assume(answer != GOOD);
        buyer.tell(abi.encode(answer), false);
        expectNotSignedBy(address(buyer));
        this.settlesUnsigned();
    }

    function test_P50_aContractThatRevertsHasNot() external {
        buyer.tell("", true);
        expectNotSignedBy(address(buyer));
        this.settlesUnsigned();
    }

    /// @dev What cannot be read as an answer is none: the order fails, by whatever name.
    function test_P50_aContractThatSaysTooLittleHasNot(uint8 length) external {
        bytes memory answer = new bytes(length % 32);
        for (uint256 i; i < answer.length && i < 4; ++i) answer[i] = GOOD[i];
        buyer.tell(answer, false);
        vm.expectRevert();
        this.settlesUnsigned();
        assertEq(token.balanceOf(seller), 1000, "units of the seller");
    }

    function settlesUnsigned() external {
        settle("");
    }

    /// @dev As an account that delegated itself to a contract (EIP-7702): its key goes on signing,
    /// whatever that code says.
    function test_P15_aKeyWhoseAccountCarriesCodeSignsAsBefore() external {
        vm.etch(seller, address(buyer).code);
        AnsweringWallet(seller).tell("", true);
        buyer.tell(abi.encode(GOOD), false);
        settle("");
        assertEq(token.balanceOf(address(buyer)), 10, "units of the buyer");
    }

    /// @dev A contract's word for itself is none for another.
    function test_P50_aContractDoesNotSignForAKey() external {
        buyer.tell(abi.encode(GOOD), false);
        IDvpSettlement.Order memory stolen = order();
        expectNotSignedBy(seller);
        dvp.settle(stolen, "", "");
    }
}
