"""An alert from its finding to its outcome, on the screens of two people at two workers."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenScreen, Screen
from tests.browser.test_ward_story import A_SECOND_MS, VERY_ILL
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]


def open_alerts(screen: Screen) -> None:
    screen.page.goto(f"{screen.url}/wards/icu/alerts/")
    screen.wait_until("live")


def alert_of(screen: Screen, bed: str) -> Locator:
    """The alert by score of that bed."""
    exactly = re.compile(rf"^\s*Bed {bed}\s+NEWS2 19")
    return screen.page.locator("#alerts .alert").filter(has=screen.page.locator("h2", has_text=exactly))


def make_very_ill(screen: Screen, bed: str) -> None:
    screen.open_bed(bed)
    screen.enter(**VERY_ILL)
    screen.save()
    expect(screen.panel.get_by_text("Saved. NEWS2")).to_be_visible()


def test_the_keyboard_alone_takes_an_alert_from_its_finding_to_its_outcome(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    doctor = open_screen(site.urls[1], "doctor.icu")
    colleague = open_screen(site.urls[0], "nurse.icu")
    open_alerts(doctor)
    open_alerts(colleague)
    make_very_ill(nurse, "1")
    here, there = alert_of(doctor, "1"), alert_of(colleague, "1")
    expect(here).to_contain_text("Nobody has accepted", timeout=A_SECOND_MS)
    expect(here).to_contain_text("***")
    expect(doctor.page.locator("#caller")).to_contain_text("High alert, bed 1: NEWS2 19")
    here.get_by_role("button", name="Accept").focus()
    doctor.page.keyboard.press("Enter")
    expect(there).to_contain_text("Daniel Okafor accepted", timeout=A_SECOND_MS)
    expect(there.get_by_role("button", name="Accept")).to_be_hidden()
    here.get_by_role("button", name="I am at the bedside").focus()
    doctor.page.keyboard.press("Enter")
    expect(there).to_contain_text("Daniel Okafor is at the bedside", timeout=A_SECOND_MS)
    here.locator("summary", has_text="Resolve").focus()
    doctor.page.keyboard.press("Enter")
    here.get_by_label("Outcome").focus()
    doctor.page.keyboard.type("Treat")
    doctor.page.keyboard.press("Tab")
    doctor.page.keyboard.type("Fluids.")
    doctor.page.keyboard.press("Enter")
    expect(there).to_have_count(0, timeout=A_SECOND_MS)
    expect(here).to_have_count(0)
    assert not [line for line in doctor.console if "rror" in line]


def test_whoever_comes_second_reads_who_was_first_and_a_double_click_is_one_step(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    doctor = open_screen(site.urls[1], "doctor.icu")
    make_very_ill(nurse, "2")
    open_alerts(nurse)
    open_alerts(doctor)
    form = alert_of(doctor, "2").locator("form[data-step=accept]").element_handle()
    alert_of(nurse, "2").get_by_role("button", name="Accept").dblclick()
    expect(alert_of(doctor, "2")).to_contain_text("Nora Lindqvist accepted", timeout=A_SECOND_MS)
    assert nurse.calls("AcceptAlert") == 1
    assert form is not None
    # As if both had pressed at the same moment.
    form.evaluate("form => form.requestSubmit()")
    expect(alert_of(doctor, "2")).to_contain_text("Nora Lindqvist accepted this alert at")


def test_without_javascript_every_step_is_a_form(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    make_very_ill(nurse, "3")
    plain = open_screen(site.urls[1], "doctor.icu", live=False, java_script_enabled=False)
    plain.page.goto(f"{plain.url}/wards/icu/alerts/")
    alert_of(plain, "3").get_by_role("button", name="Accept").click()
    expect(alert_of(plain, "3")).to_contain_text("Daniel Okafor accepted")
    alert_of(plain, "3").locator("summary", has_text="Decline").click()
    alert_of(plain, "3").get_by_label("Reason").select_option("off-duty")
    alert_of(plain, "3").get_by_role("button", name="I cannot look after this").click()
    expect(alert_of(plain, "3")).to_contain_text("Nobody has accepted")
