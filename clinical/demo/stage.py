"""Where stories are told: one a ward at a time, in turn, each step when its time has come."""

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from clinical.demo import casting
from clinical.demo.casting import Cast
from clinical.demo.scene import Scene
from clinical.demo.stories import Step
from clinical.models import Ward
from clinical.services.stays import Place
from hubs.errors import HubError

logger = logging.getLogger("clinical")

# Ward minutes between the beginnings of two stories.
BETWEEN = 20
# After this it looks again for a ward that has no story, and somebody for one.
LOOK_AGAIN = timedelta(seconds=1)


@dataclass
class Playing:
    """A story with the step that comes next."""

    story: str
    place: Place
    scene: Scene | None
    steps: Iterator[Step]
    step: Step
    at: datetime


class Stage:
    """Tells stories, and says in one line where each begins, without names of patients."""

    def __init__(
        self, random: Random, speed: float, stories: Sequence[str], say: Callable[[str], object]
    ) -> None:
        self._random = random
        self._speed = speed
        # Those told longest ago first, so that one which nobody was there for is the next.
        self._stories = deque(stories)
        self._say = say
        self._playing: list[Playing] = []
        self._begins_at: datetime | None = None
        self._told = 0
        # When each ward had its last story, as a number; those that have waited longest are next.
        self._turns: dict[str, int] = {}
        self.recorded = 0

    @property
    def patients(self) -> set[UUID]:
        """Whom nobody but their story touches."""
        scenes = [playing.scene for playing in self._playing if playing.scene is not None]
        return {scene.patient_id for scene in scenes if scene.patient_id is not None}

    @property
    def next_at(self) -> datetime | None:
        """When something is due; None before the first story."""
        if self._begins_at is None:
            return None
        return min([self._begins_at, *(playing.at for playing in self._playing)])

    def step(self, now: datetime) -> None:
        """Takes what is due. An error of the database leaves it due."""
        if self._begins_at is None or now >= self._begins_at:
            self._begin(now)
        for playing in [each for each in self._playing if each.at <= now]:
            self._take(playing, now)

    def _begin(self, now: datetime) -> None:
        busy = {playing.place.ward_id for playing in self._playing}
        free = [ward_id for ward_id in casting.wards() if ward_id not in busy]
        self._begins_at = now + LOOK_AGAIN
        if not free:
            return
        casting.send_home(self._random, self.patients)
        free.sort(key=lambda ward_id: self._turns.get(ward_id, 0))
        for story, ward_id in itertools.product(list(self._stories), free):
            cast = casting.cast(self._random, story, ward_id, self.patients)
            if cast is not None:
                self._tell(story, cast, now)
                return

    def _tell(self, story: str, cast: Cast, now: datetime) -> None:
        self._playing.append(Playing(story, *cast, step=next(cast.steps), at=now))
        self._stories.remove(story)
        self._stories.append(story)
        self._told += 1
        self._turns[cast.place.ward_id] = self._told
        self._begins_at = now + timedelta(minutes=BETWEEN) / self._speed
        self._announce(story, cast.place, now)

    def _announce(self, story: str, place: Place, now: datetime) -> None:
        ward = Ward.objects.get(pk=place.ward_id).name
        where = f"bed {place.bed} ({ward})" if place.bed else ward
        self._say(f"{timezone.localtime(now):%H:%M} {where}: {story.replace('-', ' ')} begins")

    def _take(self, playing: Playing, now: datetime) -> None:
        before = playing.scene.recorded if playing.scene else 0
        try:
            playing.step.act()
        except HubError as error:
            # A visitor has moved the patient, say. Texts may have names.
            logger.warning("simulation: %s ends early: %s", playing.story, type(error).__name__)
            self._playing.remove(playing)
            return
        self.recorded += playing.scene.recorded - before if playing.scene else 0
        following = next(playing.steps, None)
        if following is None:
            self._playing.remove(playing)
            return
        wait = timedelta(minutes=following.minutes) / self._speed + timedelta(seconds=following.seconds)
        playing.step, playing.at = following, now + wait
