"""A ward in German: what scripts say is translated as well, and a comma is as good as a point."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from clinical.demo.hospital import DRUGS
from tests.brackets import known, outside
from tests.browser.conftest import OpenScreen, Screen
from tests.browser.test_ward_story import VERY_ILL
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.long]

DATA = ("Nora Lindqvist", "Daniel Okafor", *DRUGS)

# Puts brackets around what the catalogue has, as tests/brackets.py does on the server's side.
BRACKETS = """
;(() => {
  const { gettext, ngettext } = django;
  const mark = (text) => "⟦" + text.replace(/%\\(\\w+\\)s/g, "⟧$&⟦") + "⟧";
  django.gettext = (text) => (text in django.catalog ? mark(gettext(text)) : text);
  django.ngettext = (one, many, count) => (one in django.catalog ? mark(ngettext(one, many, count)) : one);
})();
"""
# All that scripts write into a page.
WRITTEN_BY_SCRIPTS = ", ".join(
    f"[data-{name}]:not(:has(*))"
    for name in (
        "field", "alert-field", "value", "status-label", "status-detail", "filtered-text", "unseen-text",
        "hint", "notice", "form-error", "saved", "error", "panel-message", "failed",
    )
) + ", #page-message, #announcer, #caller, [data-questions] li, [data-orders] li"  # fmt: skip


def with_brackets(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + BRACKETS)


def in_german(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Deutsch").click()
    expect(screen.page.locator("html")).to_have_attribute("lang", "de")
    screen.wait_until("live")


def save(screen: Screen, button: str = "[data-save]") -> None:
    screen.panel.locator(f"#observation {button}").first.click()


def forgotten(page: Page) -> set[str]:
    """What scripts have written outside of brackets and is no data."""
    texts: Any = page.locator(WRITTEN_BY_SCRIPTS).all_text_contents()
    people = page.locator("[data-field=name], [data-field=recordedBy]").all_text_contents()
    data = known([*people, *DATA])
    return {text for text in texts if outside(text, data)}


def test_scripts_say_nothing_that_is_not_translated(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.page.route("**/language/texts.js", with_brackets)
    in_german(nurse)
    nurse.page.locator("[data-filter=urgent]").click()
    expect(nurse.page.locator("[data-filtered-text]")).to_contain_text("⟦ Betten werden gezeigt.")
    nurse.page.locator("[data-show-all]").click()
    nurse.open_bed("4")
    nurse.enter(pulse="212")
    save(nurse)
    expect(nurse.panel.locator("[data-questions] li")).to_have_count(2)
    assert forgotten(nurse.page) == set()
    nurse.enter(**VERY_ILL)
    save(nurse)
    expect(nurse.panel.locator("#observation [data-saved]")).to_contain_text("⟦Gespeichert. NEWS2 ⟧")
    assert forgotten(nurse.page) == set()
    nurse.page.goto(f"{nurse.url}/wards/icu/alerts/")
    nurse.wait_until("live")
    nurse.page.locator("[data-step=accept] button:visible").first.click()
    expect(nurse.page.get_by_text("⟦ hat angenommen⟧").first).to_be_visible()
    assert forgotten(nurse.page) == set()


def test_a_comma_is_a_decimal_mark_and_the_hub_answers_in_the_pages_language(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    in_german(nurse)
    nurse.open_bed("5")
    nurse.enter(**VERY_ILL | {"temperature": "38,6", "pulse": "999"})
    save(nurse)
    expect(nurse.panel.locator("[data-error=pulse]")).to_have_text("Muss zwischen 0 und 350 liegen.")
    nurse.enter(pulse="140")
    save(nurse)
    expect(nurse.panel.locator("#observation [data-saved]")).to_contain_text("Gespeichert. NEWS2")
    expect(nurse.row("5").locator("[data-vital=temperature] [data-value]")).to_have_text("38,6")
