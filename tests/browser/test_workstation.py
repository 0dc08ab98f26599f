"""One computer, several people: whose screen it is, and what it shows when nobody is there."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from clinical.management.commands.seed_demo import PASSWORD
from tests.browser.conftest import PAUSE_MS, OpenScreen, Screen
from tests.browser.test_outage import RECORD, run
from tests.browser.test_page import FAINT
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

IDLE = "05:01"
# Somebody who moves the pointer by a script, or something that was pushed, is nobody's hand.
BY_SCRIPT = """() => {
    document.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true}));
    document.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true}));
}"""


def names(screen: Screen) -> list[str]:
    found: list[str] = screen.page.locator("#beds [data-field=name]").all_text_contents()
    assert found
    return found


def shows(page: Page, patients: list[str]) -> list[str]:
    """Which of them are anywhere in the page's document, its title included."""
    html = page.content() + page.title()
    return [name for name in patients if name in html]


def another_tab(screen: Screen, path: str = "/") -> Screen:
    tab = Screen(screen.page.context.new_page(), screen.url)
    tab.page.goto(f"{screen.url}{path}")
    return tab


def faults(screen: Screen) -> list[str]:
    """What went wrong in the page's own code; refused requests are said there too, and are no faults."""
    return [text for text in screen.console if re.search("TypeError|ReferenceError|Uncaught", text)]


def lock_heading(page: Page) -> Locator:
    return page.get_by_role("heading", name="Locked")


def unlock(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label(re.compile("^Password of")).fill(password)
    page.keyboard.press("Enter")


def test_SE_7_a_board_that_nobody_touches_is_blank_in_all_tabs_and_the_password_brings_it_back(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    patients = names(nurse)
    tab = another_tab(nurse)
    tab.wait_until("live")
    nurse.page.bring_to_front()
    nurse.open_bed("1")
    nurse.enter(pulse="77")
    nurse.page.evaluate(BY_SCRIPT)
    # As a laptop's sleep: the clock on the wall goes on, what was to be done meanwhile was not.
    nurse.page.clock.fast_forward(IDLE)
    for page in (nurse.page, tab.page):
        expect(lock_heading(page)).to_be_visible()
        assert shows(page, patients) == []
        expect(page.get_by_text("Nora Lindqvist (Nurse) is logged in.")).to_be_visible()
    expect(nurse.page.get_by_label(re.compile("^Password of"))).to_be_focused()
    nurse.page.keyboard.press("Escape")
    assert shows(nurse.page, patients) == []
    # Loaded again it is locked as before.
    tab.page.reload()
    expect(lock_heading(tab.page)).to_be_visible()
    assert shows(tab.page, patients) == []
    unlock(nurse.page, "wrong")
    expect(nurse.page.get_by_role("alert")).to_contain_text("The password is not right.")
    unlock(nurse.page)
    nurse.wait_until("live")
    # The draft is where it was, in its dialog.
    expect(nurse.panel.get_by_label("Pulse")).to_have_value("77")
    expect(nurse.panel.locator("[name=pulse]")).to_be_focused()
    expect(tab.status).to_be_visible()
    assert shows(tab.page, patients) == patients
    assert nurse.calls("SubscribeToWard") == 1
    assert faults(nurse) == []


def test_what_is_recorded_while_a_screen_is_locked_is_there_when_it_is_unlocked(
    site: Site, open_screen: OpenScreen
) -> None:
    doctor = open_screen(site.urls[1], "doctor.icu")
    before = len(doctor.received)
    doctor.page.get_by_role("button", name="Lock", exact=True).click()
    expect(lock_heading(doctor.page)).to_be_visible()
    run(site, RECORD)
    while not any("ObservationRecorded" in frame for frame in doctor.received[before:]):
        doctor.page.wait_for_timeout(PAUSE_MS)
    assert "141" not in doctor.page.content()
    for scheme in ("dark", "light"):
        doctor.page.emulate_media(color_scheme=scheme)
        assert doctor.page.evaluate(FAINT) == []
    unlock(doctor.page)
    expect(doctor.row("1")).to_contain_text("141")
    doctor.wait_until("live")
    assert faults(doctor) == []


@pytest.mark.parametrize(
    ("door", "next_user"), [("/login/", "admin"), ("/login/", "nurse.icu"), ("/admin/login/", "admin")]
)
def test_the_tabs_of_the_former_user_say_who_is_there_now_and_show_no_patient(
    site: Site, open_screen: OpenScreen, door: str, next_user: str
) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    patients = names(nurse)
    nurse.open_bed("1")
    locked = another_tab(nurse)
    locked.wait_until("live")
    tab = another_tab(nurse, door)
    tab.page.locator("[name=username]").fill(next_user)
    tab.page.locator("[name=password]").fill(PASSWORD)
    tab.page.keyboard.press("Enter")
    for page in (nurse.page, locked.page):
        expect(page.get_by_role("heading", name="Your login has ended")).to_be_visible()
        # Whoever is quicker than the login reads "Nobody is logged in" for a moment.
        expect(page.get_by_text(") is logged in on this computer now.")).to_be_visible()
        assert shows(page, patients) == []
    nurse.page.get_by_role("link", name="Go on").click()
    expect(nurse.page.get_by_role("button", name="Log out")).to_be_visible()


def test_another_user_takes_over_from_the_lock(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    patients = names(nurse)
    nurse.page.get_by_role("button", name="Lock", exact=True).click()
    nurse.page.get_by_role("link", name="Log in as somebody else").click()
    expect(nurse.page.get_by_text("Logging in here ends that.")).to_be_visible()
    nurse.page.get_by_label("User name").fill("nurse.cardio")
    nurse.page.get_by_label("Password").fill(PASSWORD)
    nurse.page.keyboard.press("Enter")
    nurse.wait_until("live")
    assert shows(nurse.page, patients) == []


def test_the_administration_locks_with_the_board(site: Site, open_screen: OpenScreen) -> None:
    admin = open_screen(site.url, "admin", live=False, clock=True)
    expect(admin.page.get_by_role("button", name="Log out")).to_be_visible()
    admin.page.goto(f"{site.url}/admin/accounts/user/")
    expect(admin.page.locator("#result_list")).to_be_visible()
    people = admin.page.locator("#result_list tbody th").all_text_contents()
    people.remove("admin")
    assert people
    admin.page.clock.fast_forward(IDLE)
    expect(lock_heading(admin.page)).to_be_visible()
    assert shows(admin.page, people) == []
    unlock(admin.page)
    expect(admin.page.locator("#result_list")).to_be_visible()
    assert faults(admin) == []
