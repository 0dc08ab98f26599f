"""Who may call what at the clinical hub."""

from accounts.models import Role, User
from clinical import access
from hubs.permissions import BasePermission, PermissionRequest


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

    It raises what `access` raises, so that the caller reads the same of any ward that is not theirs.
    """

    def has_permission(self, request: PermissionRequest) -> bool:
        if not isinstance(request.user, User):
            return False
        access.require_ward(request.user, request.arguments["ward_id"])
        return True
