"""Open points of the regime: day counts, thresholds, lists and choices that no published text fixes.

Each is a figure with a basis and a source, so that an analogy is never shown as law (rulebook
section 11). The values here are those of `issuer/data/regime.yaml`, from which a simulator reads
them (`issuer/documents/regime.py`) and which an installation's own file may override.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal


class Basis(StrEnum):
    """Where a rule or a figure comes from."""

    TEXT = "text"
    SOURCE = "source"
    ANALOGY = "analogy"
    UNVERIFIED = "unverified"
    DESIGN = "design"


#: What a figure is counted in; the door checks each in its own way.
Days = Annotated[int, "PRC working days"]
Allowance = Annotated[int, "days, 0 for none"]
Months = Annotated[int, "months"]
Years = Annotated[int, "years"]
Count = Annotated[int, "number"]
Share = Annotated[Fraction, "share"]
Codes = Annotated[tuple[str, ...], "list"]
Words = Annotated[tuple[str, ...], "words"]
Dates = Annotated[tuple[tuple[str, date], ...], "dates"]
Switch = Annotated[bool, "switch"]


CANDIDATE, APPROVED = "CANDIDATE", "APPROVED"


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """A system on which a leg of a deal might run; `chain_ids` are those of an EVM chain."""

    id: str
    name: str
    leg: str
    status: str
    consent_reference: str | None = None
    chain_ids: tuple[int, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Only a consent that can be named approves."""
        return self.status == APPROVED and bool(self.consent_reference)


Systems = Annotated[tuple[Infrastructure, ...], "registry"]


def _candidate(id: str, name: str, leg: str, *chain_ids: int) -> Infrastructure:
    return Infrastructure(id, name, leg, CANDIDATE, chain_ids=chain_ids)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as somebody states it. The basis is that of its value, not of the rule that uses it."""

    name: str
    value: Any
    basis: Basis
    source: str


_PLACES = 10**10
"""A percentage is written with ten decimals at most."""


def plain(value: Any) -> Any:
    """A figure's value as files and answers write it: shares in percent, dates as ISO text."""
    if isinstance(value, Fraction):
        whole, decimals = divmod(int(value * 100 * _PLACES), _PLACES)
        return f"{whole}.{decimals:010d}".rstrip("0").removesuffix(".") + " %"
    if isinstance(value, Infrastructure):
        return {**asdict(value), "chain_ids": list(value.chain_ids)}
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return {name: day.isoformat() for name, day in value}
    return list(map(plain, value)) if isinstance(value, tuple) else value


def _figure(value: Any, basis: Basis, source: str) -> Any:
    return field(default=value, metadata={"basis": basis, "source": source})


