"""No token, argument or patient in anything that the product writes, however much it is asked to write."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Screen
from tests.browser.test_ward_story import ORDER_BY_HAND
from tests.hostile import requests
from tests.hostile.raw import request
from tests.markers.hospital import Hospital, opened
from tests.markers.marks import Marks
from tests.markers.stage import DOCTOR
from tests.markers.story import FAULTS, HUB, Story
from tests.servers import Kind

pytestmark = pytest.mark.long

EVENTS = (
    *(
        "refused",
        "action failed",
        "on_connected failed",
        "on_disconnected failed",
        "tokens cannot be verified",
    ),
    *("exception was never retrieved", "Exception in callback", "RuntimeError", "Internal Server Error"),
)
Forged = dict[str, dict[str, str]]


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_UQ_4_LG_2_no_output_has_a_piece_of_what_was_sent(kind: Kind, tmp_path: Path, seeded: Path) -> None:
    marks = Marks()
    password, name = marks.new("password"), marks.new("patient's name")
    marks.know("patient's name", name.upper())  # as boards show family names
    with opened(tmp_path, seeded, kind) as hospital:
        command = f"from tests.markers import stage; stage.prepare({password!r}, {name!r})"
        staged = json.loads(hospital.site.manage("shell", "-v", "0", "-c", command).splitlines()[-1])
        story = Story(hospital, marks, password, staged["patient"])
        story.tell()
        _use_a_browser(hospital, marks, password, name)
        _attack(hospital, marks, staged)
        _break_the_layer(story)
        assert marks.leaks(hospital.outputs()) == set()
        _assert_that_all_was_written(hospital)
        planted = marks.new("planted")
        story.call_once(f"{FAULTS}?", "Leak", planted)
        assert {leaked for _, leaked in marks.leaks(hospital.outputs())} == {"planted"}


def _use_a_browser(hospital: Hospital, marks: Marks, password: str, name: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context().new_page()
        screen = Screen(page, f"http://127.0.0.1:{hospital.front}")
        _log_in(page, screen.url, marks.new("another wrong password"))
        _log_in(page, screen.url, password)
        screen.wait_until("live")
        for cookie in page.context.cookies():
            marks.know(f"cookie {cookie.get('name')}", cookie.get("value", ""))
        assert name.upper() in str(page.locator("#beds").text_content())
        patient = page.locator("#beds tr[data-patient]").first.get_attribute("data-patient")
        assert page.evaluate(ORDER_BY_HAND, patient)["drugName"]
        page.get_by_role("button", name="Log out").click()
        page.get_by_label("Password").wait_for()
        assert not any(name in line.lower() for line in screen.console)
        browser.close()


def _log_in(page: Page, url: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("User name").fill(DOCTOR)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def _attack(hospital: Hospital, marks: Marks, staged: Forged) -> None:
    """The forged tokens at every kind of door, then the wrong requests, through nginx and past it."""
    for corpus in (staged["access"], staged["refresh"]):
        for token in corpus.values():
            marks.know("forged token", token)
    good = str(staged["good"])
    marks.know("good token", good)
    for port in (hospital.front, hospital.worker):
        for token in staged["access"].values():
            _present(hospital, port, token)
        for token in staged["refresh"].values():
            body = json.dumps({"refresh": token}).encode()
            request(port, b"POST", b"/api/token/refresh/", [(b"Content-Type", b"application/json")], body)
        for wrong in requests.corpus(good, f"http://127.0.0.1:{hospital.front}"):
            answer = request(port, wrong.method, wrong.target, wrong.headers, wrong.body)
            hospital.note(f"{wrong.name} {port}", answer)
            request(port, b"GET", wrong.target.replace(b"/negotiate", b""), wrong.headers, upgrade=True)

    for wrong in requests.for_nginx_to_stop():
        for upgrade in (False, True):
            answer = request(hospital.front, b"GET", wrong.target, wrong.headers, upgrade=upgrade)
            assert answer.status in {401, 403}, wrong.name


def _present(hospital: Hospital, port: int, token: str) -> None:
    bearer = [(b"Authorization", b"Bearer " + token.encode(errors="replace").replace(b"\0", b"\x7f"))]
    query = f"access_token={quote(token, safe='', errors='replace')}"
    for method, path in ((b"POST", f"{HUB}/negotiate"), (b"GET", "/api/patients/")):
        hospital.note(f"forged {path}", request(port, method, path.encode(), bearer))
    request(port, b"GET", f"{HUB}?{query}".encode(), upgrade=True)


def _break_the_layer(story: Story) -> None:
    """Whoever is called meanwhile, and what is told to a group that cannot be reached."""
    story.hospital.site.valkey.kill()
    for action in ("Tell", "Fail"):
        story.call_once(f"{FAULTS}?", action, story.marks.new("argument without a layer"))
    story.hospital.site.valkey.start()


def _assert_that_all_was_written(hospital: Hospital) -> None:
    """An empty log would pass as well as a clean one."""
    outputs = hospital.outputs()
    log = next(text for name, text in outputs.items() if name.startswith("worker-"))
    for event in EVENTS:
        assert event in log, event
    assert '"GET /broken/***/" 500' in outputs["log/nginx-access.log"]
    assert any(name.startswith("mails/") and "ValueError" in text for name, text in outputs.items())
    assert "hubs_refused_total" in outputs["/metrics"]
    assert "PUBLISH" in outputs["redis"].upper()
