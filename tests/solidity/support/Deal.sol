// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CouponDistributor} from "contracts/cashflow/CouponDistributor.sol";
import {FilingRegistry} from "contracts/filing/FilingRegistry.sol";
import {IAbsToken} from "contracts/interfaces/IAbsToken.sol";
import {InvestorRegistry} from "contracts/investors/InvestorRegistry.sol";
import {DvpSettlement} from "contracts/settlement/DvpSettlement.sol";
import {SettlementCoin} from "contracts/settlement/SettlementCoin.sol";
import {AbsToken} from "contracts/token/AbsToken.sol";
import {Test} from "./Test.sol";

/// @title A deal of two tranches, with a different key for every role
/// @notice `deploy` leaves it approved, its offering open and nobody registered; `activate` closes and
/// reports the offering, so that units may be transferred.
abstract contract Deal is Test {
    address internal constant REGULATOR = address(0xA001);
    address internal constant FILER = address(0xA002);
    address internal constant ADMIN = address(0xA003);
    address internal constant ISSUER = address(0xA004);
    address internal constant REGISTRAR = address(0xA005);
    address internal constant PAYER = address(0xA006);
    address internal constant ENFORCEMENT = address(0xA007);
    address internal constant COIN_ISSUER = address(0xA008);
    address internal constant PROCEEDS = address(0xA009);
    address internal constant STRANGER = address(0xA00A);
    address internal constant TRUSTEE = address(0xA00B);
    address internal constant UNCLAIMED = address(0xA00C);

    address internal constant ALICE = address(0xB001);
    address internal constant BOB = address(0xB002);
    address internal constant CAROL = address(0xB003);

    uint256 internal constant START = 20_600 days;
    uint16 internal constant EXPIRY_DAY = 20_900;
    uint16 internal constant MINT_UNTIL_DAY = 20_960;
    uint256 internal constant MATURITY = 22_000 days;
    uint256 internal constant DENOMINATION = 1000e6;
    /// @dev So large that amounts of eighteen decimals fit: units are 80 bits.
    uint80 internal constant CAP = 1e23;
    bytes32 internal constant FILING = "filing";
    bytes32 internal constant BUNDLE = "bundle";

    IERC20 internal coin;
    FilingRegistry internal filings;
    InvestorRegistry internal investors;
    CouponDistributor internal distributor;
    DvpSettlement internal dvp;
    AbsToken internal token;
    AbsToken internal tokenB;

    uint256 private _references;

    /* SETTING UP */

    function deploy() internal {
        deploy(terms());
    }

    function deploy(IAbsToken.Terms memory terms_) internal {
        deploy(terms_, new SettlementCoin("Simulated HKD", "sHKD", ADMIN, COIN_ISSUER));
    }

    function deploy(IAbsToken.Terms memory terms_, IERC20 coin_) internal {
        vm.warp(START);
        coin = coin_;
        filings = new FilingRegistry(REGULATOR);
        investors = new InvestorRegistry(ADMIN, REGISTRAR);
        distributor = new CouponDistributor(coin, ADMIN, PAYER, TRUSTEE, UNCLAIMED);
        dvp = new DvpSettlement(coin, filings, ADMIN, ISSUER, PROCEEDS);
        token = _admitted("Senior", terms_);
        IAbsToken.Terms memory junior = terms();
        junior.rank = 2;
        tokenB = _admitted("Mezzanine", junior);
        uint80[] memory caps = new uint80[](2);
        (caps[0], caps[1]) = (CAP, CAP);
        vm.prank(REGULATOR);
        filings.approve(
            FILING, BUNDLE, FILER, 2 * uint256(CAP) * DENOMINATION, MINT_UNTIL_DAY, caps
        );
        vm.startPrank(ISSUER);
        token.openOffering();
        tokenB.openOffering();
        vm.stopPrank();
        vm.prank(PAYER);
        coin.approve(address(distributor), type(uint256).max);
    }

    function terms() internal pure returns (IAbsToken.Terms memory) {
        return IAbsToken.Terms({
            denomination: DENOMINATION,
            minHolding: 0,
            maxHolding: 0,
            holderCap: 0,
            lockedUntil: 0,
            maturityDate: MATURITY,
            rank: 1
        });
    }

    function _admitted(string memory name, IAbsToken.Terms memory terms_)
        private
        returns (AbsToken made)
    {
        made = new AbsToken(
            name,
            name,
            terms_,
            IAbsToken.Parties({
                filingRegistry: address(filings),
                investorRegistry: address(investors),
                distributor: address(distributor),
                settlement: address(dvp),
                currency: address(coin),
                admin: ADMIN,
                issuer: ISSUER,
                enforcement: ENFORCEMENT
            })
        );
        vm.prank(REGISTRAR);
        investors.admitToken(made);
        vm.prank(REGULATOR);
        filings.attach(FILING, bytes32(bytes(name)), made);
    }

    function activate() internal {
        vm.startPrank(ISSUER);
        token.closeOffering();
        tokenB.closeOffering();
        vm.stopPrank();
        vm.prank(FILER);
        filings.reportIssuance(FILING, "report");
    }

    /* ACTS */

    function register(address wallet) internal {
        register(wallet, EXPIRY_DAY);
    }

    function register(address wallet, uint16 expiryDay) internal {
        vm.prank(REGISTRAR);
        investors.setInvestor(wallet, IAbsToken.Eligibility(expiryDay, 344, 2), "evidence");
    }

    /// @dev A coin of a test's own is issued in its own way.
    function fund(address account, uint256 amount) internal virtual {
        vm.prank(COIN_ISSUER);
        SettlementCoin(address(coin)).issue(account, amount, bytes32(++_references));
    }

    /// @notice Registers the wallet if need be, and issues units to it against coin.
    function issue(AbsToken token_, address wallet, uint256 units) internal {
        if (token_.indexOf(wallet) == 0) register(wallet);
        uint256 price = units * token_.outstandingPerUnit();
        fund(wallet, price);
        vm.prank(wallet);
        coin.approve(address(dvp), price);
        uint256 operation = token_.operationCount() + 1;
        vm.prank(ISSUER);
        dvp.issue(token_, wallet, units, BUNDLE, operation);
    }

    /// @notice Closes the open epoch a day from now, and records it.
    function record(AbsToken token_) internal returns (uint16 epoch) {
        epoch = token_.epoch();
        uint256 closes = block.timestamp + 1 days;
        vm.prank(PAYER);
        distributor.announce(token_, uint32(closes));
        vm.warp(closes);
        vm.prank(PAYER);
        distributor.record(token_, epoch);
    }

    /// @notice Declares and funds a payment, in coin micro-units per unit.
    function declare(AbsToken token_, uint16 epoch, uint256 interest, uint256 principal) internal {
        fund(PAYER, (interest + principal) * token_.supplyAt(epoch));
        vm.prank(PAYER);
        distributor.declare(
            token_,
            epoch,
            interest,
            IAbsToken.PrincipalChange({
                capitalised: 0,
                writtenUp: 0,
                paid: principal,
                writtenDown: 0
            })
        );
    }

    /// @notice Pays as anybody may: nothing is diverted.
    function pay(AbsToken token_, uint16 epoch, address[] memory holders) internal {
        vm.prank(STRANGER);
        distributor.pay(token_, epoch, holders);
    }

    function freeze(address wallet, bool frozen) internal {
        vm.startPrank(ENFORCEMENT);
        token.setAddressFrozen(wallet, frozen);
        tokenB.setAddressFrozen(wallet, frozen);
        vm.stopPrank();
    }

    function freezeUnits(address wallet, uint256 units) internal {
        vm.prank(ENFORCEMENT);
        token.setFrozenTokens(wallet, units);
    }

    function recover(address lost, address fresh) internal {
        vm.prank(REGISTRAR);
        investors.recover(lost, fresh, "order");
    }

    function listOf(address one) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = one;
    }

    function listOf(address one, address two) internal pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (one, two);
    }
}
