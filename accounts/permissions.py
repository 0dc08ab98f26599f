"""Who may use an HTTP view: the default that lets nobody in, and the rule for clinical staff."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User

if TYPE_CHECKING:
    # The framework's views import this module, because the settings name it as their default.
    from rest_framework.views import APIView


class Nobody(BasePermission):
    """The default of every view: a view that names no permission of its own is closed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


class IsClinicalStaff(BasePermission):
    """Doctors, nurses, pharmacists and admins."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.user, User) and request.user.is_clinical_staff
