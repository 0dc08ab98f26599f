"""Every page is for everybody: axe-core finds nothing serious, a keyboard is enough, nothing moves."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave
from tests.browser.conftest import OpenScreen, Screen
from tests.browser.pages import of_a_doctor, of_a_nurse, of_an_administrator, patient_of
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
OTHER = {"light": "dark", "dark": "light"}
# Wider than the page is nothing but what can be scrolled for itself.
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"
MOVING = """[...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    const isAnimated = style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    return isAnimated || style.scrollBehavior === "smooth";
}).length"""
# All that a keyboard must come to; of a group of choices the chosen one or the first.
REACHABLE = """() => {
    const dialog = document.querySelector("dialog:modal");
    const every = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const seen = new Set();
    return [...(dialog ?? document).querySelectorAll(every)].filter((element) => {
        if (element.disabled || !element.checkVisibility()) return false;
        if (element.type !== "radio") return true;
        const group = `${element.form.id} ${element.name}`;
        const isFirst = !seen.has(group);
        seen.add(group);
        return isFirst;
    }).map((element, number) => (element.dataset.stop = number, element.outerHTML.slice(0, 100)));
}"""
# Which of them has the focus, null for none, and whether a ring around it or around its row or label says so.
FOCUSED = """() => {
    const element = document.activeElement;
    const group = element.type === "radio" && document.querySelector(`[name=${element.name}][data-stop]`);
    const ringed = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const around = [element, element.closest("label")].filter(Boolean).map((each) => getComputedStyle(each));
    const isRinged = [...around, getComputedStyle(element, "::after")].some(ringed);
    return [(group || element).dataset.stop ?? null, isRinged, element.outerHTML.slice(0, 100)];
}"""
MOST_TABS = 200


def wrong_with(page: Page, scheme: str) -> list[Any]:
    """By axe in one scheme, by contrast in the other; and nothing to scroll aside, nothing that moves."""
    found: list[Any] = [*grave(page)]
    page.emulate_media(color_scheme=OTHER[scheme])  # type: ignore[arg-type]  # one of the two
    found += [f"{OTHER[scheme]}: {each}" for each in grave(page, "color-contrast")]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    found += ["is wider than the screen"] if page.evaluate(OVERFLOWS) else []
    return found + (["moves"] if page.evaluate(MOVING) else [])


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_every_page_in_every_state_is_for_everybody(
    site: Site, open_screen: OpenScreen, scheme: str, size: dict[str, int]
) -> None:
    options = {"color_scheme": scheme, "viewport": size, "reduced_motion": "reduce"}
    found = {}
    for username, walk in (
        ("nurse.icu", of_a_nurse), ("doctor.icu", of_a_doctor), ("admin", of_an_administrator),
    ):  # fmt: skip
        screen = open_screen(site.url, username, live=username != "admin", **options)
        for name in walk(screen):
            found[f"{username}: {name}"] = wrong_with(screen.page, scheme)
    assert len(found) >= 30
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


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


def main_pages(screen: Screen) -> Iterator[str]:
    patient = patient_of(screen, "2")
    yield "board"
    screen.open_bed("2")
    yield "bed"
    of_the_stay = [f"/patients/{patient}/{page}" for page in ("", "observations/new/", "scoring/")]
    of_the_ward = [f"/wards/icu/{page}" for page in ("alerts/", f"beds/{patient}/", "admit/")]
    for path in (*of_the_stay, *of_the_ward, "/login/", "/help/"):
        screen.page.goto(screen.url + path)
        yield path.replace(patient, "patient")


def test_tab_comes_to_everything_that_can_be_pressed_and_shows_where_it_is(
    site: Site, open_screen: OpenScreen
) -> None:
    doctor = open_screen(site.url, "doctor.icu", viewport=DESK)
    for name in main_pages(doctor):
        stops = dict(enumerate(doctor.page.evaluate(REACHABLE)))
        assert stops, name
        dim = set()
        for _ in range(MOST_TABS):
            doctor.page.keyboard.press("Tab")
            stop, is_ringed, where = doctor.page.evaluate(FOCUSED)
            if stop is not None:
                stops.pop(int(stop), None)
                dim |= set() if is_ringed else {where}
            if not stops:
                break
        assert (stops, dim) == ({}, set()), name


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
