"""Things of a user's own ward, of another, and such as are not there, for the walks through all rights."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import Enum
from functools import partial
from operator import attrgetter

from django.utils import timezone

from accounts.models import WALL_DISPLAYS, Role, User
from clinical.models import Assignment, Patient, Ward
from tests.cast import Cast, hire
from tests.clinical.alarming import raised
from tests.clinical.conftest import admitted

WARDS = ("icu", "cardio")
BEDS = itertools.count(100)
ON_CALL = "nurse.on.call"


class Place(Enum):
    OWN = "own ward"
    OTHER = "another ward"
    UNKNOWN = "no ward"


@dataclass(frozen=True)
class Target:
    """What a call of the user names; `nurse` works on that ward, None where there is none."""

    user: User
    ward: str
    nurse: User | None

    def patient(self) -> str:
        return str(uuid.uuid4()) if (found := self._patient()) is None else str(found.pk)

    def observation(self) -> str:
        """A set of a new patient."""
        if (found := self._patient()) is None or self.nurse is None:
            return str(uuid.uuid4())
        raised(self.nurse, found)
        return str(found.observation_sets.get().pk)

    def alert(self) -> str:
        """An open one, of a new patient, that nobody has accepted."""
        if (found := self._patient()) is None or self.nurse is None:
            return str(uuid.uuid4())
        return str(raised(self.nurse, found).pk)

    def _patient(self) -> Patient | None:
        ward = Ward.objects.filter(pk=self.ward).first()
        return None if ward is None else admitted(ward, str(next(BEDS)))


def targets(user: User, cast: Cast) -> dict[Place, Target]:
    own = user.department or WARDS[0]
    other = next(ward for ward in WARDS if ward != own)
    nurses = {"icu": cast.nurse, "cardio": cast.nurse_of_another_ward}
    return {
        Place.OWN: Target(user, own, nurses[own]),
        Place.OTHER: Target(user, other, nurses[other]),
        Place.UNKNOWN: Target(user, "nowhere", None),
    }


def is_open(user: User, place: Place) -> bool:
    """Whether somebody sees what is there: by department, by an assignment, or as an admin."""
    return place is Place.OWN or (
        place is Place.OTHER and (user.role == Role.ADMIN or "on.call" in user.username)
    )


def everybody() -> dict[str, Callable[[Cast], User]]:
    """Who walks: one of every role, some of another ward, one who is on call elsewhere, and former staff."""
    cast = {each.name: attrgetter(each.name) for each in fields(Cast)}
    displays = {role.value: partial(_display, role) for role in sorted(WALL_DISPLAYS)}
    return {**cast, "on_call": _on_call, **displays}


def _on_call(cast: Cast) -> User:
    """Of one ward by department, of the other by an assignment."""
    user = hire(ON_CALL, Role.NURSE, "cardio")
    Assignment.objects.create(
        user=user,
        ward_id="icu",
        kind=Assignment.Kind.ON_CALL,
        ends_at=timezone.now() + timedelta(hours=1),
        granted_by=cast.admin,
    )
    return user


def _display(role: Role, cast: Cast) -> User:
    return hire(f"display.{role.value}", role, "icu")
