"""What is written down when an administrator looks into a ward, and that it stays so."""

import pytest

from clinical.access import Forbidden
from clinical.models import AccessRecord, Ward
from clinical.services.access_records import note, open_ward
from tests.cast import Cast

HUB = AccessRecord.Door.HUB


def test_an_admins_access_is_recorded_with_ward_time_and_connection(cast: Cast, icu: Ward) -> None:
    assert open_ward(cast.admin, "icu", HUB, "c" * 30) == icu
    [record] = AccessRecord.objects.all()
    assert (record.user, record.ward, record.door, record.connection) == (cast.admin, icu, "hub", "c" * 22)
    note(cast.admin, None, AccessRecord.Door.API)
    assert AccessRecord.objects.filter(ward=None, door="api").count() == 1


def test_whoever_works_on_the_ward_is_not_recorded_and_nobody_who_is_refused(cast: Cast, icu: Ward) -> None:
    open_ward(cast.nurse, "icu", HUB)
    for user, ward_id in ((cast.doctor_of_another_ward, "icu"), (cast.admin, "nowhere")):
        with pytest.raises(Forbidden):
            open_ward(user, ward_id, HUB)
    assert not AccessRecord.objects.exists()


def test_a_record_is_never_changed_and_never_deleted(cast: Cast, icu: Ward) -> None:
    open_ward(cast.admin, "icu", HUB)
    record = AccessRecord.objects.get()
    for attempt in (
        record.save,
        record.delete,
        AccessRecord.objects.all().delete,
        lambda: AccessRecord.objects.update(door="page"),
        lambda: AccessRecord.objects.bulk_update([record], ["door"]),
    ):
        with pytest.raises(TypeError, match="never"):
            attempt()
    assert AccessRecord.objects.get().door == "hub"
