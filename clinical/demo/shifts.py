"""What a change of shifts does with the assignments of a ward."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from accounts.models import Role, User
from clinical.demo import staff
from clinical.models import Assignment, Ward
from clinical.models.assignments import AssignmentQuerySet
from clinical.services import assignments

# By these words the next change knows whose shift is over.
REASON = "shift of the demo"
SHIFT = timedelta(hours=8)


class Handover:
    """One change on one ward: it knows who comes, so that all others of its kind may go."""

    def __init__(self, random: Random, ward_id: str) -> None:
        self._random = random
        self._ward_id = ward_id
        self._begun: Assignment | None = None

    def assign(self) -> None:
        """A nurse of another ward comes for a shift, if there is one who is not here already."""
        here = set(self._in_force().values_list("user", flat=True))
        others = [nurses for ward_id, nurses in staff.acting(Role.NURSE).items() if ward_id != self._ward_id]
        coming = [nurse for nurses in others for nurse in nurses if nurse.pk not in here]
        if not coming:
            return
        now = timezone.now()
        wanted = self._assignment(self._random.choice(coming), Assignment.Kind.SHIFT)
        wanted.begins_at, wanted.ends_at, wanted.reason = now, now + SHIFT, REASON
        self._begun = assignments.assign(self._in_charge() or staff.administrator(), wanted)

    def pass_charge(self) -> None:
        """The ward gets its next nurse in charge; it is never without one."""
        before = list(self._in_force().filter(in_charge=True).select_related("user"))
        nurses = User.objects.filter(role=Role.NURSE, department=self._ward_id, is_active=True)
        free = [nurse for nurse in nurses.order_by("username") if nurse not in {each.user for each in before}]
        if not free:
            return
        last = before[0].user.username if before else ""
        following = next((nurse for nurse in free if nurse.username > last), free[0])
        administrator = staff.administrator()
        wanted = self._assignment(following, Assignment.Kind.HOME)
        wanted.in_charge, wanted.reason = True, "nurse in charge"
        assignments.assign(administrator, wanted)
        for each in before:
            assignments.revoke(administrator, each.pk)

    def relieve(self) -> None:
        """Those of the shift before go."""
        by = self._in_charge() or staff.administrator()
        over = self._in_force().filter(kind=Assignment.Kind.SHIFT, reason=REASON)
        for each in over:
            if each != self._begun:
                assignments.revoke(by, each.pk)

    def _assignment(self, user: User, kind: Assignment.Kind) -> Assignment:
        ward = Ward.objects.get(pk=self._ward_id)
        return Assignment(user=user, ward=ward, kind=kind, begins_at=timezone.now())

    def _in_charge(self) -> User | None:
        found = self._in_force().filter(in_charge=True, user__is_active=True).select_related("user").first()
        return found.user if found else None

    def _in_force(self) -> AssignmentQuerySet:
        return Assignment.objects.in_force().filter(ward=self._ward_id)
