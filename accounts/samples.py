"""One user of every role, never saved: whom `manage.py hubs matrix` asks the permission classes about."""

from accounts.models import Role, User


def users() -> dict[str, User]:
    return {str(role.value): User(username=role.value.lower(), role=role) for role in Role}
