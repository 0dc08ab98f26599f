"""Who works on a ward, over HTTP: for its nurse in charge, and for admins."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clinical.models import Assignment, Patient
from tests.cast import Cast
from tests.clinical.api.conftest import Call
from tests.clinical.api.test_stays import put_in_charge

ASSIGNMENTS = "/api/wards/icu/assignments/"


def shift(**changes: Any) -> dict[str, Any]:
    ends_at = (timezone.now() + timedelta(hours=8)).isoformat()
    return {"user": "nurse.cardio", "kind": "shift", "endsAt": ends_at, "reason": "Two are ill."} | changes


def test_an_assignment_opens_the_ward_until_it_is_ended(cast: Cast, patient: Patient, call: Call) -> None:
    put_in_charge(cast.nurse, cast.admin)
    made = call(cast.nurse, ASSIGNMENTS, shift())
    assert made.status_code == 201, made.content
    assert made.json() in call(cast.nurse, ASSIGNMENTS).json()
    assert call(cast.nurse_of_another_ward, "/api/wards/icu/board/").status_code == 200
    end = f"/api/assignments/{made.json()['id']}/end/"
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert call(cast.nurse, end, {"endsAt": later}).status_code == 200
    assert call(cast.nurse, end, {"endsAt": later}).status_code == 400
    assert call(cast.nurse, end, {}).json()["revokedAt"]
    assert call(cast.nurse_of_another_ward, "/api/wards/icu/board/").status_code == 404


def test_IN_4_an_assignment_that_is_sent_again_is_one(cast: Cast, patient: Patient, call: Call) -> None:
    key, body = str(uuid.uuid4()), shift()
    answers = [call(cast.admin, ASSIGNMENTS, body, key=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert Assignment.objects.count() == 1
    assert call(cast.admin, ASSIGNMENTS, shift(kind="on-call"), key=key).status_code == 409
    assert call(cast.admin, ASSIGNMENTS, shift()).status_code == 409  # it overlaps


def test_what_cannot_be_assigned_is_refused_by_name(cast: Cast, patient: Patient, call: Call) -> None:
    for changes, member in (
        ({"user": "nobody"}, "user"),
        ({"user": "visitor"}, "user"),
        ({"endsAt": None}, "endsAt"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, "endsAt"),
        ({"beginsAt": "2020-01-01T00:00:00Z"}, "beginsAt"),
        ({"beginsAt": "2030-01-01T00:00:00"}, "beginsAt"),
        ({"reason": " "}, "reason"),
        ({"inCharge": True, "user": "doctor.cardio"}, "inCharge"),
    ):
        response = call(cast.admin, ASSIGNMENTS, shift(**changes))
        assert (response.status_code, list(response.json()["errors"])) == (400, [member]), response.content
    for changes in ({"endsAt": "9999-12-31T23:59:59-23:59"}, {"kind": "boss"}, {"user": ""}):
        assert call(cast.admin, ASSIGNMENTS, shift(**changes)).status_code == 400
    assert not Assignment.objects.exists()


def test_who_is_not_in_charge_neither_reads_nor_assigns(cast: Cast, patient: Patient, call: Call) -> None:
    for user, status in ((cast.nurse, 403), (cast.doctor, 403), (cast.nurse_of_another_ward, 404)):
        assert call(user, ASSIGNMENTS).status_code == status
        assert call(user, ASSIGNMENTS, shift()).status_code == status
    put_in_charge(cast.nurse, cast.admin)
    (own,) = Assignment.objects.all()
    # Who is in charge is for administrators to say.
    assert call(cast.nurse, f"/api/assignments/{own.pk}/end/", {}).status_code == 403
    assert call(cast.nurse, ASSIGNMENTS, shift(inCharge=True)).status_code == 400
