"""Who may call what at the clinical hub."""

from accounts.models import Role, User
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
