"""Refresh tokens are used once, whoever is faster; and what ends a login."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import models, sessions, tokens
from accounts.models import LoginSession, RefreshToken, User
from hubs.auth import InvalidToken
from hubs.authority import rights_changed
from tests.accounts.late import closing, until_somebody_waits
from tests.cast import Cast, login_of, token_of


@pytest.mark.django_db(transaction=True)
def test_JW_13_of_many_who_use_a_refresh_token_at_once_at_most_one_succeeds_and_the_login_ends() -> None:
    cast = Cast()
    login = login_of(cast.nurse)
    refresh = tokens.refresh_for(login)
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def use() -> None:
        barrier.wait()
        try:
            tokens.use_refresh(refresh)
            outcomes.append("used")
        except InvalidToken as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert outcomes.count("used") == 1
    login.refresh_from_db()
    assert login.end_reason == "refresh token reused"


def test_only_a_hash_of_a_refresh_token_is_kept(cast: Cast) -> None:
    refresh = tokens.refresh_for(login_of(cast.nurse))
    (row,) = RefreshToken.objects.all()
    assert len(row.digest) == 64
    assert row.digest not in refresh


def test_each_use_prolongs_the_login(cast: Cast) -> None:
    login = login_of(cast.nurse)
    LoginSession.objects.filter(pk=login.pk).update(expires_at=timezone.now())
    tokens.use_refresh(tokens.refresh_for(login))
    login.refresh_from_db()
    assert login.expires_at > timezone.now() + timedelta(hours=11)


def test_a_token_that_was_never_given_out_is_a_reuse(cast: Cast) -> None:
    login = login_of(cast.nurse)
    with pytest.raises(sessions.RefreshReused):
        sessions.use(login, "unheard-of", timezone.now())


def test_SE_4_a_new_password_ends_every_login(cast: Cast) -> None:
    token = token_of(cast.nurse)
    cast.nurse.set_password("another horse")
    cast.nurse.save()
    with pytest.raises(InvalidToken, match="login ended"):
        tokens.verify(token)
    assert tokens.verify(token_of(cast.doctor)).user == cast.doctor


def test_old_logins_are_cleared_away_when_their_user_comes_again(cast: Cast) -> None:
    login = login_of(cast.nurse)
    LoginSession.objects.filter(pk=login.pk).update(expires_at=timezone.now() - timedelta(days=31))
    tokens.log_in(cast.nurse)
    assert not LoginSession.objects.filter(pk=login.pk).exists()


def test_a_login_is_ended_once_and_keeps_its_first_reason(cast: Cast) -> None:
    login = login_of(cast.nurse)
    sessions.end(login, "signed out")
    sessions.end(login, "again")
    login.refresh_from_db()
    assert login.end_reason == "signed out"


def test_SE_4_no_login_begins_with_a_password_that_is_another_one_by_now(cast: Cast) -> None:
    slow = User.objects.get(pk=cast.nurse.pk)
    cast.nurse.set_password("another horse")
    cast.nurse.save()
    with pytest.raises(sessions.LoginRefused):
        tokens.log_in(slow)
    assert not cast.nurse.login_sessions.get_queryset().filter(ended_at=None).exists()


def test_SE_4_no_login_begins_for_who_was_deactivated_or_deleted_meanwhile(cast: Cast) -> None:
    slow = User.objects.get(pk=cast.nurse.pk)
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    with pytest.raises(sessions.LoginRefused):
        tokens.log_in(slow)
    cast.nurse.delete()
    with pytest.raises(sessions.LoginRefused):
        tokens.log_in(slow)


@pytest.mark.django_db(transaction=True)
def test_SE_4_a_login_waits_for_a_new_password_that_is_being_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    nurse = Cast().nurse
    slow, has_row = User.objects.get(pk=nurse.pk), threading.Event()

    def held(*users: object) -> None:
        rights_changed(*users)
        has_row.set()
        until_somebody_waits()

    monkeypatch.setattr(models, "rights_changed", held)
    nurse.set_password("another horse")
    with ThreadPoolExecutor(2) as pool:
        saving = pool.submit(closing, nurse.save)
        assert has_row.wait(10)
        with pytest.raises(sessions.LoginRefused):
            pool.submit(closing, lambda: tokens.log_in(slow)).result(20)
        saving.result(20)
    assert not LoginSession.objects.filter(user=nurse, ended_at=None).exists()
