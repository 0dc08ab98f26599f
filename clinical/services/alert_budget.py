"""What alerts cost a ward: how many, how they were answered, and how soon. No patient stands in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical.models import Alert, AlertKind, AlertStep, StepKind, Ward


class Counted(NamedTuple):
    """One alert as it is counted."""

    kind: str
    answer_time: timedelta | None
    is_declined: bool
    is_expired: bool


class Line(NamedTuple):
    """The figures of one kind, or of all together."""

    label: str
    raised: int
    per_bed_and_day: float
    accepted: str
    declined: str
    expired: str
    median: str


class Budget(NamedTuple):
    days: int
    since: datetime
    beds: int
    lines: list[Line]


def budget(ward: Ward, days: int) -> Budget:
    """The figures of the last days, by kind and together; two queries.

    Who lay where on which day is not asked: the beds that are taken now stand for all of them.
    """
    since = timezone.now() - timedelta(days=days)
    found = _counted(ward, since)
    beds = ward.patients.count()
    kinds = [(str(kind.label), [each for each in found if each.kind == kind]) for kind in AlertKind]
    lines = [_line(label, counted, beds * days) for label, counted in (*kinds, (_("all together"), found))]
    return Budget(days, since, beds, lines)


def _counted(ward: Ward, since: datetime) -> list[Counted]:
    steps = AlertStep.objects.filter(alert=OuterRef("pk")).order_by("version")
    called_again = steps.filter(kind=StepKind.RENOTIFIED).values("at")[:1]
    rows = Alert.objects.filter(ward=ward, raised_at__gte=since).values_list(
        "kind",
        "raised_at",
        "accepted_at",
        Exists(steps.filter(kind=StepKind.DECLINED)),
        Subquery(called_again),
    )
    return [
        Counted(
            kind,
            None if accepted_at is None else accepted_at - raised_at,
            declined,
            # Once somebody has accepted, it is the review that is called for.
            called_at is not None and (accepted_at is None or called_at < accepted_at),
        )
        for kind, raised_at, accepted_at, declined, called_at in rows
    ]


def _line(label: str, counted: Sequence[Counted], bed_days: int) -> Line:
    times = [each.answer_time for each in counted if each.answer_time is not None]
    return Line(
        label=label,
        raised=len(counted),
        per_bed_and_day=len(counted) / bed_days if bed_days else 0.0,
        accepted=_share(len(times), counted),
        declined=_share(sum(each.is_declined for each in counted), counted),
        expired=_share(sum(each.is_expired for each in counted), counted),
        median=_minutes(median(time.total_seconds() for time in times)) if times else NOTHING,
    )


def _share(part: int, of: Sequence[Counted]) -> str:
    return f"{100 * part / len(of):.0f} %" if of else NOTHING


def _minutes(time: float) -> str:
    minutes, seconds = divmod(round(time), 60)
    return _("%(minutes)s min") % {"minutes": f"{minutes}:{seconds:02}"}


NOTHING = "\N{EN DASH}"
