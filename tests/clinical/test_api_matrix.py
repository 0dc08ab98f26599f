"""Every role at every view of the API with every method, on its own ward, another and none."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.api_permissions import api_views
from accounts.models import LoginSession, Role, User
from clinical.models import Ward
from tests.cast import PASSWORD, Cast, token_of
from tests.clinical.api.bodies import (
    Body,
    admission,
    assignments_of,
    bed,
    beds,
    end_of_assignment,
    end_of_decision,
    end_of_flag,
    end_of_frequency,
    frequency,
    move,
    order,
    swap,
)
from tests.clinical.places import Place, Target, everybody, is_open, targets
from tests.clinical.test_matrix import accepted

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
STAFF = frozenset({Role.DOCTOR, Role.NURSE, Role.PHARMACIST, Role.ADMIN})
RESPONDERS = frozenset({Role.DOCTOR, Role.NURSE})
IN_CHARGE = frozenset({Role.NURSE, Role.ADMIN})
DOCTORS = frozenset({Role.DOCTOR})
EVERYBODY = frozenset(Role)
# Those whom somebody else of the walk resembles but for the ward, or for what a wall shows.
TWINS = ("nurse_of_another_ward", "doctor_of_another_ward", "WallInitials")
NOBODY: frozenset[Role] = frozenset()

Methods = dict[str, Callable[[Target], tuple[str, Body]]]


@dataclass(frozen=True)
class Case:
    """One path of the API: who gets past its permission classes, and what its methods take.

    The functions are called once for each call and may write what it needs: address and body, for a method
    that succeeds if it is allowed.
    """

    roles: frozenset[Role]
    methods: Methods = field(default_factory=dict)
    # Whether it is about something on a ward, and the status when that is not the user's, or not there.
    on_a_ward: bool = False
    elsewhere: int = 404
    # Of somebody with a good token who does not get past its classes.
    refused: int = 403
    needs_token: bool = True


def about(path: str, body: Callable[[Target], Body] = lambda target: None) -> Any:
    return lambda target: (path, body(target))


def step(name: str, alert: Callable[[Target], str] = Target.alert, **body: str) -> Case:
    methods: Methods = {"POST": lambda target: (f"/api/alerts/{alert(target)}/{name}/", body)}
    return Case(RESPONDERS, methods, on_a_ward=True)


def password(target: Target) -> Body:
    return {"username": target.user.username, "password": PASSWORD}


def refresh_token(target: Target) -> Body:
    """Of another login, which the call may end; no door would begin one for somebody deactivated."""
    now = timezone.now()
    login = LoginSession.objects.create(user=target.user, expires_at=now + tokens.RefreshToken.lifetime)
    return {"refresh": tokens.refresh_for(login)}


def read(path: str, *, on_a_ward: bool = False) -> Case:
    """`{ward}` and `{patient}` in the path are those of the target."""
    methods: Methods = dict.fromkeys(
        ("GET", "HEAD"),
        lambda target: (path.format(ward=target.ward, patient=target.patient()), None),
    )
    return Case(STAFF, methods, on_a_ward=on_a_ward)


def write(path: str, roles: frozenset[Role], body: Callable[[Target], Body]) -> Case:
    return Case(roles, {"POST": lambda target: (path, body(target))}, on_a_ward=True)


def open_to_all(**methods: Any) -> Case:
    return Case(EVERYBODY, methods, needs_token=False)


# Opened by a Django login and its CSRF token, never by a bearer token: tests/accounts/test_session_views.py.
BY_SESSION = Case(NOBODY, refused=401)
CASES = {
    "api/schema/": Case(EVERYBODY, dict.fromkeys(("GET", "HEAD"), about("/api/schema/"))),
    "api/wards/": read("/api/wards/"),
    "api/wards/<str:ward_id>/board/": read("/api/wards/{ward}/board/", on_a_ward=True),
    "api/wards/<str:ward_id>/assignments/": Case(
        IN_CHARGE, dict.fromkeys(("GET", "HEAD", "POST"), assignments_of), on_a_ward=True
    ),
    "api/assignments/<uuid:assignment_id>/end/": Case(IN_CHARGE, {"POST": end_of_assignment}, on_a_ward=True),
    "api/patients/": read("/api/patients/"),
    "api/patients/<uuid:patient_id>/": read("/api/patients/{patient}/", on_a_ward=True),
    "api/patients/<uuid:patient_id>/observations/": read(
        "/api/patients/{patient}/observations/", on_a_ward=True
    ),
    "api/patients/<uuid:patient_id>/movements/": read("/api/patients/{patient}/movements/", on_a_ward=True),
    "api/patients/<uuid:patient_id>/scoring/": read("/api/patients/{patient}/scoring/", on_a_ward=True),
    "api/admissions/": write("/api/admissions/", RESPONDERS, admission),
    "api/transfers/": write(
        "/api/transfers/", RESPONDERS, lambda target: move(target) | {"to": {"wardId": "icu", "bed": bed()}}
    ),
    "api/swaps/": write("/api/swaps/", frozenset({Role.NURSE}), swap),
    "api/discharges/": write("/api/discharges/", RESPONDERS, move),
    "api/scoring/": write(
        "/api/scoring/",
        DOCTORS,
        lambda target: {"patientId": target.patient(), "kind": "pregnant", "reason": "Test positive."},
    ),
    "api/scoring/<uuid:decision_id>/revoke/": Case(DOCTORS, {"POST": end_of_decision}, on_a_ward=True),
    "api/frequencies/": write("/api/frequencies/", RESPONDERS, frequency),
    "api/frequencies/<uuid:decision_id>/revoke/": Case(
        RESPONDERS, {"POST": end_of_frequency}, on_a_ward=True
    ),
    "api/patients/<uuid:patient_id>/flags/": read("/api/patients/{patient}/flags/", on_a_ward=True),
    "api/flags/": write(
        "/api/flags/", RESPONDERS, lambda target: {"patientId": target.patient(), "kind": "falls"}
    ),
    "api/flags/<uuid:flag_id>/clear/": Case(RESPONDERS, {"POST": end_of_flag}, on_a_ward=True),
    "api/wards/<str:ward_id>/nurses/": Case(
        IN_CHARGE,
        {"POST": lambda target: (f"/api/wards/{target.ward}/nurses/", beds(target))},
        on_a_ward=True,
    ),
    "api/wards/<str:ward_id>/nurses/release/": Case(
        IN_CHARGE,
        {"POST": lambda target: (f"/api/wards/{target.ward}/nurses/release/", {"beds": ["1"]})},
        on_a_ward=True,
    ),
    "api/orders/": write("/api/orders/", DOCTORS, order),
    "api/observations/": Case(
        RESPONDERS,
        {"POST": lambda target: ("/api/observations/", {"patientId": target.patient(), "pulse": 80})},
        on_a_ward=True,
    ),
    "api/observations/<uuid:set_id>/corrections/": Case(
        RESPONDERS,
        {
            "POST": lambda target: (
                f"/api/observations/{target.observation()}/corrections/",
                {"reason": "Misread.", "pulse": 80},
            )
        },
        on_a_ward=True,
    ),
    "api/alerts/": Case(
        STAFF,
        dict.fromkeys(("GET", "HEAD"), lambda target: (f"/api/alerts/?ward={target.ward}", None)),
        on_a_ward=True,
    ),
    "api/alerts/<uuid:alert_id>/accept/": step("accept"),
    "api/alerts/<uuid:alert_id>/decline/": step("decline", reason="busy"),
    "api/alerts/<uuid:alert_id>/review/": step("review", accepted),
    "api/alerts/<uuid:alert_id>/resolve/": step("resolve", accepted, outcome="treated"),
    "api/token/": open_to_all(POST=about("/api/token/", password)),
    "api/token/refresh/": open_to_all(POST=about("/api/token/refresh/", refresh_token)),
    "api/token/revoke/": open_to_all(POST=about("/api/token/revoke/", refresh_token)),
    "api/session/": open_to_all(GET=about("/api/session/"), HEAD=about("/api/session/")),
    "api/token/session/": BY_SESSION,
    "api/session/activity/": BY_SESSION,
    "api/session/lock/": BY_SESSION,
    "api/session/unlock/": BY_SESSION,
}

ADD = (
    "The API has a view at {} that is in no table: add it to CASES in tests/clinical/test_api_matrix.py, "
    "with the roles that get past its permission classes and what its methods take."
)


def test_AZ_2_every_view_is_in_the_walk() -> None:
    paths = {path for path, _, _ in api_views()}
    for path in paths:
        assert path in CASES, ADD.format(path)
    assert set(CASES) == paths


@pytest.mark.parametrize(
    "who", [pytest.param(who, marks=pytest.mark.long if who in TWINS else ()) for who in everybody()]
)
def test_AZ_2_each_role_may_do_at_the_api_what_its_view_says(
    client: Client, cast: Cast, icu: Ward, cardio: Ward, who: str
) -> None:
    user = everybody()[who](cast)
    for path, case in CASES.items():
        for method in METHODS:
            strange = []
            for place, target in targets(user, cast).items():
                if place is not Place.OWN and not asks_where(case, method, user):
                    continue
                status, answer = call(client, path, case, method, target, token_of(user))
                assert_status(case, method, user, place, status, f"{method} {path} {place}")
                if place is not Place.OWN and status >= 400:
                    strange.append(answer)
            assert len(set(strange)) <= 1, f"{method} {path}"


def asks_where(case: Case, method: str, user: User) -> bool:
    """Whether the answer could depend on the ward at all; HEAD is GET without its body."""
    return method in case.methods and method != "HEAD" and user.role in case.roles and user.is_active


def assert_status(case: Case, method: str, user: User, place: Place, status: int, what: str) -> None:
    if case.needs_token and not user.is_active:
        assert status == 401, what
    elif user.role not in case.roles:
        assert status == case.refused, what
    elif method not in case.methods:
        assert status == 405, what
    elif case.on_a_ward and not is_open(user, place):
        assert status == case.elsewhere, what
    elif user.is_active:
        assert 200 <= status < 300, f"{what}: {status}"


def test_AZ_2_without_a_good_token_the_api_says_nothing(
    client: Client, cast: Cast, icu: Ward, cardio: Ward
) -> None:
    target = targets(cast.nurse, cast)[Place.OWN]
    for path, case in CASES.items():
        for method in METHODS:
            for token in (None, "forged"):
                status, _ = call(client, path, case, method, target, token)
                # A view for everybody does not look at the token: an old one must not keep anybody out.
                if case.needs_token:
                    assert status == 401, (path, method)
                else:
                    assert status < 300 or (status == 405 and method not in case.methods), (path, method)


def call(
    client: Client, path: str, case: Case, method: str, target: Target, token: str | None
) -> tuple[int, bytes]:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
    address, body = case.methods.get(method, about(example(path)))(target)
    content = b"" if method in ("GET", "HEAD", "DELETE") else json.dumps(body).encode()
    answer = client.generic(method, address, content, "application/json", headers=headers)
    return answer.status_code, answer.content


def example(path: str) -> str:
    """An address that leads to the view."""
    unknown = "00000000-0000-0000-0000-000000000000"
    return "/" + re.sub(r"<uuid:\w+>", unknown, path).replace("<str:ward_id>", "icu")
