"""Ward assignments over HTTP: who works on a ward besides its own department, and until when."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from accounts.openapi import ListOf, operation
from clinical import access
from clinical.api.shapes import AssignmentView, End, NewAssignment
from clinical.api.view import KEY, ClinicalView, OfRoles, answer
from clinical.models import Assignment, Ward
from clinical.services import assignments
from clinical.services.assignments import InvalidAssignment

REFUSALS = (400, 401, 403, 404, 409, 413, 415)


class MayBeInCharge(OfRoles):
    """Nurses and admins; whether of this ward, the services ask."""

    roles = (Role.NURSE, Role.ADMIN)


class WardAssignments(ClinicalView):
    """`GET`: those in force and those to come; `POST`: one more. For the nurse in charge and for admins."""

    permission_classes = [MayBeInCharge]

    @operation("list_assignments", ListOf(AssignmentView), 401, 403, 404)
    def get(self, request: Request, ward_id: str) -> Response:
        return answer([_view(each) for each in assignments.of_ward(self.ward(ward_id))])

    @operation(
        "assign_to_ward",
        AssignmentView,
        *REFUSALS,
        status=201,
        takes=NewAssignment,
        parameters=[KEY],
        example={
            "user": "nurse.cardio",
            "kind": "shift",
            "endsAt": "2026-11-25T22:00:00+01:00",
            "reason": "Two are ill.",
        },
    )
    def post(self, request: Request, ward_id: str) -> Response:
        ward = self.ward(ward_id)
        key, body = self.needed_key(), self.body(NewAssignment)
        return answer(_view(assignments.assign(self.user, _wanted(key, ward, body))), 201)

    def ward(self, ward_id: str) -> Ward:
        access.require_in_charge(self.user, ward_id)
        return access.ward_for(self.user, ward_id)


class AssignmentEnd(ClinicalView):
    """`POST {endsAt}`: an assignment ends then, or, with an empty object, now."""

    permission_classes = [MayBeInCharge]

    @operation("end_assignment", AssignmentView, *REFUSALS, takes=End)
    def post(self, request: Request, assignment_id: UUID) -> Response:
        ends_at = self.body(End).ends_at
        if ends_at is None:
            return answer(_view(assignments.revoke(self.user, assignment_id)))
        return answer(_view(assignments.shorten(self.user, assignment_id, ends_at)))


def _wanted(key: UUID, ward: Ward, body: NewAssignment) -> Assignment:
    """The assignment that the body describes, not written yet."""
    user = User.objects.filter(username=body.user).first()
    if user is None:
        raise InvalidAssignment({"user": "Nobody has this user name."})
    return Assignment(
        id=key,
        user=user,
        ward=ward,
        kind=body.kind,
        in_charge=body.in_charge,
        begins_at=body.begins_at or timezone.now(),
        ends_at=body.ends_at,
        reason=body.reason,
    )


def _view(assignment: Assignment) -> AssignmentView:
    return AssignmentView(
        id=assignment.pk,
        user_id=assignment.user_id,
        user_name=assignment.user.display_name,
        ward_id=assignment.ward_id,
        kind=assignment.kind,
        in_charge=assignment.in_charge,
        begins_at=assignment.begins_at,
        ends_at=assignment.ends_at,
        reason=assignment.reason,
        granted_by=assignment.granted_by.display_name,
        revoked_at=assignment.revoked_at,
    )
