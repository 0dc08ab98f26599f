"""The board as a ward uses it for a shift: filters, what changed, names, wall, paper, one patient."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen, Screen
from tests.conftest import StartSite
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

ILL = """
from decimal import Decimal
from accounts.models import User
from clinical.events import ObservationInput
from clinical.models import Patient
from clinical.services import observations
patient = Patient.objects.get(ward="icu", bed="{bed}")
given = ObservationInput(respiration=26, spo2=90, on_oxygen=True, systolic=88, diastolic=50, pulse=134,
                         consciousness="C", temperature=Decimal("39.4"))
observations.record(User.objects.get(username="nurse.icu"), patient.pk, given)
"""
WALL = """
from accounts.models import User
User.objects.create_user("{role}", password="wardline-demo", role="{role}", department="icu")
"""
# A tab that somebody has put behind another one, as the page sees it.
HIDE = """(state) => {
    Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def run(site: Site, code: str) -> None:
    site.manage("shell", "--verbosity", "0", "--command", code)


def shown_beds(screen: Screen) -> int:
    return screen.page.locator("#beds tr:visible").count()


def test_a_filter_hides_beds_and_says_so(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    run(site, ILL.format(bed="3"))
    expect(nurse.score("3")).to_have_text("19")
    nurse.page.get_by_role("button", name="Open alerts").click()
    expect(nurse.row("3")).to_be_visible()
    expect(nurse.row("3").locator("[data-alerts]")).to_contain_text("nobody yet")
    all_beds = nurse.page.locator("#beds tr").count()
    assert 0 < shown_beds(nurse) < all_beds
    expect(nurse.page.locator("[data-filtered]")).to_contain_text(f"of {all_beds} beds are shown")
    nurse.page.get_by_role("button", name="Show all beds").click()
    assert shown_beds(nurse) == all_beds
    expect(nurse.page.locator("[data-filtered]")).to_be_hidden()


def test_what_changed_in_a_hidden_tab_is_marked_until_it_is_seen(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    nurse.page.evaluate(HIDE, "hidden")
    for bed in ("4", "7"):
        run(site, ILL.format(bed=bed))
    expect(nurse.score("7")).to_have_text("19")
    nurse.page.evaluate(HIDE, "visible")
    expect(nurse.page.locator("[data-unseen]")).to_contain_text("2 beds have changed while you were away.")
    expect(nurse.row("7").locator("[data-changed]")).to_be_visible()
    expect(nurse.row("1").locator("[data-changed]")).to_be_hidden()
    nurse.open_bed("7")
    nurse.page.keyboard.press("Escape")
    expect(nurse.row("7").locator("[data-changed]")).to_be_hidden()
    nurse.page.get_by_role("button", name="I have seen them").click()
    expect(nurse.page.locator("[data-changed]:visible")).to_have_count(0)
    # Before one's eyes nothing is marked.
    run(site, ILL.format(bed="6"))
    expect(nurse.score("6")).to_have_text("19")
    expect(nurse.page.locator("[data-changed]:visible")).to_have_count(0)


def test_a_hidden_tab_says_in_its_title_that_it_is_not_live(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    expect(nurse.page).to_have_title("Intensive Care · Wardline")
    nurse.page.evaluate(HIDE, "hidden")
    site.workers[0].kill()
    nurse.hurry_until("disconnected")
    expect(nurse.page).to_have_title("NOT LIVE · Intensive Care · Wardline")
    site.workers[0].start()
    nurse.hurry_until("live")
    expect(nurse.page).to_have_title("Intensive Care · Wardline")


def test_a_computer_that_slept_is_not_live_before_the_server_has_answered(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    """Its clock has gone on, its heartbeats have not; one that still lies in the buffers proves nothing."""
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    site.workers[0].freeze()
    nurse.page.clock.fast_forward("04:00")
    expect(nurse.status).not_to_have_attribute("data-kind", "live")
    site.workers[0].thaw()
    nurse.hurry_until("live")


def test_a_screen_hides_names_and_goes_on_to_when_others_come(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    name = nurse.row("1").locator("[data-field=name]").inner_text()
    nurse.page.get_by_role("button", name="Initials").click()
    nurse.wait_until("live")
    run(site, ILL.format(bed="1"))
    expect(nurse.score("1")).to_have_text("19")
    family = name.split(",")[0]
    expect(nurse.page.locator("#beds")).not_to_contain_text(family)
    expect(nurse.row("1").locator("[data-field=name]")).to_have_text(re.compile(r"^\S\. \S\.$"))
    nurse.open_bed("1")
    expect(nurse.panel).to_contain_text(family)


@pytest.mark.parametrize(("role", "names"), [("WallInitials", r"^\S\. \S\.$"), ("WallBeds", "^Occupied$")])
def test_a_wall_display_is_live_and_is_never_sent_a_name(
    site: Site, open_screen: OpenScreen, role: str, names: str
) -> None:
    run(site, WALL.format(role=role))
    nurse = open_screen(site.url, "nurse.icu")
    family = nurse.row("8").locator("[data-field=name]").inner_text().split(",")[0]
    wall = open_screen(site.url, role)
    run(site, ILL.format(bed="8"))
    expect(wall.score("8")).to_have_text("19")
    expect(wall.row("8").locator("[data-field=name]")).to_have_text(re.compile(names))
    assert not [frame for frame in wall.received if family in frame or "Morphine" in frame]
    assert family not in wall.page.content()
    assert wall.page.get_by_role("link").count() == 0
    assert wall.page.locator("main button").count() == 0


def test_the_page_of_a_patient_follows_what_happens(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    patient = nurse.row("2").get_attribute("data-patient")
    nurse.page.goto(f"{site.url}/patients/{patient}/")
    nurse.wait_until("live")
    run(site, ILL.format(bed="2"))
    expect(nurse.page.locator("#now [data-field=score]")).to_have_text("19")
    expect(nurse.page.locator("#now .bed-alert")).to_contain_text("nobody yet")
    expect(nurse.page.locator("#timeline li").first).to_contain_text("alert")
    assert nurse.page.locator("#charts svg").count() == 6
    run(site, f"from clinical.services import patients; patients.discharge('{patient}')")
    expect(nurse.page.locator("[data-page-message]")).to_contain_text("no longer on this ward")


def test_paper_has_everything_on_it_in_black(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    beds = nurse.page.locator("#beds tr").count()
    nurse.page.goto(f"{site.url}/wards/icu/print/")
    nurse.page.emulate_media(media="print")
    expect(nurse.page.get_by_text("Not live after this time")).to_be_visible()
    assert nurse.page.locator("tbody tr").count() == beds
    expect(nurse.page.get_by_role("button", name="Print")).to_be_hidden()
    colours = """() => [...document.querySelectorAll("body *")].map((each) => getComputedStyle(each).color)"""
    assert set(nurse.page.evaluate(colours)) == {"rgb(0, 0, 0)"}
