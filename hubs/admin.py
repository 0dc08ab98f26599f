"""Who is connected right now, on all workers, for the admin site; and the way to send somebody away."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest

from hubs.audience import hub_name
from hubs.clients import disconnect
from hubs.connection_tokens import shown
from hubs.description import routed_hubs
from hubs.management.live import live_connections
from hubs.models import Connection


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Read only: rows say what is so, and an action closes connections for good."""

    list_display = ("shown_id", "user_name", "hub_class", "transport", "opened_at", "address", "worker")
    list_display_links = None
    list_filter = ("hub", "transport", "worker")
    search_fields = ("user", "address")
    search_help_text = "A user's number, or an address."
    actions = ["disconnect_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return live_connections().order_by("-opened_at")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Names the users of one page in one query; a row has their identifier only."""
        changes = super().get_changelist_instance(request)
        users = {each.user for each in changes.result_list if each.user is not None}
        names = {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=users)}
        for each in changes.result_list:
            each.user_name = names.get(each.user, each.user)
        return changes

    @admin.display(description="Connection")
    def shown_id(self, connection: Connection) -> str:
        return shown(connection.pk)

    @admin.display(description="User")
    def user_name(self, connection: Connection) -> str | None:
        return getattr(connection, "user_name", connection.user)

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

    def has_disconnect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hubs.disconnect_connection")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return False
