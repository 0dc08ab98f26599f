"""A shift at the bedside from login to logout: nurse, doctor, and those who only look."""

import re

import pytest
from playwright.sync_api import expect

from clinical.management.commands.seed_demo import PASSWORD
from tests.browser.conftest import OpenScreen, Screen
from tests.browser.test_alert_story import alert_of, make_very_ill, open_alerts
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

DESK = {"width": 1440, "height": 900}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
# As it is typed: a value, Tab, the next one; a letter chooses.
A_VERY_ILL_SET = ("26", "90", "o", "88", "50", "134", "39.4", "c")


def faults(screen: Screen) -> list[str]:
    """What went wrong in the pages' own code."""
    return [line for line in screen.console if re.search("TypeError|ReferenceError|Uncaught", line)]


def _enter_a_set(nurse: Screen) -> None:
    """What the bed shows is then what was typed."""
    keys = nurse.page.keyboard
    nurse.picture("nurse-board")
    nurse.press(nurse.row("1").get_by_role("button"))
    expect(nurse.panel.get_by_label("Respiration")).to_be_focused()
    for typed in A_VERY_ILL_SET:
        keys.type(typed)
        keys.press("Tab")
    nurse.picture("nurse-entry")
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(nurse.panel.get_by_text("Saved. NEWS2 19: High, RED.")).to_be_visible()
    keys.press("Escape")
    expect(nurse.score("1")).to_have_text("19")
    expect(nurse.row("1").locator("[data-alerts]")).to_contain_text("nobody yet")


def _answer_its_alert(nurse: Screen) -> None:
    """The alert that came of it, from the list of the ward."""
    nurse.press(nurse.page.get_by_role("link", name="Alerts"))
    nurse.wait_until("live")
    alert = alert_of(nurse, "1")
    nurse.press(alert.get_by_role("button", name="Accept"))
    expect(alert).to_contain_text("Nora Lindqvist accepted")
    nurse.press(alert.get_by_role("button", name="I am at the bedside"))
    expect(alert).to_contain_text("Nora Lindqvist is at the bedside")
    nurse.picture("nurse-alerts")
    nurse.press(nurse.page.get_by_role("link", name="Board", exact=True))
    nurse.wait_until("live")
    expect(nurse.row("1").locator("[data-alerts]")).to_contain_text("Nora Lindqvist, at the bedside")


def _read_the_stay(nurse: Screen) -> None:
    """The whole stay of one patient, and back to the board."""
    nurse.press(nurse.row("1").get_by_role("button"))
    nurse.press(nurse.panel.get_by_role("link", name="Charts and timeline"))
    nurse.wait_until("live")
    expect(nurse.page.locator("#now [data-field=score]")).to_have_text("19")
    expect(nurse.page.locator("#timeline li").first).to_contain_text("Nora Lindqvist")
    nurse.picture("nurse-patient")
    nurse.press(nurse.page.get_by_role("link", name="Board of Intensive Care"))
    nurse.wait_until("live")


def _lock_and_unlock(nurse: Screen) -> None:
    """Called away, and back."""
    keys = nurse.page.keyboard
    name = nurse.row("1").locator("[data-field=name]").inner_text()
    nurse.press(nurse.page.get_by_role("button", name="Lock", exact=True))
    expect(nurse.page.get_by_role("heading", name="Locked")).to_be_visible()
    assert name not in nurse.page.content()
    keys.type(PASSWORD)
    keys.press("Enter")
    nurse.wait_until("live")
    expect(nurse.row("1")).to_contain_text(name)


def test_the_shift_of_a_nurse(site: Site, open_screen: OpenScreen) -> None:
    """Not a single click: the keyboard alone does it all."""
    nurse = open_screen(site.urls[0], "nurse.icu", viewport=DESK)
    _enter_a_set(nurse)
    _answer_its_alert(nurse)
    _read_the_stay(nurse)
    _lock_and_unlock(nurse)
    nurse.press(nurse.page.get_by_role("button", name="Log out"))
    expect(nurse.page.get_by_label("Password")).to_be_visible()
    nurse.page.go_back()
    expect(nurse.page.get_by_label("Password")).to_be_visible()
    assert faults(nurse) == []


