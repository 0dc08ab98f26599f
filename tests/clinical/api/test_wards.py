"""The board over HTTP: what the hub's snapshot has."""

import msgspec

from clinical.models import AccessRecord, Patient, Ward
from clinical.services import board
from hubs.feeds.cursors import Position
from hubs.feeds.log import heads
from tests.cast import Cast
from tests.clinical.alarming import raised
from tests.clinical.api.conftest import Call


def test_the_board_is_the_hubs_with_the_number_of_the_feed(
    cast: Cast, patient: Patient, icu: Ward, call: Call
) -> None:
    raised(cast.nurse, patient)
    response = call(cast.pharmacist, "/api/wards/icu/board/")
    head = heads(["ward:icu"])["ward:icu"]
    snapshot = board.snapshot(icu, Position("ward:icu", head.epoch, head.head))
    assert response.json() == msgspec.json.decode(msgspec.json.encode(snapshot))
    assert (response.json()["seq"], len(response.json()["alerts"])) == (head.head, 1)
    assert response["Cache-Control"] == "no-store"


def test_a_ward_without_events_has_a_board_too(cast: Cast, icu: Ward, call: Call) -> None:
    assert call(cast.nurse, "/api/wards/icu/board/").json()["seq"] == 0


def test_wards_are_those_that_one_may_see(cast: Cast, icu: Ward, cardio: Ward, call: Call) -> None:
    assert call(cast.nurse, "/api/wards/").json() == [{"id": "icu", "name": "Intensive Care"}]
    assert len(call(cast.admin, "/api/wards/").json()) == 2
    assert call(cast.nurse, "/api/wards/cardio/board/").status_code == 404


def test_a_board_that_an_admin_reads_is_recorded(cast: Cast, patient: Patient, call: Call) -> None:
    call(cast.admin, "/api/wards/icu/board/")
    assert list(AccessRecord.objects.values_list("ward", "door")) == [("icu", "api")]
