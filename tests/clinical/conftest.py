"""Two wards, a patient in each, and the cast."""

from datetime import date
from typing import Any

import msgspec
import pytest

from clinical.demo import hospital
from clinical.models import Drug, Patient, Ward
from clinical.services import patients
from hubs.models import FeedEvent
from tests.cast import Cast
from tests.clinical.wall_clock import WallClock


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture
def icu(db: None) -> Ward:
    return Ward.objects.create(id="icu", name="Intensive Care")


@pytest.fixture
def cardio(db: None) -> Ward:
    return Ward.objects.create(id="cardio", name="Cardiology")


@pytest.fixture
def patient(icu: Ward) -> Patient:
    return admitted(icu, "1", mrn="A1")


@pytest.fixture
def patient_elsewhere(cardio: Ward) -> Patient:
    return admitted(cardio, "1", mrn="B1")


@pytest.fixture
def drug(db: None) -> Drug:
    return Drug.objects.create(name="Paracetamol")


@pytest.fixture
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the demo hospital be built in no time."""
    monkeypatch.setattr(hospital, "WARDS", tuple((*ward[:2], 2) for ward in hospital.WARDS))


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """Stands still until the test lets time pass; ask for it before anything that has a time."""
    return WallClock(monkeypatch)


def admitted(ward: Ward, bed: str, **changes: Any) -> Patient:
    particulars = {"mrn": f"{ward.pk}-{bed}", "given_name": "Ada", "family_name": "Byron"}
    return patients.admit(ward=ward, bed=bed, **({"born_on": date(1960, 12, 10)} | particulars | changes))


def told(ward_id: str) -> list[tuple[str, dict[str, Any]]]:
    """What the ward's screens hear, in order: (event, payload)."""
    events = FeedEvent.objects.filter(feed__name=f"ward:{ward_id}").order_by("seq")
    return [(event.name, msgspec.json.decode(event.payload)) for event in events]
