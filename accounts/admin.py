"""Users in the admin site, with role and department, who is logged in, and who failed to."""

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import LoginSession, User


@admin.register(User)
class StaffAdmin(UserAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Django's own, and what somebody does where; people leave by being made inactive."""

    list_display = ("username", "first_name", "last_name", "role", "department", "is_active")
    list_filter = ("role", "department", "is_active", "is_superuser")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("At work", {"fields": ("role", "department")}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("At work", {"fields": ("role", "department")}))


@admin.register(LoginSession)
class LoginSessionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Who is logged in, and the end of a login on every device and worker; nothing is written by hand."""

    list_display = ("user", "started_at", "expires_at", "ended_at", "end_reason")
    list_filter = ("ended_at", "end_reason")
    search_fields = ("user__username", "user__last_name")
    list_select_related = ("user",)
    actions = ["end_sessions"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LoginSession | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LoginSession | None = None) -> bool:
        return False

    @admin.action(description="End the selected sessions", permissions=["end"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[LoginSession]) -> None:
        chosen = LoginSession.objects.get_queryset().filter(pk__in=queryset.values("pk"))
        count = chosen.end("ended by an administrator")
        self.message_user(request, f"Sessions ended: {count}.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.end_loginsession")


@admin.register(AccessAttempt)
class FailedLoginAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Logins that failed lately, by name and address; deleting one takes its lock off.

    A name that nobody has stands there as a digest, because it may be a password in the wrong field.
    """

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "locked")
    fields = readonly_fields = (*list_display, "path_info")
    search_fields = ("username", "ip_address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessAttempt]:
        counted = timezone.now() - settings.AXES_COOLOFF_TIME
        return super().get_queryset(request).filter(attempt_time__gt=counted)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return False

    @admin.display(boolean=True)
    def locked(self, attempt: AccessAttempt) -> bool:
        return bool(attempt.failures_since_start >= settings.AXES_FAILURE_LIMIT)
