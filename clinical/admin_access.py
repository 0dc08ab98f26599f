"""Rows about patients in the admin site: only for whoever has been given the permission for them by name."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpRequest

CODENAME = "see_clinical_rows"


def may_see_clinical_rows(request: HttpRequest) -> bool:
    """Whether the permission was given to the user or to a group of theirs.

    Not `has_perm`, which a superuser always has: who runs the system does not see patients by that. They can
    give themselves the permission, and the site's log says so.
    """
    if not request.user.is_active:
        return False
    given = Permission.objects.filter(content_type__app_label="clinical", codename=CODENAME)
    return given.filter(Q(user=request.user.pk) | Q(group__user=request.user.pk)).exists()


class ClinicalRowsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """The base of every model about patients: shows and changes nothing without that permission."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and may_see_clinical_rows(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and may_see_clinical_rows(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and may_see_clinical_rows(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_see_clinical_rows(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_see_clinical_rows(request)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Rows that are written by the program alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
