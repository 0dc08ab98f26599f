"""When a set of observations gives reason for an alert, and when it takes the reason away; pure.

An alert is for news: a band that rises or a red parameter that was not red before. What stays as it was
raises nothing, however long it stays; wards that are called for what they know stop listening.
"""

from typing import NamedTuple

from clinical.models.alerts import Alert, AlertKind, Severity
from clinical.news2 import Score

RANKS = {None: 0, Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}
# Three points in one parameter call for a doctor within the hour, as a sum of 5 does.
SEVERITY_OF_RED = Severity.MEDIUM


class Finding(NamedTuple):
    """What a set says about alerts. A partial set with nothing in it says nothing: it is not certain."""

    severity: Severity | None
    points: int
    red: frozenset[str]
    is_certain: bool
    is_partial: bool


class Reason(NamedTuple):
    kind: AlertKind
    severity: Severity


NOTHING = Finding(None, 0, frozenset(), is_certain=True, is_partial=False)


def finding(score: Score) -> Finding:
    """What the score calls for; that of a patient who is not scored calls for nothing."""
    if score.band == "not-scored":
        return NOTHING
    severity = _severity(score.lower_bound)
    parts = {name: getattr(score.parts, name) for name in score.parts.__struct_fields__}
    red = frozenset(name for name, points in parts.items() if points == 3)
    is_partial = score.total is None
    is_certain = not is_partial or severity is not None or bool(red)
    return Finding(severity, score.lower_bound, red, is_certain, is_partial)


def reason(now: Finding, before: Finding) -> Reason | None:
    """What is new about the newest set, at most one reason: the sum says it where both have changed."""
    if now.severity is not None and RANKS[now.severity] > RANKS[before.severity]:
        return Reason(AlertKind.SCORE, now.severity)
    if now.red - before.red:
        severity = max(SEVERITY_OF_RED, now.severity or SEVERITY_OF_RED, key=RANKS.__getitem__)
        return Reason(AlertKind.RED, severity)
    return None


def is_over(alert: Alert, now: Finding) -> bool:
    """Whether the newest set takes the reason away, so that an alert which nobody owns may close.

    Never one of high severity: somebody has to have looked. Never by a partial set: what it lacks may be the
    reason. Nor one by the sum while a parameter is red that was red then: nothing else would tell of it.
    """
    if alert.severity == Severity.HIGH or now.is_partial:
        return False
    if alert.kind == AlertKind.RED:
        return not now.red
    return now.severity is None and not now.red & set(alert.red)


def _severity(points: int) -> Severity | None:
    if points >= 7:
        return Severity.HIGH
    return Severity.MEDIUM if points >= 5 else None
