"""The vital signs of a bed as cells of the board, of which a ward of 30 beds has two hundred."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# By Django's template language these cells alone were a third of what the page cost.
CELL = (
    '<td class="vital" data-vital="{part}" data-points="{points}">'
    '<abbr class="vital-heading" title="{title}">{heading}</abbr> '
    '<span class="value" data-value>{value}</span> '
    '<span class="points" data-points-text>{points}</span></td>\n  '
)


@register.simple_tag
def vital_cells(vitals: Iterable[dict[str, str]]) -> SafeString:
    """A cell for each, as `bed_rows.fields` has them."""
    return format_html_join("", CELL, vitals)
