"""Events for the tests of feeds, and how a service would record them."""

from typing import ClassVar

import msgspec
from django.db import transaction

from hubs.feeds.append import append


class ObservationRecorded(msgspec.Struct, frozen=True, rename="camel"):
    patient_id: str
    spo2: int = 97


class PatientMoved(msgspec.Struct, frozen=True, rename="camel"):
    """In its second version; of several of one patient only the newest counts."""

    SCHEMA: ClassVar[int] = 2

    patient_id: str
    bed: str = "1"

    @property
    def merge_key(self) -> str:
        return self.patient_id


def record(feed: str, *patients: str) -> int:
    """Writes one event a patient in one transaction; the last one's number."""
    with transaction.atomic():
        return [append(feed, ObservationRecorded(patient)) for patient in patients][-1]
