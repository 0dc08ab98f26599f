"""Every page is for everybody: axe-core finds nothing serious, light and dark, wide and narrow."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import grave
from tests.browser.conftest import OpenScreen, Screen
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Of the ward's pages, those that a nurse in charge gets to see.
OF_THE_WARD = ("", "print/", "wall/", "alerts/", "alerts/budget/", "beds/", "staff/", "admit/")


def patient_of(screen: Screen, bed: str) -> str:
    return str(screen.row(bed).get_attribute("data-patient"))


def pages_of(screen: Screen) -> list[str]:
    patient = patient_of(screen, "2")
    of_the_patient = [
        f"/patients/{patient}/",
        f"/patients/{patient}/?hours=72",
        f"/wards/icu/beds/{patient}/",
    ]
    return [*(f"/wards/icu/{page}" for page in OF_THE_WARD), *of_the_patient, "/help/", "/nowhere/"]


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_axe_finds_nothing_serious_on_any_page(
    site: Site, open_screen: OpenScreen, scheme: str, size: dict[str, int]
) -> None:
    nurse = open_screen(site.url, "nurse.icu", color_scheme=scheme, viewport=size)
    found = {}
    for path in pages_of(nurse):
        nurse.page.goto(site.url + path)
        found[path] = grave(nurse.page)
        assert nurse.page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    nurse.page.goto(f"{site.url}/wards/icu/")
    nurse.wait_until("live")
    nurse.open_bed("1")
    found["bed"] = grave(nurse.page)
    admin = open_screen(site.url, "admin", live=False, color_scheme=scheme, viewport=size)
    found["wards"] = grave(admin.page)
    admin.page.get_by_role("button", name="Log out").click()
    found["login"] = grave(admin.page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_german_pages_are_for_everybody_too(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu", live=False, viewport=DESK)
    nurse.page.goto(f"{site.url}/wards/icu/")
    nurse.page.get_by_role("button", name="Deutsch").click()
    nurse.wait_until("live")
    expect(nurse.status).to_contain_text("seit")
    expect(nurse.page.get_by_role("columnheader", name="Bett", exact=True)).to_be_visible()
    assert nurse.page.evaluate("document.documentElement.lang") == "de"
    # What comes later speaks the same language.
    expect(nurse.row("1")).to_contain_text("geb.")
    assert grave(nurse.page) == []


def test_a_ward_is_worked_with_by_keyboard_alone(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    keys = nurse.page.keyboard
    nurse.page.get_by_role("button", name="All beds").focus()
    keys.press("Tab")
    keys.press("Space")
    expect(nurse.page.get_by_role("button", name="NEWS2 5 or RED")).to_have_attribute("aria-pressed", "true")
    keys.press("Shift+Tab")
    keys.press("Enter")
    nurse.row("1").get_by_role("button").focus()
    keys.press("Enter")
    expect(nurse.panel).to_be_visible()
    nurse.panel.get_by_role("link", name="Charts and timeline").focus()
    keys.press("Enter")
    expect(nurse.page.get_by_role("heading", name="Timeline of this stay")).to_be_visible()
    nurse.page.get_by_role("region", name="Table of the sets").focus()
    expect(nurse.page.get_by_role("region", name="Table of the sets")).to_be_focused()


def test_who_wants_no_motion_sees_none(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length"""
    assert nurse.page.evaluate(moving) == 0
