"""What other permissioned tokens were measured to cost, once; nothing here is measured again.

All on Anvil 1.7.1 (Prague), legacy code generation, optimizer at 200 runs and EVM Cancun where nothing
else is said; random addresses, amounts of 18 decimals, a caller who has the role.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recorded:
    """One peer: whose code, of when, compiled how, and what it cost."""

    name: str
    source: str
    compiler: str
    gas: dict[str, int]
    remarks: dict[str, str] = field(default_factory=dict)


_PLAIN = "optimizer 200, Cancun"

URWA = Recorded(
    "uRWA20",
    "ERC-7943 reference, ethereum/ERCs 9c718c7 (2026-08)",
    _PLAIN,
    {
        "deploy": 2_037_078,
        "allowlist 1": 96_161,
        "mint to a new holder": 56_122,
        "mint to a holder": 39_022,
        "transfer to a holder": 42_232,
        "transfer to a new holder": 59_332,
        "partial freeze": 48_097,
        "forced transfer": 44_257,
    },
    {"allowlist 1": "two lists: to send and to receive"},
)

CMTAT = Recorded(
    "CMTAT Allowlist",
    "CMTA/CMTAT 9c96c8e (3.2-rc0, 2025-12)",
    "solc 0.8.37, optimizer 200, Cancun",
    {
        "deploy": 4_494_798,
        "allowlist 1": 49_940,
        "allowlist 100, each": 26_301,
        "mint to a new holder": 70_934,
        "mint to a holder": 53_834,
        "mint to 100 new holders, each": 32_528,
        "transfer to a holder": 55_579,
        "transfer to a new holder": 72_679,
        "freeze": 49_886,
        "partial freeze": 51_630,
        "forced transfer": 47_808,
    },
)

CENTRIFUGE = Recorded(
    "Centrifuge",
    "centrifuge/protocol a1aeae9 (v3, 2026-06): ShareToken with FullRestrictions",
    "solc 0.8.28, Cancun",
    {
        "deploy": 3_524_364,
        "allowlist 1": 63_000,
        "mint to a new holder": 46_851,
        "mint to a holder": 46_851,
        "transfer to a holder": 43_822,
        "transfer to a new holder": 43_822,
        "freeze": 45_182,
    },
    {"deploy": "token 1,734,489, and the hook"},
)

T_REX = Recorded(
    "T-REX",
    "ERC-3643/ERC-3643 dab1660 (T-REX 4.1.3, 2025-06): one claim topic, no compliance module",
    "solc 0.8.17, London",
    {
        "deploy": 7_055_151,
        "allowlist 1": 717_984,
        "allowlist 100, each": 669_823,
        "mint to a new holder": 221_902,
        "mint to a holder": 204_802,
        "mint to 100 new holders, each": 97_913,
        "transfer to a holder": 209_974,
        "transfer to a new holder": 227_074,
        "freeze": 61_415,
        "partial freeze": 63_522,
        "forced transfer": 205_233,
    },
    {
        "deploy": "and 13,422,626 once for all issues",
        "allowlist 1": "identity, claim and registration",
        "allowlist 100, each": "31,429 of it to register; the identities are not batched",
    },
)

ATS = Recorded(
    "ATS",
    "hashgraph/asset-tokenization-studio 8.0.0 from npm: bond, its published bytecode",
    "solc 0.8.28, optimizer 100, Cancun",
    {
        "deploy": 8_061_149,
        "allowlist 1": 321_698,
        "mint to a new holder": 415_535,
        "mint to a holder": 205_905,
        "mint to 100 new holders, each": 294_880,
        "transfer to a holder": 254_037,
        "transfer to a new holder": 463_666,
        "transfer, first after a record date": 620_579,
        "transfer, next after a record date": 284_211,
        "partial freeze": 162_247,
        "forced transfer": 203_930,
    },
    {"deploy": "and 250,372,058 once for all issues"},
)

SNAPSHOT_ENGINE = Recorded(
    "CMTAT + SnapshotEngine",
    "CMTA/SnapshotEngine b5750a0 (2025-08) with CMTAT 3.0",
    _PLAIN,
    {
        "transfer to a holder": 66_568,
        "transfer, first after a record date": 264_958,
        "transfer, next after a record date": 76_860,
    },
)

INCOME_VAULT = Recorded(
    "CMTAT + IncomeVault",
    "CMTA/IncomeVault 7786360 (2024-08) with the CMTAT 2.4 it pins, behind a proxy",
    "as pinned there",
    {
        "transfer to a holder": 57_990,
        "transfer, first after a record date": 251_663,
        "transfer, next after a record date": 63_565,
        "coupon push to 100, steady, each": 41_196,
        "coupon push to 250, steady, each": 40_936,
        "coupon claim, steady": 103_019,
        "coupon claim, first": 140_019,
    },
    {"coupon push to 250, steady, each": "to 200"},
)

RECORDED = (URWA, CMTAT, CENTRIFUGE, T_REX, ATS, SNAPSHOT_ENGINE, INCOME_VAULT)
