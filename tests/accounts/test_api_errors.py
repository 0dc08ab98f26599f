"""A program is answered in JSON, whatever it asks for."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import Client
from rest_framework.exceptions import ValidationError

from accounts.api_errors import INVALID, answer
from clinical.access import FORBIDDEN_PATIENT


@pytest.mark.parametrize("path", ["/api/", "/api/nothing/", "/api/patients/1/", "/api/alerts/x/accept/"])
def test_a_path_that_is_not_there_has_an_answer_in_json(path: str) -> None:
    response = Client().post(path)
    assert (response.status_code, response.json()) == (404, {"detail": FORBIDDEN_PATIENT})


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_a_page() -> None:
    response = Client().get("/nothing/")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_djangos_own_limit_of_a_body_is_said_like_ours() -> None:
    response = answer(RequestDataTooBig(), {})
    assert response is not None
    assert response.status_code == 413


def test_what_is_wrong_with_the_whole_stands_in_the_sentence() -> None:
    for detail, expected in (
        ({"non_field_errors": ["No object."]}, {"detail": "No object."}),
        ({"name": ["One.", "Two."]}, {"detail": INVALID, "errors": {"name": "One. Two."}}),
    ):
        response = answer(ValidationError(detail), {})
        assert response is not None
        assert (response.status_code, response.data) == (400, expected)


def test_what_nobody_has_thought_of_is_left_to_django() -> None:
    assert answer(ZeroDivisionError(), {}) is None
