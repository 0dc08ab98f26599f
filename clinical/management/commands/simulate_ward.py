"""`manage.py simulate_ward`: records observations of the demo's patients until it is stopped."""

import logging
import time
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from clinical.demo.simulation import Simulation
from hubs.errors import HubError

logger = logging.getLogger("clinical")


class Command(BaseCommand):
    help = "Records believable observation sets for all wards. Development only: it makes up findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between two sets")
        parser.add_argument("--count", type=int, help="stop after so many sets")
        parser.add_argument("--seed", type=int, help="the same number gives the same course")

    def handle(
        self, *args: Any, interval: float, count: int | None, seed: int | None, **options: Any
    ) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("Made-up observations have no place outside of development.")
        if not 0 <= interval <= 3600:
            raise CommandError("--interval must be between 0 and 3600 seconds.")
        simulation = Simulation(Random(seed))  # noqa: S311 - made-up vital signs are no secret
        try:
            self._run(simulation, interval, count)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _run(self, simulation: Simulation, interval: float, count: int | None) -> None:
        recorded, trouble = 0, ""
        while count is None or recorded < count:
            before, trouble = trouble, _trouble_of(simulation)
            recorded += not trouble
            # One line when it begins and one when it ends, however long it lasts.
            if trouble != before:
                logger.warning(f"simulation waits: {trouble}" if trouble else "simulation goes on")
            time.sleep(interval)


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
        return str(error)
