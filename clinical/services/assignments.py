"""Saying who works on a ward and until when, and taking it back; open boards hear of both."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Role, User
from clinical import access, words
from clinical.models import Assignment, Ward
from hubs.errors import HubError

ASSIGNABLE = (Role.DOCTOR, Role.NURSE, Role.PHARMACIST)
# A form takes a moment to be filled in, and its times have no seconds.
SKEW = timedelta(minutes=2)
# Whoever works on a ward for longer than this is at home there.
LONGEST = timedelta(days=92)


# English where it is refused, as the others of access.py are.
IN_CHARGE = gettext_noop("Only an administrator says who is in charge of a ward.")


class InvalidAssignment(HubError):
    """An assignment that cannot be. `errors` has the text by field; "" is the assignment as a whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


def assign(by: User, wanted: Assignment) -> Assignment:
    """Writes an assignment that was only thought of so far; the same one sent again is one assignment."""
    with transaction.atomic():
        _lock(wanted.ward_id)
        access.require_in_charge(by, wanted.ward_id)
        if (done := _done(by, wanted)) is not None:
            return done
        check(by, wanted)
        if overlapping := _overlapping(wanted):
            text = _("Is assigned to this ward already, %(period)s.")
            raise InvalidAssignment({"": text % {"period": _period(overlapping)}})
        wanted.granted_by = by
        wanted.save(force_insert=True)
    return wanted


def check(by: User, wanted: Assignment) -> None:
    """Raises Forbidden for somebody who may not assign to that ward, InvalidAssignment for what cannot be."""
    access.require_in_charge(by, wanted.ward_id)
    errors = _wrong_person(by, wanted) | _wrong_times(wanted, timezone.now())
    if not wanted.reason.strip():
        errors["reason"] = _("Say why.")
    if errors:
        raise InvalidAssignment(errors)


def shorten(by: User, assignment_id: UUID, ends_at: datetime | None) -> Assignment:
    """Lets an assignment end earlier than it was to."""
    with transaction.atomic():
        assignment = _to_be_ended(by, assignment_id)
        now = timezone.now()
        if ends_at is None or timezone.is_naive(ends_at) or ends_at <= max(now, assignment.begins_at):
            raise InvalidAssignment({"ends_at": _("Must be in the future, and after the begin.")})
        if assignment.revoked_at or (assignment.ends_at is not None and assignment.ends_at <= ends_at):
            text = _("It has an earlier end: %(period)s.")
            raise InvalidAssignment({"ends_at": text % {"period": _period(assignment)}})
        assignment.ends_at = ends_at
        assignment.save()
    return assignment


def revoke(by: User, assignment_id: UUID) -> Assignment:
    """Ends an assignment now, or before it has begun; one that is over stays as it is."""
    with transaction.atomic():
        assignment = _to_be_ended(by, assignment_id)
        now = timezone.now()
        if assignment.revoked_at is None and (assignment.ends_at is None or assignment.ends_at > now):
            assignment.revoked_at, assignment.revoked_by = now, by
            assignment.save()
    return assignment


def of_ward(ward: Ward) -> QuerySet[Assignment]:
    """Those in force and those to come, whoever is in charge first."""
    now = timezone.now()
    open_ended = Q(ends_at=None) | Q(ends_at__gt=now)
    found = ward.assignments.filter(open_ended, revoked_at=None).select_related("user", "granted_by")
    return found.order_by("-in_charge", "begins_at", "user__last_name", "pk")


def candidates(ward: Ward) -> QuerySet[User]:
    """Whom somebody may want to assign to the ward: active staff of other departments."""
    staff = User.objects.filter(is_active=True, role__in=ASSIGNABLE).exclude(department=ward.pk)
    return staff.order_by("last_name", "first_name", "username")


def _done(by: User, wanted: Assignment) -> Assignment | None:
    """The assignment that the same form has made before."""
    done = Assignment.objects.filter(pk=wanted.pk).first()
    if done is None or _essence(done) == (by.pk, *_essence(wanted)[1:]):
        return done
    raise InvalidAssignment({"": _("This form has been used already. Load the page again.")})


def _essence(assignment: Assignment) -> tuple[object, ...]:
    return (
        assignment.granted_by_id,
        assignment.user_id,
        assignment.ward_id,
        assignment.kind,
        assignment.ends_at,
    )


def _to_be_ended(by: User, assignment_id: UUID) -> Assignment:
    """The assignment, locked, if its end is for this user to say; unknown ones look like those elsewhere."""
    assignment = Assignment.objects.select_for_update().filter(pk=assignment_id).first()
    if assignment is None or not access.may_see(by, assignment.ward_id):
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    access.require_in_charge(by, assignment.ward_id)
    if assignment.in_charge and by.role != Role.ADMIN:
        raise access.Forbidden(IN_CHARGE)
    return assignment


def _wrong_person(by: User, wanted: Assignment) -> dict[str, str]:
    user = wanted.user
    if user.pk == by.pk:
        return {"user": _("Nobody assigns themselves.")}
    if not user.is_active or user.role not in ASSIGNABLE:
        text = _("Only doctors, nurses and pharmacists with an active login can be assigned.")
        return {"user": text}
    if wanted.in_charge and by.role != Role.ADMIN:
        return {"in_charge": _(IN_CHARGE)}
    if wanted.in_charge and user.role != Role.NURSE:
        return {"in_charge": _("Only a nurse can be in charge of a ward.")}
    if not wanted.in_charge and user.department == wanted.ward_id:
        return {"user": _("Works on this ward already.")}
    return {}


def _wrong_times(wanted: Assignment, now: datetime) -> dict[str, str]:
    begins, ends = wanted.begins_at, wanted.ends_at
    if timezone.is_naive(begins) or (ends is not None and timezone.is_naive(ends)):
        return {"begins_at": _("Times need a time zone.")}
    if begins < now - SKEW:
        return {"begins_at": _("Must not be in the past; leave it empty for now.")}
    if ends is None:
        return {} if wanted.kind == Assignment.Kind.HOME else {"ends_at": _("Only a home has no end.")}
    if ends <= now:
        return {"ends_at": _("Must be in the future.")}
    if ends <= begins:
        return {"ends_at": _("Must be after the begin.")}
    if wanted.kind != Assignment.Kind.HOME and ends - begins > LONGEST:
        text = _("Must be within %(days)s days of the begin.")
        return {"ends_at": text % {"days": LONGEST.days}}
    return {}


def _overlapping(wanted: Assignment) -> Assignment | None:
    others = Assignment.objects.filter(user=wanted.user, ward=wanted.ward_id, revoked_at=None)
    begin_before_its_end = Q() if wanted.ends_at is None else Q(begins_at__lt=wanted.ends_at)
    return others.filter(Q(ends_at=None) | Q(ends_at__gt=wanted.begins_at), begin_before_its_end).first()


def _lock(ward_id: str) -> None:
    """Two who assign on one ward at the same time take turns, or both would find no overlap."""
    list(Ward.objects.select_for_update(no_key=True).filter(pk=ward_id))


def _period(assignment: Assignment) -> str:
    begin = words.moment(timezone.localtime(assignment.begins_at))
    if assignment.ends_at is None:
        return _("from %(begin)s on") % {"begin": begin}
    end = words.moment(timezone.localtime(assignment.ends_at))
    return _("from %(begin)s until %(end)s") % {"begin": begin, "end": end}
