"""Days, times and reasons in templates, in the words of the page's language."""

from datetime import date, datetime
from decimal import Decimal

from django import template

from clinical import words

register = template.Library()


@register.filter(expects_localtime=True)
def day(on: date) -> str:
    """ "3 Jan 1930"."""
    return words.day(on)


@register.filter(expects_localtime=True)
def moment(at: datetime) -> str:
    """ "3 Jan 14:30", on the ward's own clock."""
    return words.moment(at)


@register.filter
def measured(value: Decimal | None) -> str:
    """ "37.3"."""
    return words.NOTHING if value is None else words.measured(value)


@register.filter
def not_scored_word(reason: str) -> str:
    """Why somebody has no score."""
    return str(words.NOT_SCORED[reason])
