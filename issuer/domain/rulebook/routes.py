"""CIR: the ways round the regime that somebody may try, and which rules stand in each of them.

A route is the name of an attempt, never of an error: what blocks a pledge vault is that it is no
admitted investor (INV-01). How each is tried is in the scenarios that `abs-sim circumvent` runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from issuer.domain.rulebook.rule import Enforcement


class Gate(StrEnum):
    """Which of the two gates refuses a route when it stands alone."""

    SERVICE = "service"
    CHAIN = "chain"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Route:
    """`needs` says which means the product lacks: that part of the route nobody can try here.
    `detection` says how a route that no program can block is found out.
    """

    id: str
    attempt: str
    attempt_zh: str
    blocked_by: tuple[str, ...] = ()
    gate: Gate | None = None
    needs: str = ""
    detection: str = ""

    @property
    def enforcement(self) -> Enforcement:
        """Whether it is blocked, or only found out."""
        return Enforcement.DETECTED if self.detection else Enforcement.ENFORCED


# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("CIR-01", "Pledge units into a vault that issues claims anybody may hold",
          "将代币质押入金库，另行发行任何人均可持有的凭证", ("INV-01",), Gate.BOTH),
    Route("CIR-02", "Bridge or copy the notes to another chain",
          "通过跨链桥或在另一条链上部署副本", ("INF-02", "INF-03", "INV-01"), Gate.BOTH),
    Route("CIR-03", "Buy through a Hong Kong shell of mainland persons",
          "境内人士借道香港壳公司认购", ("INV-04", "INV-01"), Gate.BOTH),
    Route("CIR-04", "Gather small investors in one professional vehicle",
          "以一个专业投资者载体汇集众多小额投资者", ("INV-10",), Gate.SERVICE),
    Route("CIR-05", "Settle in a coin pegged to the renminbi, or swap the coin after filing",
          "以挂钩人民币的稳定币结算，或备案后更换结算币种", ("SET-01",), Gate.BOTH),
    Route("CIR-06", "Finance the same assets twice", "同一资产重复融资",
          ("AC-7", "NEG-05"), Gate.SERVICE),
    Route("CIR-07", "Mint above the cap, or without a filing", "超出备案额度或未经备案铸造",
          ("FIL-01", "FIL-17"), Gate.BOTH),
    Route("CIR-08", "File in the issuer's or arranger's name, or behind a clean shell",
          "以境外发行主体、安排人或空壳名义备案", ("FIL-02", "NEG-03"), Gate.SERVICE),
    Route("CIR-09", "Hide a bad asset under a wrapper, or split a bad payer into small slices",
          "以多层嵌套隐藏不合格资产，或将失信付款方拆分为小额", ("ABSNL-2", "ABSNL-8"), Gate.SERVICE),
    Route("CIR-10", "Forge, replay or back-date meter readings",
          "伪造、重放或倒签计量数据", ("AC-8",), Gate.SERVICE,
          needs="a registry of metering devices whose signed readings are the source of reported"
          " collections"),
    Route("CIR-11", "Call the notes points, membership or an NFT",
          "将证券包装为积分、会员权益或数字藏品", ("TOK-01", "TOK-02", "FIL-16"), Gate.SERVICE),
    Route("CIR-12", "Market to the mainland, or let a mainland person in by a VPN",
          "向境内宣传推介，或以VPN掩饰境内身份", ("INV-02", "INV-03"), Gate.SERVICE),
    Route("CIR-13", "Move units by another entry point than a plain transfer",
          "绕开普通转让，经其他合约入口转移代币", ("INV-01",), Gate.BOTH),
    Route("CIR-14", "Replace the pool's assets after the filing", "备案后替换基础资产",
          ("FIL-01", "AC-4", "ABSNL-5"), Gate.BOTH),
    Route("CIR-15", "Alter the documents after the filing", "备案后篡改申报文件",
          ("FIL-05",), Gate.BOTH),
    Route("CIR-16", "Stay silent about a major event", "对重大事项隐瞒不报",
          ("FIL-12",), Gate.BOTH),
    Route("CIR-17", "Replace the contract by one without the checks", "以取消校验的合约替换原合约",
          ("AC-3", "FIL-01"), Gate.BOTH),
    Route("CIR-18", "Put units into a trading pool or lend against them",
          "将代币注入流动性池或作为借贷抵押", ("INV-01", "TOK-07"), Gate.BOTH),
    Route("CIR-19", "Spend the proceeds on virtual currency", "将募集资金用于虚拟货币业务",
          ("AC-9", "SET-10"), Gate.SERVICE),
    Route("CIR-20", "Have a coupon paid to a mainland wallet or a nominee",
          "将收益支付至境内钱包或代持人", ("INV-01", "INV-12"), Gate.BOTH),
    Route("CIR-21", "List the notes for retail investors", "向零售投资者挂牌交易",
          ("INV-09", "INV-03"), Gate.SERVICE),
    Route("CIR-22", "Pass the risk on off chain: side letter, sold key, total-return swap",
          "链下转移权益：抽屉协议、出售私钥、收益互换",
          detection="not preventable on chain. Evidence is renewed every year (INV-13), the service's"
          " register shows every holder with those behind it, and enforcement freezes whom it finds"
          " out (EV-11)"),
    Route("CIR-23", "Choose the form of external debt or equity to dodge the filing",
          "选择外债或股权形式以规避备案", ("FIL-16",), Gate.SERVICE),
)
# fmt: on


def route_named(route_id: str) -> Route | None:
    """The route of that id, if there is one."""
    return next((each for each in ROUTES if each.id == route_id), None)
