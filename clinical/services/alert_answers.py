"""What somebody is told whose step with an alert is not possible, and what a step's words may be."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils import timezone

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
        super().__init__(f"{_owner(alert)} accepted this alert{_since(alert)} and looks after it.")


class NotTheOwner(AlertConflict):
    """Only the owner may do this."""

    def __init__(self, alert: Alert) -> None:
        if alert.owner is None:
            super().__init__("Nobody has accepted this alert yet. Accept it first.")
        else:
            super().__init__(f"{_owner(alert)} accepted this alert{_since(alert)}; only they may do this.")


class AlreadyOver(AlertConflict):
    """It has ended, and says how."""

    def __init__(self, alert: Alert) -> None:
        last: AlertStep | None = alert.steps.select_related("actor").order_by("version").last()
        by = f" by {last.actor.display_name}" if last and last.actor else ""
        at = f" at {_time(last.at)}" if last else ""
        super().__init__(f"This alert was {WORDS[alert.state]}{by}{at}. Nothing was changed.")


class InvalidAnswer(HubError):
    """A reason or outcome that is none, or a note that cannot be kept. `errors` has the text by field."""

    def __init__(self, field: str, text: str) -> None:
        self.errors = {field: text}
        super().__init__(text)


WORDS = {
    "resolved": "resolved",
    "superseded": "superseded by a newer one",
    "cancelled": "cancelled",
    "closed": "closed by a newer set of observations",
}


def answer(choices: type[TextChoices], word: str, note: str) -> tuple[str, str]:
    """The word and the note as they are kept. Raises InvalidAnswer."""
    values = [str(value) for value in choices.values]
    if word not in values:
        raise InvalidAnswer("reason", f"Choose one of: {', '.join(values)}.")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidAnswer("note", f"A note has at most {LONGEST_NOTE} characters.")
    # No database takes every text: NUL and lone surrogates stay out of it.
    if not note.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise InvalidAnswer("note", "The note has characters that cannot be kept.")
    if word == "other" and not note:
        raise InvalidAnswer("note", "Say which in the note.")
    return word, note


def _owner(alert: Alert) -> str:
    return alert.owner.display_name if alert.owner else ""


def _since(alert: Alert) -> str:
    accepted = alert.steps.filter(kind="accepted").order_by("version").last()
    return f" at {_time(accepted.at)}" if accepted else ""


def _time(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
