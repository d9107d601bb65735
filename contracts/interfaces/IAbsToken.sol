// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Admission, Allotment} from "../token/Packed.sol";
import {IFilingRegistry} from "./IFilingRegistry.sol";

/// @title One tranche of asset-backed notes
/// @notice One unit is one note of a fixed denomination: `decimals()` is 0. Principal lowers what is
/// outstanding per unit; units are not burnt by it. The token calls nobody: who may do what to it is
/// fixed at construction, and everything it needs to know is written into it.
///
/// outstanding = denomination + capitalised - principal paid - written down, per unit, at any time.
/// Interest that is capitalised can take it above the denomination; nothing else can.
///
/// Record dates are epochs. Epoch k is open until the announced instant, and closed from that instant
/// on, so a transfer in the very block of the record date falls after it.
interface IAbsToken {
    /// @notice The offering of the notes: units are minted while it is open.
    enum Offering {
        NotOpened,
        Open,
        Closed
    }

    /// @notice What the filed plan says of every unit and every holding; final.
    /// @param denomination Coin micro-units of principal that one unit stands for when issued.
    /// @param minHolding Units: a holder keeps none, or at least so many; 0 for no minimum.
    /// @param maxHolding Units that one holder may keep at most; 0 for no maximum.
    /// @param holderCap The most wallets that may hold units at a time; 0 for no cap.
    /// @param lockedUntil The first instant at which units may be transferred; 0 for no lock-up.
    /// @param maturityDate The instant of the legal final maturity.
    /// @param rank Place in the priority of payments: 1 is paid first.
    struct Terms {
        uint256 denomination;
        uint256 minHolding;
        uint256 maxHolding;
        uint256 holderCap;
        uint256 lockedUntil;
        uint256 maturityDate;
        uint256 rank;
    }

    /// @notice Who may do what. The roles, the investor registry and the distributor are the admin's
    /// to change, and the admin is a timelock; the rest is final.
    struct Parties {
        address filingRegistry;
        address investorRegistry;
        address distributor;
        address settlement;
        address currency;
        address admin;
        address issuer;
        address enforcement;
    }

    /// @notice What the registrar has established about a wallet's investor.
    /// @param expiryDay First UTC day (since 1970) on which the wallet may no longer receive; 0 means
    /// found ineligible.
    /// @param country ISO 3166-1 numeric.
    /// @param class Investor class, see InvestorClass in the service.
    struct Eligibility {
        uint16 expiryDay;
        uint16 country;
        uint8 class;
    }

    /// @notice What the payment of one record date does to the principal of every unit, in coin
    /// micro-units and in this order; each is bounded by what those before it have left.
    /// @param capitalised Interest added to what is outstanding, instead of being paid.
    /// @param writtenUp Earlier write-downs reversed.
    /// @param paid Principal paid to the holders of record.
    /// @param writtenDown A loss that the notes bear.
    struct PrincipalChange {
        uint256 capitalised;
        uint256 writtenUp;
        uint256 paid;
        uint256 writtenDown;
    }

    event FilingAttached(bytes32 indexed filingId);
    event FilingSet(bytes32 indexed filingId, bytes32 bundleHash, uint80 cap, uint16 mintUntilDay);
    event FilingStatusSet(IFilingRegistry.Status status);
    event TransfersOpened();
    event OfferingOpened();
    event OfferingClosed(uint256 supply);
    /// @param admitted A word a wallet, as Packed.sol draws it, with the index the wallet has here.
    event EligibilitySet(Admission[] admitted);
    event WalletRecovered(address indexed lost, address indexed fresh, uint24 indexed index);
    /// @notice Units on which nothing was outstanding were taken out of existence.
    event UnitsRetired(address indexed holder, uint256 units);
    event ForcedByOrder(
        address indexed from, address indexed to, uint256 units, bytes32 indexed orderHash
    );
    event InvestorRegistryReplaced(address indexed former, address indexed fresh);
    event DistributorReplaced(address indexed former, address indexed fresh);
    event Paused(address account);
    event Unpaused(address account);
    event AddressFrozen(address indexed account, bool indexed isFrozen, address indexed owner);
    event RecordDateAnnounced(uint16 indexed epoch, uint32 recordAt);
    event EpochClosed(uint16 indexed epoch, uint256 supply);
    event EpochSettled(uint16 indexed epoch);
    /// @notice By how much per unit, and from what outstanding per unit to what; likewise the next three.
    event InterestCapitalised(uint16 indexed epoch, uint256 perUnit, uint256 from, uint256 to);
    event WrittenUp(uint16 indexed epoch, uint256 perUnit, uint256 from, uint256 to);
    event PrincipalPaid(uint16 indexed epoch, uint256 perUnit, uint256 from, uint256 to);
    event WrittenDown(uint16 indexed epoch, uint256 perUnit, uint256 from, uint256 to);

