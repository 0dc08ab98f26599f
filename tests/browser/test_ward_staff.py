"""Somebody is let into a ward and out again, and a patient goes to another: on screens at two workers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen, Screen
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

A_SECOND_MS = 1_000
ZONE = ZoneInfo(settings.TIME_ZONE)


def go(screen: Screen, *links: str) -> None:
    for link in links:
        screen.page.get_by_role("link", name=link).first.click()


def test_the_nurse_in_charge_opens_the_ward_and_closes_it_again(site: Site, open_screen: OpenScreen) -> None:
    charge = open_screen(site.urls[0], "nurse.icu")
    helper = open_screen(site.urls[1], "nurse.surgery")
    assert helper.page.goto(f"{site.urls[1]}/wards/icu/").status == 404  # type: ignore[union-attr]  # there is an answer
    expect(helper.page.get_by_text("Not found, or not available to you.")).to_be_visible()
    go(charge, "Staff")
    charge.page.get_by_label("User name").fill("nurse.surgery")
    charge.page.get_by_label("Reason").fill("sickness")
    charge.page.get_by_role("button", name="Assign").click()
    # The server's words at the field; what was typed is still there.
    expect(charge.page.get_by_text("Only a home has no end.")).to_be_visible()
    expect(charge.page.get_by_label("Reason")).to_have_value("sickness")
    charge.page.get_by_label("Until").fill(f"{datetime.now(ZONE) + timedelta(hours=8):%Y-%m-%dT%H:%M}")
    charge.page.get_by_role("button", name="Assign").dblclick()
    expect(charge.page.get_by_role("button", name="End now: Naomi Feld")).to_have_count(1)
    helper.page.goto(site.urls[1])
    go(helper, "Intensive Care")
    helper.wait_until("live")
    expect(helper.row("1")).to_be_visible()
    charge.page.get_by_role("button", name="End now: Naomi Feld").click()
    expect(charge.page.get_by_role("button", name="End now: Naomi Feld")).to_have_count(0)
    expect(helper.page.locator("#beds tr")).to_have_count(0, timeout=A_SECOND_MS)


def test_a_transferred_patient_changes_boards_within_a_second(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    here = open_screen(site.urls[1], "doctor.icu")
    there = open_screen(site.urls[1], "doctor.cardio")
    name = here.row("2").get_by_role("button").inner_text()
    go(nurse, "Beds", name)
    nurse.page.locator("#transfer-ward").select_option("cardio")
    nurse.page.locator("#transfer-bed").fill("1")
    nurse.page.get_by_role("button", name="Move").click()
    expect(nurse.page.get_by_text("Bed 1 is taken")).to_be_visible()
    nurse.page.locator("#transfer-bed").fill("90")
    nurse.page.get_by_role("button", name="Move").dblclick()
    expect(nurse.page.get_by_role("heading", name="Beds of Intensive Care")).to_be_visible()
    expect(there.row("90")).to_contain_text(name, timeout=A_SECOND_MS)
    expect(here.row("2")).to_have_count(0, timeout=A_SECOND_MS)
    # Whom the ward has let go is named once more, and leads nowhere.
    expect(nurse.page.get_by_role("link", name=name)).to_have_count(0)
