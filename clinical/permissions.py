"""Who may call what at the clinical hub."""

from accounts.models import Role, User
from clinical import access
from hubs.executor import run
from hubs.permissions import BasePermission, PermissionRequest

# Rules over what a call names, in words, for `manage.py hubs matrix`.
THEIR_WARD = "a ward of theirs, by department or by an assignment in force; for an admin any ward"
THEIR_PATIENT = f"a patient of {THEIR_WARD}"


class IsClinicalStaff(BasePermission):
    """Doctors, nurses, pharmacists and admins."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_clinical_staff


class IsDoctor(BasePermission):
    def has_permission(self, request: PermissionRequest) -> bool:
        return isinstance(request.user, User) and request.user.role == Role.DOCTOR


class IsNurse(BasePermission):
    def has_permission(self, request: PermissionRequest) -> bool:
        return isinstance(request.user, User) and request.user.role == Role.NURSE


class MaySeeWard(BasePermission):
    """Staff of the ward that the call names; asked again for as long as its feed is followed.

    It raises what `access` raises, so that the caller reads the same of any ward that is not theirs. What an
    assignment opens is closed again when that ends.
    """

    resource = THEIR_WARD

    async def has_permission(self, request: PermissionRequest) -> bool:
        user, ward_id = request.user, request.arguments["ward_id"]
        if not isinstance(user, User):
            return False
        # Nearly all follow their own ward, and come all at once after an outage: no thread for them.
        if access.is_open_by_role(user, ward_id):
            return True
        until = await run(access.require_ward, user, ward_id)
        if until < access.FOR_GOOD:
            request.ask_again_at(until)
        return True
