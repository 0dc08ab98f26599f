"""Users in the admin site: with role and department."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Django's own, and what somebody does where; people leave by being made inactive."""

    list_display = ("username", "first_name", "last_name", "role", "department", "is_active")
    list_filter = ("role", "department", "is_active", "is_superuser")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("At work", {"fields": ("role", "department")}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("At work", {"fields": ("role", "department")}))
