"""What a screen shows of who a patient is: everything, initials, or the bed alone.

`static/clinical/js/privacy_state.js` hides the same; both are held together by tests/js/privacy.json.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User

# What whoever comes to the bed must know; the others say what the patient has, or has decided.
OPEN_FLAGS = frozenset({"isolation", "falls", "nil-by-mouth", "pressure"})


class Privacy(models.TextChoices):
    """Drug names tell a diagnosis, so they go with the name."""

    FULL = "full", _("Full names")
    INITIALS = "initials", _("Initials")
    BED = "bed", _("Beds only")


def chosen(text: object) -> Privacy:
    """The mode of that name; whatever is no mode is what shows the least."""
    return Privacy(text) if text in Privacy.values else Privacy.BED


def of_wall(user: User) -> Privacy:
    """The mode of a wall display's account; what is none shows the least."""
    return Privacy.INITIALS if user.role == Role.WALL_INITIALS else Privacy.BED


def row(full: dict[str, Any], mode: Privacy) -> dict[str, Any]:
    """A row of the board, as on the wire, without what the mode hides."""
    if mode == Privacy.FULL:
        return full
    return {
        **full,
        "name": name(full["name"], mode),
        "mrn": "",
        "bornOn": None,
        "draftOrders": [order(each, mode) for each in full["draftOrders"]],
        **_withheld(full),
        **({"flags": [flag for flag in full["flags"] if flag in OPEN_FLAGS]} if "flags" in full else {}),
        "observation": observation(full["observation"], mode),
    }


def observation(full: dict[str, Any] | None, mode: Privacy) -> dict[str, Any] | None:
    """A set of observations: why somebody is not scored, or a set was corrected, says too much of them."""
    if full is None or mode == Privacy.FULL:
        return full
    correction = full.get("correction")
    return {
        **full,
        **_withheld(full),
        **({"correction": {**correction, "reason": ""}} if correction else {}),
    }


def order(full: dict[str, Any], mode: Privacy) -> dict[str, Any]:
    """A draft order, of which only that there is one may be seen."""
    return full if mode == Privacy.FULL else {**full, "drugName": ""}


def _withheld(full: dict[str, Any]) -> dict[str, str]:
    return {"notScored": "withheld"} if full.get("notScored") else {}


def name(full: str, mode: Privacy) -> str:
    """A name as far as the mode shows it."""
    if mode == Privacy.FULL:
        return full
    return initials(full) if mode == Privacy.INITIALS else ""


def initials(name: str) -> str:
    """ "BYRON, Ada" is "B. A."."""
    return " ".join(f"{part[0]}." for part in map(str.strip, name.split(",", 1)) if part)
