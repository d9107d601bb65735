"""The events a filer reports after the filing: one table of codes, EV-01 to EV-12.

Each has a statement, a basis and a source like any rule, and the regime's figure that says within how
many working days it is reported. `issuer/domain/rulebook/event_rules.py` makes the rules of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from issuer.domain.errors import Complaint, InvalidInput
from issuer.domain.regime import Basis

_ARTICLE_22 = "Trial Measures (2023) art. 22"
_RISK = "Announcement [2026] No. 1, reporting of major risks"
_MATTER = "instance of an other major matter; Announcement [2026] No. 1, reporting"


@dataclass(frozen=True, slots=True)
class EventKind:
    """One reportable event. `material` ones known before the issuance also need an amendment (FIL-13);
    a `prohibited` one suspends the filing at once (NEG-07). `days` names a figure of the regime.
    """

    code: str
    what: str
    what_zh: str
    basis: Basis
    source: str
    days: str = "event_report_days"
    material: bool = False
    prohibited: bool = False


_T, _A, _D = Basis.TEXT, Basis.ANALOGY, Basis.DESIGN
_TABLE = (
    EventKind(
        "EV-01",
        "the completed issuance",
        "境外发行完成",
        _T,
        "Announcement [2026] No. 1, reporting after completion",
        days="completion_report_days",
    ),
    EventKind(
        "EV-02",
        "a change of control of the filer",
        "备案主体控制权变更",
        _A,
        _ARTICLE_22,
        material=True,
    ),
    EventKind(
        "EV-03",
        "an investigation or penalty by any authority, at home or overseas",
        "被境内外监管机构调查或处罚",
        _A,
        _ARTICLE_22,
    ),
    EventKind(
        "EV-04",
        "a prohibited circumstance or negative-list asset that has arisen",
        "出现禁止情形或资产触及负面清单",
        _D,
        _MATTER,
        prohibited=True,
    ),
    EventKind(
        "EV-05",
        "a dispute over the title to an asset, its freezing, or the loss of a right",
        "基础资产权属争议、被冻结或权利丧失",
        _D,
        _MATTER,
    ),
    EventKind(
        "EV-06",
        "a payment default, a trigger, or the replacement of the servicer",
        "违约、触发事件或更换资产服务机构",
        _T,
        _RISK,
    ),
    EventKind("EV-07", "cash flow below the stress threshold", "现金流低于压力测试阈值", _T, _RISK),
    EventKind(
        "EV-08",
        "a change of chain, contract, oracle, settlement asset or transfer agent",
        "更换区块链、合约、预言机、结算资产或过户代理人",
        _D,
        _MATTER,
        material=True,
    ),
    EventKind(
        "EV-09",
        "a hack, the loss of a key, or a fault of the oracle",
        "黑客攻击、密钥丢失或预言机故障",
        _T,
        _RISK,
    ),
    EventKind(
        "EV-10",
        "early termination, redemption or delisting",
        "提前终止、赎回或终止挂牌",
        _A,
        _ARTICLE_22,
    ),
    EventKind(
        "EV-11",
        "a holder found ineligible: mainland or sanctioned",
        "发现持有人不合格（境内人士或受制裁）",
        _D,
        _MATTER,
    ),
    EventKind(
        "EV-12",
        "an amendment of the terms of the issue",
        "发行条款变更",
        _D,
        _MATTER,
        material=True,
    ),
)

EVENTS: dict[str, EventKind] = {each.code: each for each in _TABLE}

COMPLETION, PROHIBITION, DEFAULT = "EV-01", "EV-04", "EV-06"


def event_kind(code: str) -> EventKind:
    """The event of this code; an unknown code is refused by name."""
    if code not in EVENTS:
        raise InvalidInput(
            "event",
            [
                Complaint(
                    "/code",
                    "event.unknown",
                    f"{code!r} is no reportable event: the codes are {', '.join(EVENTS)}",
                )
            ],
        )
    return EVENTS[code]
