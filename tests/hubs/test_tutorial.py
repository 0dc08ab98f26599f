from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, START_TIMEOUT_MS
from tests.hubs.tutorial import Tutorial

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_the_tutorial_of_hubs_works_as_it_is_written(tmp_path, valkey, unused_tcp_port, page):
    address = f"127.0.0.1:{unused_tcp_port}"
    environment = {
        "DJANGO_SETTINGS_MODULE": "mysite.settings",
        "DJANGO_SUPERUSER_USERNAME": "ann",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "DJANGO_SUPERUSER_EMAIL": "ann@chat.example",
        "REDIS_URL": f"redis://127.0.0.1:{valkey.port}/0",
        "ORIGINS": f"http://{address}",
    }
    (tmp_path / "hubs").symlink_to(ROOT / "hubs")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    tutorial = Tutorial((ROOT / "docs" / "hubs.md").read_text(encoding="utf-8"), tmp_path, environment)

    tutorial.follow(until="createsuperuser")
    tutorial.run("manage.py", "createsuperuser", "--noinput")
    tutorial.run("manage.py", "check")
    tutorial.follow(until="runserver")
    with tutorial.running("manage.py", "runserver", "--noreload", address, port=unused_tcp_port):
        lines = page.locator("#lines li")
        page.goto(f"http://{address}/")
        page.get_by_label("Username").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(lines).to_have_text(["Welcome to lobby, ann."], timeout=START_TIMEOUT_MS)
        page.get_by_label("Text").fill("hello")
        page.get_by_role("button", name="Say").click()
        expect(lines.nth(1)).to_have_text("ann: hello", timeout=START_TIMEOUT_MS)
        tutorial.follow(until="pytest-django")
        expect(lines.nth(2)).to_have_text("Coffee is ready.", timeout=START_TIMEOUT_MS)
    tutorial.follow()
