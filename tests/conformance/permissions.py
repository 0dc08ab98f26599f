"""The policies of the recorded hubs and of the contract's."""

from hubs.permissions import BasePermission, PermissionRequest

CLINICAL_ROLES = {"Doctor", "Nurse", "Pharmacist", "Admin"}


class ClinicalStaff(BasePermission):
    def has_permission(self, request: PermissionRequest) -> bool:
        return request.claims.get("role") in CLINICAL_ROLES


class DoctorsOnly(BasePermission):
    def has_permission(self, request: PermissionRequest) -> bool:
        return request.claims.get("role") == "Doctor"


class ContractAdmins(BasePermission):
    """The contract writes its one role in small letters."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return request.claims.get("role") == "admin"
