"""What comes too late or at once: a password that changes while it is tried, and who waits for whose lock."""

import time
from collections.abc import Callable

import pytest
from django.db import connection

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


def until_somebody_waits() -> None:
    """Until another connection waits for a lock of this one; SQLite, which has one lock, does not say."""
    if connection.vendor != "postgresql":
        return
    waiting, deadline = 0, time.monotonic() + 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
        while not waiting and time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))", [mine]
            )
            (waiting,) = cursor.fetchone()


def closing(work: Callable[[], object]) -> None:
    """For a thread: leaves no connection behind."""
    try:
        work()
    finally:
        connection.close()