def test_the_shift_of_a_doctor(site: Site, open_screen: OpenScreen) -> None:
    doctor = open_screen(site.urls[1], "doctor.icu", viewport=TABLET, color_scheme="dark", has_touch=True)
    make_very_ill(doctor, "2")
    doctor.panel.get_by_label("Drug").select_option("Noradrenaline")
    doctor.panel.get_by_role("button", name="Order medication").click()
    expect(doctor.panel.get_by_text("Draft order started: Noradrenaline.")).to_be_visible()
    doctor.picture("doctor-order")
    # How the patient is scored from now on.
    doctor.panel.get_by_role("link", name="How this patient is scored").click()
    doctor.page.get_by_label("Decision").select_option("spo2-scale-2")
    doctor.page.get_by_label("Reason").fill("Known to retain carbon dioxide.")
    doctor.page.get_by_role("button", name="Decide").click()
    expect(doctor.page.get_by_role("button", name="Revoke")).to_be_visible()
    doctor.picture("doctor-scoring")
    # Busy elsewhere, and then there after all.
    open_alerts(doctor)
    alert = alert_of(doctor, "2")
    alert.locator("summary", has_text="Decline").click()
    alert.get_by_label("Reason").select_option("busy")
    doctor.picture("doctor-alerts")
    alert.get_by_role("button", name="I cannot look after this").click()
    expect(alert).to_contain_text("Nobody has accepted")
    alert.get_by_role("button", name="Accept").click()
    alert.get_by_role("button", name="I am at the bedside").click()
    expect(alert).to_contain_text("Daniel Okafor is at the bedside")
    alert.locator("summary", has_text="Resolve").click()
    alert.get_by_label("Outcome").select_option("treated")
    alert.locator("[data-step=resolve]").get_by_label("Note").fill("Fluids, antibiotics.")
    alert.get_by_role("button", name="Resolve this alert").click()
    expect(alert).to_have_count(0)
    doctor.page.get_by_role("link", name="Board", exact=True).click()
    doctor.wait_until("live")
    expect(doctor.row("2")).to_contain_text("Draft: Noradrenaline")
    doctor.log_out()
    assert faults(doctor) == []


def test_the_shift_of_a_pharmacist(site: Site, open_screen: OpenScreen) -> None:
    """Sees the ward and its orders, and is offered nothing that is not for pharmacists."""
    pharmacist = open_screen(site.urls[1], "pharmacist.icu", viewport=PHONE, has_touch=True)
    doctor = open_screen(site.urls[0], "doctor.icu")
    doctor.open_bed("3")
    doctor.panel.get_by_label("Drug").select_option("Vancomycin")
    doctor.panel.get_by_role("button", name="Order medication").click()
    expect(pharmacist.row("3")).to_contain_text("Draft: Vancomycin")
    pharmacist.picture("pharmacist-board")
    pharmacist.open_bed("3")
    expect(pharmacist.panel).to_contain_text("Draft: Vancomycin")
    expect(pharmacist.panel.locator("form")).to_have_count(0)
    pharmacist.picture("pharmacist-bed")
    pharmacist.panel.get_by_role("button", name="Close").click()
    pharmacist.page.get_by_role("link", name="Alerts").click()
    pharmacist.wait_until("live")
    expect(pharmacist.page.locator(".alert-steps")).to_have_count(0)
    pharmacist.log_out()
    assert faults(pharmacist) == []


def test_an_account_that_is_not_of_clinical_staff_reads_why_it_sees_nothing(
    site: Site, open_screen: OpenScreen
) -> None:
    visitor = open_screen(site.urls[0], "visitor", live=False)
    expect(visitor.page.get_by_text("Your account is not one of clinical staff.")).to_be_visible()
    visitor.page.goto(f"{site.urls[0]}/wards/icu/")
    expect(visitor.page.get_by_text("Not found, or not available to you.")).to_be_visible()
    visitor.log_out()
