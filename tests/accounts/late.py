"""The password that changes between the moment at which it was right and the login that follows."""

import pytest

from accounts.models import User


def change_while_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next password that is right has been changed by the time its check ends."""
    check = User.check_password

    def slow(user: User, raw_password: str) -> bool:
        is_right = check(user, raw_password)
        monkeypatch.setattr(User, "check_password", check)
        changed = User.objects.get(pk=user.pk)
        changed.set_password("another horse")
        changed.save()
        return is_right

    monkeypatch.setattr(User, "check_password", slow)
