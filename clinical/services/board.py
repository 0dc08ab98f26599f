"""The ward board: every bed of a ward as the database has it now."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from clinical.events import BedRow, Nurse, WardName, WardSnapshot
from clinical.models import Patient, Ward
from clinical.services import alerts, observations, orders, schedules, scoring
from hubs.feeds.subscriptions import Position


def snapshot(ward: Ward, position: Position) -> WardSnapshot:
    """The board with at least everything up to `position`; four queries for any number of beds."""
    return WardSnapshot(
        feed=position.feed,
        epoch=position.epoch,
        seq=position.seq,
        ward=WardName(id=ward.pk, name=ward.name),
        beds=rows(sorted(ward.patients.select_related("nurse"), key=lambda patient: bed_order(patient.bed))),
        alerts=alerts.open_on(ward),
    )


def rows(patients: Sequence[Patient]) -> list[BedRow]:
    """The rows of these patients, who were read first of all.

    Their versions may thus be older than what is read next, never newer: a version too new would make a
    screen ignore the very event that it lacks.
    """
    ids = [patient.pk for patient in patients]
    stays = schedules.of_patients(ids)
    now = timezone.now()
    drafts = orders.drafts_of(ids)
    return [
        BedRow(
            patient_id=patient.pk,
            bed=patient.bed,
            name=str(patient),
            mrn=patient.mrn,
            born_on=patient.born_on,
            version=patient.version,
            observation=observations.newest(stays.get(patient.pk)),
            draft_orders=[orders.summary(order) for order in drafts.get(patient.pk, [])],
            not_scored=scoring.not_scored(patient.born_on, now, schedules.stated(stays.get(patient.pk))),
            flags=patient.flags,
            nurse=_nurse(patient, now),
        )
        for patient in patients
    ]


def _nurse(patient: Patient, now: datetime) -> Nurse | None:
    if patient.nurse is None or patient.nurse_until is None or patient.nurse_until <= now:
        return None
    return Nurse(id=patient.nurse.pk, name=patient.nurse.display_name, until=patient.nurse_until)


def bed_order(bed: str) -> list[tuple[int, str]]:
    """A key that puts bed 2 before bed 10, and A2 before A10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", bed)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
