import itertools

import pytest
from django.contrib.auth.models import AnonymousUser

from hubs.hub import Hub
from hubs.permissions import (
    AllowAny,
    BasePermission,
    IsAuthenticated,
    PermissionRequest,
    all_granted,
    granted,
)
from tests.hubs.tokens import user


class Yes(BasePermission):
    def has_permission(self, request):
        return True


class No(BasePermission):
    def has_permission(self, request):
        return False


class YesLater(BasePermission):
    async def has_permission(self, request):
        return True


class NoLater(BasePermission):
    async def has_permission(self, request):
        return False


def request(who=None) -> PermissionRequest:
    return PermissionRequest(user=who or AnonymousUser(), claims={}, hub=Hub, scope={})


OPERANDS = {Yes: True, No: False, YesLater: True, NoLater: False}


@pytest.mark.parametrize(("left", "right"), list(itertools.product(OPERANDS, OPERANDS)))
async def test_and_or_and_not_follow_the_truth_table_sync_and_async(left, right):
    a, b = OPERANDS[left], OPERANDS[right]
    assert await granted(left & right, request()) is (a and b)
    assert await granted(left | right, request()) is (a or b)
    assert await granted(~left, request()) is (not a)
    assert await granted(~(left & right), request()) is not (a and b)
    assert await granted(~left | right, request()) is (not a or b)
    assert await granted((left | right) & ~right, request()) is ((a or b) and not b)


def test_a_composition_says_what_it_is():
    assert ((Yes & No) | ~YesLater).__name__ == "((Yes & No) | ~YesLater)"


@pytest.mark.parametrize("answer", [None, 1, "yes", [True], object(), False, 0])
async def test_an_answer_that_is_not_true_itself_does_not_grant(answer):
    class Sloppy(BasePermission):
        def has_permission(self, request):
            return answer

    class SloppyLater(BasePermission):
        async def has_permission(self, request):
            return answer

    assert not await granted(Sloppy, request())
    assert not await granted(SloppyLater, request())


async def test_a_forgotten_return_does_not_grant():
    class Forgetful(BasePermission):
        def has_permission(self, request):
            request.user  # noqa: B018 - looked at, and nothing returned

    assert not await granted(Forgetful, request())


@pytest.mark.parametrize("answer", [None, 1, "yes", 0])
@pytest.mark.parametrize(
    "compose", [lambda it: ~it, lambda it: ~(it & Yes), lambda it: ~(No | it), lambda it: ~~it]
)
async def test_the_opposite_of_an_answer_that_is_none_does_not_grant(answer, compose):
    class Sloppy(BasePermission):
        def has_permission(self, request):
            return answer

    with pytest.raises(TypeError, match="Sloppy has answered neither True nor False"):
        await granted(compose(Sloppy), request())


async def test_what_is_not_asked_cannot_grant_instead():
    class MustNotBeAsked(BasePermission):
        def has_permission(self, request):
            raise AssertionError

    assert not await granted(No & MustNotBeAsked, request())
    assert await granted(Yes | MustNotBeAsked, request())


async def test_the_base_class_grants_nothing():
    assert not await granted(BasePermission, request(user(1)))


async def test_everybody_or_whoever_showed_a_token():
    assert await granted(AllowAny, request())
    assert not await granted(IsAuthenticated, request())
    assert await granted(IsAuthenticated, request(user(1)))


@pytest.mark.parametrize(
    ("classes", "passes"),
    [([], False), ([Yes], True), ([Yes, No], False), ([No, Yes], False), ([Yes, YesLater], True)],
)
async def test_all_classes_must_grant_and_none_at_all_grants_nothing(classes, passes):
    assert await all_granted(classes, request()) is passes


async def test_a_permission_that_breaks_grants_nothing():
    class Broken(BasePermission):
        def has_permission(self, request):
            raise LookupError

    with pytest.raises(LookupError):
        await all_granted([Broken, Yes], request())
