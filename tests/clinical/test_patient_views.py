"""The page of one patient: charts, sets, alerts, orders and what happened when, for those who may see it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from clinical.demo import vitals
from clinical.events import ObservationInput
from clinical.models import AccessRecord, Drug, Patient, Ward
from clinical.services import corrections, observations, orders, patients
from tests.cast import Cast
from tests.clinical.test_views import Page


def get(user: User, patient: Patient, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/patients/{patient.pk}/", query)


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def observe(cast: Cast, patient: Patient, hours: float, **changes: Any) -> Any:
    """A complete set of somebody who is well, so many hours ago."""
    measured = {name: getattr(vitals.WELL, name) for name in vitals.WELL.__dataclass_fields__}
    at = timezone.now() - timedelta(hours=hours)
    return observations.record(cast.nurse, patient.pk, ObservationInput(**measured | changes, measured_at=at))


def pieces(page: str, line: int = 1) -> list[int]:
    """How many polylines each chart has in its first line."""
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    groups = [re.search(rf'chart-line-{line}">(.*?)</g>\s', chart, re.DOTALL) for chart in charts]
    return [group[1].count("<polyline") if group else 0 for group in groups]


def test_staff_of_the_ward_see_it_and_nobody_else(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist, cast.admin):
        assert "BYRON, Ada" in text(get(user, patient))
    unknown = Patient(pk=uuid4())
    answers = [get(cast.nurse, each) for each in (patient_elsewhere, unknown)]
    assert {answer.status_code for answer in answers} == {404}
    assert get(cast.visitor, patient).status_code == 404
    assert Client().get(f"/patients/{patient.pk}/").status_code == 302


def test_an_admin_who_looks_is_recorded(cast: Cast, patient: Patient) -> None:
    get(cast.admin, patient)
    assert list(AccessRecord.objects.values_list("user", "ward")) == [(cast.admin.pk, "icu")]


def test_who_has_left_is_no_more_to_be_seen(cast: Cast, patient: Patient) -> None:
    patients.discharge(patient.pk)
    assert get(cast.nurse, patient).status_code == 404


def test_it_shows_sets_orders_alerts_and_what_happened(cast: Cast, patient: Patient) -> None:
    Drug.objects.create(name="Morphine")
    observe(cast, patient, 1)
    observe(cast, patient, 0, respiration=26, pulse=134)
    orders.draft(cast.doctor, patient.pk, "Morphine")
    page = text(get(cast.nurse, patient))
    for shown in (
        "NEWS2 6",
        "Medium",
        "nobody yet",
        "Draft: Morphine",
        "Draft order: Morphine",
        "↑ up from 0",
        "Admission",
    ):
        assert shown in page, shown


def test_values_before_a_gap_are_not_joined_with_those_behind_it(cast: Cast, patient: Patient) -> None:
    for hours in (22, 20, 2, 1):
        observe(cast, patient, hours)
    # NEWS2, respiration, SpO2, pressure, pulse, temperature: a routine set is missed after 20 hours only.
    assert pieces(text(get(cast.nurse, patient))) == [1, 1, 1, 1, 1, 1]
    observe(cast, patient, 19, respiration=26, pulse=120)
    assert pieces(text(get(cast.nurse, patient))) == [2, 2, 2, 2, 2, 2]


def test_a_value_that_was_not_measured_breaks_its_line_and_no_other(cast: Cast, patient: Patient) -> None:
    for hours in (5, 4, 2, 1):
        observe(cast, patient, hours)
    observe(cast, patient, 3, pulse=None)
    assert pieces(text(get(cast.nurse, patient))) == [2, 1, 1, 1, 2, 1]


def test_a_corrected_set_is_drawn_once_and_both_versions_are_told(cast: Cast, patient: Patient) -> None:
    recorded = observe(cast, patient, 1, pulse=160)
    given = ObservationInput(pulse=60)
    corrections.correct(cast.nurse, recorded.set_id, given, "typed wrongly")
    page = text(get(cast.nurse, patient))
    assert "60 at" in page
    assert "160 at" not in page
    assert "typed wrongly" in page
    assert page.count("<del>") == 1


def test_an_earlier_stay_is_not_on_it(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 1, pulse=77)
    patients.discharge(patient.pk)
    patients.move(patient.pk, Ward.objects.get(pk="icu"), "2")
    page = text(get(cast.nurse, patient))
    assert "77 at" not in page
    assert '<span class="value">77</span>' not in page


@pytest.mark.parametrize(
    ("asked", "shown"), [("12", "12"), ("72", "72"), ("24", "24"), ("", "24"), ("9999", "24"), ("x", "24")]
)
def test_its_charts_show_the_hours_that_somebody_chose(
    cast: Cast, patient: Patient, asked: str, shown: str
) -> None:
    assert f"Charts of the last {shown} hours" in text(get(cast.nurse, patient, hours=asked))


def test_charts_are_read_as_a_table_too(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 1)
    page = Page(text(get(cast.nurse, patient)))
    drawings = page.attributes("svg")
    assert all(
        drawing["role"] == "img" and "table below" in str(drawing["aria-label"]) for drawing in drawings
    )
    assert page.inline == []
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def test_a_long_stay_costs_no_more_queries_than_a_short_one(
    cast: Cast, patient: Patient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(cast.nurse)
    counts = []
    for hours in (3, 2):
        observe(cast, patient, hours, respiration=26, pulse=134)
        with django_assert_max_num_queries(15) as asked:
            client.get(f"/patients/{patient.pk}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_number_is_written_for_a_drawing_in_every_language(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 1)
    client = Client(headers={"Accept-Language": "de"})
    client.force_login(cast.nurse)
    page = text(client.get(f"/patients/{patient.pk}/"))
    assert "Diagramme der letzten 24 Stunden" in page
    numbers = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|r)="([^"]*)"', page)
    assert numbers
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers)