@dataclass(frozen=True, slots=True)
class Regime:
    """The figures in force. `origins` are bases and sources that differ from those written here."""

    # --- the filing's clocks
    supplement_ask_days: Days = _figure(5, Basis.ANALOGY, "Trial Measures (2023) art. 19")
    supplement_answer_days: Days = _figure(30, Basis.ANALOGY, "Trial Measures (2023) art. 19")
    review_days: Days = _figure(20, Basis.ANALOGY, "Trial Measures (2023) art. 19")
    completion_report_days: Days = _figure(
        15, Basis.UNVERIFIED, "recalled from overseas-listing filing notices"
    )
    event_report_days: Days = _figure(3, Basis.ANALOGY, "Trial Measures (2023) art. 22")
    validity_months: Months = _figure(12, Basis.ANALOGY, "Application guideline No. 1, 2.9")
    transfers_while_event_open: Switch = _figure(
        True,
        Basis.DESIGN,
        "no text says what an open event does to holders; off, an event not cleared suspends",
    )
    grace_days: Days = _figure(10, Basis.DESIGN, "a delayed exchange is not a default at once")

    # --- prohibited circumstances and the negative list
    conviction_years: Years = _figure(3, Basis.TEXT, "Announcement [2026] No. 1, prohibition (3)")
    prohibited_sectors: Codes = _figure(
        ("GAMBLING", "TOBACCO", "VIRTUAL_CURRENCY_MINING"),
        Basis.UNVERIFIED,
        "sector bans, after the market-access list",
    )
    barred_words: Words = _figure(
        ("虚拟货币", "加密货币", "稳定币", "代币", "RWA", "cryptocurrency", "stablecoin"),
        Basis.SOURCE,
        "commentary on the market-supervision rule for company names and scopes",
    )
    negative_list: Literal["2024", "2014"] = _figure(
        "2024", Basis.SOURCE, "AMAC revision of 29 March 2024; the list of 2014 is kept as legacy"
    )
    obligor_share: Share = _figure(
        Fraction(15, 100), Basis.SOURCE, "AMAC negative list of 2024, item 2"
    )
    related_group_share: Share = _figure(
        Fraction(20, 100), Basis.UNVERIFIED, "recalled for related parties; not found in a text"
    )
    uncertain_types: Codes = _figure(
        ("MINERAL_RIGHT", "LAND_TRANSFER_RIGHT"), Basis.SOURCE, "AMAC negative list of 2024, item 3"
    )
    real_estate_types: Codes = _figure(
        ("CRE_RENT", "REIT_LIKE"), Basis.DESIGN, "types of which the occupancy is to be stated"
    )
    metered_types: Codes = _figure(
        ("EV_CHARGING_INCOME", "PV_INCOME"), Basis.DESIGN, "types whose revenue meters count"
    )
    min_occupancy: Share = _figure(
        Fraction(80, 100), Basis.DESIGN, "the list says vacant, and names no share"
    )
    undeveloped_share: Share = _figure(Fraction(10, 100), Basis.SOURCE, "negative list of 2014")
    look_through_depth: Count = _figure(5, Basis.DESIGN, "wrappers within wrappers")
    meter_tolerance: Share = _figure(
        Fraction(1, 100), Basis.DESIGN, "reported against metered revenue"
    )

    # --- investors
    evidence_months: Months = _figure(
        12, Basis.UNVERIFIED, "intermediaries' practice under Cap 571D"
    )
    mainland_owner_share: Share = _figure(
        Fraction(25, 100), Basis.DESIGN, "beneficial-ownership practice"
    )
    jurisdictions: Codes = _figure(
        ("HK", "SG", "US_REG_S"), Basis.DESIGN, "where offering profiles have been written"
    )
    reg_s_lock_up_days: Allowance = _figure(
        40, Basis.UNVERIFIED, "Regulation S: distribution compliance period of category 2 debt"
    )
    mainland_routes: Codes = _figure(
        (), Basis.DESIGN, "whether QDII or ODI money may buy is open; off until a text says so"
    )
    wallet_proof: Literal["required", "declared"] = _figure(
        "required",
        Basis.DESIGN,
        "declared believes the investor: an address may be a future contract's",
    )

    # --- structure, settlement and money
    payment_order: Literal["interest_first", "class_by_class"] = _figure(
        "interest_first",
        Basis.DESIGN,
        "both are usual; class_by_class: junior interest, and no reserve, after senior principal",
    )
    commingling_days: Allowance = _figure(
        5, Basis.DESIGN, "how long collections may lie on an account that is not the issuer's"
    )
    settlement: Literal["strict", "lenient"] = _figure(
        "strict", Basis.DESIGN, "lenient lets professional investors settle in an unlicensed coin"
    )
    licensed_coins: Codes = _figure(
        ("FRS01", "FRS02"), Basis.SOURCE, "HKMA licences of 10 April 2026 under Cap 656"
    )
    licences_live_from: Dates = _figure(
        (("FRS01", date(2026, 4, 10)), ("FRS02", date(2026, 7, 1))),
        Basis.UNVERIFIED,
        "launches announced for the second quarter and the second half of 2026",
    )
    deposit_banks: Codes = _figure(
        ("BOCHK", "HASE", "HSBC", "SCB"),
        Basis.UNVERIFIED,
        "recalled as banks of the EnsembleTX pilot; no list was found",
    )
    redemption_days: Allowance = _figure(
        1, Basis.SOURCE, "Cap 656 commentary: par redemption within one business day"
    )

    # --- systems
    infrastructure: Systems = _figure(
        (
            _candidate("ecny-platform", "e-CNY 2.0, digital asset platform", "ONSHORE"),
            _candidate("pujiang", "Shanghai Pujiang Digital Chain", "ONSHORE"),
            _candidate("conflux-espace", "Conflux eSpace", "OFFSHORE", 1030, 71),
            _candidate("hashkey-chain", "HashKey Chain", "OFFSHORE", 177, 133),
        ),
        Basis.UNVERIFIED,
        "named by commentators; the list of specific financial infrastructure is not published",
    )

    origins: Mapping[str, tuple[Basis, str]] = field(default_factory=dict, hash=False)

    def basis_of(self, name: str) -> tuple[Basis, str]:
        """The basis and the source of one figure; `KeyError` if there is none called so."""
        for item in fields(self):
            if item.name == name and item.metadata:
                shipped = item.metadata["basis"], item.metadata["source"]
                return self.origins.get(name, shipped)
        raise KeyError(name)

    def figure(self, name: str) -> dict[str, Any]:
        """One figure as files, findings and answers carry it: JSON values only."""
        basis, source = self.basis_of(name)
        return {"value": plain(getattr(self, name)), "basis": basis.value, "source": source}

    def with_figures(self, stated: Iterable[Figure]) -> Regime:
        """These figures instead of the present ones."""
        new = {each.name: each for each in stated}
        shipped = Regime()
        origins = {**self.origins, **{n: (f.basis, f.source) for n, f in new.items()}}
        return replace(
            self,
            **{name: each.value for name, each in new.items()},
            origins={n: said for n, said in origins.items() if said != shipped.basis_of(n)},
        )


FIGURE_NAMES: tuple[str, ...] = tuple(item.name for item in fields(Regime) if item.metadata)
