"""axe-core in a page: what it finds wrong for people who see, hear or move in another way."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from config.run.plan import BASE_DIR

GRAVE = ("serious", "critical")
RUN = """async (rules) => {
    const only = rules.length > 0 ? {runOnly: rules} : {};
    const {violations} = await axe.run(document, {resultTypes: ["violations"], ...only});
    const where = (nodes) => nodes.map(({target}) => target.join(" "));
    return violations.map(({id, impact, nodes}) => ({id, impact, where: where(nodes)}));
}"""


@cache
def _source() -> str:
    return (BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def grave(page: Page, *rules: str) -> list[dict[str, Any]]:
    """What is serious or worse, by these rules or by all, and where; a page's policy keeps no test out."""
    page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, list(rules))
    return [each for each in found if each["impact"] in GRAVE]
