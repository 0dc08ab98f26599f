"""A shift from login to logout of those who run ward and system, and of a display on the wall."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen, Screen
from tests.browser.test_alert_story import make_very_ill
from tests.browser.test_bedside_story import DESK, TABLET, faults
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

WALL = {"width": 1920, "height": 1080}
A_SECOND_MS = 1_000
NEWCOMER = {
    "Bed": "30",
    "Medical record number": "I77123",
    "Family name": "Brandt",
    "Given name": "Ilse",
    "Date of birth": "1951-03-09",
}


def test_the_shift_of_a_nurse_in_charge(site: Site, open_screen: OpenScreen) -> None:
    charge = open_screen(site.urls[0], "nurse.icu", viewport=TABLET, has_touch=True)
    page = charge.page
    # Somebody of another ward stands in until the evening.
    page.get_by_role("link", name="Staff").click()
    page.get_by_label("User name").fill("doctor.surgery")
    page.get_by_label("Until").fill(
        f"{datetime.now(ZoneInfo(settings.TIME_ZONE)) + timedelta(hours=8):%Y-%m-%dT%H:%M}"
    )
    page.get_by_label("Reason").fill("Stands in for sickness")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("button", name="End now: Dario Conti")).to_be_visible()
    charge.picture("charge-staff")
    page.get_by_role("link", name="Intensive Care: to the board").click()
    # Somebody comes, is moved, and goes.
    page.get_by_role("link", name="Beds").click()
    page.get_by_role("link", name="Admit a patient").click()
    for label, text in NEWCOMER.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Admit").click()
    page.get_by_role("link", name="Brandt, Ilse").click()
    page.locator("#transfer-bed").fill("31")
    page.get_by_role("button", name="Move").click()
    board = open_screen(site.urls[1], "doctor.icu")
    expect(board.row("31")).to_contain_text("Brandt, Ilse", ignore_case=True)
    page.get_by_role("link", name="Brandt, Ilse").click()
    page.get_by_label("Where to").fill("Home")
    page.get_by_role("button", name="Discharge").click()
    expect(page.get_by_role("link", name="Brandt, Ilse")).to_have_count(0)
    expect(board.row("31")).to_have_count(0, timeout=A_SECOND_MS)
    # What alerts cost, and the paper for when nothing else works.
    page.get_by_role("link", name="Intensive Care: to the board").click()
    page.get_by_role("link", name="Alerts").click()
    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("row", name=re.compile("^all together"))).to_be_visible()
    charge.picture("charge-figures")
    page.get_by_role("link", name="Board", exact=True).click()
    with page.expect_popup() as printed:
        page.get_by_role("link", name="Print").click()
    expect(printed.value.get_by_text("by Nora Lindqvist")).to_be_visible()
    printed.value.set_viewport_size({"width": 1440, "height": 900})
    Screen(printed.value, charge.url).picture("charge-print")
    printed.value.close()
    charge.log_out()
    assert faults(charge) == []


def test_the_shift_of_an_administrator(site: Site, open_screen: OpenScreen) -> None:
    admin = open_screen(site.urls[0], "admin", live=False, viewport=DESK)
    page = admin.page
    page.get_by_role("link", name="Cardiology").click()
    admin.wait_until("live")
    patient = admin.row("1").locator("[data-field=name]").inner_text()
    page.get_by_role("link", name="Wards").first.click()
    page.get_by_role("link", name="Administration").click()
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    # Runs the system without seeing patients there.
    for rows_of_patients in ("Patients", "Movements"):
        expect(page.get_by_role("link", name=rows_of_patients, exact=True)).to_have_count(0)
    admin.picture("admin-administration")
    assert page.request.get(f"{site.urls[0]}/admin/clinical/patient/").status == 403
    assert page.request.get(f"{site.urls[0]}/admin/clinical/movement/").status == 403
    # Each look into a ward by that role is there to be read, and not to be changed.
    page.get_by_role("link", name="Access records").click()
    records = page.locator("#result_list tbody tr", has_text="Cardiology")
    for door in ("page", "hub"):
        expect(records.filter(has_text=door).first).to_contain_text("admin")
    assert patient not in page.content()
    expect(page.locator(".object-tools a")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{site.urls[0]}/wards/cardio/")
    expect(page.get_by_label("Password")).to_be_visible()
    assert faults(admin) == []


def test_the_shift_of_a_display_on_the_wall(site: Site, open_screen: OpenScreen) -> None:
    wall = open_screen(site.urls[1], "wall.icu", viewport=WALL, color_scheme="dark")
    doctor = open_screen(site.urls[0], "doctor.icu")
    family = doctor.row("4").locator("[data-field=name]").inner_text().split(",")[0]
    make_very_ill(doctor, "4")
    expect(wall.score("4")).to_have_text("19", timeout=A_SECOND_MS)
    expect(wall.row("4")).to_contain_text("nobody yet")
    expect(wall.row("4").locator("[data-field=name]")).to_have_text(re.compile(r"^\S\. \S\.$"))
    wall.picture("wall")
    # Nothing to press but the way out, and nothing else to see.
    assert [button.inner_text() for button in wall.page.get_by_role("button").all()] == ["Log out"]
    assert not [frame for frame in wall.received if family in frame]
    assert wall.page.request.get(f"{site.urls[1]}/wards/icu/").status == 404
    wall.log_out()
    assert faults(wall) == []
