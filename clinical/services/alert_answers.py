"""What somebody is told whose step with an alert is not possible, and what a step's words may be."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical.access import FORBIDDEN_PATIENT, Forbidden
from clinical.models import Alert, AlertStep
from hubs.errors import HubError

LONGEST_NOTE = 500


class UnknownAlert(Forbidden):
    """There is no such alert, or it is on somebody else's ward: both look the same."""

    def __init__(self) -> None:
        super().__init__(FORBIDDEN_PATIENT)


class AlertConflict(HubError):
    """The alert is not as the user believed."""


class AlreadyAccepted(AlertConflict):
    """Somebody else owns it."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(_("%(accepted)s and looks after it.") % {"accepted": _accepted(alert)})


class NotTheOwner(AlertConflict):
    """Only the owner may do this."""

    def __init__(self, alert: Alert) -> None:
        if alert.owner is None:
            super().__init__(_("Nobody has accepted this alert yet. Accept it first."))
        else:
            super().__init__(_("%(accepted)s; only they may do this.") % {"accepted": _accepted(alert)})


class AlreadyOver(AlertConflict):
    """It has ended, and says how."""

    def __init__(self, alert: Alert) -> None:
        last: AlertStep = alert.steps.select_related("actor").latest("version")
        values = {"done": WORDS[alert.state], "time": _time(last.at)}
        if last.actor is None:
            text = _("This alert was %(done)s at %(time)s. Nothing was changed.")
        else:
            values["person"] = last.actor.display_name
            text = _("This alert was %(done)s by %(person)s at %(time)s. Nothing was changed.")
        super().__init__(text % values)


class InvalidAnswer(HubError):
    """A reason or outcome that is none, or a note that cannot be kept. `errors` has the text by field."""

    def __init__(self, field: str, text: str) -> None:
        self.errors = {field: text}
        super().__init__(text)


WORDS = {
    "resolved": gettext_lazy("resolved"),
    "superseded": gettext_lazy("superseded by a newer one"),
    "cancelled": gettext_lazy("cancelled"),
    "closed": gettext_lazy("closed by a newer set of observations"),
}


def answer(choices: type[TextChoices], word: str, note: str) -> tuple[str, str]:
    """The word and the note as they are kept. Raises InvalidAnswer."""
    values = [str(value) for value in choices.values]
    if word not in values:
        raise InvalidAnswer("reason", _("Choose one of: %(words)s.") % {"words": ", ".join(values)})
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        text = _("A note has at most %(count)s characters.") % {"count": LONGEST_NOTE}
        raise InvalidAnswer("note", text)
    # No database takes every text: NUL and lone surrogates stay out of it.
    if not note.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise InvalidAnswer("note", _("The note has characters that cannot be kept."))
    if word == "other" and not note:
        raise InvalidAnswer("note", _("Say which in the note."))
    return word, note


def _accepted(alert: Alert) -> str:
    assert alert.owner is not None, "who owns it is told of"
    step: AlertStep = alert.steps.filter(kind="accepted").latest("version")
    values = {"person": alert.owner.display_name, "time": _time(step.at)}
    return _("%(person)s accepted this alert at %(time)s") % values


def _time(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
