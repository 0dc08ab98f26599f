"""A ward that never sleeps: stories, ordinary observations by their due times, and answers to alerts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from clinical.demo.casting import STORIES
from clinical.demo.colleagues import Colleagues
from clinical.demo.rounds import Rounds
from clinical.demo.stage import Stage

# A ward hour in a minute.
SPEED = 60.0
# Seconds; also what is due at once takes turns.
LEAST_WAIT = 0.05


class Simulation:
    """Ward minutes pass `speed` times as fast as those of the clock; what is recorded is recorded now.

    `interval` is how many seconds lie at least between two ordinary sets. The same `random` and the same
    times give the same course.
    """

    def __init__(
        self,
        random: Random,
        *,
        speed: float = SPEED,
        interval: float = 2.0,
        stories: Sequence[str] = STORIES,
        say: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._rounds = Rounds(random, speed)
        self._colleagues = Colleagues(random, speed)
        self._stage = Stage(random, speed, stories, say)
        self._interval = timedelta(seconds=interval)
        self._round_at: datetime | None = None
        self._playing: set[UUID] = set()
        self._measured = 0
        self._is_anybody_here = True

    @property
    def recorded(self) -> int:
        """How many sets it has recorded so far."""
        return self._stage.recorded + self._measured

    def step(self) -> bool:
        """Does what is due; False where there is nobody to do so, or nobody to do it for."""
        now = timezone.now()
        self._stage.step(now)
        ended, self._playing = self._playing - self._stage.patients, self._stage.patients
        for patient_id in ended:
            self._rounds.takes_over(patient_id)
        if self._round_at is None or now >= self._round_at:
            self._is_anybody_here = self._go_round(now)
            self._round_at = now + self._interval
        return self._is_anybody_here

    def wait(self) -> float:
        """Seconds until something is due again."""
        times = [time for time in (self._stage.next_at, self._round_at) if time is not None]
        if not times:
            return LEAST_WAIT
        return max(LEAST_WAIT, (min(times) - timezone.now()).total_seconds())

    def _go_round(self, now: datetime) -> bool:
        waiting = self._rounds.waiting()
        due = [each for each in waiting if each.at <= now and each.patient.pk not in self._playing]
        if due:
            self._measured += self._rounds.measure(due[0])
        for patient_id in self._colleagues.answer(now, self._playing):
            self._rounds.recovers(patient_id)
        return bool(waiting)
