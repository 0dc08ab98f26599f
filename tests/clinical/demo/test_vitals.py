"""Whether the made-up patients could live."""

from dataclasses import asdict
from decimal import Decimal
from random import Random

import pytest

from clinical.demo import vitals
from clinical.models import ObservationSet
from clinical.news2 import Measurements, score
from clinical.plausibility import check
from clinical.services.observation_input import MEASUREMENTS


@pytest.mark.parametrize("towards", vitals.STATES)
def test_a_drift_stays_plausible_and_arrives(towards: vitals.Vitals) -> None:
    random, now = Random(7), vitals.WELL
    for _ in range(200):
        now = vitals.drifted(random, now, towards)
        for name in (*vitals.NOISE, "temperature"):
            check(name, getattr(now, name))
        assert now.diastolic < now.systolic
        assert now.temperature == round(now.temperature, 1)
    assert abs(now.pulse - towards.pulse) < 20
    assert abs(now.temperature - towards.temperature) < 1


def test_most_are_well_and_some_are_not() -> None:
    random = Random(7)
    bands = set()
    for _ in range(200):
        given = vitals.drifted(random, *[vitals.state(random)] * 2)
        measured = {name: value for name, value in asdict(given).items() if name != "diastolic"}
        bands.add(score(Measurements(**measured)).band)
    assert {"routine", "low", "medium", "high"} <= bands


def test_now_and_then_something_is_not_measured() -> None:
    random = Random(7)
    sets = [vitals.as_entered(random, vitals.WELL) for _ in range(300)]
    partial = [each for each in sets if any(getattr(each, name) is None for name in MEASUREMENTS)]
    assert 0 < len(partial) < 60
    assert all((each.missing_reason is None) is (each not in partial) for each in sets)


def test_a_patient_goes_on_from_what_was_last_seen() -> None:
    seen = ObservationSet(pulse=130, temperature=Decimal("39.2"), on_oxygen=True, consciousness="V")
    assert vitals.of(seen) == vitals.Vitals(
        vitals.WELL.respiration,
        vitals.WELL.spo2,
        vitals.WELL.systolic,
        vitals.WELL.diastolic,
        130,
        Decimal("39.2"),
        on_oxygen=True,
        consciousness="V",
    )
    assert vitals.of(None) == vitals.WELL
