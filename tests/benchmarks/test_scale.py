import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.costs import Costs, Limits
from benchmarks.scale import LAYOUTS, MONITORS, PEOPLE, Load, answer, calm_jitter, followers, storm

AS_IT_IS, TOGETHER, BY_WARD = LAYOUTS
ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_document_shows_what_the_simulation_says_today():
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    document = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert said.stdout.strip() in document, "paste what `python -m benchmarks.scale` prints into the document"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_more_sockets_never_need_less_of_anything(layout):
    answers = [answer(Load(sockets), layout) for sockets in (500, 2_000, 10_000, 40_000, 160_000)]
    for fewer, more in pairwise(answers):
        assert more.workers >= fewer.workers
        assert more.redis_deliveries >= fewer.redis_deliveries
        assert more.statements >= fewer.statements
        assert more.memory_gib > fewer.memory_gib


def test_more_events_need_more_workers():
    few, many = (answer(Load(20_000, events_a_ward=events), TOGETHER) for events in (PEOPLE, MONITORS))
    assert many.workers > few.workers
    assert many.commits == pytest.approx(few.commits * MONITORS / PEOPLE)


def test_a_nurse_alone_on_a_ward_costs_one_delivery_and_one_round():
    costs = Costs(tick_us=0, delivery_us=0, round_ms=100, wake_us=0)
    alone = answer(Load(1, sockets_a_ward=1, events_a_ward=1.0), AS_IT_IS, costs)
    assert alone.workers == 1
    assert alone.worker_cpu == pytest.approx(0.1)


def test_readers_of_a_ward_who_meet_on_one_worker_are_followed_by_one():
    assert followers(Load(25_000), TOGETHER, workers=10) == 1
    assert 9 < followers(Load(25_000), AS_IT_IS, workers=10) <= 10


def test_a_hundred_thousand_sockets_are_too_many_as_it_is_and_fit_in_ten_cells():
    load = Load(100_000)
    assert not answer(load, AS_IT_IS).fits
    assert answer(load, replace(TOGETHER, cells=10)).fits


def test_a_storm_takes_as_long_as_the_work_of_all_returns():
    costs, limits = Costs(return_ms=10, snapshot_ms=0, tick_us=0), Limits(worker_sockets=10_000)
    quiet = answer(Load(2_000, events_a_ward=0.0), TOGETHER, costs, limits)
    free = 1 - quiet.worker_cpu
    assert storm(quiet, 0, costs, limits) == pytest.approx(2_000 * 0.010 / free, abs=0.2)


def test_jitter_makes_a_storm_milder_and_the_calm_one_keeps_tokens_alive():
    found = answer(Load(10_000), TOGETHER)
    waits = [storm(found, jitter) for jitter in (0, 5, 30, 120)]
    assert waits == sorted(waits, reverse=True)
    assert storm(found, calm_jitter(found)) <= 15


def test_a_storm_over_what_does_not_fit_is_no_number_of_seconds():
    with pytest.raises(ValueError, match="carry the load"):
        storm(answer(Load(1_000_000), AS_IT_IS), 0)
