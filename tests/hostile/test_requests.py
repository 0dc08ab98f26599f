"""Whatever is wrong with a request, a real server gives the documented answer, and says why in one line."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from clinical.management.commands.seed_demo import PASSWORD
from config.run import commands
from tests.hostile import requests
from tests.hostile.raw import Answer, request
from tests.hostile.requests import HUB, Wrong
from tests.servers import Server, Site, open_site

FAMILIES = ("query", "header", "origin", "path", "id", "method", "page")


class Worker(Server):
    """As deploy/ starts it, behind no nginx."""

    def command(self) -> list[str]:
        return commands.worker(self.kind, self.port)


@pytest.fixture(scope="module", params=["daphne", pytest.param("uvicorn", marks=pytest.mark.long)])
def attacked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seeded: Path
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    site = open_site(folder, seeded, workers=0, environment={"LOG_JSON": "yes"})
    site.workers.append(Worker("worker", folder, site.environment, kind=request.param))
    site.environment["ORIGINS"] = site.url
    try:
        site.workers[0].start()
        yield site
        assert "Traceback" not in site.log_text
    finally:
        site.close()


@pytest.fixture(scope="module")
def token(attacked: Site) -> str:
    credentials = {"username": "nurse.icu", "password": PASSWORD}
    return str(httpx.post(f"{attacked.url}/api/token/", json=credentials, timeout=30).json()["access"])


def refusals(log: str) -> list[dict[str, object]]:
    ours = [line for line in log.splitlines() if line.startswith("{")]  # servers have lines of their own
    return [line for line in map(json.loads, ours) if line["event"] == "refused"]


def tried(site: Site, wrong: Wrong, *, upgrade: bool = False) -> tuple[Answer, list[dict[str, object]]]:
    """The answer, and the lines in which the log says why."""
    before = len(site.log_text)
    method = b"GET" if upgrade else wrong.method
    target = wrong.target.replace(b"/negotiate", b"") if upgrade else wrong.target
    answer = request(
        site.workers[0].port, method, target, wrong.headers, b"" if upgrade else wrong.body, upgrade=upgrade
    )
    return answer, refusals(site.log_text[before:])


@pytest.mark.parametrize("family", FAMILIES)
def test_TR_9_a_wrong_request_has_its_answer_and_one_line_with_the_reason(
    attacked: Site, token: str, family: str
) -> None:
    found = {}
    for wrong in requests.corpus(token, attacked.url):
        if wrong.name.startswith(f"{family}:"):
            answer, lines = tried(attacked, wrong)
            if answer.status not in wrong.status or (wrong.is_ours and len(lines) != 1):
                found[wrong.name] = (answer.status, lines)
    assert found == {}


@pytest.mark.parametrize("family", ["query", "header", "origin"])
def test_TR_9_a_wrong_upgrade_opens_nothing_and_all_have_the_same_bytes(
    attacked: Site, token: str, family: str
) -> None:
    answers, silent = {}, []
    for wrong in requests.corpus(token, attacked.url):
        if wrong.name.startswith(f"{family}:") and wrong.status != {400}:
            answer, lines = tried(attacked, wrong, upgrade=True)
            if answer.status in {0, 400} and not lines:
                continue  # the server has refused it: what is no origin, a line that is too long
            answers[wrong.name] = (answer.status, answer.body)
            if len(lines) != 1:
                silent.append((wrong.name, lines))
    assert {status for status, _ in answers.values()} <= {401, 403}, answers
    assert len(set(answers.values())) == 1, answers
    assert silent == []


def test_the_same_requests_without_their_fault_are_served(attacked: Site, token: str) -> None:
    bearer = (b"Authorization", f"Bearer {token}".encode())
    for target, headers in (
        (f"{HUB}/negotiate?access_token={token}", ()),
        (f"{HUB}/negotiate?%61ccess%5Ftoken={token}", ()),
        (f"{HUB}/negotiate?ACCESS_TOKEN={token}", ()),
        (f"{HUB}/negotiate", (bearer,)),
        (f"{HUB}/negotiate", ((b"AUTHORIZATION", bearer[1].replace(b"Bearer ", b"bearer  ")),)),
        (f"{HUB}/negotiate", (bearer, (b"Origin", attacked.url.upper().encode()))),
    ):
        assert request(attacked.workers[0].port, b"POST", target.encode(), headers).status == 200, target
