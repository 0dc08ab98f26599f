"""Recording observation sets, and reading the newest."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import Role, User
from clinical import access, plausibility
from clinical.events import ObservationInput, ObservationRecorded, ObservationSummary, ward_feed
from clinical.models import ObservationSet, Patient
from clinical.news2 import Measurements, charted, score
from hubs.errors import HubError
from hubs.feeds.append import append

RECORDERS = (Role.DOCTOR, Role.NURSE)
MEASUREMENTS = (
    "respiration",
    "spo2",
    "on_oxygen",
    "systolic",
    "diastolic",
    "pulse",
    "consciousness",
    "temperature",
)
LABELS = {
    "respiration": "Respiration",
    "spo2": "SpO2",
    "systolic": "Systolic pressure",
    "diastolic": "Diastolic pressure",
    "pulse": "Pulse",
    "temperature": "Temperature",
    "measured_at": "Time of measurement",
}
# Temperatures are kept with two decimals.
RESOLUTION = Decimal("0.01")
# A bedside clock may run ahead by this much.
SKEW = timedelta(minutes=2)
# Longer ago is a slip in the date, not a late entry.
OLDEST = timedelta(days=7)


class InvalidObservation(HubError):
    """A set that cannot be recorded. `errors` has the text by field; "" is the set as a whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(f"{LABELS.get(name, '')} {text}".strip() for name, text in errors.items()))


@transaction.atomic
def record(user: User, patient_id: UUID, given: ObservationInput) -> ObservationSummary:
    """Records one set of a patient whom the user may see, and tells the ward."""
    access.require_role(user, *RECORDERS)
    measured_at = _checked(given, timezone.now())
    patient = access.patient_for(user, patient_id, lock=True)
    recorded = ObservationSet.objects.create(
        patient=patient,
        recorded_by=user,
        measured_at=measured_at,
        recorded_at=patient.time_of_stay(),
        spo2_scale=patient.spo2_scale,
        **{name: getattr(given, name) for name in MEASUREMENTS},
    )
    version = patient.raise_version()
    newest = latest_of([patient.pk])[patient.pk]
    event = ObservationRecorded(patient_id=patient.pk, version=version, observation=summary(newest))
    append(ward_feed(str(patient.ward_id)), event)
    return summary(recorded)


def latest_of(patient_ids: Iterable[UUID]) -> dict[UUID, ObservationSet]:
    """The newest set of each patient's present stay, by patient; one query."""
    newest = ObservationSet.objects.filter(
        patient=OuterRef("pk"), recorded_at__gte=OuterRef("admitted_at")
    ).values("pk")[:1]
    ids = Patient.objects.filter(pk__in=list(patient_ids)).values_list(Subquery(newest), flat=True)
    sets = ObservationSet.objects.filter(pk__in=ids).select_related("recorded_by")
    return {each.patient_id: each for each in sets}


def summary(observation: ObservationSet) -> ObservationSummary:
    """The set as it goes over the wire."""
    measured = {name: getattr(observation, name) for name in MEASUREMENTS}
    scored = {name: value for name, value in measured.items() if name != "diastolic"}
    # As scored: 38.05 shown with one decimal would stand as 38.0 beside the point for 38.1.
    temperature = charted("temperature", observation.temperature)
    return ObservationSummary(
        set_id=observation.pk,
        measured_at=observation.measured_at,
        recorded_by=observation.recorded_by.display_name,
        spo2_scale=observation.spo2_scale,
        score=score(Measurements(spo2_scale=1 if observation.spo2_scale == 1 else 2, **scored)),
        **measured | {"temperature": None if temperature is None else float(temperature)},
    )


def _checked(given: ObservationInput, now: datetime) -> datetime:
    """When the set was measured. Raises InvalidObservation with all that is wrong with it."""
    measured_at = now if given.measured_at is None else given.measured_at
    errors = _implausible(given) | _wrong_time(measured_at, now)
    if all(getattr(given, name) is None for name in MEASUREMENTS):
        errors[""] = "Give at least one measurement."
    if errors:
        raise InvalidObservation(errors)
    return measured_at


def _implausible(given: ObservationInput) -> dict[str, str]:
    errors = {}
    for name in plausibility.LIMITS:
        try:
            plausibility.check(name, getattr(given, name))
        except plausibility.Implausible as error:
            errors[name] = str(error)
    # More digits than are kept would be rounded twice, once here and once by the score.
    if given.temperature is not None and "temperature" not in errors and given.temperature % RESOLUTION:
        errors["temperature"] = "must have at most two decimals."
    if given.systolic is not None and given.diastolic is not None and given.diastolic > given.systolic:
        errors.setdefault("diastolic", "must not be above the systolic pressure.")
    return errors


def _wrong_time(measured_at: datetime, now: datetime) -> dict[str, str]:
    if measured_at.tzinfo is None:
        return {"measured_at": "needs a time zone."}
    if measured_at > now + SKEW:
        return {"measured_at": "must not be in the future."}
    if measured_at < now - OLDEST:
        return {"measured_at": f"must not be more than {OLDEST.days} days ago."}
    return {}
