"""Debian's Chromium, and screens in it: what somebody at a ward sees and does."""

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect, sync_playwright

from clinical.management.commands.seed_demo import PASSWORD

CHROMIUM = "/usr/bin/chromium"
# Root needs --no-sandbox; the rest keeps the browser from talking to anybody but the site.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_TIMEOUT_MS = 15_000
# Enough for all the client's retries and for the new start after them.
HURRY_MS, HURRIES, PAUSE_MS = 5_000, 30, 300
# More than any page has places to stop at; a field for a time has several.
MOST_TABS = 150


@dataclass
class Screen:
    """One person's screen: a browser of its own, logged in at one worker."""

    page: Page
    url: str
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    # What goes over the page's sockets, in the order of its coming.
    sent: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(str(frame)))
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))

    def calls(self, action: str) -> int:
        """How often the page has called this action of the hub."""
        return sum(f'"target":"{action}"' in frame for frame in self.sent)

    def wait_for_heartbeat(self) -> None:
        """Waits until the server says once more that it reads the ward's feed."""
        before = self._heartbeats()
        deadline = time.monotonic() + START_TIMEOUT_MS / 1000
        while self._heartbeats() == before:
            assert time.monotonic() < deadline, "no heartbeat"
            self.page.wait_for_timeout(PAUSE_MS)

    def _heartbeats(self) -> int:
        return sum('"target":"Heartbeat"' in frame for frame in self.received)

    def picture(self, name: str) -> None:
        """A picture for the documents, where WARDLINE_SCREENSHOTS names a folder for them."""
        if folder := os.environ.get("WARDLINE_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")

    def tab_to(self, target: Locator) -> None:
        """Goes there with Tab, as somebody without a mouse does; fails where that leads nowhere."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab never comes to {target}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Goes there with Tab and presses the key."""
        self.tab_to(target)
        self.page.keyboard.press(key)

    def log_out(self) -> None:
        """Logs out, and looks whether the browser still has what was shown."""
        self.page.get_by_role("button", name="Log out").click()
        expect(self.page.get_by_label("Password")).to_be_visible()
        self.page.go_back()
        expect(self.page.locator("[data-patient]")).to_have_count(0)

    def log_in(self, username: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()

    def wait_until(self, kind: str, timeout: float = START_TIMEOUT_MS) -> None:
        """Waits for a status: "live", "reconnecting", "disconnected", "signed-out"."""
        expect(self.status).to_have_attribute("data-kind", kind, timeout=timeout)

    def hurry_until(self, kind: str) -> None:
        """Turns the page's clock on until it has that status; the network keeps its own time."""
        for _ in range(HURRIES):
            try:
                self.wait_until(kind, PAUSE_MS)
            except AssertionError:
                self.page.clock.run_for(HURRY_MS)
            else:
                return
        self.wait_until(kind)

    @property
    def status(self) -> Locator:
        return self.page.locator("#status")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    def row(self, bed: str) -> Locator:
        exactly = re.compile(f"^{bed}$")
        return self.page.locator("#beds tr").filter(
            has=self.page.get_by_role("rowheader", name=exactly, include_hidden=True)
        )

    def score(self, bed: str) -> Locator:
        return self.row(bed).locator("[data-field=score]")

    def open_bed(self, bed: str) -> None:
        self.row(bed).get_by_role("button").click()
        expect(self.panel).to_be_visible()

    def enter(self, **values: str) -> None:
        """Fills the observation form: text by field, or the value of a choice."""
        for name, value in values.items():
            control = self.panel.locator(f"[name={name}]")
            if name in ("oxygen", "consciousness"):
                self.panel.locator(f"[name={name}][value={value}]").check()
            elif name == "missing_reason":
                control.select_option(value)
            else:
                control.fill(value)

    def save(self) -> None:
        self.panel.get_by_role("button", name="Save observations").click()


OpenScreen = Callable[..., Screen]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module only: while it is open, its event loop keeps Django's ORM from other tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_screen(browser: Browser) -> Iterator[OpenScreen]:
    """`open_screen(url, "nurse.icu")`: a screen with a live board; options go to the browser's context."""
    contexts: list[BrowserContext] = []

    def open_(
        url: str, username: str, *, live: bool = True, clock: bool = False, **options: object
    ) -> Screen:
        context = browser.new_context(**options)  # type: ignore[arg-type]  # passed on as they are
        contexts.append(context)
        page = context.new_page()
        if clock:
            page.clock.install()
        screen = Screen(page, url)
        screen.log_in(username)
        if live:
            screen.wait_until("live")
        return screen

    yield open_
    for context in contexts:
        context.close()
