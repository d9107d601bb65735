"""Who may do what: every act has its roles, and nobody does another's part."""

import pytest

from issuer.domain.errors import NotPermitted
from issuer.domain.lifecycle import MOVES, MoveName
from issuer.domain.roles import ANYBODY, PERMISSIONS, Act, Actor, Role, authorise
from issuer.keys import ROLE_ACCOUNTS


def actor(role: Role) -> Actor:
    return Actor(role, f"the {role}")


def test_act_without_a_row_does_not_exist() -> None:
    assert set(PERMISSIONS) == set(Act)
    assert all(PERMISSIONS.values())


def test_role_without_an_act_of_its_own_does_not_exist() -> None:
    for role in Role:
        assert any(role in roles for act, roles in PERMISSIONS.items() if roles != ANYBODY), role


@pytest.mark.parametrize("act", Act)
def test_authorise_an_act_by_each_role_is_what_the_table_says(act: Act) -> None:
    for role in PERMISSIONS[act]:
        authorise(actor(role), act)
    for role in set(Role) - PERMISSIONS[act]:
        with pytest.raises(NotPermitted) as refusal:
            authorise(actor(role), act)
        assert refusal.value.error_code == "role.missing"
        assert refusal.value.facts == {
            "act": act.value,
            "role": role.value,
            "allowed_roles": sorted(PERMISSIONS[act]),
        }


@pytest.mark.parametrize(
    ("role", "act"),
    [
        (Role.FILER, Act.APPROVE_FILING),
        (Role.FILER, Act.CHECK_FORMALITY),
        (Role.FILER, Act.LIFT_SUSPENSION),
        (Role.FILER, Act.ISSUE_UNITS),
        (Role.REGULATOR, Act.SUBMIT_FILING),
        (Role.REGULATOR, Act.ISSUE_UNITS),
        (Role.REGULATOR, Act.DETERMINE_SECURITY),
        (Role.ISSUER, Act.ADMIT_INVESTOR),
        (Role.ISSUER, Act.APPROVE_FILING),
        (Role.ISSUER, Act.DETERMINE_DISTRIBUTION),
        (Role.REGISTRAR, Act.ISSUE_UNITS),
        (Role.REGISTRAR, Act.FREEZE_INVESTOR),
        (Role.REGISTRAR, Act.FORCE_TRANSFER),
        (Role.ENFORCEMENT, Act.ADMIT_INVESTOR),
        (Role.ENFORCEMENT, Act.RECOVER_WALLET),
        (Role.REGULATOR, Act.PAUSE_TRANSFERS),
        (Role.TRUSTEE, Act.PAY_DISTRIBUTION),
        (Role.PAYING_AGENT, Act.DECLARE_DEFAULT),
        (Role.PAYING_AGENT, Act.REPORT_COLLECTIONS),
        (Role.ORACLE, Act.PAY_DISTRIBUTION),
        (Role.INVESTOR, Act.READ_INVESTORS),
        (Role.INVESTOR, Act.READ_MATERIALS),
        (Role.OPERATOR, Act.APPROVE_FILING),
        (Role.OPERATOR, Act.ISSUE_UNITS),
        (Role.OPERATOR, Act.ADMIT_INVESTOR),
        (Role.OPERATOR, Act.FREEZE_INVESTOR),
    ],
)
def test_authorise_another_partys_act_is_refused(role: Role, act: Act) -> None:
    with pytest.raises(NotPermitted, match=f"the role {role} may not"):
        authorise(actor(role), act)


@pytest.mark.parametrize("act", [a for a in Act if not a.startswith("read_")])
def test_authorise_an_auditor_may_note_events_and_change_nothing_else(act: Act) -> None:
    if act in {Act.NOTE_EVENT, Act.ENFORCE_DEADLINES, Act.EXPORT_DEAL}:
        authorise(actor(Role.AUDITOR), act)
    else:
        with pytest.raises(NotPermitted):
            authorise(actor(Role.AUDITOR), act)


def test_authorise_an_overseas_regulator_exports_and_does_nothing_else() -> None:
    own = {act for act in Act if Role.OVERSEAS_REGULATOR in PERMISSIONS[act]}
    assert own == {Act.EXPORT_DEAL}
    assert Role.OVERSEAS_REGULATOR not in ROLE_ACCOUNTS


@pytest.mark.parametrize("role", sorted(ANYBODY))
def test_authorise_anybody_may_point_at_a_deadline(role: Role) -> None:
    authorise(actor(role), Act.ENFORCE_DEADLINES)


@pytest.mark.parametrize(
    ("act", "move"),
    [
        (Act.SUBMIT_FILING, MoveName.SUBMIT),
        (Act.CHECK_FORMALITY, MoveName.ACCEPT),
        (Act.CHECK_FORMALITY, MoveName.NOT_ACCEPT),
        (Act.REQUEST_SUPPLEMENT, MoveName.REQUEST_SUPPLEMENT),
        (Act.ANSWER_SUPPLEMENT, MoveName.ANSWER_SUPPLEMENT),
        (Act.WITHDRAW_FILING, MoveName.WITHDRAW),
        (Act.CONSULT, MoveName.CONSULT),
        (Act.CONSULT, MoveName.CONCLUDE_CONSULTATION),
        (Act.SUSPEND_REVIEW, MoveName.SUSPEND_REVIEW),
        (Act.SUSPEND_REVIEW, MoveName.RESUME_REVIEW),
        (Act.TERMINATE_FILING, MoveName.TERMINATE),
        (Act.AMEND_FILING, MoveName.AMEND),
        (Act.AMEND_FILING, MoveName.CANCEL_AMENDMENT),
        (Act.MATURE_FILING, MoveName.MATURE),
        (Act.CLOSE_FILING, MoveName.CLOSE),
        (Act.APPROVE_FILING, MoveName.APPROVE),
        (Act.OPEN_OFFERING, MoveName.OPEN_OFFERING),
        (Act.CLOSE_OFFERING, MoveName.CLOSE_OFFERING),
        (Act.REPORT_EVENT, MoveName.REPORT_EVENT),
        (Act.REPORT_EVENT, MoveName.REPORT_COMPLETION),
        (Act.CLEAR_EVENT, MoveName.CLEAR_EVENT),
        (Act.SUSPEND_FILING, MoveName.SUSPEND),
        (Act.LIFT_SUSPENSION, MoveName.LIFT),
        (Act.REVOKE_FILING, MoveName.REVOKE),
        (Act.ENFORCE_DEADLINES, MoveName.TIME_OUT_SUPPLEMENT),
        (Act.ENFORCE_DEADLINES, MoveName.EXPIRE),
        (Act.ENFORCE_DEADLINES, MoveName.SUSPEND_OVERDUE),
    ],
)
def test_act_and_the_move_it_makes_are_for_the_same_roles(act: Act, move: MoveName) -> None:
    assert PERMISSIONS[act] == MOVES[move].roles
