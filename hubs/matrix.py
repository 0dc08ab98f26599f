"""Who may call what, asked of the permission classes themselves: role x hub x action x resource rule."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils.module_loading import import_string

from hubs.actions import Action
from hubs.conf import hubs_settings
from hubs.description import RoutedHub, routed_hubs
from hubs.permissions import AllowAny, BasePermission, PermissionRequest, granted

NO_TOKEN = "no token"

NOBODY = (BasePermission,)


class CannotBeAsked(Exception):
    """A permission class has no answer for a sample user; the text says what to do."""


class Row(msgspec.Struct, frozen=True, rename="camel"):
    """Who may connect to a hub (no action) or call one of its actions, on what its resource rule allows."""

    path: str
    hub: str
    action: str | None
    needs: list[str]
    allowed: dict[str, bool]
    resource: str


def sample_users() -> dict[str, Any]:
    """The users that SAMPLE_USERS names, else anybody who is logged in; and who has shown no token."""
    if hubs_settings.SAMPLE_USERS:
        users = dict(import_string(hubs_settings.SAMPLE_USERS)())
    else:
        users = {"any user": get_user_model()()}
    return {**users, NO_TOKEN: AnonymousUser()}


async def matrix() -> list[Row]:
    """Every routed hub, first who may connect and then its actions. Raises CannotBeAsked."""
    users = sample_users()
    return [row for routed in routed_hubs() for row in await _rows(routed, users)]


async def _rows(routed: RoutedHub, users: Mapping[str, Any]) -> list[Row]:
    return [await _row(routed, users, each) for each in (None, *routed.hub.actions())]


async def _row(routed: RoutedHub, users: Mapping[str, Any], action: Action | None) -> Row:
    classes = [*(routed.route_permission_classes or (AllowAny,)), *(routed.hub.permission_classes or NOBODY)]
    needs = classes if action is None else _of(action)
    allowed = {}
    for role, user in users.items():
        request = PermissionRequest(user=user, claims={}, hub=routed.hub, scope={}, action=action)
        allowed[role] = all([await _possible(each, request) for each in (*classes, *needs)])
    words = [each.resource for each in needs] + ([] if action is None else [action.resource])
    return Row(
        path=routed.path,
        hub=routed.hub.__name__,
        action=None if action is None else action.name,
        needs=list(dict.fromkeys(each.__name__ for each in needs)),
        allowed=allowed,
        resource="; ".join(filter(None, words)),
    )


def _of(action: Action) -> Sequence[type[BasePermission]]:
    """An action with an empty list is nobody's; one that says nothing asks for no more than its hub."""
    return () if action.permission_classes is None else action.permission_classes or NOBODY


async def _possible(permission_class: type[BasePermission], request: PermissionRequest) -> bool:
    """Whether the class can grant this user anything; which resources it does is for its words to say."""
    if permission_class.operands:
        answers = [await _possible(each, request) for each in permission_class.operands]
        return all(answers) if permission_class.needs_all else any(answers)
    if permission_class.resource:
        return True
    try:
        return await granted(permission_class, request)
    except Exception as error:
        raise CannotBeAsked(
            f"{permission_class.__name__} cannot say about a user alone ({type(error).__name__}): where it "
            'looks at the arguments, say by `resource = "..."` on the class what it grants.'
        ) from error
