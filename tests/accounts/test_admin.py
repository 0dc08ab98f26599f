"""Users in the admin site."""

import pytest
from django.test import Client

from accounts.models import Role, User
from tests.cast import PASSWORD, Cast

USERS = "/admin/accounts/user/"
NEW = {"username": "nurse.new", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}


@pytest.fixture
def site(cast: Cast) -> Client:
    cast.admin.is_staff = cast.admin.is_superuser = True
    cast.admin.save()
    client = Client()
    client.force_login(cast.admin)
    return client


def test_a_new_user_has_role_and_department(site: Client) -> None:
    response = site.post(f"{USERS}add/", NEW | {"role": "Nurse", "department": "icu"})
    assert response.status_code == 302
    user = User.objects.get(username="nurse.new")
    assert (user.role, user.department, user.check_password(PASSWORD)) == (Role.NURSE, "icu", True)


def test_a_department_is_a_slug(site: Client) -> None:
    response = site.post(f"{USERS}add/", NEW | {"role": "Nurse", "department": "the icu"})
    assert "Enter a valid" in response.content.decode()


def test_the_change_page_shows_role_and_department(site: Client, cast: Cast) -> None:
    page = site.get(f"{USERS}{cast.nurse.pk}/change/").content.decode()
    assert 'name="role"' in page
    assert 'name="department"' in page


def test_users_are_found_by_role_and_name(site: Client, cast: Cast) -> None:
    page = site.get(USERS, {"role__exact": "Pharmacist"}).content.decode()
    assert "pharmacist.icu" in page
    assert "doctor.icu" not in page
    assert "doctor.cardio" in site.get(USERS, {"q": "cardio"}).content.decode()
