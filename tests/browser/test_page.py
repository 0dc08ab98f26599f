"""The page itself: no secret in it, the same before and after it is live, legible on every display."""

import re

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import OpenScreen
from tests.servers import Site

pytestmark = pytest.mark.browser

DISPLAYS = {
    "wall": (2560, 1440),
    "wide": (1600, 1000),
    "laptop": (1280, 800),
    "tablet": (820, 1180),
    "phone": (390, 844),
}
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.|access_token")
STORED = """async () => JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, url: location.href,
    history: history.state, caches: await caches.keys(), databases: await indexedDB.databases(),
    html: document.documentElement.outerHTML, name: window.name,
})"""
# Text whose contrast with what lies behind it is under 4.5:1.
FAINT = """() => {
    const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const colour = (text) => text.match(/[\\d.]+/g).map(Number);
    const ground = (element) => {
        for (let at = element; at !== null; at = at.parentElement) {
            const found = colour(getComputedStyle(at).backgroundColor);
            if (found.length === 3 || found[3] === 1) return found;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.closest(".unseen, :disabled")) continue;
        const [a, b] = [luminance(colour(getComputedStyle(element).color)), luminance(ground(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) faint.push([element.className, element.textContent.trim(), contrast]);
    }
    return faint;
}"""


def shown(rows: Locator) -> list[str]:
    """What the rows say, without the ages, which go on."""
    return [
        re.sub(r"just now|\S+ \S+( \S+ min)? ago", "", " ".join(text.split()))
        for text in rows.all_text_contents()
    ]


def test_UQ_6_no_token_is_kept_logged_or_shown(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.url, "nurse.icu")
    nurse.open_bed("1")
    assert not TOKEN.search(nurse.page.evaluate(STORED))
    assert {cookie["name"] for cookie in nurse.page.context.cookies()} == {"sessionid", "csrftoken"}
    assert not [url for url in nurse.requests if TOKEN.search(url)]
    assert nurse.console == []


def test_the_board_reads_the_same_before_and_after_it_is_live(site: Site, open_screen: OpenScreen) -> None:
    still = open_screen(site.url, "doctor.icu", live=False, java_script_enabled=False)
    live = open_screen(site.url, "doctor.icu")
    assert "NOT LIVE" in still.status.inner_text()
    before = shown(still.page.locator("#beds tr"))
    assert len(before) == 10
    assert shown(live.page.locator("#beds tr")) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(site: Site, open_screen: OpenScreen, scheme: str) -> None:
    doctor = open_screen(site.url, "doctor.icu", color_scheme=scheme)
    assert doctor.page.evaluate(FAINT) == []
    doctor.open_bed("1")
    assert doctor.page.evaluate(FAINT) == []


def test_no_display_has_to_be_scrolled_sideways(site: Site, open_screen: OpenScreen) -> None:
    doctor = open_screen(site.url, "doctor.icu")
    for name, (width, height) in DISPLAYS.items():
        doctor.page.set_viewport_size({"width": width, "height": height})
        assert doctor.page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_an_admin_goes_from_ward_to_ward(site: Site, open_screen: OpenScreen) -> None:
    admin = open_screen(site.url, "admin", live=False)
    admin.page.get_by_role("link", name="Cardiology").click()
    admin.wait_until("live")
    admin.page.get_by_role("link", name="Wards").click()
    admin.page.get_by_role("link", name="Surgery").click()
    admin.wait_until("live")
