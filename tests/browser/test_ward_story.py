"""Two people at two workers see one ward: what one records, the other one's screen shows."""

import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen
from tests.servers import Site

pytestmark = pytest.mark.browser

# 3 + 3 + 2 + 3 + 3 + 3 + 2
VERY_ILL = {
    "respiration": "26",
    "spo2": "90",
    "oxygen": "oxygen",
    "systolic": "88",
    "diastolic": "50",
    "pulse": "134",
    "consciousness": "C",
    "temperature": "39,4",
}
A_SECOND_MS = 1_000
# In the page, with the client that the page loaded and the session's own token.
ORDER_BY_HAND = """async (patient) => {
    const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch("/api/token/session/", {method: "POST", headers: {"X-CSRFToken": csrf}});
    const { access } = await answer.json();
    const hub = new signalR.HubConnectionBuilder()
        .withUrl("/hubs/clinical", {accessTokenFactory: () => access})
        .configureLogging(signalR.LogLevel.None)
        .build();
    await hub.start();
    try {
        return await hub.invoke("OrderMedication", patient, "Paracetamol");
    } catch (error) {
        return error.message;
    } finally {
        await hub.stop();
    }
}"""


def sets_with_pulse(site: Site, pulse: int) -> int:
    with sqlite3.connect(site.database) as database:
        found = database.execute("SELECT count(*) FROM clinical_observationset WHERE pulse = ?", [pulse])
        return int(found.fetchone()[0])


def test_what_a_nurse_records_is_on_the_doctors_screen_within_a_second(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    doctor = open_screen(site.urls[1], "doctor.icu")
    nurse.open_bed("1")
    nurse.enter(**VERY_ILL)
    nurse.save()
    expect(nurse.panel.get_by_text("Saved. NEWS2 19: High, RED.")).to_be_visible()
    expect(doctor.score("1")).to_have_text("19", timeout=A_SECOND_MS)
    expect(doctor.row("1")).to_have_attribute("data-band", "high")
    expect(doctor.row("1")).to_contain_text("88/50")
    expect(doctor.row("1")).to_contain_text("just now")
    expect(nurse.score("1")).to_have_text("19")
    expect(nurse.panel.locator("[data-last-set]")).to_contain_text("Nora Lindqvist")
    # A screen reader hears of it too.
    expect(doctor.page.locator("#announcer")).to_contain_text("ed 1: NEWS2 19")


def test_what_a_doctor_orders_is_on_the_nurses_screen(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    doctor = open_screen(site.urls[1], "doctor.icu")
    doctor.open_bed("2")
    doctor.panel.get_by_label("Drug").select_option("Noradrenaline")
    doctor.panel.get_by_role("button", name="Order medication").click()
    expect(doctor.panel.get_by_text("Draft order started: Noradrenaline.")).to_be_visible()
    expect(nurse.row("2")).to_contain_text("Draft: Noradrenaline", timeout=A_SECOND_MS)


def test_a_nurse_is_not_offered_to_order_and_refused_when_trying(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("3")
    expect(nurse.panel.get_by_role("button", name="Save observations")).to_be_visible()
    expect(nurse.panel.get_by_role("button", name="Order medication")).to_have_count(0)
    patient = nurse.row("3").get_attribute("data-patient")
    answer = nurse.page.evaluate(ORDER_BY_HAND, patient)
    assert answer == "Failed to invoke 'OrderMedication' because user is unauthorized"
    expect(nurse.row("3")).not_to_contain_text("Draft: Paracetamol")


def test_IN_4_a_double_click_saves_once(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("4")
    nurse.enter(pulse="77", missing_reason="refused")
    before = sets_with_pulse(site, 77)
    nurse.panel.get_by_role("button", name="Save observations").dblclick()
    expect(nurse.panel.get_by_text("Saved. NEWS2 partial")).to_be_visible()
    # Whatever a second click had sent would have been answered before this.
    nurse.enter(pulse="78", missing_reason="refused")
    nurse.save()
    expect(nurse.row("4")).to_contain_text("78")
    assert sets_with_pulse(site, 77) == before + 1


def test_what_no_patient_can_have_is_marked_at_its_field_and_nothing_is_lost(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("5")
    nurse.enter(**VERY_ILL | {"temperature": "99", "spo2": "101"})
    nurse.save()
    expect(nurse.panel.locator("[data-error=temperature]")).to_have_text(
        "Must be between 20 and 45 degrees Celsius, and looks like Fahrenheit."
    )
    expect(nurse.panel.locator("[data-error=spo2]")).to_have_text("Must be between 0 and 100.")
    expect(nurse.panel.get_by_text("Nothing was saved.")).to_be_visible()
    expect(nurse.panel.get_by_label("Pulse")).to_have_value("134")
    expect(nurse.panel.get_by_label("SpO₂")).to_be_focused()
    nurse.enter(temperature="39.4", spo2="90")
    nurse.save()
    expect(nurse.panel.get_by_text("Saved. NEWS2")).to_be_visible()
    expect(nurse.panel.locator("[data-error=temperature]")).to_be_empty()


def test_a_partial_set_is_announced_and_shown_as_one(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("6")
    nurse.enter(respiration="8", pulse="135")
    expect(nurse.panel.locator("[data-hint]")).to_contain_text("Partial set, without a total")
    nurse.save()
    # Asked once, by a button that a second click on the first one does not meet.
    expect(nurse.panel.get_by_text("It is not said why values are missing.")).to_be_visible()
    expect(nurse.score("6")).not_to_have_text("≥6")
    nurse.panel.get_by_role("button", name="Save anyway").click()
    expect(nurse.score("6")).to_have_text("≥6")
    expect(nurse.row("6")).to_contain_text("partial: 5 values missing")
    expect(nurse.row("6")).to_contain_text("RED")


def test_unsaved_values_are_given_up_only_at_the_second_time_of_asking(
    site: Site, open_screen: OpenScreen
) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    nurse.open_bed("7")
    nurse.enter(pulse="80")
    nurse.page.keyboard.press("Escape")
    expect(nurse.panel.get_by_text("These values are not saved.")).to_be_visible()
    nurse.panel.get_by_role("button", name="Close").click()
    expect(nurse.panel).to_be_hidden()


def test_the_keyboard_alone_opens_a_bed_and_comes_back_to_it(site: Site, open_screen: OpenScreen) -> None:
    nurse = open_screen(site.urls[0], "nurse.icu")
    button = nurse.row("1").get_by_role("button")
    nurse.page.locator(".tools").get_by_role("link", name="Help").focus()
    nurse.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    nurse.page.keyboard.press("Enter")
    expect(nurse.panel).to_be_visible()
    nurse.page.keyboard.press("Escape")
    expect(nurse.panel).to_be_hidden()
    expect(button).to_be_focused()
