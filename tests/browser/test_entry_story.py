"""Recording at the bedside: by the keyboard, beside a colleague, and while the board is not live."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen
from tests.browser.test_ward_story import VERY_ILL, sets_with_pulse
from tests.conftest import StartSite
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_set_is_recorded_with_the_keyboard_alone(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.row("1").get_by_role("button").focus()
    keyboard = nurse.page.keyboard
    keyboard.press("Enter")
    expect(nurse.panel).to_be_visible()
    nurse.panel.get_by_label("Respiration").focus()
    for text in ("18", "97"):
        keyboard.type(text)
        keyboard.press("Tab")
    keyboard.press("a")
    keyboard.press("Tab")
    for text in ("125", "70", "81", "37.2"):
        keyboard.type(text)
        keyboard.press("Tab")
    keyboard.press("a")
    keyboard.press("Enter")
    expect(nurse.panel.get_by_text("Saved. NEWS2 0: Routine.")).to_be_visible()
    expect(nurse.panel.get_by_label("Respiration")).to_have_value("")


def test_what_is_unusual_is_asked_about_and_kept(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("2")
    nurse.enter(**VERY_ILL | {"pulse": "212"})
    nurse.panel.get_by_role("button", name="Save observations").dblclick()
    expect(nurse.panel.get_by_text("Pulse 212 is unusual.")).to_be_visible()
    assert sets_with_pulse(site, 212) == 0
    # Whoever corrects it is not asked any more.
    nurse.enter(pulse="112")
    expect(nurse.panel.get_by_role("button", name="Save anyway")).to_be_hidden()
    nurse.enter(pulse="212")
    nurse.save()
    nurse.panel.get_by_role("button", name="Save anyway").click()
    expect(nurse.panel.get_by_text("Saved. NEWS2 19")).to_be_visible()
    assert sets_with_pulse(site, 212) == 1


def test_two_who_record_for_one_patient_hear_of_each_other(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    doctor = open_screen(site.urls[1], "doctor.icu")
    for screen in (nurse, doctor):
        screen.open_bed("3")
    doctor.enter(**VERY_ILL)
    doctor.save()
    told = nurse.panel.get_by_text("Daniel Okafor has recorded a set")
    expect(told).to_be_visible()
    expect(doctor.panel.get_by_text("has recorded a set")).to_have_count(0)
    nurse.enter(**VERY_ILL | {"pulse": "133"})
    nurse.save()
    expect(nurse.panel.get_by_text("Saved. NEWS2 19")).to_be_visible()
    expect(told).to_have_count(0)


def test_a_board_that_is_not_live_saves_on_a_page_of_its_own_and_only_once(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    nurse.open_bed("1")
    nurse.enter(**VERY_ILL | {"pulse": "132"})
    # The hub is not reached any more, while pages are.
    nurse.page.route("**/hubs/clinical/**", lambda route: route.abort())
    site.workers[0].kill()
    nurse.wait_until("reconnecting")
    site.workers[0].start()
    with nurse.page.context.expect_page() as opened:
        nurse.panel.get_by_role("button", name="Save on a page of its own").click()
    expect(opened.value.get_by_role("heading", name="Sets of this stay")).to_be_visible()
    assert sets_with_pulse(site, 132) == 1
    nurse.page.unroute("**/hubs/clinical/**")
    nurse.hurry_until("live")
    # What was typed is still there, and saving it again is the same set.
    nurse.save()
    expect(nurse.panel.get_by_text("Saved. NEWS2 19")).to_be_visible()
    assert sets_with_pulse(site, 132) == 1
