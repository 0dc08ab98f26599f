"""Whom a story is told of: somebody of the ward who is well, somebody who comes, or the ward's staff."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import date
from random import Random
from typing import NamedTuple
from uuid import UUID

from accounts.models import Role
from clinical.demo import hospital, staff, stories
from clinical.demo.scene import Scene, free_bed
from clinical.demo.shifts import Handover
from clinical.demo.stories import Step
from clinical.models import OPEN, Alert, AlertKind, Patient, Ward
from clinical.services import schedules
from clinical.services.stays import Person, Place
from hubs.errors import HubError

DETERIORATION, SEPSIS = "deterioration", "sepsis"
TRANSFER, LOST_SENSOR, SHIFT_CHANGE = "transfer", "lost-sensor", "shift-change"
# In the order in which they are told; one that needs little is between those that need a ward for long.
STORIES = (DETERIORATION, TRANSFER, SEPSIS, LOST_SENSOR, SHIFT_CHANGE)

# The README leads visitors to the first ward, as its nurse; nobody takes the charge of it from them.
VISITED = hospital.WARDS[0][0]
# People who come for a story and go with it have numbers of their own, and are the same ones again and again.
NEWCOMER = "DEMO-"
NEWCOMERS_A_WARD = 4


class Cast(NamedTuple):
    """A story that can begin, where it does, and its scene, if it has a patient."""

    place: Place
    scene: Scene | None
    steps: Iterator[Step]


def wards() -> list[str]:
    """Those with a nurse, the one where visitors are first."""
    nurses = staff.acting(Role.NURSE)
    found = Ward.objects.filter(pk__in=nurses).order_by("pk").values_list("pk", flat=True)
    return sorted(found, key=lambda ward_id: ward_id != VISITED)


def cast(random: Random, story: str, ward_id: str, playing: Collection[UUID]) -> Cast | None:
    """None where the ward has nobody for this story."""
    if story == SHIFT_CHANGE:
        return _with_staff(random, ward_id)
    if story in (TRANSFER, LOST_SENSOR):
        return _with_newcomer(random, story, ward_id)
    return _with_patient(random, story, ward_id, playing)


def send_home(random: Random, playing: Collection[UUID]) -> None:
    """Discharges the people of stories that did not come to their end."""
    left = Patient.objects.filter(mrn__startswith=NEWCOMER, ward__isnull=False).exclude(pk__in=playing)
    for patient in left.order_by("mrn"):
        with suppress(HubError):
            Scene(random, Place(str(patient.ward_id), patient.bed), patient.pk).discharge()


def _with_staff(random: Random, ward_id: str) -> Cast | None:
    if ward_id == VISITED:
        return None
    return Cast(Place(ward_id, ""), None, stories.shift_change(Handover(random, ward_id)))


def _with_newcomer(random: Random, story: str, ward_id: str) -> Cast | None:
    place, there = Place(ward_id, free_bed(ward_id)), wards()
    scene = Scene(random, place)
    # One story a ward at a time: nobody else uses the people of this one.
    person = newcomer(there.index(ward_id) * NEWCOMERS_A_WARD + random.randrange(NEWCOMERS_A_WARD))
    if story == LOST_SENSOR:
        return Cast(place, scene, stories.lost_sensor(scene, person))
    others = [each for each in there if each != ward_id]
    if not others:
        return None
    return Cast(place, scene, stories.transfer(scene, person, random.choice(others)))


def _with_patient(random: Random, story: str, ward_id: str, playing: Collection[UUID]) -> Cast | None:
    well = [patient for patient in _well(ward_id) if patient.pk not in playing]
    if not well:
        return None
    patient = random.choice(well)
    place = Place(ward_id, patient.bed)
    scene = Scene(random, place, patient.pk)
    play = stories.deterioration if story == DETERIORATION else stories.sepsis
    return Cast(place, scene, play(scene))


def _well(ward_id: str) -> list[Patient]:
    """Those of whom there is no alert yet, and who are scored as stories expect."""
    found = Patient.objects.filter(ward=ward_id).exclude(mrn__startswith=NEWCOMER).order_by("bed")
    known = schedules.of_patients([patient.pk for patient in found])
    alerts = Alert.objects.filter(patient__ward=ward_id, state__in=OPEN).exclude(kind=AlertKind.OVERDUE)
    ill = set(alerts.values_list("patient", flat=True))
    well = []
    for patient in found:
        schedule = known.get(patient.pk)
        newest = None if schedule is None or schedule.not_scored else schedule.newest
        if newest is not None and newest.band in ("routine", "low") and newest.spo2_scale == 1:
            well.append(patient)
    return [patient for patient in well if patient.pk not in ill]


def newcomer(number: int) -> Person:
    """The same person under the same number."""
    return Person(
        mrn=f"{NEWCOMER}{number}",
        given_name=hospital.GIVEN_NAMES[number % len(hospital.GIVEN_NAMES)],
        family_name=hospital.FAMILY_NAMES[number * 7 % len(hospital.FAMILY_NAMES)],
        born_on=date(1948, 3, 1).replace(year=1948 + number % 40),
    )
