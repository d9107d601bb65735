"""What helps, where an act is refused for the state of the filing: not the same in every state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from issuer.domain.lifecycle import FilingState
from issuer.domain.rulebook.rule import CuredOtherwise, Facts

_S = FilingState
_ANEW = "File anew, naming this filing as the one superseded."
_SOLD = "None: the offering is closed, and further units need a filing of their own."
_REPAID = "None: the notes are at their end."

#: What would let go on what a prohibited circumstance has stopped (NEG-07).
TO_CLEAR = (
    "Remove the circumstance and have the filer report it (EV-04); the regulator then clears it, or lifts"
    " the suspension."
)

#: What would let go on what an adverse determination has stopped (NEG-02, NEG-07).
TO_WITHDRAW = "None while the determination stands; the authority alone may withdraw it."

_EITHER = {
    _S.SUSPENDED: "Remove the cause of the suspension, and have the regulator lift it.",
    _S.REVOKED: "None: revocation is final.",
    _S.NOT_ACCEPTED: _ANEW,
    _S.TERMINATED: _ANEW,
    _S.WITHDRAWN: _ANEW,
    _S.MATURED: _REPAID,
    _S.CLOSED: _REPAID,
}
#: What would let units be minted.
TO_MINT: Mapping[FilingState, str] = MappingProxyType(
    {
        **_EITHER,
        _S.EXPIRED: "Have the filer amend the filing with updated materials.",
        _S.FILED: "Have the issuer open the offering.",
        _S.ISSUED_REPORT_DUE: _SOLD,
        _S.ACTIVE: _SOLD,
        _S.EVENT_REPORTED: _SOLD,
    }
)
#: What would let units be transferred.
TO_TRANSFER: Mapping[FilingState, str] = MappingProxyType(
    {
        **_EITHER,
        _S.ISSUED_REPORT_DUE: "Have the filer report the completed issuance (EV-01).",
    }
)


def in_state(state: FilingState, facts: Facts, cures: Mapping[FilingState, str]) -> Facts:
    """The facts, with the cure of this state, if it has one of its own."""
    return CuredOtherwise(cures[state], facts) if state in cures else facts
