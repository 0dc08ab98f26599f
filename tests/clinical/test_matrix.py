"""Every role at every action of every hub, on its own ward, another and none: allowed and refused."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import User
from clinical.models import Drug, Ward
from clinical.services import alerts
from hubs import errors
from hubs.errors import HubError
from hubs.matrix import Row, matrix
from hubs.protocol import json_protocol
from hubs.protocol.messages import Completion, Invocation
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.cast import Cast, token_of
from tests.clinical.places import Place, Target, everybody, is_open, targets

pytestmark = pytest.mark.django_db(transaction=True)

COPY = Path(__file__).resolve().parents[2] / "docs" / "permissions-matrix.md"


class On(Enum):
    """What the rule of an action is about."""

    WARD = "a ward, or something on it"
    TOKEN = "a token"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Case:
    """What the rule of an action is about, and arguments with which a call succeeds that is allowed.

    The function is synchronous, is called once for each call, and may write what the call needs.
    """

    on: On
    arguments: Callable[[Target], list[Any]]


def accepted(target: Target) -> str:
    """An alert that the user owns, where they may."""
    alert = target.alert()
    with suppress(HubError):
        alerts.accept(target.user, UUID(alert))
    return alert


PULSE = {"pulse": 80}
WARD = Case(On.WARD, lambda target: [target.ward])
RESUME = Case(On.WARD, lambda target: [target.ward, 1, 0])
REFRESH = Case(On.TOKEN, lambda target: [token_of(target.user)])
CASES = {
    "ClinicalDashboardHub": {
        "SubscribeToWard": WARD,
        "ResumeWard": RESUME,
        "UnsubscribeFromWard": Case(On.NOTHING, lambda target: [target.ward]),
        "OrderMedication": Case(On.WARD, lambda target: [target.patient(), "Paracetamol"]),
        "RecordObservation": Case(On.WARD, lambda target: [target.patient(), PULSE]),
        "CorrectObservation": Case(On.WARD, lambda target: [target.observation(), PULSE, "Misread."]),
        "AcceptAlert": Case(On.WARD, lambda target: [target.alert()]),
        "DeclineAlert": Case(On.WARD, lambda target: [target.alert(), "busy"]),
        "StartAlertReview": Case(On.WARD, lambda target: [accepted(target)]),
        "ResolveAlert": Case(On.WARD, lambda target: [accepted(target), "treated"]),
        "RefreshAuthentication": REFRESH,
    },
    "WallDisplayHub": {"SubscribeToWard": WARD, "ResumeWard": RESUME, "RefreshAuthentication": REFRESH},
}

ADD = (
    "{} of {} is in no table: add it to CASES in tests/clinical/test_matrix.py, with what its rule is about "
    "and arguments that succeed for whoever may call it; then print docs/permissions-matrix.md anew by "
    "`manage.py hubs matrix --format markdown`."
)


@pytest.fixture
async def hubs_rows(settings: Settings) -> dict[str, dict[str | None, Row]]:
    """The rows of each hub by their action, None for connecting."""
    # The walk calls faster than any person does.
    settings.HUBS = {**settings.HUBS, "RATE_LIMITS": {}}
    rows = await matrix()
    return {hub: {row.action: row for row in of_hub} for hub, of_hub in groupby(rows, lambda row: row.hub)}


async def test_AZ_2_every_action_is_in_the_walk(hubs_rows: dict[str, dict[str | None, Row]]) -> None:
    for hub, rows in hubs_rows.items():
        for action in filter(None, rows):
            assert action in CASES.get(hub, {}), ADD.format(action, hub)
        assert set(CASES[hub]) == set(filter(None, rows))


async def test_AZ_2_each_rule_stands_in_the_matrix(hubs_rows: dict[str, dict[str | None, Row]]) -> None:
    for hub, rows in hubs_rows.items():
        for name, case in CASES[hub].items():
            assert bool(rows[name].resource) == (case.on is not On.NOTHING), (
                f"{name} of {hub} is on {case.on.value}: say so by `resource` on its permission class or in "
                "@action(...), or say in CASES that it is on nothing."
            )


@pytest.mark.parametrize("who", everybody())
async def test_AZ_2_each_role_may_do_what_the_matrix_says_and_nothing_else(
    cast: Cast, hubs_rows: dict[str, dict[str | None, Row]], icu: Ward, cardio: Ward, drug: Drug, who: str
) -> None:
    user = await sync_to_async(everybody()[who])(cast)
    for hub, rows in hubs_rows.items():
        client = connected(user, rows[None].path)
        if not (user.is_active and rows[None].allowed[user.role]):
            with pytest.raises(UpgradeRefused) as refused:
                await client.connect()
            assert (refused.value.status, refused.value.text) == (403 if user.is_active else 401, "")
            continue
        async with client:
            walk = [
                (rows[name], case, target, is_allowed(rows[name], case, user, place))
                for name, case in CASES[hub].items()
                for place, target in targets(user, cast).items()
            ]
            # First what is refused: until then nothing is followed, and nothing comes but answers.
            await all_refused(client, user, (each[:3] for each in walk if not each[3]))
            for row, case, target, _ in (each for each in walk if each[3]):
                assert (await answer(client, row, case, target)).error is None, (row.action, target)


async def all_refused(client: HubCommunicator, user: User, calls: Iterable[tuple[Row, Case, Target]]) -> None:
    """A stranger learns nothing from a refusal, byte for byte: not even whether a thing is there."""
    for row, same in groupby(calls, lambda call: call[0]):
        answers = [await answer(client, row, case, target) for _, case, target in same]
        assert all(each.error for each in answers), row.action
        assert len({json_protocol.encode(each) for each in answers}) == 1, row.action
        if not row.allowed[user.role]:
            assert answers[0].error == errors.unauthorized(row.action or "")
    assert client.output_queue.empty()


async def answer(client: HubCommunicator, row: Row, case: Case, target: Target) -> Completion:
    arguments = await sync_to_async(case.arguments)(target)
    await client.send_message(Invocation(row.action or "", arguments, "same"))
    completion: Completion = await client.receive_message(Completion)
    return completion


def is_allowed(row: Row, case: Case, user: User, place: Place) -> bool:
    return row.allowed[user.role] and (case.on is not On.WARD or is_open(user, place))


def connected(user: User, path: str) -> HubCommunicator:
    application: Any = get_default_application()
    headers = [(b"authorization", f"Bearer {token_of(user)}".encode())]
    return HubCommunicator(application, headers=headers, path=path)


def test_AZ_2_the_committed_matrix_is_the_one_of_the_code() -> None:
    printed = StringIO()
    call_command("hubs", "matrix", "--format", "markdown", stdout=printed)
    assert COPY.read_text(encoding="utf-8") == printed.getvalue(), (
        "Print it anew: manage.py hubs matrix --format markdown > docs/permissions-matrix.md"
    )
