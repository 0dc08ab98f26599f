"""The judge of the faults finds each kind of untruth, and nothing where all is well."""

import json
from typing import Any

import msgspec
import pytest

from clinical.alert_events import AlertEvent
from clinical.hubs import ClinicalDashboardHub
from tests.faults.ward import oracle
from tests.faults.ward.board import ROW_EVENTS, Board, apply
from tests.faults.ward.journal import Journal
from tests.faults.ward.ledger import Ledger, Logged
from tests.faults.ward.screen import Screen, Status

FEED = "ward:icu"


def payload(version: int) -> dict[str, Any]:
    return {"patientId": "p", "version": version}


def alert(version: int, *, state: str = "raised") -> dict[str, Any]:
    return {"id": "a", "patientId": "p", "version": version, "state": state}


def ledger(*names: str, keys: str = "p", at: float = 0.0) -> Ledger:
    """A log of such events, counted from 1; observations have the key of their patient."""
    events = [
        Logged(
            seq,
            name,
            msgspec.Raw(json.dumps(payload(seq)).encode()),
            keys if name == "ObservationRecorded" else "",
            at,
        )
        for seq, name in enumerate(names, 1)
    ]
    return Ledger({FEED: events}, {FEED: len(events)}, {"icu": msgspec.Raw(b'{"beds": [], "alerts": []}')})


def journal(*events: tuple[int, int, str], at: float = 1.0) -> Journal:
    """A snapshot at 0 and then these events: (after, seq, name)."""
    found = Journal("nurse")
    found.snapshot(FEED, 1, 0, 0.0)
    for after, seq, name in events:
        envelope = {"feed": FEED, "epoch": 1, "after": after, "seq": seq}
        found.deliver(payload(seq), name, envelope, at, resumed=False)
    return found


OBSERVED, ORDERED = "ObservationRecorded", "OrderDrafted"


def test_a_whole_chain_is_no_complaint() -> None:
    assert oracle.complaints(journal((0, 1, OBSERVED), (1, 2, ORDERED)), ledger(OBSERVED, ORDERED)) == []


def test_an_observation_that_a_newer_one_stands_for_may_be_missing() -> None:
    assert oracle.complaints(journal((0, 2, OBSERVED)), ledger(OBSERVED, OBSERVED)) == []


@pytest.mark.parametrize(
    ("events", "log"),
    [
        pytest.param([(0, 2, OBSERVED)], [ORDERED, OBSERVED], id="an order that is left out"),
        pytest.param([(0, 2, ORDERED)], [OBSERVED, ORDERED], id="an observation that nothing stands for"),
        pytest.param([(0, 1, OBSERVED), (0, 1, OBSERVED)], [OBSERVED], id="an event that comes twice"),
        pytest.param([(1, 2, OBSERVED)], [OBSERVED, OBSERVED], id="an event behind one that is not held"),
        pytest.param([(0, 1, ORDERED)], [OBSERVED], id="an event that is not the one of the log"),
        pytest.param([(0, 1, OBSERVED)], [], id="an event that was never written"),
    ],
)
def test_what_is_lost_twice_or_made_up_is_found(events: list, log: list) -> None:
    assert oracle.complaints(journal(*events), ledger(*log))


def test_a_board_that_differs_is_found() -> None:
    assert oracle.board_complaints("nurse", {"icu": Board({}, {})}, ledger()) == []
    assert oracle.board_complaints("nurse", {"icu": Board({"p": payload(1)}, {})}, ledger())
    assert oracle.board_complaints("nurse", {"icu": Board({}, {"a": alert(1)})}, ledger())


def test_a_screen_that_said_live_while_it_lacked_an_event_is_found() -> None:
    late = journal((0, 1, OBSERVED), at=45.0)
    screen = Screen(0.0)
    screen.live(0.0)
    for beat in (10.0, 20.0, 30.0, 40.0):
        screen.heard(beat)
    assert oracle.late_complaints("nurse", late.chains, screen, ledger(OBSERVED), 0.0)


def test_a_screen_is_amber_after_half_a_minute_of_silence_and_not_live_after_one() -> None:
    screen = Screen(0.0)
    screen.live(0.0)
    screen.heard(10.0)
    screen.silence(100.0)
    assert screen.history[1:] == [(0.0, Status.LIVE), (40.0, Status.AMBER), (70.0, Status.NOT_LIVE)]
    late = journal((0, 1, OBSERVED), at=90.0)
    assert oracle.late_complaints("nurse", late.chains, screen, ledger(OBSERVED, at=10.0), 0.0) == []


def test_an_older_version_does_not_change_a_row() -> None:
    board = Board({"p": {**payload(3), "observation": "new", "draftOrders": []}}, {})
    apply(board, OBSERVED, {**payload(2), "observation": "old"})
    assert board.rows["p"]["observation"] == "new"


def test_an_order_that_the_snapshot_read_early_is_there_once() -> None:
    order = {"orderId": "o"}
    board = Board({"p": {**payload(1), "draftOrders": [order]}}, {})
    apply(board, ORDERED, {**payload(2), "order": order})
    assert board.rows["p"]["draftOrders"] == [order]


def test_an_alert_stands_in_its_newest_version_until_it_is_over_or_its_patient_has_left() -> None:
    board = Board({"p": payload(1)}, {})
    apply(board, "AlertAccepted", {"alert": alert(2, state="accepted")})
    apply(board, "AlertRaised", {"alert": alert(1)})
    assert board.alerts == {"a": alert(2, state="accepted")}
    apply(board, "AlertResolved", {"alert": alert(3, state="resolved")})
    assert board.alerts == {}
    apply(board, "AlertRaised", {"alert": alert(1)})
    apply(board, "PatientLeft", payload(2))
    assert board == Board({}, {})


def test_the_judge_knows_every_event_of_the_ward() -> None:
    told = {event.__name__ for event in ClinicalDashboardHub.events if not issubclass(event, AlertEvent)}
    assert told == ROW_EVENTS
