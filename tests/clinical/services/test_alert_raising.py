"""Where alerts come from: sets, corrections and moves; and that there is never more than one of a kind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinical.events import ObservationInput
from clinical.models import OPEN, Alert, AlertStep, ObservationSet, Patient, Ward
from clinical.services import alerts, corrections, patients
from clinical.services.alert_answers import UnknownAlert
from tests.cast import Cast
from tests.clinical.alarming import HIGH, MEDIUM, RED, WELL, newest, observe, raised, steps
from tests.clinical.conftest import told


def names(ward_id: str) -> list[str]:
    return [name for name, _ in told(ward_id) if name.startswith("Alert")]


def test_a_high_score_raises_an_alert_and_the_ward_hears_of_it(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    assert (alert.kind, alert.severity, alert.state, alert.score) == ("score", "high", "raised", 7)
    (step,) = alert.steps.all()
    assert (step.kind, step.actor, step.version) == ("raised", None, 1)
    assert step.observation is not None
    name, payload = told("icu")[-1]
    assert name == "AlertRaised"
    assert payload["alert"] == {
        "id": str(alert.pk),
        "patientId": str(patient.pk),
        "version": 1,
        "kind": "score",
        "severity": "high",
        "state": "raised",
        "level": 0,
        "score": 7,
        "atLeast": False,
        "red": [],
        "dueAt": None,
        "raisedAt": payload["at"],
        "owner": None,
        "ownerId": None,
        "nextStepAt": payload["alert"]["nextStepAt"],
    }
    assert (payload["by"], payload["reason"], payload["note"]) == (None, "", "")


def test_what_is_well_or_unchanged_raises_nothing(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, WELL)
    assert names("icu") == []
    observe(cast.nurse, patient, HIGH)
    observe(cast.nurse, patient, HIGH)
    assert names("icu") == ["AlertRaised"]


def test_also_after_it_was_resolved_an_unchanged_score_raises_nothing(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    alerts.accept(cast.doctor, alert.pk)
    alerts.resolve(cast.doctor, alert.pk, "treated")
    observe(cast.nurse, patient, HIGH)
    observe(cast.nurse, patient, {"pulse": 112})
    observe(cast.nurse, patient, HIGH)
    assert Alert.objects.count() == 1
    # Better and then bad again is news.
    observe(cast.nurse, patient, WELL)
    observe(cast.nurse, patient, HIGH)
    assert newest().state == "raised"
    assert Alert.objects.count() == 2


def test_a_graver_one_takes_the_place_and_waits_for_somebody_anew(cast: Cast, patient: Patient) -> None:
    mild = raised(cast.nurse, patient, MEDIUM)
    alerts.accept(cast.doctor, mild.pk)
    grave = raised(cast.nurse, patient, HIGH)
    mild.refresh_from_db()
    assert (mild.state, mild.owner, mild.next_step_at) == ("superseded", cast.doctor, None)
    assert (grave.severity, grave.state, grave.owner) == ("high", "raised", None)
    assert names("icu")[-2:] == ["AlertSuperseded", "AlertRaised"]


def test_the_same_again_after_it_was_better_is_said_at_the_open_alert(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    observe(cast.nurse, patient, WELL)
    observe(cast.nurse, patient, MEDIUM)
    assert steps(alert) == ["raised", "repeated"]
    assert Alert.objects.count() == 1


def test_a_high_one_stays_however_well_the_patient_is(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    observe(cast.nurse, patient, WELL)
    alert.refresh_from_db()
    assert alert.state == "raised"
    with pytest.raises(IntegrityError, match="high_never_closes_itself"), transaction.atomic():
        Alert.objects.update(state="closed", next_step_at=None)


@pytest.mark.parametrize("measured", [MEDIUM, RED])
def test_a_lower_one_closes_by_a_complete_set_unless_somebody_owns_it(
    cast: Cast, patient: Patient, measured: dict[str, Any]
) -> None:
    alert = raised(cast.nurse, patient, measured)
    observe(cast.nurse, patient, {"pulse": 80})
    assert steps(alert) == ["raised"]
    observe(cast.nurse, patient, WELL)
    assert steps(alert) == ["raised", "closed"]
    owned = raised(cast.nurse, patient, measured)
    alerts.accept(cast.nurse, owned.pk)
    observe(cast.nurse, patient, WELL)
    assert steps(owned) == ["raised", "accepted"]


def test_a_set_that_is_entered_late_raises_nothing(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, WELL)
    observe(cast.nurse, patient, HIGH, measured_at=timezone.now() - timedelta(hours=2))
    assert not Alert.objects.exists()


def test_a_value_that_was_wrong_is_noted_at_its_alert_and_raises_none_anew(
    cast: Cast, patient: Patient
) -> None:
    high = raised(cast.nurse, patient)
    wrong = ObservationSet.objects.get()
    corrections.correct(cast.nurse, wrong.pk, ObservationInput(**(WELL | {"pulse": 82})), "Misread.")
    high.refresh_from_db()
    assert (high.state, steps(high)) == ("raised", ["raised", "corrected"])
    assert names("icu") == ["AlertRaised", "AlertCorrected"]
    # Corrected upwards it is news, and only then.
    right = ObservationSet.objects.get(corrects=wrong)
    corrections.correct(cast.nurse, right.pk, ObservationInput(**RED), "Misread again.")
    assert names("icu")[2:] == ["AlertCorrected", "AlertRaised"]
    assert newest().kind == "red"


def test_a_withdrawn_set_closes_a_lower_alert_and_leaves_a_high_one(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, WELL)
    medium = raised(cast.nurse, patient, MEDIUM)
    corrections.withdraw(cast.nurse, ObservationSet.objects.latest("recorded_at").pk, "Another patient's.")
    assert steps(medium) == ["raised", "corrected", "closed"]
    high = raised(cast.nurse, patient, HIGH)
    corrections.withdraw(cast.nurse, ObservationSet.objects.latest("recorded_at").pk, "Another patient's.")
    assert steps(high) == ["raised", "corrected"]


@pytest.mark.parametrize("measured", [MEDIUM, RED])
@pytest.mark.parametrize("corrected", [0, 1])
def test_what_another_patients_set_has_closed_begins_again_when_it_is_withdrawn(
    cast: Cast, patient: Patient, measured: dict[str, Any], corrected: int
) -> None:
    closed = raised(cast.nurse, patient, measured)
    observe(cast.nurse, patient, WELL)
    for _ in range(corrected):
        better = ObservationInput(**(WELL | {"pulse": 82}))
        corrections.correct(cast.nurse, ObservationSet.objects.latest("recorded_at").pk, better, "Misread.")
    last = ObservationSet.objects.filter(corrected_by=None).latest("measured_at")
    corrections.withdraw(cast.nurse, last.pk, "Another patient's.")
    assert names("icu") == ["AlertRaised", "AlertClosed", "AlertRaised"]
    assert (newest().kind, newest().severity) == (closed.kind, closed.severity)


def test_what_has_been_closed_rightly_does_not_begin_again(cast: Cast, patient: Patient) -> None:
    raised(cast.nurse, patient, MEDIUM)
    observe(cast.nurse, patient, WELL)
    closing = ObservationSet.objects.latest("recorded_at")
    again = raised(cast.nurse, patient, MEDIUM)
    alerts.accept(cast.nurse, again.pk)
    alerts.resolve(cast.nurse, again.pk, "treated")
    corrections.withdraw(cast.nurse, closing.pk, "Another patient's.")
    assert not Alert.objects.filter(state__in=OPEN).exists()


def test_one_open_alert_a_patient_and_kind_is_the_databases_word(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(
            patient=patient,
            ward_id="icu",
            kind="score",
            severity="low",
            raised_at=timezone.now(),
            next_step_at=timezone.now(),
        )
    assert Alert.objects.get() == alert


def test_steps_are_only_ever_added(cast: Cast, patient: Patient) -> None:
    raised(cast.nurse, patient)
    step = AlertStep.objects.get()
    for change in (step.save, step.delete, AlertStep.objects.all().delete):
        with pytest.raises(TypeError, match="never"):
            change()
    with pytest.raises(TypeError, match="never changed"):
        AlertStep.objects.update(note="")


def test_a_patient_who_moves_takes_the_open_alert_along(cast: Cast, patient: Patient, cardio: Ward) -> None:
    alert = raised(cast.nurse, patient)
    patients.move(patient.pk, cardio, "7")
    assert names("icu") == ["AlertRaised"]
    assert names("cardio") == ["AlertMoved"]
    assert [view.id for view in alerts.open_on(cardio)] == [alert.pk]
    # Those who lost sight of the patient may not act, and those who got them may.
    with pytest.raises(UnknownAlert):
        alerts.accept(cast.nurse, alert.pk)
    assert alerts.accept(cast.nurse_of_another_ward, alert.pk).state == "accepted"


def test_a_bed_changed_within_the_ward_is_no_step(cast: Cast, patient: Patient, icu: Ward) -> None:
    alert = raised(cast.nurse, patient)
    patients.move(patient.pk, icu, "9")
    assert steps(alert) == ["raised"]


def test_a_discharge_cancels_and_the_ward_hears_of_it(cast: Cast, patient: Patient, icu: Ward) -> None:
    alert = raised(cast.nurse, patient)
    patients.discharge(patient.pk)
    alert.refresh_from_db()
    assert alert.state == "cancelled"
    assert names("icu") == ["AlertRaised", "AlertCancelled"]
    assert alerts.open_on(icu) == []


def test_the_list_of_a_ward_costs_one_query(
    cast: Cast, patient: Patient, icu: Ward, django_assert_num_queries: Any
) -> None:
    observe(cast.nurse, patient, RED)
    observe(cast.nurse, patient, HIGH | {"systolic": 88})
    alerts.accept(cast.doctor, newest().pk)
    with django_assert_num_queries(1):
        assert len(alerts.open_on(icu)) == 2
