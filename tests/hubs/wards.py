"""Users whose rights are the wards that they may see, for the tests of rights that change."""

from django.db import transaction

from hubs.auth import InvalidToken, Principal
from hubs.authority import rights_changed
from hubs.permissions import BasePermission
from hubs.testing import HubCommunicator
from tests.hubs import tokens

# What the database of these tests says: the wards of each user; who is not in it may not be here.
WARDS: dict[int, set[str]] = {}


def renew(principal: Principal) -> Principal:
    """What HUBS["RENEW"] names."""
    if (wards := WARDS.get(principal.user.pk)) is None:
        raise InvalidToken("deactivated user")
    return Principal(principal.user, {**principal.claims, "wards": sorted(wards)}, principal.expires_at)


def verify(token: str) -> Principal:
    """Reads the user from the database, as a product's does."""
    return renew(tokens.verify(token))


def set_wards(user: int, *wards: str) -> None:
    with transaction.atomic():
        WARDS[user] = set(wards)
        rights_changed(user)


def deactivate(user: int) -> None:
    with transaction.atomic():
        WARDS.pop(user, None)
        rights_changed(user)


class SeesWard(BasePermission):
    def has_permission(self, request):
        return request.arguments["ward"] in request.claims["wards"]


class SeesAnyWard(BasePermission):
    def has_permission(self, request):
        return bool(request.claims["wards"])


def connect(hub, user: int, *wards: str) -> HubCommunicator:
    WARDS.setdefault(user, set(wards))
    return HubCommunicator(hub, user=tokens.user(user), claims={"wards": sorted(WARDS[user])})
