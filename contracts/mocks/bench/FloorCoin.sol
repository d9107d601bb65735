// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title To measure against: the least that paying many can cost, inside the coin and asking nothing
/// @dev Payment: 0 – 159 wallet | 160 – 255 amount. What is left for each one is what no design can
/// save: its word of calldata, its balance read and written, its event.
contract FloorCoin {
    mapping(address account => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function issue(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function pay(uint256[] calldata payments) external {
        uint256 total;
        bytes32 topic = Transfer.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x20, balanceOf.slot)
            let end := add(payments.offset, shl(5, payments.length))
            for { let at := payments.offset } lt(at, end) { at := add(at, 0x20) } {
                let amount := shr(160, calldataload(at))
                let to := shr(96, shl(96, calldataload(at)))
                mstore(0, to)
                let slot := keccak256(0, 0x40)
                sstore(slot, add(sload(slot), amount))
                total := add(total, amount)
                mstore(0, amount)
                log3(0, 0x20, topic, caller(), to)
            }
        }
        balanceOf[msg.sender] -= total;
    }
}
