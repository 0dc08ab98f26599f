"""The hub of wall displays: one ward, read only, and nothing in it that its privacy mode hides."""

from functools import partial
from typing import Any, cast

import msgspec

from accounts.models import User
from clinical import access, privacy
from clinical.alert_events import ALERT_EVENTS
from clinical.events import (
    ObservationRecorded,
    OrderDrafted,
    PatientChanged,
    PatientLeft,
    ResumedWard,
    ward_feed,
)
from clinical.models import Ward
from clinical.privacy import Privacy
from clinical.services import board
from hubs.actions import action
from hubs.executor import run
from hubs.feeds.log import LoggedEvent
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import BasePermission, PermissionRequest
from hubs.refresh import AuthenticationRefresh


class IsWallDisplay(BasePermission):
    """Accounts of displays, and of no person."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_wall_display


class MaySeeWall(BasePermission):
    """The display of the ward that the call names; asked again for as long as its feed is followed."""

    resource = "the ward on whose wall it hangs"

    def has_permission(self, request: PermissionRequest) -> bool:
        if not isinstance(request.user, User):
            return False
        access.require_wall(request.user, request.arguments["ward_id"])
        return True


class WallDisplayHub(AuthenticationRefresh, Hub):
    """A hub of its own, so that no action of the clinical one has to think of displays."""

    permission_classes = [IsWallDisplay]
    events = (ObservationRecorded, OrderDrafted, PatientChanged, PatientLeft, *ALERT_EVENTS)

    @action(permission_classes=[MaySeeWall])
    async def subscribe_to_ward(self, ward_id: str) -> dict[str, Any]:
        """Follows the ward's feed; answers the board as of its number, as far as a wall may show it."""
        ward = await run(access.wall_for, self.user, ward_id)
        return await self.feeds.subscribe(
            ward_feed(ward.pk), partial(snapshot, ward, privacy.of_wall(self.user))
        )

    @action(permission_classes=[MaySeeWall])
    async def resume_ward(self, ward_id: str, epoch: int, seq: int) -> ResumedWard:
        """Follows the ward's feed from where this display left it; answers what it has missed."""
        ward = await run(access.wall_for, self.user, ward_id)
        return cast(ResumedWard, await self.feeds.resume(ward_feed(ward.pk), epoch, seq))

    def feed_view(self, feed: str) -> str:
        return privacy.of_wall(self.user).value

    @staticmethod
    def shape(event: LoggedEvent, view: str) -> bytes | None:
        payload = shown(event.name, msgspec.json.decode(event.payload), privacy.chosen(view))
        return None if payload is None else msgspec.json.encode(payload)


def snapshot(ward: Ward, mode: Privacy, position: Position) -> dict[str, Any]:
    """The board without what the mode hides."""
    full = msgspec.to_builtins(board.snapshot(ward, position))
    return {**full, "beds": [privacy.row(row, mode) for row in full["beds"]]}


def shown(name: str, payload: dict[str, Any], mode: Privacy) -> dict[str, Any] | None:
    """An event without what the mode hides; None for one that nobody has thought of here."""
    if name == "PatientLeft":
        return payload
    if name == "PatientChanged":
        return {**payload, "row": privacy.row(payload["row"], mode)}
    if name == "ObservationRecorded":
        return {**payload, "observation": privacy.observation(payload["observation"], mode)}
    if name == "OrderDrafted":
        return {**payload, "order": privacy.order(payload["order"], mode)}
    if name in ALERT_NAMES:
        # What somebody has written about a patient is for those who treat them.
        return {**payload, "note": ""}
    return None


ALERT_NAMES = frozenset(event.__name__ for event in ALERT_EVENTS)
