import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import models, sessions, tokens
from accounts.models import LoginSession, Role, User
from hubs.authority import FEED
from hubs.models import Feed, FeedEvent
from tests.accounts.late import closing, until_somebody_waits

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse() -> User:
    return User.objects.create_user("nina", password="x", role=Role.NURSE, department="icu")


def changed() -> list[str]:
    """Whose rights have been said to change, oldest first."""
    payloads = FeedEvent.objects.filter(feed__name=FEED).order_by("seq").values_list("payload", flat=True)
    return [msgspec.json.decode(payload)["user"] for payload in payloads]


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", Role.DOCTOR), ("department", "cardio"), ("is_active", False), ("is_superuser", True)],
)
def test_a_saved_change_of_rights_is_said(nurse, field, value):
    setattr(nurse, field, value)
    nurse.save()
    assert changed() == [str(nurse.pk)]


def test_a_new_password_is_a_change_of_rights(nurse):
    nurse.set_password("another")
    nurse.save(update_fields=["password"])
    assert changed() == [str(nurse.pk)]


def test_what_decides_nothing_is_not_said(nurse, client):
    nurse.last_name = "Nightingale"
    nurse.save()
    nurse.save(update_fields=["last_name"])
    User.objects.filter(pk=nurse.pk).update(first_name="Nina")
    client.force_login(nurse)  # notes the time of the login
    assert authenticate(username="nina", password="x") == nurse
    assert changed() == []


def test_a_new_user_has_no_connection_that_could_hear_of_it():
    User.objects.create_user("new", role=Role.NURSE)
    assert changed() == []


def test_an_update_of_many_is_said_for_each_of_them(nurse):
    other = User.objects.create_user("omar", department="icu")
    User.objects.create_user("pia", department="cardio")
    assert User.objects.filter(department="icu").update(department="surgery") == 2
    assert changed() == [str(nurse.pk), str(other.pk)]


def test_a_bulk_update_is_said_for_each_of_them(nurse):
    nurse.role = Role.VISITOR
    User.objects.bulk_update([nurse], ["role"])
    assert changed() == [str(nurse.pk)]


def test_a_deletion_is_said_whoever_deletes(nurse):
    other = User.objects.create_user("omar")
    gone = [str(nurse.pk), str(other.pk)]
    nurse.delete()
    User.objects.filter(pk=other.pk).delete()
    assert changed() == gone


def test_a_change_that_is_rolled_back_was_none(nurse):
    with transaction.atomic():
        nurse.is_active = False
        nurse.save()
        transaction.set_rollback(True)
    assert changed() == []


