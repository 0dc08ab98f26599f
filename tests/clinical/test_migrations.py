"""What was recorded before a change of the tables is there after it, and means the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE = [("clinical", "0005_alerts")]
AFTER = [("clinical", "0006_scoring_and_versions_of_sets")]


def migrated(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_marks_become_decisions_and_sets_get_their_scores() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = migrated(BEFORE)
        now = timezone.now()
        ward = old.get_model("clinical", "Ward").objects.create(id="icu", name="ICU")
        user = old.get_model("accounts", "User").objects.create(username="nurse.icu", role="Nurse")
        patient = old.get_model("clinical", "Patient").objects.create(
            mrn="A1", born_on="1960-01-01", ward=ward, bed="1", spo2_scale=2, admitted_at=now
        )
        sets = old.get_model("clinical", "ObservationSet").objects
        values: dict[str, Any] = {
            "patient": patient,
            "recorded_by": user,
            "spo2_scale": 2,
            "recorded_at": now,
        }
        sets.create(measured_at=now - timedelta(hours=1), pulse=131, **values)
        latest = sets.create(
            measured_at=now, pulse=80, respiration=18, spo2=90, on_oxygen=False, systolic=125,
            consciousness="A", temperature="38.05", **values,
        )  # fmt: skip
        new = migrated(AFTER)
        scored = new.get_model("clinical", "ObservationSet").objects.order_by("measured_at")
        assert [(each.score, each.has_red, each.band, each.version) for each in scored] == [
            (None, True, "low-medium", 1),
            (1, False, "low", 1),
        ]
        schedule = new.get_model("clinical", "ObservationSchedule").objects.get()
        assert (schedule.newest_id, schedule.stay) == (latest.pk, now)
        decision = new.get_model("clinical", "ScoringDecision").objects.get()
        assert (decision.kind, decision.decided_by, decision.decided_at) == ("spo2-scale-2", None, now)
        back = migrated(BEFORE)
        assert back.get_model("clinical", "Patient").objects.get().spo2_scale == 2
    finally:
        migrated(newest)
