"""The board that a screen starts from."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from clinical.events import ObservationInput
from clinical.models import Drug, Patient, Ward
from clinical.services import (
    bed_assignments,
    board,
    flags,
    frequency_decisions,
    observations,
    orders,
    patients,
)
from hubs.feeds.subscriptions import Position
from tests.cast import Cast
from tests.clinical.conftest import admitted, told

HERE = Position("ward:icu", 1, 12)


def test_the_board_has_the_shape_of_the_contract(cast: Cast, patient: Patient, drug: Drug, icu: Ward) -> None:
    observations.record(cast.nurse, patient.pk, ObservationInput(pulse=131))
    orders.draft(cast.doctor, patient.pk, drug.name)
    snapshot = msgspec.json.decode(msgspec.json.encode(board.snapshot(icu, HERE)))
    assert {key: snapshot[key] for key in ("feed", "epoch", "seq", "ward")} == {
        "feed": "ward:icu",
        "epoch": 1,
        "seq": 12,
        "ward": {"id": "icu", "name": "Intensive Care"},
    }
    [row] = snapshot["beds"]
    assert set(row) == {
        "patientId", "bed", "name", "mrn", "bornOn", "version", "observation", "draftOrders",
    }  # fmt: skip
    assert row["version"] == 3
    assert row["observation"]["score"]["red"] is True
    assert row["draftOrders"][0]["drugName"] == "Paracetamol"


def test_the_board_shows_what_the_events_said(cast: Cast, patient: Patient, icu: Ward) -> None:
    observations.record(cast.nurse, patient.pk, ObservationInput(pulse=131))
    [row] = msgspec.json.decode(msgspec.json.encode(board.snapshot(icu, HERE)))["beds"]
    [recorded] = [payload for name, payload in told("icu") if name == "ObservationRecorded"]
    assert row["observation"] == recorded["observation"]


def test_an_empty_ward_is_an_empty_board(icu: Ward) -> None:
    assert board.snapshot(icu, HERE).beds == []


def test_only_the_wards_own_patients_are_on_it(
    patient: Patient, patient_elsewhere: Patient, icu: Ward
) -> None:
    patients.discharge(admitted(icu, "2").pk)
    assert [row.patient_id for row in board.snapshot(icu, HERE).beds] == [patient.pk]


def test_beds_stand_in_bed_order(icu: Ward) -> None:
    for bed in ("10", "A10", "2", "A2", "1", "A", "B1", "02-1"):
        admitted(icu, bed)
    beds = [row.bed for row in board.snapshot(icu, HERE).beds]
    assert beds == ["A", "A2", "A10", "B1", "1", "2", "02-1", "10"]


def test_the_newest_measurement_is_shown(cast: Cast, patient: Patient, icu: Ward) -> None:
    observations.record(cast.nurse, patient.pk, ObservationInput(pulse=70))
    earlier = ObservationInput(pulse=120, measured_at=timezone.now() - timedelta(hours=1))
    observations.record(cast.nurse, patient.pk, earlier)
    [row] = board.snapshot(icu, HERE).beds
    assert row.observation is not None
    assert row.observation.pulse == 70


@pytest.mark.parametrize("beds", [1, 12])
def test_a_board_costs_four_queries_whatever_the_number_of_beds(
    cast: Cast, icu: Ward, drug: Drug, beds: int, django_assert_num_queries: Any
) -> None:
    for bed in range(beds):
        patient = admitted(icu, str(bed))
        for pulse in (60, 70):
            observations.record(cast.nurse, patient.pk, ObservationInput(pulse=pulse))
            orders.draft(cast.doctor, patient.pk, drug.name)
        flags.put(cast.nurse, patient.pk, "falls")
        frequency_decisions.prescribe(
            cast.nurse, patient.pk, 30, "Looks grey", timezone.now() + timedelta(hours=8)
        )
        bed_assignments.give(cast.nurse, "icu", cast.nurse, [str(bed)], 8)
    with django_assert_num_queries(4):
        snapshot = board.snapshot(icu, HERE)
    assert len(snapshot.beds) == beds
    for row in snapshot.beds:
        assert (row.flags, row.nurse and row.nurse.id) == (["falls"], cast.nurse.pk)
        assert row.observation is not None
        assert row.observation.frequency is not None


def test_a_write_between_the_queries_is_repaired_by_its_event(
    cast: Cast, patient: Patient, icu: Ward
) -> None:
    """The row may be ahead of its version, never behind it: else the screen would drop the event it lacks."""
    written: list[bool] = []

    def write_once(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if not written and "clinical_observationset" in sql:
            written.append(True)
            observations.record(cast.nurse, patient.pk, ObservationInput(pulse=131))
        return result

    with connection.execute_wrapper(write_once):
        [row] = board.snapshot(icu, HERE).beds
    [payload] = [payload for name, payload in told("icu") if name == "ObservationRecorded"]
    assert written == [True]
    assert row.version < payload["version"]
