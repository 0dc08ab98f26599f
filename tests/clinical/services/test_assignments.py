"""Who may say who works on a ward, what cannot be said, and what the authority hears of it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, User
from clinical import access
from clinical.models import Assignment, Ward
from clinical.services import assignments
from clinical.services.assignments import InvalidAssignment, assign, revoke, shorten
from hubs.models import FeedEvent
from tests.cast import Cast, hire

HOUR = timedelta(hours=1)


def wanted(user: User, ward: Ward, **changes: Any) -> Assignment:
    now = timezone.now()
    given = {"kind": "shift", "begins_at": now, "ends_at": now + 8 * HOUR, "reason": "sickness"}
    return Assignment(user=user, ward=ward, **(given | changes))


def put_in_charge(user: User, ward: Ward, by: User) -> Assignment:
    return assign(by, wanted(user, ward, kind="home", ends_at=None, in_charge=True))


@pytest.fixture
def charge_nurse(cast: Cast, icu: Ward) -> User:
    put_in_charge(cast.nurse, icu, cast.admin)
    return cast.nurse


def heard() -> list[str]:
    """Whose rights have changed, as the authority tells the workers."""
    events = FeedEvent.objects.filter(feed__name="authority").order_by("seq")
    return [msgspec.json.decode(event.payload)["user"] for event in events]


def test_the_nurse_in_charge_opens_the_ward_to_somebody_of_another_until_then(
    cast: Cast, icu: Ward, charge_nurse: User
) -> None:
    helper = cast.nurse_of_another_ward
    given = assign(charge_nurse, wanted(helper, icu))
    assert (given.granted_by, given.reason) == (charge_nurse, "sickness")
    assert access.require_ward(helper, "icu") == given.ends_at
    assert heard()[-1] == str(helper.pk)


def test_an_admin_assigns_to_every_ward(cast: Cast, icu: Ward) -> None:
    assert assign(cast.admin, wanted(cast.doctor_of_another_ward, icu)).granted_by == cast.admin


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ("nurse", access.FORBIDDEN_ROLE),
        ("doctor", access.FORBIDDEN_ROLE),
        ("pharmacist", access.FORBIDDEN_ROLE),
        ("doctor_of_another_ward", access.FORBIDDEN_WARD),
        ("visitor", access.FORBIDDEN_WARD),
        ("deactivated", access.FORBIDDEN_WARD),
    ],
)
def test_nobody_else_assigns(cast: Cast, icu: Ward, who: str, text: str) -> None:
    with pytest.raises(access.Forbidden) as caught:
        assign(getattr(cast, who), wanted(cast.nurse_of_another_ward, icu))
    assert str(caught.value) == text
    assert not Assignment.objects.exists()


def test_the_nurse_in_charge_of_another_ward_assigns_nobody_here(cast: Cast, icu: Ward, cardio: Ward) -> None:
    put_in_charge(cast.nurse_of_another_ward, cardio, cast.admin)
    with pytest.raises(access.Forbidden, match="matching department"):
        assign(cast.nurse_of_another_ward, wanted(cast.doctor_of_another_ward, icu))
    assign(cast.admin, wanted(cast.nurse_of_another_ward, icu))
    with pytest.raises(access.Forbidden, match="role"):
        assign(cast.nurse_of_another_ward, wanted(cast.doctor_of_another_ward, icu))


Change = Callable[[Cast], dict[str, Any]]
NOW = timezone.now()
WRONG: dict[str, tuple[Change, str, str]] = {
    "oneself": (lambda cast: {"user": cast.nurse}, "user", "Nobody assigns themselves."),
    "a visitor": (lambda cast: {"user": cast.visitor}, "user", "Only doctors, nurses and pharmacists"),
    "an admin": (lambda cast: {"user": cast.admin}, "user", "Only doctors, nurses and pharmacists"),
    "somebody who has left": (lambda cast: {"user": cast.deactivated}, "user", "an active login"),
    "one's own people": (lambda cast: {"user": cast.doctor}, "user", "Works on this ward already."),
    "in charge": (lambda cast: {"in_charge": True}, "in_charge", "Only an administrator"),
    "until before from": (
        lambda cast: {"begins_at": timezone.now() + 2 * HOUR, "ends_at": timezone.now() + HOUR},
        "ends_at",
        "Must be after the begin.",
    ),
    "over already": (lambda cast: {"ends_at": timezone.now()}, "ends_at", "Must be in the future."),
    "from yesterday": (lambda cast: {"begins_at": NOW - 24 * HOUR}, "begins_at", "Must not be in the past"),
    "without an end": (lambda cast: {"ends_at": None}, "ends_at", "Only a home has no end."),
    "far too long": (
        lambda cast: {"ends_at": timezone.now() + timedelta(days=100)},
        "ends_at",
        "Must be within 92 days",
    ),
    "without a time zone": (lambda cast: {"begins_at": NOW.replace(tzinfo=None)}, "begins_at", "time zone"),
    "without a reason": (lambda cast: {"reason": "  "}, "reason", "Say why."),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_by_name(cast: Cast, icu: Ward, charge_nurse: User, case: str) -> None:
    change, field, text = WRONG[case]
    before = heard()
    given: dict[str, Any] = {"user": cast.nurse_of_another_ward, "ward": icu}
    with pytest.raises(InvalidAssignment) as caught:
        assign(charge_nurse, wanted(**(given | change(cast))))
    assert text in caught.value.errors[field]
    assert heard() == before


def test_only_nurses_are_in_charge(cast: Cast, icu: Ward) -> None:
    with pytest.raises(InvalidAssignment, match="Only a nurse"):
        put_in_charge(cast.doctor, icu, cast.admin)
    assert not access.is_in_charge(cast.nurse, "icu")
    put_in_charge(cast.nurse, icu, cast.admin)
    assert access.is_in_charge(cast.nurse, "icu")
    cast.nurse.role = Role.DOCTOR
    assert not access.is_in_charge(cast.nurse, "icu")


def test_assignments_of_one_person_to_one_ward_do_not_overlap(
    cast: Cast, icu: Ward, charge_nurse: User
) -> None:
    helper = cast.nurse_of_another_ward
    first = assign(charge_nurse, wanted(helper, icu))
    for changes in ({}, {"kind": "home", "ends_at": None}, {"ends_at": first.begins_at + HOUR}):
        with pytest.raises(InvalidAssignment, match="Is assigned to this ward already, from"):
            assign(charge_nurse, wanted(helper, icu, **changes))
    # One that begins when the other ends is the way to prolong it.
    following = assign(
        charge_nurse,
        wanted(helper, icu, begins_at=first.ends_at, ends_at=first.ends_at + HOUR),  # type: ignore[operator]  # has an end
    )
    assert access.require_ward(helper, "icu") == first.ends_at
    revoke(charge_nurse, following.pk)
    revoke(charge_nurse, first.pk)
    assert assign(charge_nurse, wanted(helper, icu)).revoked_at is None


def test_a_form_sent_twice_assigns_once(cast: Cast, icu: Ward, charge_nurse: User) -> None:
    key, now = uuid.uuid4(), timezone.now()
    sent = {"id": key, "begins_at": now, "ends_at": now + HOUR}
    assert assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu, **sent)).pk == key
    assert assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu, **sent)).pk == key
    assert Assignment.objects.filter(user=cast.nurse_of_another_ward).count() == 1
    with pytest.raises(InvalidAssignment, match="used already"):
        assign(charge_nurse, wanted(cast.doctor_of_another_ward, icu, **sent))


def test_an_assignment_is_shortened_and_never_prolonged(cast: Cast, icu: Ward, charge_nurse: User) -> None:
    given = assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu))
    end = timezone.now() + HOUR
    shorten(charge_nurse, given.pk, end)
    assert access.require_ward(cast.nurse_of_another_ward, "icu") == end
    assert heard()[-2:] == [str(cast.nurse_of_another_ward.pk)] * 2
    for wrong in (end, end + HOUR, timezone.now() - HOUR, None, end.replace(tzinfo=None)):
        with pytest.raises(InvalidAssignment):
            shorten(charge_nurse, given.pk, wrong)


def test_a_revoked_assignment_opens_nothing_and_stays_written_down(
    cast: Cast, icu: Ward, charge_nurse: User
) -> None:
    given = assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu))
    before = len(heard())
    first = revoke(charge_nurse, given.pk)
    again = revoke(charge_nurse, given.pk)
    assert first.revoked_at == again.revoked_at
    assert again.revoked_by == charge_nurse
    assert len(heard()) == before + 1
    assert not access.may_see(cast.nurse_of_another_ward, "icu")
    with pytest.raises(InvalidAssignment):
        shorten(charge_nurse, given.pk, timezone.now() + HOUR)


def test_others_end_nothing_and_learn_nothing(
    cast: Cast, icu: Ward, cardio: Ward, charge_nurse: User
) -> None:
    given = assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu))
    put_in_charge(cast.nurse_of_another_ward, cardio, cast.admin)
    stranger = hire("nurse.surgery", Role.NURSE, "surgery")
    texts = set()
    for assignment_id in (given.pk, uuid.uuid4()):
        with pytest.raises(access.Forbidden) as caught:
            revoke(stranger, assignment_id)
        texts.add(str(caught.value))
    assert texts == {access.FORBIDDEN_PATIENT}
    for user in (cast.doctor, cast.nurse_of_another_ward):
        with pytest.raises(access.Forbidden, match="role"):
            revoke(user, given.pk)
    with pytest.raises(access.Forbidden, match="administrator"):
        revoke(charge_nurse, charge_nurse.assignments.get().pk)


def test_a_page_lists_those_in_force_and_those_to_come(cast: Cast, icu: Ward, charge_nurse: User) -> None:
    over = wanted(cast.doctor_of_another_ward, icu, begins_at=NOW - 2 * HOUR, ends_at=NOW - HOUR)
    over.granted_by = charge_nurse
    over.save()
    tomorrow = NOW + 24 * HOUR
    later = assign(
        charge_nurse,
        wanted(cast.nurse_of_another_ward, icu, begins_at=tomorrow, ends_at=tomorrow + HOUR),
    )
    listed = list(assignments.of_ward(icu))
    assert [each.user for each in listed] == [charge_nurse, cast.nurse_of_another_ward]
    assert not later.is_in_force(timezone.now())
    assert later.is_in_force(tomorrow)
    candidates = set(assignments.candidates(icu))
    assert candidates == {cast.nurse_of_another_ward, cast.doctor_of_another_ward}


def test_every_way_to_change_a_row_is_heard_in_the_same_transaction(
    cast: Cast, icu: Ward, charge_nurse: User
) -> None:
    helper, other = cast.nurse_of_another_ward, cast.doctor_of_another_ward
    given = assign(charge_nurse, wanted(helper, icu))
    rows = Assignment.objects.filter(pk=given.pk)

    def change_owner() -> None:
        given.user = other
        given.save()

    bulk = wanted(helper, icu)
    bulk.granted_by = charge_nurse
    changes: list[tuple[Callable[[], object], set[User]]] = [
        (given.save, {helper}),
        (change_owner, {helper, other}),
        (lambda: rows.update(ends_at=NOW + HOUR), {other}),
        (lambda: rows.update(user=helper), {helper, other}),
        (lambda: helper.assignments.update(reason="another"), {helper}),
        (lambda: Assignment.objects.bulk_update([given], ["reason"]), {helper}),
        (lambda: Assignment.objects.bulk_create([bulk]), {helper}),
        (lambda: Assignment.objects.filter(pk=bulk.pk).delete(), {helper}),
        (Assignment.objects.get(pk=given.pk).delete, {helper}),
        (lambda: rows.update(reason="nobody's"), set()),
    ]
    for change, expected in changes:
        before = len(heard())
        change()
        assert set(heard()[before:]) == {str(user.pk) for user in expected}
        assert len(heard()) == before + len(expected)


def test_what_is_taken_back_is_not_heard(cast: Cast, icu: Ward, charge_nurse: User) -> None:
    before = heard()
    with transaction.atomic():
        assign(charge_nurse, wanted(cast.nurse_of_another_ward, icu))
        transaction.set_rollback(True)
    assert heard() == before


def test_the_database_itself_holds_the_order_of_times(cast: Cast, icu: Ward) -> None:
    for changes in ({"ends_at": NOW - HOUR}, {"ends_at": None}):
        row = wanted(cast.nurse_of_another_ward, icu, **({"begins_at": NOW} | changes))
        row.granted_by = cast.admin
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
