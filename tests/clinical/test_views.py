"""The pages: who sees which ward, and that a page holds nothing it should not."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from clinical.events import ObservationInput
from clinical.models import Drug, Patient, Ward
from clinical.services import observations, orders
from tests.cast import PASSWORD, Cast
from tests.clinical.conftest import admitted

BOARD = "/wards/icu/"
# A JSON Web Token begins with a brace in base 64.
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.")


class Page(HTMLParser):
    """What the tests ask of a page: its attributes, and the text within scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.cdata_elem and data.strip():
            self.inline.append(data)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def get(user: User, path: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(path)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_login_leads_to_the_board_of_the_own_ward(cast: Cast, icu: Ward) -> None:
    client = Client()
    login = client.get("/", follow=True)
    assert login.redirect_chain == [("/login/?next=/", 302)]
    response = client.post(
        "/login/", {"username": "nurse.icu", "password": PASSWORD, "next": "/"}, follow=True
    )
    assert [step for step, _ in response.redirect_chain] == ["/", BOARD]
    assert "Intensive Care" in text(response)


def test_a_wrong_password_is_told_and_opens_nothing(cast: Cast, icu: Ward) -> None:
    client = Client()
    response = client.post("/login/", {"username": "nurse.icu", "password": "wrong"})
    assert response.status_code == 200
    assert 'role="alert"' in text(response)
    assert client.get(BOARD).status_code == 302


def test_logging_out_takes_a_form_and_closes_the_board(cast: Cast, icu: Ward) -> None:
    client = Client()
    client.force_login(cast.nurse)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get(BOARD).status_code == 302


def test_staff_see_the_board_of_their_ward(cast: Cast, patient: Patient) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist, cast.admin):
        response = get(user, BOARD)
        assert response.status_code == 200
        assert "BYRON, Ada" in text(response)


def test_the_board_shows_the_newest_set_and_the_drafts(cast: Cast, patient: Patient) -> None:
    given = ObservationInput(respiration=26, pulse=120, on_oxygen=True)
    observations.record(cast.nurse, patient.pk, given)
    Drug.objects.create(name="Paracetamol & Co")
    orders.draft(cast.doctor, patient.pk, "Paracetamol & Co")
    board = text(get(cast.nurse, BOARD))
    for shown in (
        "≥7",
        "High",
        "RED",
        "partial: 4 values missing",
        "just now",
        "Draft: Paracetamol &amp; Co",
    ):
        assert shown in board


def test_the_board_says_that_it_is_not_live_until_a_script_knows_better(cast: Cast, icu: Ward) -> None:
    assert "NOT LIVE" in text(get(cast.nurse, BOARD))


def test_AZ_4_somebody_elses_ward_looks_like_one_that_does_not_exist(
    cast: Cast, icu: Ward, cardio: Ward
) -> None:
    answers = [get(cast.nurse, path) for path in ("/wards/cardio/", "/wards/nowhere/", "/wards/a b%00/")]
    assert {response.status_code for response in answers} == {404}
    bodies = {re.sub(r'name="(csrfmiddlewaretoken|login)"[^>]*', "", text(response)) for response in answers}
    assert len(bodies) == 1


def test_an_admin_chooses_among_all_wards(cast: Cast, icu: Ward, cardio: Ward) -> None:
    chooser = text(get(cast.admin, "/"))
    assert "/wards/icu/" in chooser
    assert "/wards/cardio/" in chooser
    assert get(cast.admin, "/wards/cardio/").status_code == 200


def test_who_is_not_staff_sees_no_ward_and_can_log_out(cast: Cast, icu: Ward) -> None:
    response = get(cast.visitor, "/")
    assert response.status_code == 403
    assert "not one of clinical staff" in text(response)
    assert "Log out" in text(response)
    assert get(cast.visitor, BOARD).status_code == 404


def test_staff_without_a_ward_are_told_so(cast: Cast, db: None) -> None:
    response = get(cast.nurse, "/")
    assert response.status_code == 403
    assert "not assigned to a ward" in text(response)


@pytest.mark.parametrize(
    ("person", "may_record", "may_order"),
    [("nurse", True, False), ("doctor", True, True), ("pharmacist", False, False), ("admin", False, False)],
)
def test_only_those_who_may_see_the_forms(
    cast: Cast, icu: Ward, person: str, may_record: bool, may_order: bool
) -> None:
    board = text(get(getattr(cast, person), BOARD))
    assert ("Save observations" in board) is may_record
    assert ("Order medication" in board) is may_order


