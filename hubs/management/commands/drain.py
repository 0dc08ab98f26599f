"""`manage.py drain`: has workers send their clients elsewhere before they are stopped."""

from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubs.conf import hubs_settings
from hubs.management.live import live_connections, live_workers, wait_until_gone
from hubs.management.tables import aligned
from hubs.models import Worker
from hubs.shutdown import DRAIN, GOODBYE_TIMEOUT

COLUMNS = ("WORKER", "SINCE", "CONNECTIONS")


class Command(BaseCommand):
    help = (
        "Has workers close their connections, with leave to reconnect, and take no new ones until they are "
        "started again; lists the workers when none is named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--worker", action="append", metavar="NAME", help="may be given several times")
        which.add_argument("--all", action="store_true")
        parser.add_argument(
            "--timeout", type=float, help="seconds to wait; by default a little longer than a drain takes"
        )

    def handle(self, **options: Any) -> None:
        workers = list(live_workers())
        if options["all"]:
            self._drain(workers, options["timeout"])
        elif options["worker"]:
            self._drain(_named(options["worker"], workers), options["timeout"])
        else:
            for line in aligned([COLUMNS, *map(_cells, workers)]):
                self.stdout.write(line)

    def _drain(self, workers: list[Worker], timeout: float | None) -> None:
        for worker in workers:
            _ask(worker)
        seconds = hubs_settings.DRAIN_SECONDS + 2 * GOODBYE_TIMEOUT if timeout is None else timeout
        if left := wait_until_gone(live_connections().filter(worker__in=workers), seconds):
            raise CommandError(f"Connections that are still open: {left}.")
        self.stdout.write(f"Drained: {len(workers)}.")


def _named(names: Iterable[str], workers: Iterable[Worker]) -> list[Worker]:
    by_name = {worker.name: worker for worker in workers}
    try:
        return [by_name[name] for name in names]
    except KeyError as error:
        raise CommandError(f"No worker {error} is running.") from error


def _ask(worker: Worker) -> None:
    """The layer does not say whether the worker hears it; that its connections end does."""
    if not worker.channel:
        raise CommandError(f"The worker {worker.name} has no channel: it does not reach the channel layer.")
    layer = get_channel_layer()
    assert layer is not None, "hubs needs CHANNEL_LAYERS['default']"
    try:
        async_to_sync(layer.send)(worker.channel, {"type": DRAIN})
    except Exception as error:
        raise CommandError(f"The channel layer cannot be reached: {type(error).__name__}.") from error


def _cells(worker: Worker) -> tuple[str, str, str]:
    connections = live_connections().filter(worker=worker).count()
    return worker.name, worker.started_at.isoformat(" ", "seconds"), str(connections)
