"""What the description of the API promises holds for whatever is sent, whoever sends it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from accounts.models import User
from clinical.models import Drug, Patient, Ward
from tests.cast import Cast, token_of
from tests.clinical.alarming import newest, raised

EXAMPLES = 6  # an operation and kind of data
HELD = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
FROM = {"wardId": "icu", "bed": "1"}
# What its schema lets pass and no service would: so that some calls succeed.
SOUND = {
    "respiration": 18,
    "spo2": 97,
    "systolic": 120,
    "diastolic": 70,
    "pulse": 80,
    "temperature": 37.5,
    "measuredAt": timezone.now().isoformat(),
    "bornOn": "1960-12-10",
    "familyName": "Byron",
    "givenName": "Ada",
    "reason": "Because.",
    "note": "Because.",
    "until": None,
    "withdrawn": False,
}
PEOPLE = ("doctor", "nurse", "admin", "visitor", "nobody")

pytestmark = [pytest.mark.long, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _transaction_of_the_test() -> Iterator[None]:
    """As Django's own test client does it: a request must not close the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def ids(cast: Cast, patient: Patient, cardio: Ward, drug: Drug) -> dict[str, str]:
    """Things that are there, by the names under which the API takes them."""
    alert = raised(cast.nurse, patient)
    return {
        "patient_id": str(patient.pk),
        "patientId": str(patient.pk),
        "set_id": str(patient.observation_sets.get().pk),
        "alert_id": str(alert.pk),
        "ward_id": "icu",
        "wardId": "icu",
        "ward": "icu",
        "drugName": drug.name,
        "user": "nurse.cardio",
    }


@pytest.mark.parametrize("who", PEOPLE)
def test_no_request_gets_an_answer_that_is_not_described(cast: Cast, ids: dict[str, str], who: str) -> None:
    user: User | None = getattr(cast, who, None)
    headers = {} if user is None else {"Authorization": f"Bearer {token_of(user)}"}
    found: dict[str, str] = {}
    for operation in operations(cast.doctor):
        for mode in GenerationMode:
            try:
                tried(operation, mode, headers, ids)
            except Unsatisfiable:
                continue  # it takes nothing that could be wrong
            except FailureGroup as failures:
                found[f"{mode.value}: {operation.label}"] = "\n".join(map(str, failures.exceptions))
    assert found == {}, "\n\n".join(f"{name}\n{text}" for name, text in found.items())
    assert newest().patient_id is not None


def operations(user: User) -> Iterator[Any]:
    schema: Any = schemathesis.openapi.from_wsgi(
        "/api/schema/",
        get_wsgi_application(),
        headers={"Authorization": f"Bearer {token_of(user)}"},
    )
    return (result.ok() for result in schema.get_all_operations())


def tried(operation: Any, mode: GenerationMode, headers: dict[str, str], ids: dict[str, str]) -> None:
    # A query that nobody reads is no reason to refuse it.
    held = HELD if operation.method == "get" else [*HELD, checks.negative_data_rejection]

    @seed(0)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), sound=booleans())
    def probe(case: Case, sound: bool) -> None:
        if mode is GenerationMode.POSITIVE:
            about(case, ids | (SOUND if sound else {}))
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=held)
            transaction.set_rollback(True)

    probe()


def about(case: Case, ids: dict[str, Any]) -> None:
    """Makes the call one about what is there, or it would go no further than to the look for it."""
    choices = ("decline", "accept")  # of an alert: their reason is one of some words
    if case.operation.path.rstrip("/").endswith(choices):
        ids = {name: value for name, value in ids.items() if name != "reason"}
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in ids.items() if name in part})
            for inner in part.values():
                if isinstance(inner, dict) and "wardId" in inner:
                    inner.update(FROM if part.get("from") is inner else {"wardId": "cardio"})