    /// @notice Only `expected` may call this.
    error UnauthorizedCaller(address caller, address expected);
    error FilingAlreadyAttached(bytes32 filingId);
    error FilingNotApproved();
    error FilingSuspended(bytes32 filingId);
    error FilingBeingAmended(bytes32 filingId);
    error FilingRevoked(bytes32 filingId);
    error FilingClosed(bytes32 filingId);
    error FilingExpired(bytes32 filingId, uint256 mintUntil);
    error BundleHashMismatch(bytes32 approved, bytes32 given);
    error CapExceeded(uint256 cap, uint256 supplyAfter);
    error OfferingNotOpen(Offering offering);
    error OfferingAlreadyOpened(Offering offering);
    error TransfersLocked();
    error TransfersLockedUntil(uint256 instant);
    error HoldingBelowMinimum(address account, uint256 minimum, uint256 wouldHold);
    error HolderCapReached(uint256 cap);
    error OperationOutOfSequence(uint256 expected, uint256 given);
    error HoldingAboveMaximum(address account, uint256 maximum, uint256 wouldHold);
    error TransfersPaused();
    error NotAnAddress(uint256 word);
    error WalletNotRegistered(address wallet);
    error UnitsStillOutstanding(uint256 outstandingPerUnit);
    error WriteDownReversible(uint256 writtenDownPerUnit);
    /// @notice A contract of the deal, or a wallet given up for another: never an investor's.
    error WalletBarred(address wallet);
    error WalletNotFrozen(address wallet);
    error WalletAlreadyRegistered(address wallet);
    error OrderHashMissing();
    error EpochsExhausted();
    error ForcedTransferToSelf(address account);
    error RecordDateNotInFuture(uint256 recordAt, uint256 now_);
    error RecordDateTooFar(uint256 recordAt, uint256 latest);
    error RecordDateAlreadyAnnounced(uint256 recordAt);
    error RecordDateNotAnnounced();
    error RecordDateNotReached(uint256 recordAt, uint256 now_);
    error TooManyOpenEpochs(uint256 unsettled);
    error NoUnitsOutstanding();
    error EpochNotClosed(uint256 epoch);
    error EpochIsSettled(uint256 epoch);
    error EpochsUnsettled(uint256 count);
    error SettlementOutOfOrder(uint256 expected, uint256 given);
    error PrincipalChangedSince(uint256 latestEpoch, uint256 given);
    error PrincipalExceedsOutstanding(uint256 outstandingPerUnit, uint256 perUnit);
    error WriteDownExceedsOutstanding(uint256 outstandingPerUnit, uint256 perUnit);
    error WriteUpExceedsWrittenDown(uint256 writtenDownPerUnit, uint256 perUnit);

    // ---- filing: FilingRegistry only

    /// @notice Ties this token to one filing, once.
    function attachFiling(bytes32 filingId) external;

    /// @notice What the approved filing grants, in place of what it granted before. A cap below the
    /// units in existence takes none of them away: it stops minting.
    function setFiling(bytes32 bundleHash, uint80 cap, uint16 mintUntilDay) external;

    /// @notice Units are minted and transferred under an approved filing only. Revoked and Closed are
    /// absorbing: no later call makes minting possible again.
    function setFilingStatus(IFilingRegistry.Status status) external;

    /// @notice The offering is completed and reported: the lock-up of transfers ends.
    function openTransfers() external;

    // ---- replacement: the admin only

    /// @notice Another register speaks for the investors from now on. Every word, and every freeze,
    /// stays as it is.
    function replaceInvestorRegistry(address fresh) external;

    /// @notice Another distributor pays from now on. Refused while an epoch is unsettled: the former
    /// one goes on paying what it has set aside and credited.
    function replaceDistributor(address fresh) external;

    // ---- offering

    function openOffering() external;

    /// @notice Also of an offering that was never opened: a tranche that is not placed after all must
    /// not keep those that are from being reported.
    function closeOffering() external;

    /// @notice Mints against coin; called by DvpSettlement only, so no unit exists without cash.
    /// @param bundleHash The hash of the filing materials as the issuing service has just recomputed it.
    /// @param operation Must be `operationCount() + 1`: a replayed or skipped operation is refused.
    function mint(address to, uint256 units, bytes32 bundleHash, uint256 operation) external;

    /// @notice Mints to many under one operation number: all of it or nothing.
    function mintBatch(Allotment[] calldata allotments, bytes32 bundleHash, uint256 operation)
        external;

    /// @notice Takes the units of holders out of existence, once nothing is outstanding on them and, if
    /// any of it was written down, the legal final maturity has passed: until then it may be written up.
    /// What they are still to be paid for earlier record dates stays theirs.
    function retire(address[] calldata holders) external;

    // ---- eligibility: InvestorRegistry only

    function setEligibility(Admission[] calldata admissions) external;

