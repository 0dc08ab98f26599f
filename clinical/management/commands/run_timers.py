"""`manage.py run_timers`: works off the timers of alerts until it is stopped."""

import logging
import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from clinical.services import alert_timers

logger = logging.getLogger("clinical")


class Command(BaseCommand):
    help = (
        "Calls again and escalates what nobody accepts, and raises what is overdue. Several may run at once."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stop = threading.Event()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two looks")
        parser.add_argument(
            "--once", action="store_true", help="look once, and say how many steps were taken"
        )

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        if not 0.1 <= interval <= 60:
            raise CommandError("--interval must be between 0.1 and 60 seconds.")
        if once:
            self.stdout.write(f"Steps taken: {alert_timers.work_off()}.")
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        self._run(interval)
        self.stdout.write("Stopped.")

    def _run(self, interval: float) -> None:
        trouble = ""
        while not self._stop.is_set():
            before, trouble = trouble, _trouble()
            # One line when it begins and one when it ends, however long it lasts.
            if trouble != before:
                logger.warning(f"timers wait: {trouble}" if trouble else "timers go on")
            self._stop.wait(interval)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """A step that has begun is finished."""
        self._stop.set()


def _trouble() -> str:
    """Works off what is due; says what has prevented it, if anything."""
    try:
        alert_timers.work_off()
    except DatabaseError as error:
        # A database that was away comes back through a new connection only.
        connection.close()
        return type(error).__name__
    return ""
