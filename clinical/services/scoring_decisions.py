"""Deciding how, and whether, a patient is scored in this stay, and revoking that."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from clinical import access
from clinical.events import PatientChanged, ward_feed
from clinical.models import Patient, ScoringDecision
from clinical.services import board, schedules
from clinical.services.scoring import Kind, in_force
from hubs.errors import HubError
from hubs.feeds.append import append

# Scale 2 is for a competent clinician to decide, and so is whom a score does not fit.
DECIDERS = (Role.DOCTOR,)
LONGEST_REASON = 200
# How often somebody is observed is decided by others too: `frequency_decisions`.
DECIDABLE = tuple(kind for kind in Kind if kind != Kind.FREQUENCY)


class InvalidDecision(HubError):
    """A decision that cannot be taken; the text is for the person who tried."""


class AlreadyDecided(InvalidDecision):
    """Somebody was first."""


@transaction.atomic
def decide(
    user: User, patient_id: UUID, kind: str, reason: str, until: datetime | None = None
) -> ScoringDecision:
    """Takes a decision for the present stay, from now on; no set that was recorded before changes."""
    access.require_role(user, *DECIDERS)
    patient = access.patient_for(user, patient_id, lock=True)
    at = patient.time_of_stay()
    _check(kind, reason, until, at)
    if any(each.kind == kind for each in in_force(patient, at)):
        raise AlreadyDecided(_("This is decided already."))
    decision = ScoringDecision.objects.create(
        patient=patient, kind=kind, decided_by=user, decided_at=at, until=until, reason=reason.strip()
    )
    tell(patient)
    return decision


@transaction.atomic
def revoke(user: User, decision_id: UUID) -> ScoringDecision:
    """Ends a decision now; it stays on record, and whoever revokes it second is told who was first."""
    access.require_role(user, *DECIDERS)
    patient = access.patient_for(user, patient_of(user, decision_id), lock=True)
    found = ScoringDecision.objects.select_related("revoked_by").get(pk=decision_id)
    return end(user, patient, found)


def end(user: User, patient: Patient, found: ScoringDecision) -> ScoringDecision:
    """Revokes what the caller has found to be the user's to revoke, with the patient's row locked."""
    if found.revoked_by is not None:
        name = found.revoked_by.display_name
        raise AlreadyDecided(_("%(person)s has revoked this already.") % {"person": name})
    found.revoked_by, found.revoked_at = user, max(timezone.now(), found.decided_at)
    found.save(update_fields=["revoked_by", "revoked_at"])
    tell(patient)
    return found


def patient_of(user: User, decision_id: UUID) -> UUID:
    """Whose decision it is, if the user may see them."""
    patient_id = ScoringDecision.objects.filter(pk=decision_id).values_list("patient", flat=True).first()
    if patient_id is None:
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    return access.patient_for(user, patient_id).pk


def _check(kind: str, reason: str, until: datetime | None, at: datetime) -> None:
    if kind not in DECIDABLE:
        raise InvalidDecision(_("There is no such decision."))
    check_reason(reason)
    if until is None:
        return
    if kind != Kind.SPO2_SCALE_2:
        raise InvalidDecision(_("This holds for the whole stay, or until it is revoked."))
    if until.tzinfo is None or until <= at:
        raise InvalidDecision(_("The end must lie in the future."))


def check_reason(reason: str) -> None:
    """Raises InvalidDecision for what is no reason."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON or not reason.strip().isprintable():
        text = _("Give a reason, on one line of at most %(count)s characters.")
        raise InvalidDecision(text % {"count": LONGEST_REASON})


def tell(patient: Patient) -> None:
    """The ward hears what the patient's row has become."""
    schedules.renew(patient, in_force(patient, timezone.now()))
    patient.raise_version()
    append(ward_feed(str(patient.ward_id)), PatientChanged(row=board.rows([patient])[0]))
