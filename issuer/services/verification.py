"""Contracts on a chain beside the committed artifacts: their code, and what they say of each other.

Nothing of a database is asked: whoever is given addresses can see for itself what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.domain.errors import ChainUnavailable, Complaint, InvalidInput
from issuer.onchain.gateway import ARTIFACTS, OnChain

_NAMES = {artifact: name for name, artifact in ARTIFACTS.items()}
_NOTHING = bytes(32)

#: What a contract was told of others when it was created, or since: function -> whose place it names.
_NAMED: Mapping[str, Mapping[str, str]] = {
    "AbsToken": {
        "filingRegistry": "FilingRegistry",
        "investorRegistry": "InvestorRegistry",
        "distributor": "CouponDistributor",
        "settlement": "DvpSettlement",
        "currency": "SettlementCoin",
    },
    "DvpSettlement": {"coin": "SettlementCoin", "filingRegistry": "FilingRegistry"},
    "CouponDistributor": {"coin": "SettlementCoin"},
}
#: What a deal's timelock administers.
_ADMINISTERED = frozenset({*_NAMED, "InvestorRegistry"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contract of this artifact is said to be."""

    artifact: str
    address: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is there. `says` is the contract's own word; `wrong` is empty if all of it is sound."""

    place: Place
    says: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...]


def artifact_of(name: str) -> str:
    """The artifact behind a name of the address book, such as `abs_token:A`; any other name as it is."""
    return ARTIFACTS.get(name.partition(":")[0], name)


def require_known(places: Sequence[Place]) -> None:
    """Refuse a name that no artifact of the service has."""
    unknown = [each.artifact for each in places if each.artifact not in _NAMES]
    if unknown:
        known = ", ".join(sorted(_NAMES))
        complaints = [
            Complaint(name, "artifact.unknown", f"is no contract of a deal: write one of {known}")
            for name in unknown
        ]
        raise InvalidInput("the list of contracts", complaints)


def verify(chain: OnChain, places: Sequence[Place]) -> tuple[Seen, ...]:
    """Each contract by itself, and beside those it names that are among them."""
    require_known(places)
    flaws = {place: _flaw(chain, place) for place in places}
    genuine = [place for place, flaw in flaws.items() if flaw is None]
    seen = []
    for place in places:
        says, wrong = tuple[tuple[str, str], ...](), [flaws[place] or ""]
        if place in genuine:
            says = tuple(_says(chain, place))
            wrong = [*_wrong(chain, place, dict(says), places, genuine)]
        seen.append(Seen(place, says, tuple(wrong)))
    return tuple(seen)


def _flaw(chain: OnChain, place: Place) -> str | None:
    """Why what is there is not this contract; None if it is."""
    try:
        chain.verify(_NAMES[place.artifact], place.address)
    except ChainUnavailable as error:
        if error.error_code != "chain.code_mismatch":
            raise
        return error.message
    return None


def _says(chain: OnChain, place: Place) -> Iterator[tuple[str, str]]:
    for function in _NAMED.get(place.artifact, {}):
        yield function, _ask(chain, place, function)
    if place.artifact == "AbsToken":
        yield "filingId", "0x" + _ask(chain, place, "filingId").hex()
        yield "bundleHash", "0x" + _ask(chain, place, "bundleHash").hex()
    if place.artifact == "DealTimelock":
        yield "getMinDelay", f"{_ask(chain, place, 'getMinDelay')} seconds"


def _wrong(
    chain: OnChain,
    place: Place,
    says: Mapping[str, str],
    places: Sequence[Place],
    genuine: Sequence[Place],
) -> Iterator[str]:
    for function, artifact in _NAMED.get(place.artifact, {}).items():
        given = _given(places, artifact)
        if given and says[function] not in given:
            yield f"its {function} is {says[function]}, which is not the {artifact} of these"
    timelocks = _given(places, "DealTimelock")
    told = timelocks and place.artifact in _ADMINISTERED
    if told and not any(_ask(chain, place, "hasRole", _NOTHING, each) for each in timelocks):
        yield "its admin is not the DealTimelock of these"
    if place.artifact == "AbsToken":
        yield from _filing_differs(chain, says, genuine)


def _filing_differs(
    chain: OnChain, says: Mapping[str, str], genuine: Sequence[Place]
) -> Iterator[str]:
    """The hash of the approved filing is with the token and with the filing register."""
    filing_id = bytes.fromhex(says["filingId"][2:])
    if filing_id == _NOTHING or says["filingRegistry"] not in _given(genuine, "FilingRegistry"):
        return
    register = Place("FilingRegistry", says["filingRegistry"])
    approved = "0x" + _ask(chain, register, "filingOf", filing_id)["bundleHash"].hex()
    if approved != says["bundleHash"]:
        yield f"its bundleHash is {says['bundleHash']}, and the register approved {approved}"


def _given(places: Sequence[Place], artifact: str) -> list[str]:
    return [each.address for each in places if each.artifact == artifact]


def _ask(chain: OnChain, place: Place, function: str, *arguments: Any) -> Any:
    return chain.ask(_NAMES[place.artifact], place.address, function, *arguments)
