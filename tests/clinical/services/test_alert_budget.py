"""What alerts cost a ward, in figures that a person can check by hand."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from clinical.models import Alert, Patient, Ward
from clinical.services import alert_timers, alerts
from clinical.services.alert_budget import NOTHING, budget
from tests.cast import Cast
from tests.clinical.alarming import HIGH, let_pass, newest, observe, raised
from tests.clinical.conftest import admitted


def test_the_figures_by_kind_and_together(
    cast: Cast, patient: Patient, icu: Ward, django_assert_num_queries: Any
) -> None:
    other = admitted(icu, "2")
    raised(cast.nurse, patient, HIGH)
    Alert.objects.update(raised_at=F("raised_at") - timedelta(minutes=4))
    alerts.accept(cast.doctor, newest().pk)
    raised(cast.nurse, other, HIGH)
    alerts.decline(cast.nurse, newest().pk, "busy")
    observe(cast.nurse, other, HIGH | {"systolic": 88})
    let_pass(timedelta(minutes=6))
    alert_timers.work_off()
    # What came later, or long ago, or elsewhere, is not in it.
    Alert.objects.create(
        patient=patient,
        ward=icu,
        kind="overdue",
        severity="low",
        state="resolved",
        raised_at=timezone.now() - timedelta(days=8),
    )
    with django_assert_num_queries(2):
        found = budget(icu, 7)
    assert (found.days, found.beds) == (7, 2)
    lines = {line.label: line for line in found.lines}
    assert list(lines) == ["NEWS2 score", "red parameter", "observations overdue", "all together"]
    score = lines["NEWS2 score"]
    assert (score.raised, score.accepted, score.declined, score.expired) == (2, "50 %", "50 %", "50 %")
    assert score.median == "4:00 min"
    assert score.per_bed_and_day == 2 / 14
    assert lines["observations overdue"][1:] == (0, 0.0, *[NOTHING] * 4)
    assert lines["all together"].raised == len(Alert.objects.exclude(kind="overdue"))


def test_an_empty_ward_costs_nothing(icu: Ward) -> None:
    assert [line.per_bed_and_day for line in budget(icu, 1).lines] == [0.0] * 4
