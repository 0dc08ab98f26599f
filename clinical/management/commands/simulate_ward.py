"""`manage.py simulate_ward`: lets the demo's wards live until it is stopped."""

import logging
from argparse import ArgumentParser
from random import Random
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from clinical.demo.casting import STORIES
from clinical.demo.simulation import SPEED, Simulation
from hubs.errors import HubError

logger = logging.getLogger("clinical")

# Seconds until it tries again after trouble.
PATIENCE = 1.0


class Command(BaseCommand):
    help = "Tells stories of the demo's wards, at any speed. Development only: it makes up findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speed", type=float, default=SPEED, help="ward minutes a minute (default: 60)")
        parser.add_argument(
            "--story", action="append", choices=STORIES, help="tell this one only; may be repeated"
        )
        parser.add_argument(
            "--interval", type=float, default=2.0, help="least seconds between two sets outside of stories"
        )
        parser.add_argument("--count", type=int, help="stop once so many sets are recorded")
        parser.add_argument("--seed", type=int, help="the same number gives the same course")

    def handle(
        self,
        *args: Any,
        speed: float,
        story: list[str] | None,
        interval: float,
        count: int | None,
        seed: int | None,
        **options: Any,
    ) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("Made-up observations have no place outside of development.")
        if not 0.1 <= speed <= 3600:
            raise CommandError("--speed must be between 0.1 and 3600 ward minutes a minute.")
        if not 0 <= interval <= 3600:
            raise CommandError("--interval must be between 0 and 3600 seconds.")
        if count is not None and count < 1:
            raise CommandError("--count must be 1 or more.")
        random = Random(seed)  # noqa: S311 - made-up vital signs are no secret
        simulation = Simulation(
            random, speed=speed, interval=interval, stories=story or STORIES, say=self._say
        )
        try:
            self._run(simulation, interval, count)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _run(self, simulation: Simulation, interval: float, count: int | None) -> None:
        trouble = ""
        while count is None or simulation.recorded < count:
            before, trouble = trouble, _trouble_of(simulation)
            # One line when it begins and one when it ends, however long it lasts.
            if trouble != before:
                logger.warning(f"simulation waits: {trouble}" if trouble else "simulation goes on")
            sleep(max(interval, PATIENCE) if trouble else simulation.wait())

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        # In a file it would else wait for a hundred others.
        self.stdout.flush()


def _trouble_of(simulation: Simulation) -> str:
    """Takes one step; says what has prevented it, if anything."""
    try:
        return "" if simulation.step() else "no patients, or no nurses on their wards"
    except DatabaseError as error:
        # A database that was away comes back through a new connection only.
        connection.close()
        return type(error).__name__
    except HubError as error:
        # The patient has left since they were chosen.
        return type(error).__name__
