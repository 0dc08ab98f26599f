"""A screen that was left alone is locked: what counts, and what takes it off."""

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.utils import timezone
from pytest_django import Settings

from accounts import lock, sessions
from accounts.models import LoginSession
from tests.cast import PASSWORD, Cast, login_of


@pytest.fixture
def session(cast: Cast) -> LoginSession:
    return login_of(cast.nurse)


def idle(session: LoginSession, **time: int) -> LoginSession:
    LoginSession.objects.filter(pk=session.pk).update(active_at=timezone.now() - timedelta(**time))
    session.refresh_from_db()
    return session


def test_SE_7_a_login_that_reports_no_activity_is_locked_for_the_server_too(
    session: LoginSession, settings: Settings
) -> None:
    # The page reports once a minute, so the server knows of activity so late.
    assert not lock.is_locked(idle(session, minutes=5))
    assert lock.is_locked(idle(session, minutes=6, seconds=1))
    settings.IDLE_LOCK_MINUTES = 15
    assert not lock.is_locked(session)
    settings.IDLE_LOCK_MINUTES = 0
    assert not lock.is_locked(idle(session, days=1))


def test_SE_7_activity_takes_no_lock_off(session: LoginSession) -> None:
    lock.lock(session)
    lock.report_activity(session)
    session.refresh_from_db()
    assert lock.is_locked(session)


def test_activity_counts_from_now(session: LoginSession) -> None:
    idle(session, minutes=5)
    lock.report_activity(session)
    session.refresh_from_db()
    assert lock.idle_seconds(session) < 60


def test_only_the_password_of_whoever_is_logged_in_unlocks(cast: Cast, session: LoginSession) -> None:
    lock.lock(session)
    cast.doctor.set_password("of the doctor")
    cast.doctor.save()
    for wrong in ("wrong", "", "of the doctor"):
        assert not lock.unlock(HttpRequest(), session, wrong)
    session.refresh_from_db()
    assert lock.is_locked(session)
    assert lock.unlock(HttpRequest(), session, PASSWORD)
    session.refresh_from_db()
    assert not lock.is_locked(session)


def test_a_login_that_has_ended_is_not_unlocked(session: LoginSession) -> None:
    lock.lock(session)
    sessions.end(session, "signed out")
    assert not lock.unlock(HttpRequest(), session, PASSWORD)