    /// @notice Moves a lost wallet's whole word, and with it every unpaid entitlement, to a fresh
    /// wallet. The lost one must be frozen, and the fresh one stays frozen until the enforcement thaws
    /// it; the lost one can never be registered again.
    function recover(address lost, address fresh) external;

    // ---- enforcement

    /// @notice Halts transfers and mints; a regulator's suspension is another thing, and stays.
    function pause() external;

    function unpause() external;

    /// @notice A forced transfer that says whose order it carries out.
    /// @param orderHash Hash of the order; the order stays off chain.
    function forcedTransferByOrder(address from, address to, uint256 units, bytes32 orderHash)
        external;

    /// @notice A frozen wallet can neither send nor receive; its payments are set aside.
    /// An unregistered wallet can be frozen too, and stays frozen when it is registered.
    function setAddressFrozen(address account, bool frozen) external;

    // ---- record dates and payments: CouponDistributor only

    /// @notice Announces when the open epoch closes: at most a year ahead, and for good.
    function announceRecordDate(uint32 recordAt) external;

    /// @notice Closes `epoch` once its announced instant is reached.
    /// @return supply Units outstanding at the record date.
    function closeEpoch(uint16 epoch) external returns (uint256 supply);

    /// @notice Marks the oldest unsettled epoch as settled.
    function settle(uint16 epoch) external;

    /// @notice Lets the outstanding per unit follow a payment: once for each closed epoch, never for
    /// one older than the last.
    function changePrincipal(uint16 epoch, PrincipalChange calldata change) external;

    // ---- views

    function denomination() external view returns (uint256);

    /// @notice Coin micro-units of principal that one unit still stands for.
    function outstandingPerUnit() external view returns (uint256);

    /// @notice Coin micro-units that one unit has lost by write-downs which were not reversed.
    function writtenDownPerUnit() external view returns (uint256);

    /// @notice Coin micro-units of interest that were added to the principal of one unit, in all.
    function capitalisedPerUnit() external view returns (uint256);

    /// @notice Coin micro-units of principal that all units together still stand for.
    function outstandingPrincipal() external view returns (uint256);

    /// @notice Coin micro-units of principal that an account's units still stand for (ERC-7092's name).
    function principalOf(address account) external view returns (uint256);

    /// @notice The instant of the legal final maturity (ERC-7092's name).
    function maturityDate() external view returns (uint256);

    /// @notice Place in the priority of payments: 1 is paid first.
    function rank() external view returns (uint256);

    function minHolding() external view returns (uint256);

    /// @notice The most wallets to which units may be issued or sold; 0 for no cap. A forced transfer
    /// carries out an order beyond it too.
    function holderCap() external view returns (uint256);

    /// @notice The first instant at which units may be transferred, if transfers are open.
    function lockedUntil() external view returns (uint256);

    /// @notice Units that one holder may keep at most: all that the word can hold, if the terms set none.
    function maxHolding() external view returns (uint256);

    /// @notice Wallets that hold units now; counted only where the terms cap them, else 0.
    function holderCount() external view returns (uint24);

    function paused() external view returns (bool);

    function currency() external view returns (address);

    function filingRegistry() external view returns (address);

    function investorRegistry() external view returns (address);

    function distributor() external view returns (address);

    function settlement() external view returns (address);

    function filingId() external view returns (bytes32);

    function bundleHash() external view returns (bytes32);

    function cap() external view returns (uint256);

    /// @notice The first instant at which minting is no longer possible.
    function mintUntil() external view returns (uint256);

    function filingStatus() external view returns (IFilingRegistry.Status);

    function transfersOpen() external view returns (bool);

    function offering() external view returns (Offering);

    function operationCount() external view returns (uint256);

    /// @notice The open epoch; every lower one is closed.
    function epoch() external view returns (uint16);

    function settledEpoch() external view returns (uint16);

    /// @notice The announced instant at which the open epoch closes; 0 if none is announced.
    function recordAt() external view returns (uint32);

    /// @notice Units at the close of a closed, unsettled epoch.
    function balanceAt(address account, uint16 epoch) external view returns (uint256);

    function supplyAt(uint16 epoch) external view returns (uint256);

    /// @notice The investor number behind a wallet; 0 means nobody.
    function indexOf(address wallet) external view returns (uint24);

    function eligibilityOf(address wallet) external view returns (Eligibility memory);

    function isFrozen(address account) external view returns (bool);

    /// @notice Is this a contract of the deal, or a wallet given up for another?
    function isBarred(address wallet) external view returns (bool);

    /// @notice May money be paid to this wallet now? An expired holder's may, a frozen one's may not.
    function canBePaid(address wallet) external view returns (bool);

    /// @notice What a payment must know of holders of record, in one call.
    /// @return words For each account: units at the close of the epoch in bits 0 – 79, the investor's
    /// number in bits 80 – 103, and in bit 104 whether it may be paid now.
    function holdersAt(address[] calldata accounts, uint16 epoch)
        external
        view
        returns (uint256[] memory words);
}
