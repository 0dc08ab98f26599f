"""What happened to a patient during a stay, as a list of sentences, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinical.models import AlertStep, MedicationOrder, Movement, ObservationSet
from clinical.services import stays
from clinical.services.record import Record
from clinical.words import BANDS, NOT_SCORED


class Entry(NamedTuple):
    """`kind` is "set", "order", "alert" or "movement"; `by` is empty for what no person did."""

    at: datetime
    kind: str
    text: str
    by: str
    is_void: bool = False


def entries(record: Record) -> list[Entry]:
    replaced = {each.corrects_id for each in record.sets}
    found = [
        *(_set(each, is_void=each.pk in replaced or each.withdrawn) for each in record.sets),
        *map(_order, record.orders),
        *map(_step, record.steps),
        *map(_movement, record.movements),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _set(each: ObservationSet, *, is_void: bool) -> Entry:
    words = " · ".join(_words_of_set(each))
    return Entry(each.recorded_at, "set", words, each.recorded_by.display_name, is_void)


def _words_of_set(each: ObservationSet) -> Iterator[str]:
    if each.withdrawn:
        yield _("Observations withdrawn")
    elif each.corrects_id:
        yield _("Observations corrected")
    else:
        yield _("Observations")
    if each.correction_reason:
        yield each.correction_reason
    if each.not_scored:
        yield _("not scored: %(reason)s") % {"reason": NOT_SCORED[each.not_scored]}
    elif not each.withdrawn:
        total = _("partial") if each.score is None else str(each.score)
        yield _("NEWS2 %(score)s") % {"score": total}
        yield str(BANDS.get(each.band, each.band))
    if each.missing_reason:
        yield str(each.get_missing_reason_display())


def _order(each: MedicationOrder) -> Entry:
    text = _("Draft order: %(drug)s") % {"drug": each.drug.name}
    return Entry(each.drafted_at, "order", text, each.drafted_by.display_name)


def _step(each: AlertStep) -> Entry:
    alert = each.alert
    about = _("%(severity)s alert, %(kind)s") % {
        "severity": alert.get_severity_display(),
        "kind": alert.get_kind_display(),
    }
    words = " · ".join(filter(None, [f"{about}: {each.get_kind_display()}", each.note]))
    return Entry(each.at, "alert", words, each.actor.display_name if each.actor else "")


def _movement(each: Movement) -> Entry:
    where = _("%(ward)s, bed %(bed)s") % {"ward": each.to_ward, "bed": each.to_bed} if each.to_ward else ""
    # Written by the program and not by a person.
    reason = _(each.reason) if each.reason == stays.SWAPPED else each.reason
    words = " · ".join(filter(None, [each.get_kind_display().capitalize(), where, reason]))
    return Entry(each.at, "movement", words, each.by.display_name if each.by else "")
