"""Who of the demo's staff acts in the simulation: colleagues whose login nobody has, where there are any."""

from accounts.models import Role, User
from clinical.access import FORBIDDEN_ROLE, Forbidden
from clinical.demo.hospital import LOGINS

# These are for visitors, in whose name nothing should happen.
VISITORS = frozenset(login.username for login in LOGINS)


def acting(role: Role) -> dict[str, list[User]]:
    """Those who act in that role, by ward; where a ward has logins for visitors only, those."""
    found: dict[str, list[User]] = {}
    for user in User.objects.filter(role=role, is_active=True).order_by("username"):
        found.setdefault(user.department, []).append(user)
    return {ward_id: _colleagues(users) or users for ward_id, users in found.items()}


def administrator() -> User:
    """Who says who is in charge of a ward; Forbidden where there is none."""
    found = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("username").first()
    if found is None:
        raise Forbidden(FORBIDDEN_ROLE)
    return found


def _colleagues(users: list[User]) -> list[User]:
    return [user for user in users if user.username not in VISITORS]
