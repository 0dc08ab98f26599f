"""`manage.py feed`: where the feeds stand, taking old events away, and beginning a new epoch."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Min

from hubs.feeds import retention
from hubs.management.tables import aligned
from hubs.models import Feed

COLUMNS = ("FEED", "EPOCH", "FLOOR", "HEAD", "EVENTS", "OLDEST")


class Command(BaseCommand):
    help = "Lists the feeds; prunes what retention no longer keeps; cuts feeds after a database was restored."

    def add_arguments(self, parser: CommandParser) -> None:
        doors = parser.add_subparsers(dest="door", metavar="list | prune | cut")
        listing = doors.add_parser("list", help="where feeds stand; what `manage.py feed` alone does too")
        listing.add_argument("names", nargs="*", metavar="NAME", help="only these feeds")
        doors.add_parser("prune", help="delete what is older or more than HUBS keeps")
        cutting = doors.add_parser("cut", help="begin a new epoch: every client loads the feed anew")
        chosen = cutting.add_mutually_exclusive_group(required=True)
        chosen.add_argument("names", nargs="*", metavar="NAME", default=[])
        chosen.add_argument("--all", action="store_true", help="all feeds, after the database was restored")

    def handle(self, **options: Any) -> None:
        names = options.get("names") or []
        if unknown := set(names) - set(Feed.objects.values_list("name", flat=True)):
            raise CommandError(f"There is no feed {', '.join(sorted(unknown))}.")
        if options["door"] == "prune":
            self._prune()
        elif options["door"] == "cut":
            self._cut(names)
        else:
            self._list(names)

    def _list(self, names: list[str]) -> None:
        feeds = Feed.objects.filter(name__in=names) if names else Feed.objects.all()
        counted = feeds.annotate(kept=Count("events"), oldest=Min("events__at")).order_by("name")
        rows = [
            (
                *(each.name, str(each.epoch), str(each.floor), str(each.head), str(each.kept)),
                each.oldest.isoformat(" ", "seconds") if each.oldest else "-",
            )
            for each in counted
        ]
        for line in aligned([COLUMNS, *rows]):
            self.stdout.write(line)

    def _prune(self) -> None:
        pruned = retention.prune_all()
        for name, count in pruned.items():
            self.stdout.write(f"{name}: {count} events deleted.")
        self.stdout.write(f"Deleted: {sum(pruned.values())}.")

    def _cut(self, names: list[str]) -> None:
        for name in names or Feed.objects.order_by("name").values_list("name", flat=True):
            self.stdout.write(f"{name} is in epoch {retention.cut(name)}.")
