"""What the walk through the rights of the API sends: bodies with which whoever may do a thing succeeds."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Role, User
from clinical import access
from clinical.models import Assignment, Drug, Patient, ScoringDecision
from clinical.services import flags, frequency_decisions
from tests.cast import hire
from tests.clinical.places import BEDS, Target

Body = dict[str, Any] | None


def bed() -> str:
    return str(next(BEDS))


def admission(target: Target) -> Body:
    place = {"wardId": target.ward, "bed": bed()}
    return place | {"mrn": bed(), "familyName": "Byron", "givenName": "Ada", "bornOn": "1960-12-10"}


def move(target: Target) -> dict[str, Any]:
    """Somebody, from where they lie."""
    found = Patient.objects.filter(pk=(patient := target.patient())).first()
    return {"patientId": patient, "from": {"wardId": target.ward, "bed": found.bed if found else "1"}}


def in_charge(target: Target) -> None:
    """Puts the user in charge of a ward that they may see anyway."""
    if target.user.role == Role.NURSE and access.may_see(target.user, target.ward):
        Assignment.objects.get_or_create(
            user=target.user,
            in_charge=True,
            ward_id=target.ward,
            kind=Assignment.Kind.HOME,
            granted_by=target.user,
        )


def swap(target: Target) -> Body:
    in_charge(target)
    return move(target) | {"withBed": move(target)["from"]["bed"]}


def assignment(target: Target) -> dict[str, Any]:
    in_charge(target)
    name = f"relief.{next(BEDS)}"
    hire(name, Role.DOCTOR)
    return {"user": name, "kind": "home", "reason": "Helps out."}


def assignments_of(target: Target) -> tuple[str, Body]:
    return f"/api/wards/{target.ward}/assignments/", assignment(target)


def end_of_assignment(target: Target) -> tuple[str, Body]:
    wanted = assignment(target)
    if target.nurse is None:
        return f"/api/assignments/{uuid.uuid4()}/end/", {}
    made = Assignment.objects.create(
        user=User.objects.get(username=wanted["user"]),
        ward_id=target.ward,
        kind=Assignment.Kind.HOME,
        granted_by=target.nurse,
    )
    return f"/api/assignments/{made.pk}/end/", {}


def end_of_decision(target: Target) -> tuple[str, Body]:
    patient = Patient.objects.filter(pk=target.patient()).first()
    if patient is None:
        return f"/api/scoring/{uuid.uuid4()}/revoke/", None
    particulars = {"kind": "pregnant", "decided_by": target.nurse, "decided_at": patient.admitted_at}
    made = ScoringDecision.objects.create(patient=patient, reason="Test positive.", **particulars)
    return f"/api/scoring/{made.pk}/revoke/", None


def frequency(target: Target) -> dict[str, Any]:
    """More often than any score asks for."""
    until = (timezone.now() + timedelta(hours=8)).isoformat()
    return {"patientId": target.patient(), "minutes": 15, "until": until, "reason": "Looks grey."}


def end_of_frequency(target: Target) -> tuple[str, Body]:
    if target.nurse is None:
        return f"/api/frequencies/{uuid.uuid4()}/revoke/", None
    by = target.user if target.user.role == Role.NURSE and is_seen(target) else target.nurse
    until = timezone.now() + timedelta(hours=8)
    made = frequency_decisions.prescribe(by, UUID(target.patient()), 15, "Looks grey.", until)
    return f"/api/frequencies/{made.pk}/revoke/", None


def end_of_flag(target: Target) -> tuple[str, Body]:
    if target.nurse is None:
        return f"/api/flags/{uuid.uuid4()}/clear/", None
    return f"/api/flags/{flags.put(target.nurse, UUID(target.patient()), 'falls').pk}/clear/", None


def beds(target: Target) -> Body:
    """Beds of one's own; of a nurse of the ward, where somebody is none."""
    nurse = target.user if target.user.role == Role.NURSE else target.nurse
    return {"beds": [move(target)["from"]["bed"]], "hours": 8, "user": nurse.username if nurse else ""}


def is_seen(target: Target) -> bool:
    return access.may_see(target.user, target.ward)


def order(target: Target) -> Body:
    Drug.objects.get_or_create(name="Paracetamol")
    return {"patientId": target.patient(), "drugName": "Paracetamol"}
