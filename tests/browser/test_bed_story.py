"""One nurse's beds, a flag and another interval: on the boards of all others at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]
# In the ward's own time, which is that of the machine here.
SOON = """() => {
    const at = new Date(Date.now() + 24 * 3600 * 1000);
    at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
    return at.toISOString().slice(0, 16);
}"""


def test_beds_flags_and_intervals_are_on_every_board_at_once(site: Site, open_screen: OpenScreen) -> None:
    doctor, nurse = (open_screen(site.url, name) for name in ("doctor.icu", "nurse.icu"))
    row, page = doctor.row("2"), nurse.page
    page.get_by_role("link", name="Nurses").click()
    page.get_by_label("Bed 2", exact=True).check()
    page.get_by_role("button", name="Give these beds").click()
    expect(row.locator("[data-field=nurse]")).to_have_text(re.compile("^Nurse: "))
    page.get_by_role("link", name="to the board").click()
    patient = nurse.row("2").get_attribute("data-patient")
    page.get_by_role("button", name="My beds").click()
    expect(page.locator("#beds tr:visible")).to_have_count(1)
    page.goto(f"{site.url}/patients/{patient}/flags/")
    page.get_by_label("Flag", exact=True).select_option("falls")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(row.locator("[data-flag=falls]")).to_have_text("Falls risk")
    page.goto(f"{site.url}/patients/{patient}/frequency/")
    page.get_by_label("Every", exact=True).select_option("15")
    page.get_by_label("Until", exact=True).fill(page.evaluate(SOON))
    page.get_by_label("Reason", exact=True).fill("Looks grey")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(row.locator("[data-field=frequency]")).to_have_text(re.compile("^Every 15 min by "))
    for screen in (doctor, nurse):
        assert screen.console == []
