"""The ways from a ward's board to the pages of its staff, for whoever may go there."""

from typing import Any

from django import template

from accounts.models import Role
from clinical.models import Assignment, Ward
from clinical.services.stays import MOVERS

register = template.Library()


@register.inclusion_tag("clinical/_ward_links.html", takes_context=True)
def ward_links(context: dict[str, Any], ward: Ward) -> dict[str, Any]:
    """One query; the pages themselves decide who may see them."""
    user = context["user"]
    is_admin = user.role == Role.ADMIN
    given = [] if is_admin else list(Assignment.objects.in_force().filter(user=user))
    is_in_charge = user.role == Role.NURSE and any(
        each.in_charge and each.ward_id == ward.pk for each in given
    )
    return {
        "ward": ward,
        "beds": user.role in MOVERS,
        "nurses": is_admin or user.role == Role.NURSE,
        "staff": is_admin or is_in_charge,
        "wards": not is_admin and len({user.department, *(each.ward_id for each in given)}) > 1,
    }