def test_a_doctor_chooses_from_the_catalogue(cast: Cast, icu: Ward) -> None:
    Drug.objects.create(name="Morphine")
    assert '<option value="Morphine">' in text(get(cast.doctor, BOARD))


def test_the_board_costs_a_few_queries_for_any_number_of_beds(
    cast: Cast, patient: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(cast.nurse)
    for _ in range(2):
        # Session, user, login, assignments; ward, patients, schedules with their sets, drafts, alerts.
        with django_assert_num_queries(9):
            client.get(BOARD)
        observations.record(cast.nurse, patient.pk, ObservationInput(pulse=80))


@pytest.fixture
def pages(cast: Cast, patient: Patient) -> dict[str, Any]:
    """One of every page."""
    return {
        "board": get(cast.doctor, BOARD),
        "login": Client().get("/login/"),
        "wards": get(cast.admin, "/"),
        "no access": get(cast.visitor, "/"),
        "not found": get(cast.nurse, "/nowhere/"),
        "forged": Client(enforce_csrf_checks=True).post("/login/", {}),
    }


def test_IN_5_every_page_has_a_strict_policy_and_lives_by_it(pages: dict[str, Any]) -> None:
    for name, response in pages.items():
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert "script-src 'self'" in policy, name
        assert "style-src 'self'" in policy, name
        assert "unsafe" not in policy, name
        page = Page(text(response))
        assert page.inline == [], name
        for _, attributes in page.tags:
            assert "style" not in attributes, name
            assert not [each for each in attributes if each.startswith("on")], name
        sources = [script["src"] for script in page.attributes("script")]
        sources += [link["href"] for link in page.attributes("link")]
        assert all(str(source).startswith("/static/") for source in sources), name


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td><svg/onload=x>"]
)
def test_IN_5_what_is_stored_is_text_on_the_page(cast: Cast, icu: Ward, name: str) -> None:
    admitted(icu, "1", given_name=name)
    page = text(get(cast.doctor, BOARD))
    assert name not in page
    assert escape(name) in page


def test_every_page_has_a_language_a_title_and_says_what_it_is_not(pages: dict[str, Any]) -> None:
    for name, response in pages.items():
        html = text(response)
        assert '<html lang="en-gb">' in html, name
        assert re.search(r"<title>[^<]+ · Wardline</title>", html), name
        assert "Not the primary alarm" in html, name
        assert "Not validated for clinical use" in html, name
        assert "NEWS2 © Royal College of Physicians" in html, name


def test_UQ_6_no_page_tells_another_site_where_its_reader_came_from(pages: dict[str, Any]) -> None:
    for name, response in pages.items():
        assert response.headers["Referrer-Policy"] == "same-origin", name


def test_UQ_6_no_page_holds_a_token(pages: dict[str, Any]) -> None:
    for name, response in pages.items():
        assert not TOKEN.search(text(response)), name
        assert not TOKEN.search(str(response.cookies)), name


def test_no_page_about_patients_is_kept_anywhere(cast: Cast, patient: Patient) -> None:
    for user, path in ((cast.nurse, BOARD), (cast.nurse, "/"), (cast.admin, "/")):
        assert "no-store" in get(user, path).headers["Cache-Control"]


def test_a_fault_gets_a_calm_page(cast: Cast, icu: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinical.services.board.snapshot", None)
    client = Client(raise_request_exception=False)
    client.force_login(cast.nurse)
    response = client.get(BOARD)
    assert response.status_code == 500
    assert "Check the bedside" in text(response)
    assert "snapshot" not in text(response)


def test_the_page_loads_the_client_of_the_pinned_version(cast: Cast, icu: Ward, settings: Settings) -> None:
    locked = (settings.BASE_DIR / "package-lock.json").read_text()
    version = re.search(r'"node_modules/@microsoft/signalr": \{\s*"version": "([^"]+)"', locked)
    assert version is not None
    client = settings.BASE_DIR / "node_modules/@microsoft/signalr/dist/browser/signalr.min.js"
    assert f'"{version[1]}"' in client.read_text()
    assert "/static/signalr/signalr.min.js" in text(get(cast.nurse, BOARD))
