"""What happened to a patient during a stay, as a list of sentences, newest first."""

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinical.models import AlertStep, Flag, MedicationOrder, Movement, ObservationSet, ScoringDecision
from clinical.services import stays
from clinical.services.record import Record
from clinical.words import BANDS, FLAGS, NOT_SCORED, span


class Entry(NamedTuple):
    """`kind` is "set", "order", "alert", "movement", "decision", "flag"; `by` is empty without a person."""

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
        *itertools.chain.from_iterable(map(_decision, record.decisions)),
        *itertools.chain.from_iterable(map(_flag, record.flags)),
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


def _decision(each: ScoringDecision) -> Iterator[Entry]:
    """Its beginning, and its end where somebody has made one."""
    words = str(each.get_kind_display())
    if each.interval is not None:
        words = _("Observations every %(span)s") % {"span": span(each.interval.total_seconds() // 60)}
    by = each.decided_by.display_name if each.decided_by else ""
    yield Entry(each.decided_at, "decision", f"{words}: {each.reason}", by)
    if each.revoked_at is not None and each.revoked_by is not None:
        text = _("Revoked: %(decision)s") % {"decision": words}
        yield Entry(each.revoked_at, "decision", text, each.revoked_by.display_name)


def _flag(each: Flag) -> Iterator[Entry]:
    word = str(FLAGS[each.kind])
    text = _("Flag set: %(flag)s") % {"flag": ": ".join(filter(None, [word, each.note]))}
    yield Entry(each.set_at, "flag", text, each.set_by.display_name)
    if each.cleared_at is not None and each.cleared_by is not None:
        text = _("Flag cleared: %(flag)s") % {"flag": word}
        yield Entry(each.cleared_at, "flag", text, each.cleared_by.display_name)
