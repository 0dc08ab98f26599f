"""Who is connected right now and who was not let in, for the admin site; and the way to send people away."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from hubs.audience import hub_name
from hubs.clients import disconnect
from hubs.conf import hubs_settings
from hubs.connection_tokens import shown
from hubs.description import routed_hubs
from hubs.management.live import live_connections, users_of
from hubs.models import Connection, Refusal


class OfUsersAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Rows that say what is so: nothing is written by hand. Each belongs to a user, by identifier."""

    list_display_links = None

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Finds the users of one page in one query; a row has their identifier only."""
        changes = super().get_changelist_instance(request)
        users = users_of(changes.result_list)
        for each in changes.result_list:
            each.found_user = users.get(each.user)
        return changes

    @admin.display(description="User")
    def user_name(self, row: Any) -> str | None:
        return str(user) if (user := getattr(row, "found_user", None)) is not None else row.user

    @admin.display(description="Role")
    def role(self, row: Any) -> str:
        return str(getattr(getattr(row, "found_user", None), "role", ""))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Connection)
class ConnectionAdmin(OfUsersAdmin):
    """The live connections of all workers; actions close them for good, or end the login behind them."""

    list_display = (
        "shown_id",
        "user_name",
        "role",
        "hub_class",
        "follows",
        "transport",
        "opened_at",
        "address",
        "origin",
        "worker",
    )
    list_filter = ("hub", "transport", "worker")
    search_fields = ("user", "address", "follows")
    search_help_text = "A user's number, an address, or what is followed."
    actions = ["disconnect_selected", "end_sessions_of_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return live_connections().order_by("-opened_at")

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., str], str, str] | None]:
        found = super().get_actions(request)
        if hubs_settings.end_session is None:
            found.pop("end_sessions_of_selected", None)
        return found

    @admin.display(description="Connection")
    def shown_id(self, connection: Connection) -> str:
        return shown(connection.pk)

    @admin.display(description="Hub", ordering="hub")
    def hub_class(self, connection: Connection) -> str:
        return connection.hub.rpartition(".")[2]

    @admin.action(description="Disconnect the selected connections", permissions=["disconnect"])
    def disconnect_selected(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        hubs = {hub_name(routed.hub): routed.hub for routed in routed_hubs()}
        asked = [each for each in queryset if each.hub in hubs]
        for each in asked:
            disconnect(hubs[each.hub], connection=each.pk)
            self.log_change(request, each, "Disconnected.")
        self.message_user(
            request, f"Asked to leave: {len(asked)}. Reload in a few seconds.", messages.SUCCESS
        )

    @admin.action(description="End the sessions of the selected connections", permissions=["end_session"])
    def end_sessions_of_selected(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        if (end_session := hubs_settings.end_session) is None:
            return
        of_sessions = {each.session: each for each in queryset if each.session}
        for session, connection in of_sessions.items():
            end_session(session)
            self.log_change(request, connection, "Session ended.")
        self.message_user(request, f"Sessions ended: {len(of_sessions)}.", messages.SUCCESS)

    def has_disconnect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hubs.disconnect_connection")

    def has_end_session_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hubs.end_session_connection")


@admin.register(Refusal)
class RefusalAdmin(OfUsersAdmin):
    """Why somebody was not let in lately, which only the log says otherwise; the caller is not told."""

    list_display = (
        "at",
        "count",
        "reason",
        "status",
        "path",
        "user_name",
        "address",
        "origin",
        "shown_id",
        "worker",
    )
    list_filter = ("reason", "path", "worker")
    search_fields = ("reason", "user", "address", "connection")

    @admin.display(description="Last connection")
    def shown_id(self, refusal: Refusal) -> str:
        return refusal.connection
