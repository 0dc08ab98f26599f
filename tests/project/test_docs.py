"""The documents are true: links resolve, commands exist, and the hub of the README runs."""

import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import get_commands

from hubs.testing import HubCommunicator
from tests.cast import Cast
from tests.project.sources import ROOT, tracked

PAGES = sorted({*tracked("*.md")} - {path for path in tracked("*.md") if path.startswith("tests/")})
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: str) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", without_code(read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    broken = []
    for link in LINK.findall(without_code(read(page))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        found = target.exists() and target.is_relative_to(ROOT)
        if not found or (anchor and anchor not in anchors(str(target.relative_to(ROOT)))):
            broken.append(link)
    assert broken == []


def test_the_readme_leads_to_every_page() -> None:
    linked = {str(Path(link.partition("#")[0])) for link in LINK.findall(read("README.md"))}
    assert {page for page in PAGES if page.startswith("docs/")} <= linked


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    text = read(page)
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", text)) <= targets
    written_there = re.findall(r"commands/([a-z_]+)\.py", text)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= {*get_commands(), *written_there}


def test_help_lists_every_door_that_the_readme_names() -> None:
    explained = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    assert {"setup", "run", "check", "test", "test-all", "lock", "clean", "help"} <= explained


def test_the_changelog_has_a_place_for_what_is_not_released() -> None:
    assert "## Unreleased" in read("CHANGELOG.md")


@pytest.mark.django_db(transaction=True)
async def test_the_hub_of_the_readme_runs(redis_layer: None) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", read("README.md"), re.MULTILINE | re.DOTALL)
    assert code.count("\n") <= 20
    names: dict[str, Any] = {"__name__": "readme"}
    exec(code, names)
    nurse = (await sync_to_async(Cast)()).nurse
    async with HubCommunicator(names["ChatHub"], user=nurse) as client:
        assert await client.invoke("Say", "Good morning") == 12
        assert await client.receive("Said") == ["nurse.icu", "Good morning"]
