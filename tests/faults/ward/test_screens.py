"""A database that is away for a minute: feeds end, every screen turns amber, and then says NOT LIVE."""

import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from clinical.management.commands.seed_demo import PASSWORD
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.faults.ward.fault import fault
from tests.faults.ward.scene import Scene
from tests.faults.ward.screen import NOT_LIVE_AFTER, STALE_AFTER, Status

pytestmark = [pytest.mark.long, pytest.mark.browser]

TICK = 2.0  # seconds: the page looks once in each
LIVE_AGAIN = 60.0


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield await browser.new_page()
        await browser.close()


@fault("PostgreSQL away for over a minute", ("PostgreSQL", "Daphne"))
async def test_SE_9_screens_say_within_the_minute_that_nobody_reads_the_ward(ward: Scene, page: Page) -> None:
    postgres = ward.parts.postgres
    assert postgres is not None
    await _log_in(page, ward.parts.workers[0].url)
    await _shows(page, "live", LIVE_AGAIN)
    stopped_at = time.monotonic()
    await ward.parts.stop(postgres)
    left = stopped_at + STALE_AFTER + TICK - time.monotonic()
    await _leaves(page, "live", left)
    await _shows(page, "disconnected", stopped_at + NOT_LIVE_AFTER + TICK - time.monotonic())
    await ward.until(lambda: _all_say(ward, Status.NOT_LIVE))
    for reader in ward.readers:
        assert reader.screen.at(stopped_at + STALE_AFTER) is not Status.LIVE
        assert reader.screen.at(stopped_at + NOT_LIVE_AFTER) is Status.NOT_LIVE
        assert reader.journal.endings == ["unavailable"] * len(reader.wards)
    await ward.parts.start(postgres)
    await ward.flows()
    await _shows(page, "live", LIVE_AGAIN)
    await ward.judge()


async def _log_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_label("User name").fill("nurse.icu")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()


async def _shows(page: Page, kind: str, within: float) -> None:
    await expect(page.locator("#status")).to_have_attribute("data-kind", kind, timeout=within * 1000)


async def _leaves(page: Page, kind: str, within: float) -> None:
    await expect(page.locator("#status")).not_to_have_attribute("data-kind", kind, timeout=within * 1000)


def _all_say(ward: Scene, status: Status) -> bool:
    for reader in ward.readers:
        reader.screen.silence(time.monotonic())
    return all(reader.screen.status is status for reader in ward.readers)
