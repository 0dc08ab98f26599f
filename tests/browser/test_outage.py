"""A screen never lies: while it is not live it says so, and afterwards it is right again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenScreen
from tests.conftest import StartSite
from tests.servers import Site

pytestmark = pytest.mark.browser

TIME = r"\d\d:\d\d:\d\d"
RECORD = """
from accounts.models import User
from clinical.events import ObservationInput
from clinical.models import Patient
from clinical.services import observations
patient = Patient.objects.get(ward="icu", bed="1")
given = ObservationInput(respiration=7, pulse=141)
observations.record(User.objects.get(username="nurse.icu"), patient.pk, given)
"""

ELSEWHERE = """
from accounts.models import User
from clinical.models import Assignment
Assignment.objects.filter(user__username="nurse.icu").delete()
User.objects.filter(username="nurse.icu").update(department="cardio")
"""
# Marks the first bed's row and writes down every other status than live.
WATCH = """() => {
    document.querySelector("#beds tr").dataset.marked = "yes";
    window.seen = [];
    const status = document.getElementById("status");
    new MutationObserver(() => status.dataset.kind === "live" || window.seen.push(status.dataset.kind))
        .observe(status, {attributes: true});
}"""


def run(site: Site, code: str) -> None:
    site.manage("shell", "--verbosity", "0", "--command", code)


def test_a_server_that_goes_away_is_told_and_its_return_makes_the_board_right(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    expect(nurse.status).to_have_text(re.compile(f"Live.*since {TIME}", re.DOTALL))
    nurse.open_bed("1")
    nurse.enter(pulse="99", missing_reason="refused")
    site.workers[0].kill()
    nurse.wait_until("reconnecting")
    expect(nurse.status).to_have_text(re.compile(f"Reconnecting.*since {TIME}", re.DOTALL))
    expect(nurse.panel.get_by_role("button", name="Save observations")).to_be_disabled()
    expect(nurse.panel.get_by_text("The board is not live")).to_be_visible()
    run(site, RECORD)
    site.workers[0].start()
    nurse.hurry_until("live")
    expect(nurse.score("1")).to_have_text("≥6")
    expect(nurse.panel.get_by_label("Pulse")).to_have_value("99")
    nurse.save()
    expect(nurse.panel.get_by_text("Saved.")).to_be_visible()
    expect(nurse.row("1")).to_contain_text("99")


def test_after_the_last_retry_the_screen_is_not_live_and_still_comes_back(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    site.workers[0].kill()
    nurse.wait_until("reconnecting")
    since = nurse.status.locator("[data-status-detail]").inner_text()
    nurse.hurry_until("disconnected")
    expect(nurse.status).to_contain_text("NOT LIVE")
    expect(nurse.status).to_contain_text(since)
    site.workers[0].start()
    nurse.hurry_until("live")


def test_SE_8_a_silent_server_is_noticed(start_site: StartSite, open_screen: OpenScreen) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    site.workers[0].freeze()
    nurse.page.clock.run_for(35_000)
    nurse.wait_until("reconnecting")
    site.workers[0].thaw()
    nurse.hurry_until("live")


def test_a_screen_that_comes_back_asks_for_what_it_missed_and_no_more(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    site.workers[0].kill()
    nurse.wait_until("reconnecting")
    run(site, RECORD)
    site.workers[0].start()
    nurse.hurry_until("live")
    expect(nurse.score("1")).to_have_text("≥6")
    assert (nurse.calls("SubscribeToWard"), nurse.calls("ResumeWard")) == (1, 1)


def test_a_history_that_was_cut_is_reloaded_without_a_flicker(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu")
    nurse.page.evaluate(WATCH)
    site.manage("feed", "cut", "ward:icu")
    run(site, RECORD)
    expect(nurse.score("1")).to_have_text("≥6")
    expect(nurse.row("1")).to_have_attribute("data-marked", "yes")
    assert nurse.page.evaluate("window.seen") == []
    assert nurse.calls("SubscribeToWard") == 2
    nurse.wait_until("live")


def test_without_redis_the_screens_stay_live(start_site: StartSite, open_screen: OpenScreen) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu")
    nurse.page.evaluate(WATCH)
    site.valkey.kill()
    run(site, RECORD)
    # The workers look at the feeds every 5 s.
    expect(nurse.score("1")).to_have_text("≥6", timeout=10_000)
    nurse.wait_for_heartbeat()
    assert nurse.page.evaluate("window.seen") == []
    nurse.wait_until("live")


@pytest.mark.long
def test_without_the_database_the_screen_turns_amber_and_then_not_live(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    """In real time: hurried, the client misses the pings before the page misses its heartbeats."""
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu")
    nurse.wait_for_heartbeat()
    aside = site.database.with_suffix(".aside")
    site.database.rename(aside)
    site.database.mkdir()
    nurse.wait_until("stale", timeout=45_000)
    expect(nurse.status).to_have_text(re.compile(f"Delayed.*no word since {TIME}", re.DOTALL))
    nurse.wait_until("disconnected", timeout=45_000)
    expect(nurse.status).to_have_text(re.compile(f"NOT LIVE.*since {TIME}.*check the bedside", re.DOTALL))
    box, width = nurse.status.bounding_box(), nurse.page.evaluate("document.documentElement.clientWidth")
    assert box is not None
    assert (box["x"], box["width"]) == (0, width)
    site.database.rmdir()
    aside.rename(site.database)
    run(site, RECORD)
    nurse.wait_until("live", timeout=45_000)
    expect(nurse.score("1")).to_have_text("≥6")


def test_a_session_that_has_ended_takes_the_patients_off_the_screen(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    nurse.open_bed("1")
    run(site, "from django.contrib.sessions.models import Session; Session.objects.all().delete()")
    # As when a laptop is opened again: the connection is dead and the token too old.
    nurse.page.clock.fast_forward("15:00")
    expect(nurse.page.get_by_role("heading", name="Your login has ended")).to_be_visible()
    expect(nurse.page.get_by_text("Nobody is logged in on this computer now.")).to_be_visible()
    expect(nurse.page.locator("#beds tr")).to_have_count(0)
    expect(nurse.panel).to_have_count(0)
    nurse.page.get_by_role("link", name="Go on").click()
    expect(nurse.page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_ward_that_is_forbidden_while_it_is_shown_leaves_the_screen(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu")
    nurse.open_bed("1")
    run(site, ELSEWHERE)
    nurse.wait_until("refused")
    expect(nurse.status).to_contain_text("No access")
    expect(nurse.page.locator("#beds tr")).to_have_count(0)
    expect(nurse.panel).to_be_hidden()


def test_SE_6_a_nurse_who_now_belongs_elsewhere_sees_no_patient_when_the_board_comes_back(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    nurse = open_screen(site.url, "nurse.icu", clock=True)
    nurse.open_bed("1")
    site.workers[0].stop()
    run(site, ELSEWHERE)
    site.workers[0].start()
    nurse.hurry_until("refused")
    expect(nurse.status).to_contain_text("No access")
    expect(nurse.status).to_contain_text("Access to this ward requires matching department assignment.")
    expect(nurse.page.locator("#beds tr")).to_have_count(0)
    expect(nurse.panel).to_be_hidden()


def test_a_doctor_who_is_one_no_more_is_refused_with_a_clear_sentence(
    start_site: StartSite, open_screen: OpenScreen
) -> None:
    site = start_site()
    doctor = open_screen(site.url, "doctor.icu", clock=True)
    doctor.open_bed("1")
    run(
        site,
        "from accounts.models import User; User.objects.filter(username='doctor.icu').update(role='Nurse')",
    )
    site.workers[0].stop()
    doctor.wait_until("reconnecting")
    site.workers[0].start()
    doctor.hurry_until("live")
    doctor.panel.get_by_label("Drug").select_option("Morphine")
    doctor.panel.get_by_role("button", name="Order medication").click()
    expect(
        doctor.panel.get_by_text("Only doctors may order medication. Nothing was ordered.")
    ).to_be_visible()
    expect(doctor.panel.get_by_label("Drug")).to_have_value("Morphine")
