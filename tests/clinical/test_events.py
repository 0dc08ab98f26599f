"""Whatever a screen has missed, it ends with the board of a fresh one; the screen's own code is asked."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.alert_events import (
    AlertAccepted,
    AlertCancelled,
    AlertEvent,
    AlertMoved,
    AlertRaised,
    AlertResolved,
)
from clinical.events import (
    AlertView,
    BedRow,
    Event,
    ObservationRecorded,
    ObservationSummary,
    OrderDrafted,
    OrderSummary,
    PatientChanged,
    PatientLeft,
    WardName,
    WardSnapshot,
    ward_feed,
)
from clinical.hubs import ClinicalDashboardHub
from clinical.news2 import Measurements, score
from hubs.feeds.batches import merged
from hubs.feeds.log import LoggedEvent

AT = datetime(2026, 11, 24, 4, 12, tzinfo=UTC)
FEED = ward_feed("icu")
PATIENTS = 3
BEDS = ("1", "2", "3")
ELSEWHERE = "elsewhere"

orders = st.just(("order",))
# Raised, then accepted, then resolved, then another one.
alerts = st.just(("alert",))
# Of a set, what counts is whether it is newer than the ones before.
observations = st.tuples(st.just("observe"), st.integers(0, 9))
moves = st.one_of(
    st.tuples(st.just("bed"), st.sampled_from(BEDS)), st.just(("transfer",)), st.just(("discharge",))
)
steps = st.lists(
    st.tuples(st.integers(0, PATIENTS - 1), st.one_of(orders, alerts, alerts, observations, moves)),
    min_size=5,
    max_size=40,
)
ADMISSIONS = [(0, ("bed", "1")), (1, ("bed", "2"))]


@dataclass
class Stay:
    """What the database knows of one patient; `bed` is a bed of the ward, elsewhere, or nowhere."""

    number: int
    version: int = 0
    bed: str = ""
    observations: list[ObservationSummary] = field(default_factory=list)
    orders: list[OrderSummary] = field(default_factory=list)
    alert: AlertView | None = None

    @property
    def newest(self) -> ObservationSummary | None:
        return max(self.observations, key=lambda each: each.measured_at, default=None)

    def row(self) -> BedRow:
        return BedRow(
            patient_id=UUID(int=self.number),
            bed=self.bed,
            name=f"P{self.number}",
            mrn=str(self.number),
            born_on=date(1960, 1, 1),
            version=self.version,
            observation=self.newest,
            draft_orders=list(self.orders),
        )


@dataclass
class History:
    """A ward's feed, and the board as it truly was at each number."""

    stays: list[Stay] = field(default_factory=lambda: [Stay(number) for number in range(PATIENTS)])
    events: list[Event] = field(default_factory=list)
    boards: list[list[BedRow]] = field(default_factory=lambda: [[]])
    alerts: list[list[AlertView]] = field(default_factory=lambda: [[]])
    made: int = 0

    def take(self, number: int, what: tuple[Any, ...]) -> None:
        stay = self.stays[number]
        told = getattr(self, f"_{what[0]}")(stay, *what[1:])
        here = [each for each in self.stays if each.bed in BEDS]
        for event in told if isinstance(told, list) else [told]:
            if event is not None:
                self.events.append(event)
                self.boards.append([each.row() for each in here])
                self.alerts.append([each.alert for each in here if each.alert is not None])

    def _bed(self, stay: Stay, bed: str) -> list[Event | None]:
        if any(each.bed == bed for each in self.stays):
            return []
        comes = stay.bed == ELSEWHERE
        stay.bed, stay.version = bed, stay.version + 1
        return [PatientChanged(row=stay.row()), _alert(stay, AlertMoved) if comes else None]

    def _transfer(self, stay: Stay) -> Event | None:
        # Told to the other ward.
        _alert(stay, AlertMoved)
        return self._leave(stay, ELSEWHERE)

    def _discharge(self, stay: Stay) -> list[Event | None]:
        stay.observations, stay.orders = [], []
        was_here = stay.bed in BEDS
        cancelled = _alert(stay, AlertCancelled, state="cancelled")
        stay.alert = None
        return [self._leave(stay, ""), cancelled if was_here else None]

    def _leave(self, stay: Stay, bed: str) -> Event | None:
        was_here = stay.bed in BEDS
        stay.bed, stay.version = bed, stay.version + 1
        return PatientLeft(patient_id=UUID(int=stay.number), version=stay.version) if was_here else None

    def _observe(self, stay: Stay, minute: int) -> Event | None:
        if stay.bed == "":
            return None
        self.made += 1
        measured_at = AT.replace(minute=minute, microsecond=self.made)
        stay.observations.append(_summary(self.made, measured_at, pulse=60 + self.made))
        stay.version += 1
        newest = stay.newest
        assert newest is not None
        event = ObservationRecorded(
            patient_id=UUID(int=stay.number), version=stay.version, observation=newest
        )
        return event if stay.bed in BEDS else None

    def _alert(self, stay: Stay) -> Event | None:
        if stay.bed == "":
            return None
        self.made += 1
        if stay.alert is None:
            stay.alert = _raised(stay, self.made)
            event = _alert(stay, AlertRaised)
        elif stay.alert.owner is None:
            event = _alert(stay, AlertAccepted, state="accepted", owner="Nora", owner_id=1)
        else:
            event = _alert(stay, AlertResolved, state="resolved")
            stay.alert = None
        return event if stay.bed in BEDS else None

    def _order(self, stay: Stay) -> Event | None:
        if stay.bed == "":
            return None
        self.made += 1
        order = OrderSummary(
            order_id=UUID(int=self.made), drug_name="Morphine", drafted_by="Ada", drafted_at=AT
        )
        stay.orders.append(order)
        stay.version += 1
        event = OrderDrafted(patient_id=UUID(int=stay.number), version=stay.version, order=order)
        return event if stay.bed in BEDS else None