def test_the_admin_site_counts_too(nurse):
    chief = User.objects.create_superuser("chief", password="x")
    browser = Client()
    browser.force_login(chief)
    url = reverse("admin:accounts_user_change", args=[nurse.pk])
    form = browser.get(url).context["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items()}
    del values["is_active"], values["password"], values["groups"], values["user_permissions"]
    values |= {
        "date_joined_0": "2026-11-24",
        "date_joined_1": "10:00:00",
        "last_login_0": "",
        "last_login_1": "",
    }
    del values["date_joined"], values["last_login"], values["is_superuser"], values["is_staff"]
    assert browser.post(url, values).status_code == 302
    nurse.refresh_from_db()
    assert not nurse.is_active
    assert changed() == [str(nurse.pk)]


def is_live(login):
    return LoginSession.objects.get(pk=login.pk).ended_at is None


def test_updated_passwords_end_the_logins_of_their_users(nurse):
    omar, pia = User.objects.create_user("omar"), User.objects.create_user("pia")
    of_nurse, of_omar, of_pia = (tokens.log_in(user) for user in (nurse, omar, pia))
    User.objects.filter(username="nina").update(password=make_password("another"))
    omar.set_password("another")
    User.objects.bulk_update([omar], ["password"])
    assert [is_live(login) for login in (of_nurse, of_omar, of_pia)] == [False, False, True]


class Former(PBKDF2PasswordHasher):
    """What a former Django took for strong enough."""

    iterations = 1


class Newer(PBKDF2PasswordHasher):
    iterations = 2


@pytest.fixture
def old_hash(nurse, settings):
    """A browser that was logged in when the hash of its nurse was good, and their other login."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Former"]
    nurse.set_password("x")
    nurse.save()
    browser = Client()
    assert browser.login(username="nina", password="x")
    settings.PASSWORD_HASHERS = [f"{__name__}.Newer"]
    return browser, tokens.log_in(nurse)


def iterations(user):
    return int(User.objects.get(pk=user.pk).password.split("$")[1])


def test_a_newer_hash_of_the_same_password_ends_no_login_and_opens_one(nurse, old_hash):
    browser, other = old_hash
    before = changed()
    another = Client()
    assert another.post("/login/", {"username": "nina", "password": "x"}).status_code == 302
    assert iterations(nurse) == Newer.iterations
    assert is_live(other)
    assert changed() == before
    for each in (browser, another):
        assert each.post("/api/token/session/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_newer_hash_that_is_made_in_asynchronous_code_ends_no_login(nurse, old_hash):
    _, other = old_hash
    assert async_to_sync(User.objects.get(pk=nurse.pk).acheck_password)("x")
    assert iterations(nurse) == Newer.iterations
    assert is_live(other)


def test_a_newer_hash_overwrites_no_password_that_came_meanwhile(nurse, old_hash):
    slow = User.objects.get(pk=nurse.pk)
    nurse.set_password("another")
    nurse.save()
    assert not slow.check_password("x")
    nurse.refresh_from_db()
    assert nurse.check_password("another")


def test_of_two_who_make_a_newer_hash_at_once_both_are_right(nurse, old_hash):
    first, second = User.objects.get(pk=nurse.pk), User.objects.get(pk=nurse.pk)
    for user in (first, second):
        assert user.check_password("x")
        assert is_live(tokens.log_in(user))


def new_password(user):
    user.set_password("another")
    user.save()


@pytest.mark.parametrize(
    "change",
    [
        new_password,
        lambda user: User.objects.filter(pk=user.pk).update(password="", is_active=False),
        lambda user: User.objects.filter(pk=user.pk).delete(),
        lambda user: user.delete(),
        lambda user: sessions.end(user.login_sessions.get(), "signed out"),
    ],
)
def test_all_who_end_logins_lock_them_before_the_feed(nurse, change):
    """Whoever has one of the two waits for the other: in both orders at once nobody would ever go on."""
    tokens.log_in(nurse)
    with CaptureQueriesContext(connection) as queries:
        change(nurse)
    statements = [query["sql"] for query in queries]
    feed = min(n for n, sql in enumerate(statements) if Feed._meta.db_table in sql)
    logins = [n for n, sql in enumerate(statements) if changes(sql, LoginSession)]
    assert logins
    assert logins[0] < feed


def changes(sql, model):
    return sql.startswith(("UPDATE", "DELETE")) and model._meta.db_table in sql.split("WHERE")[0]


@pytest.mark.django_db(transaction=True)
def test_a_new_password_and_a_logout_at_once_both_succeed(nurse, monkeypatch):
    login = tokens.log_in(nurse)
    said, has_row, logout = models.rights_changed, threading.Event(), threading.local()

    def rights_changed(*users):
        if getattr(logout, "is_here", False):
            has_row.set()
            until_somebody_waits()
        said(*users)

    def log_out():
        logout.is_here = True
        closing(partial(sessions.end, login, "signed out"))

    monkeypatch.setattr(models, "rights_changed", rights_changed)
    with ThreadPoolExecutor(2) as pool:
        leaving = pool.submit(log_out)
        assert has_row.wait(10)
        pool.submit(closing, partial(new_password, nurse)).result(20)
        leaving.result(20)
    assert LoginSession.objects.get().end_reason == "signed out"
    nurse.refresh_from_db()
    assert nurse.check_password("another")
