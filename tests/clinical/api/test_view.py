"""What the clinical API says of a refusal, whichever service it comes from."""

import pytest
from django.db import IntegrityError
from rest_framework.exceptions import APIException

from clinical import access
from clinical.api.view import refusal, wire_name
from clinical.services.assignments import IN_CHARGE
from clinical.services.observation_input import Conflict, InvalidObservation
from clinical.services.orders import UnknownDrug
from clinical.services.patients import InvalidPatient
from hubs.errors import Forbidden


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Forbidden(access.FORBIDDEN_WARD), 404),
        (Forbidden(access.FORBIDDEN_PATIENT), 404),
        (Forbidden(access.FORBIDDEN_ROLE), 403),
        (Forbidden(IN_CHARGE), 403),
        (InvalidObservation({"pulse": "is wrong."}), 400),
        (InvalidPatient({"born_on": "is wrong."}), 400),
        (InvalidPatient({"bed": "is taken."}), 409),
        (UnknownDrug(), 400),
        (Conflict("Somebody was first."), 409),
        (IntegrityError(), 409),
    ],
)
def test_a_refusal_has_its_status(error: Exception, status: int) -> None:
    found = refusal(error)
    assert isinstance(found, APIException)
    assert found.status_code == status


def test_what_is_not_there_and_what_is_anothers_have_one_text() -> None:
    texts = {str(refusal(Forbidden(text))) for text in (access.FORBIDDEN_WARD, access.FORBIDDEN_PATIENT)}
    assert texts == {"Not found, or not available to you."}


def test_an_error_that_nobody_knows_stays_one() -> None:
    error = ZeroDivisionError()
    assert refusal(error) is error


def test_members_are_named_as_they_are_sent() -> None:
    assert [wire_name(name) for name in ("born_on", "correction_reason", "", "bed")] == [
        "bornOn",
        "reason",
        "",
        "bed",
    ]