def _raised(stay: Stay, number: int) -> AlertView:
    return AlertView(
        id=UUID(int=number),
        patient_id=UUID(int=stay.number),
        version=0,
        kind="score",
        severity="high",
        state="raised",
        level=0,
        score=7,
        at_least=False,
        red=[],
        due_at=None,
        raised_at=AT,
        owner=None,
        owner_id=None,
        next_step_at=AT,
    )


def _alert(stay: Stay, step: type[AlertEvent], **changes: Any) -> Event | None:
    """The patient's open alert one version further, if there is one."""
    if stay.alert is None:
        return None
    stay.alert = msgspec.structs.replace(stay.alert, version=stay.alert.version + 1, **changes)
    return step(alert=stay.alert, by=None, at=AT)


def _summary(number: int, measured_at: datetime, pulse: int) -> ObservationSummary:
    values: dict[str, Any] = dict.fromkeys(
        ("respiration", "spo2", "on_oxygen", "systolic", "diastolic", "consciousness")
    )
    return ObservationSummary(
        set_id=UUID(int=number),
        measured_at=measured_at,
        recorded_by="Nora",
        spo2_scale=1,
        pulse=pulse,
        temperature=None,
        score=score(Measurements(pulse=pulse)),
        **values,
    )


class Screen:
    """The board's own code, in a Node process."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("board_after.mjs")
        self._node = subprocess.Popen(["node", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def board(self, snapshot: WardSnapshot, events: list[LoggedEvent]) -> dict[str, list[dict[str, Any]]]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        places = pairwise([snapshot.seq, *(event.seq for event in events)])
        sent = [
            {"name": event.name, "payload": msgspec.Raw(event.payload), "envelope": _place(after, event)}
            for (after, _), event in zip(places, events, strict=True)
        ]
        self._node.stdin.write(msgspec.json.encode({"snapshot": snapshot, "events": sent}) + b"\n")
        self._node.stdin.flush()
        board: dict[str, list[dict[str, Any]]] = msgspec.json.decode(self._node.stdout.readline())
        board["alerts"].sort(key=lambda alert: alert["id"])
        return board

    def close(self) -> None:
        self._node.communicate()


def _place(after: int, event: LoggedEvent) -> dict[str, Any]:
    return {"feed": FEED, "epoch": 1, "after": after, "seq": event.seq, "at": event.at}


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    screen = Screen()
    yield screen
    screen.close()


def logged(seq: int, event: Event) -> LoggedEvent:
    payload = msgspec.json.encode(event)
    return LoggedEvent(seq, type(event).__name__, payload, AT, event.SCHEMA, event.merge_key)


def snapshot(history: History, seq: int, patients_at: int, rest_at: int) -> WardSnapshot:
    """As `board.snapshot` reads it while others write: number first, then patients, then all else."""
    later = {row.patient_id: row for row in history.boards[rest_at]}
    beds = [
        msgspec.structs.replace(
            row,
            observation=later.get(row.patient_id, row).observation,
            draft_orders=later.get(row.patient_id, row).draft_orders,
        )
        for row in history.boards[patients_at]
    ]
    return WardSnapshot(
        feed=FEED,
        epoch=1,
        seq=seq,
        ward=WardName(id="icu", name="ICU"),
        beds=beds,
        alerts=history.alerts[rest_at],
    )


# Without a deadline: the first example waits for Node.
@settings(deadline=None, max_examples=300)
@given(steps=steps, data=st.data())
def test_a_board_after_merged_events_is_the_board_after_all_of_them(
    screen: Screen, steps: list[tuple[int, tuple[Any, ...]]], data: st.DataObject
) -> None:
    history = History()
    for number, what in ADMISSIONS + steps:
        history.take(number, what)
    head = len(history.events)
    seq, patients_at, rest_at = sorted(data.draw(st.tuples(*[st.integers(0, head)] * 3)))
    shown = snapshot(history, seq, patients_at, rest_at)
    missed = [logged(at, event) for at, event in enumerate(history.events, 1) if at > seq]
    rows = sorted(history.boards[-1], key=lambda row: row.bed)
    open_alerts = sorted(history.alerts[-1], key=lambda alert: str(alert.id))
    truth = msgspec.json.decode(msgspec.json.encode({"rows": rows, "alerts": open_alerts}))
    assert screen.board(shown, missed) == truth
    assert screen.board(shown, merged(missed)) == truth


def test_only_observations_are_ever_merged() -> None:
    events = [event for event in ClinicalDashboardHub.events if issubclass(event, Event)]
    assert len(events) == len(ClinicalDashboardHub.events)
    assert {event for event in events if event.merge_key is not Event.merge_key} == {ObservationRecorded}


def test_sets_of_two_patients_are_not_taken_for_one_another() -> None:
    history = History()
    for number, what in [*ADMISSIONS, *[(number, ("observe", 1)) for number in (0, 1, 0)]]:
        history.take(number, what)
    kept = merged([logged(seq, event) for seq, event in enumerate(history.events, 1)])
    assert [event.seq for event in kept] == [1, 2, 4, 5]
