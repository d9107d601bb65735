// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ICouponDistributor} from "contracts/interfaces/ICouponDistributor.sol";
import {Deal} from "../../support/Deal.sol";

/// @title A coin that does what it is asked and answers what it was told to, or nothing at all
contract AnsweringCoin is ERC20 {
    bytes private _answer = abi.encode(true);

    constructor() ERC20("Answering coin", "ANS") {}

    function issue(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function tell(bytes calldata answer_) external {
        _answer = answer_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        bytes memory answer = _answer;
        // Whoever takes the answer for a no must find that nothing has moved.
        if (answer.length == 0 || (answer.length >= 32 && bytes32(answer) == bytes32(uint256(1)))) {
            _transfer(msg.sender, to, amount);
        }
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }
}

/// @title What a coin may answer, and what happens when there is too little of it
contract AnswersTest is Deal {
    uint256 private constant PER_UNIT = 3;
    uint16 private epoch;

    function setUp() external {
        deploy(terms(), new AnsweringCoin());
        issue(token, ALICE, 100);
        issue(token, BOB, 40);
        activate();
        epoch = record(token);
        declare(token, epoch, PER_UNIT, 0);
    }

    function fund(address account, uint256 amount) internal override {
        AnsweringCoin(address(coin)).issue(account, amount);
    }

    function payAsPayer(address holder) private {
        vm.prank(PAYER);
        distributor.pay(token, epoch, listOf(holder));
    }

    function assertPaid(bool paid) private view {
        uint256 amount = 100 * PER_UNIT;
        uint24 index = token.indexOf(ALICE);
        assertEq(coin.balanceOf(ALICE), paid ? amount : 0, "paid");
        assertEq(distributor.creditOf(token, index), paid ? 0 : amount, "credited");
    }

    function test_P33_aCoinThatAnswersNothingPays() external {
        AnsweringCoin(address(coin)).tell("");
        payAsPayer(ALICE);
        assertPaid(true);
    }

    function test_P33_aCoinThatAnswersMoreThanTruePays(uint8 more) external {
        AnsweringCoin(address(coin)).tell(abi.encodePacked(uint256(1), new bytes(more)));
        payAsPayer(ALICE);
        assertPaid(true);
    }

    function test_P33_aCoinThatAnswersAnythingElsePaysNobody(uint256 answer) external {
        vm.assume(answer != 1);
        AnsweringCoin(address(coin)).tell(abi.encode(answer));
        payAsPayer(ALICE);
        assertPaid(false);
    }

    /// @dev Of one byte to 31: what is too short to be a yes is none.
    function test_P33_aCoinThatAnswersTooShortPaysNobody(uint8 length) external {
        bytes memory answer = new bytes(between(length, 1, 31));
        for (uint256 i; i < answer.length; ++i) answer[i] = 0x01;
        AnsweringCoin(address(coin)).tell(answer);
        payAsPayer(ALICE);
        assertPaid(false);
    }

    /// @dev Coin leaves in a way that no coin should allow; whoever asks for more than is left is refused.
    function test_P41_withoutCoinEnoughNothingIsPaidNorCredited(uint8 missing) external {
        uint256 amount = distributor.liabilities();
        uint256 gone = between(missing, 1, 40 * PER_UNIT);
        vm.prank(address(distributor));
        coin.transfer(STRANGER, gone);
        bytes memory wanting = abi.encodeWithSelector(
            ICouponDistributor.InsufficientCoin.selector, amount - gone, amount
        );
        vm.expectRevert(wanting);
        vm.prank(PAYER);
        distributor.pay(token, epoch, listOf(ALICE, BOB));
        assertEq(distributor.paymentOf(token, epoch).left, amount, "left");
        assertFalse(distributor.isPaid(token, epoch, token.indexOf(ALICE)), "marked");
        // What there is enough for is paid; nobody's claim was turned into a credit.
        payAsPayer(ALICE);
        assertPaid(true);
        assertEq(distributor.creditOf(token, token.indexOf(BOB)), 0, "credited");
        fund(address(distributor), gone);
        payAsPayer(BOB);
        assertEq(coin.balanceOf(BOB), 40 * PER_UNIT, "paid in the end");
    }
}

/// @title The same coin under a second address, as some coins had one after they were moved
contract SecondAddress {
    ReachedTwice private immutable _coin;

    constructor(ReachedTwice coin_) {
        _coin = coin_;
    }

    function balanceOf(address account) external view returns (uint256) {
        return _coin.balanceOf(account);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _coin.transferFor(msg.sender, to, amount);
    }
}

contract ReachedTwice is ERC20 {
    address public immutable second = address(new SecondAddress(this));

    constructor() ERC20("Coin of two addresses", "TWO") {}

    function issue(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function transferFor(address from, address to, uint256 amount) external returns (bool) {
        require(msg.sender == second, "not the second address");
        _transfer(from, to, amount);
        return true;
    }
}

/// @title What is owed cannot be rescued through the coin's second address
contract SecondAddressTest is Deal {
    function setUp() external {
        deploy(terms(), new ReachedTwice());
        issue(token, ALICE, 100);
        activate();
        declare(token, record(token), 3, 0);
    }

    function fund(address account, uint256 amount) internal override {
        ReachedTwice(address(coin)).issue(account, amount);
    }

    function test_P35_whatIsOwedIsNotRescuedThroughASecondAddress() external {
        IERC20 second = IERC20(ReachedTwice(address(coin)).second());
        vm.expectRevert(
            abi.encodeWithSelector(ICouponDistributor.PaidAmountMismatch.selector, 0, 300)
        );
        vm.prank(ADMIN);
        distributor.rescue(second);
        fund(address(distributor), 7);
        vm.prank(ADMIN);
        distributor.rescue(coin);
        assertEq(coin.balanceOf(address(distributor)), 300, "left for the holders");
    }
}
