"""What is decided at a bed over HTTP: how often somebody is observed, flags, and whose bed it is."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from accounts.openapi import ListOf, operation
from clinical import access
from clinical.api.patients import PatientView, decision_view
from clinical.api.shapes import (
    BedView,
    DecisionView,
    FlagView,
    GivenBeds,
    NewFlag,
    NewFrequency,
    ReleasedBeds,
)
from clinical.api.view import ClinicalView, OfRoles, answer
from clinical.models import Flag, Ward
from clinical.services import bed_assignments, flags, frequency_decisions
from clinical.services.bed_assignments import InvalidBeds

WRITTEN = (400, 401, 403, 404, 409, 413, 415)


class IsPrescriber(OfRoles):
    roles = frequency_decisions.PRESCRIBERS


class IsSetter(OfRoles):
    roles = flags.SETTERS


class IsGiver(OfRoles):
    roles = (Role.NURSE, Role.ADMIN)


class Frequencies(ClinicalView):
    """`POST {patientId, minutes, until, reason}`: another interval than the score's, from now on.

    More often by doctors and nurses; less often by doctors and the nurse in charge.
    """

    permission_classes = [IsPrescriber]

    @operation("decide_frequency", DecisionView, *WRITTEN, status=201, takes=NewFrequency)
    def post(self, request: Request) -> Response:
        body = self.body(NewFrequency)
        made = frequency_decisions.prescribe(
            self.user, body.patient_id, body.minutes, body.reason, body.until
        )
        return answer(decision_view(made, timezone.now()), 201)


class FrequencyEnd(ClinicalView):
    """`POST`: a decision about an interval is revoked; it stays on record."""

    permission_classes = [IsPrescriber]

    @operation("revoke_frequency", DecisionView, 400, 401, 403, 404, 409)
    def post(self, request: Request, decision_id: UUID) -> Response:
        return answer(decision_view(frequency_decisions.revoke(self.user, decision_id), timezone.now()))


class PatientFlags(PatientView):
    """`GET`: the flags of this stay, cleared ones too, newest first."""

    @operation("list_flags", ListOf(FlagView), 401, 403, 404)
    def get(self, request: Request, patient_id: UUID) -> Response:
        return answer([_flag(each) for each in flags.of_stay(self.patient(patient_id))])


class Flags(ClinicalView):
    """`POST {patientId, kind, note}`: a flag for this stay. One that is there already stays as it is."""

    permission_classes = [IsSetter]

    @operation("set_flag", FlagView, *WRITTEN, status=201, takes=NewFlag)
    def post(self, request: Request) -> Response:
        body = self.body(NewFlag)
        return answer(_flag(flags.put(self.user, body.patient_id, body.kind, body.note)), 201)


class FlagEnd(ClinicalView):
    """`POST`: a flag is cleared; it stays on record."""

    permission_classes = [IsSetter]

    @operation("clear_flag", FlagView, 401, 403, 404)
    def post(self, request: Request, flag_id: UUID) -> Response:
        return answer(_flag(flags.clear(self.user, flag_id)))


class BedGift(ClinicalView):
    """`POST {beds, hours, user}`: the beds are that user's for so long, without one the sender's own."""

    permission_classes = [IsGiver]

    @operation("give_beds", ListOf(BedView), *WRITTEN, takes=GivenBeds)
    def post(self, request: Request, ward_id: str) -> Response:
        body = self.body(GivenBeds)
        ward = access.ward_for(self.user, ward_id)
        bed_assignments.give(self.user, ward.pk, self._nurse(body.user), body.beds, body.hours)
        return answer(_beds(ward))

    def _nurse(self, username: str) -> User:
        found = User.objects.filter(username=username).first() if username else self.user
        if found is None:
            raise InvalidBeds(str(bed_assignments.NO_NURSE))
        return found


class BedRelease(ClinicalView):
    """`POST {beds}`: the beds are nobody's. Answers those of the ward that are somebody's."""

    permission_classes = [IsGiver]

    @operation("release_beds", ListOf(BedView), *WRITTEN, takes=ReleasedBeds)
    def post(self, request: Request, ward_id: str) -> Response:
        body = self.body(ReleasedBeds)
        ward = access.ward_for(self.user, ward_id)
        bed_assignments.release(self.user, ward.pk, body.beds)
        return answer(_beds(ward))


def _flag(flag: Flag) -> FlagView:
    return FlagView(
        id=flag.pk,
        patient_id=flag.patient_id,
        kind=flag.kind,
        note=flag.note,
        set_by=flag.set_by.display_name,
        set_at=flag.set_at,
        cleared_by=flag.cleared_by.display_name if flag.cleared_by else None,
        cleared_at=flag.cleared_at,
    )


def _beds(ward: Ward) -> list[BedView]:
    found = bed_assignments.of_ward(ward, timezone.now())
    return [
        BedView(bed=each.bed, nurse=each.nurse.display_name, nurse_id=each.nurse.pk, until=each.ends_at)
        for each in found
    ]
