"""Saying which nurse looks after which bed for the rest of a shift; it opens nothing and hides nothing."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from clinical import access
from clinical.events import PatientChanged, ward_feed
from clinical.models import Assignment, BedAssignment, Patient, Ward
from clinical.services import board
from hubs.errors import HubError
from hubs.feeds.append import append_all

# A shift may be long; what is left of it ends by itself.
HOURS = (4, 6, 8, 10, 12)
NO_NURSE = gettext_lazy("Only a nurse who works on this ward can look after a bed.")


class InvalidBeds(HubError):
    """Beds, hours or a nurse that cannot be; the text is for the person who tried."""


@transaction.atomic
def give(by: User, ward_id: str, nurse: User, beds: Collection[str], hours: int) -> None:
    """The beds are the nurse's from now on, whoever had them: by their wish or of who is in charge."""
    ward = access.ward_for(by, ward_id)
    _require_giver(by, ward, nurse)
    if nurse.role != Role.NURSE or not access.may_see(nurse, ward.pk):
        raise InvalidBeds(str(NO_NURSE))
    if hours not in HOURS:
        raise InvalidBeds(_("Choose one of the times."))
    _lock(ward)
    now = timezone.now()
    beds = sorted(set(beds))
    _check(ward, beds, now)
    _end(by, ward, beds, now)
    ends_at = now + timedelta(hours=hours)
    BedAssignment.objects.bulk_create(
        BedAssignment(ward=ward, bed=bed, nurse=nurse, begins_at=now, ends_at=ends_at, given_by=by)
        for bed in beds
    )
    _tell(ward, beds, now)


@transaction.atomic
def release(by: User, ward_id: str, beds: Collection[str]) -> None:
    """The beds are nobody's: those that are the user's own, or for who is in charge anybody's."""
    ward = access.ward_for(by, ward_id)
    _lock(ward)
    now = timezone.now()
    # Chosen here, for no database is asked for what its driver may refuse to carry.
    held = [each for each in of_ward(ward, now) if each.bed in beds]
    for each in held:
        _require_giver(by, ward, each.nurse)
    if held:
        beds = [each.bed for each in held]
        _end(by, ward, beds, now)
        _tell(ward, beds, now)


def of_ward(ward: Ward, at: datetime) -> QuerySet[BedAssignment]:
    """Those in force, with their nurses."""
    return BedAssignment.objects.in_force(at).filter(ward=ward).select_related("nurse")


def holder(ward_id: str | None, bed: str) -> tuple[User | None, datetime | None]:
    """Who looks after the bed now, and until when."""
    found = BedAssignment.objects.in_force(timezone.now()).filter(ward=ward_id, bed=bed)
    held = found.select_related("nurse").first()
    return (None, None) if held is None else (held.nurse, held.ends_at)


def beds_of(ward: Ward, at: datetime) -> list[str]:
    """Beds that somebody lies in or looks after, in their order."""
    taken = set(ward.patients.values_list("bed", flat=True))
    return sorted(taken | {each.bed for each in of_ward(ward, at)}, key=board.bed_order)


def nurses_of(ward: Ward) -> QuerySet[User]:
    """Who could be given a bed: by department or by an assignment in force."""
    assigned = Assignment.objects.in_force().filter(ward=ward).values("user")
    here = Q(department=ward.pk) | Q(pk__in=assigned)
    return User.objects.filter(here, role=Role.NURSE, is_active=True).order_by("last_name", "username")


def _require_giver(by: User, ward: Ward, nurse: User) -> None:
    if by.pk != nurse.pk or by.role != Role.NURSE:
        access.require_in_charge(by, ward.pk)


def _check(ward: Ward, beds: Collection[str], now: datetime) -> None:
    if not beds:
        raise InvalidBeds(_("Choose at least one bed."))
    if not set(beds) <= set(beds_of(ward, now)):
        raise InvalidBeds(_("Nobody lies in one of these beds any more. Load the page again."))


def _end(by: User, ward: Ward, beds: Collection[str], now: datetime) -> None:
    BedAssignment.objects.in_force(now).filter(ward=ward, bed__in=beds).update(ended_at=now, ended_by=by)


def _tell(ward: Ward, beds: Collection[str], now: datetime) -> None:
    """Rewrites what boards read beside each patient, and tells the ward."""
    held = {each.bed: each for each in of_ward(ward, now)}
    # In one order, so that two who do this at once take turns.
    found = list(Patient.objects.select_for_update().filter(ward=ward, bed__in=beds).order_by("pk"))
    for patient in found:
        there = held.get(patient.bed)
        patient.nurse, patient.nurse_until = (there.nurse, there.ends_at) if there else (None, None)
        patient.version += 1
        patient.save(update_fields=["nurse", "nurse_until", "version"])
    append_all((ward_feed(ward.pk), PatientChanged(row=row)) for row in board.rows(found))


def _lock(ward: Ward) -> None:
    """Two who give beds of one ward at the same time take turns, or a bed would get two nurses."""
    list(Ward.objects.select_for_update(no_key=True).filter(pk=ward.pk))
