"""Wards over HTTP: which there are for the user, and the board of one."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import ListOf, operation
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.api.view import ClinicalView, answer
from clinical.events import WardName, WardSnapshot, ward_feed
from clinical.models import AccessRecord
from clinical.services import access_records, board
from hubs.feeds.cursors import Position
from hubs.feeds.heads import NO_EVENTS
from hubs.feeds.log import heads


class WardList(ClinicalView):
    """`GET`: the wards that the user may see."""

    permission_classes = [IsClinicalStaff]

    @operation("list_wards", ListOf(WardName), 401, 403)
    def get(self, request: Request) -> Response:
        return answer([WardName(id=ward.pk, name=ward.name) for ward in access.visible_wards(self.user)])


class Board(ClinicalView):
    """`GET`: the board as `SubscribeToWard` answers it, with the number in the feed up to which it holds."""

    permission_classes = [IsClinicalStaff]

    @operation("read_board", WardSnapshot, 401, 403, 404)
    def get(self, request: Request, ward_id: str) -> Response:
        ward = access_records.open_ward(self.user, ward_id, AccessRecord.Door.API)
        feed = ward_feed(ward.pk)
        # Read before the board, which then holds at least so much.
        head = heads([feed]).get(feed, NO_EVENTS)
        return answer(board.snapshot(ward, Position(feed, head.epoch, head.head)))
