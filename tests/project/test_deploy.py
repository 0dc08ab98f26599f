"""The deployment files fit the product: the settings take the variables, and nginx does its part."""

import asyncio
import http.client
import json
import re
import runpy
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import get_commands
from websockets.sync.client import connect

from clinical.management.commands.seed_demo import PASSWORD
from config.run.nginx import WORKERS, substituted
from hubs.shutdown import GOODBYE_TIMEOUT
from tests.conftest import StartSite
from tests.project.sources import ROOT
from tests.servers import Service, Site

DEPLOY = ROOT / "deploy"
TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname = False
TRUSTING.verify_mode = ssl.CERT_NONE
NONE: Mapping[str, str] = {}
JSON = {"Content-Type": "application/json"}
SCREENS_OF_A_HOSPITAL = 2000
KNOCKS_A_SECOND = 1000
AT_A_TIME = 50
FOR_A_DESK = {"DEBUG", "WARDLINE_DEVELOPMENT"}


def variables() -> dict[str, str]:
    """All that the example names, also what it has commented out."""
    text = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_example_names_every_variable_that_the_settings_read() -> None:
    text = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"(?:env\.(?:text|flag|words)|_secret)\(\s*\"([A-Z_]+)\"", text))
    assert {name.removesuffix("_FILE") for name in variables()} == read - FOR_A_DESK


def test_the_settings_take_the_example_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOR_A_DESK:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables().items():
        if not name.endswith("_FILE"):  # a path of the machine that it is for
            monkeypatch.setenv(name, value or f"{name}-{'x' * 50}")
    assert runpy.run_path(str(ROOT / "config" / "settings.py"))["ORIGINS"] == ["https://ward.example"]


def test_workers_start_without_an_access_log_on_the_loopback_interface() -> None:
    unit = (DEPLOY / "wardline@.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert "--verbosity 0" in command
    assert "tcp:port=%i:interface=${BIND}:backlog=4096" in command
    assert "Environment=BIND=127.0.0.1\n" in unit
    assert "--access-log" not in command


def test_restarting_the_preparation_restarts_no_worker() -> None:
    unit = (DEPLOY / "wardline@.service").read_text(encoding="utf-8")
    assert "Wants=wardline-prepare.service" in unit
    assert not re.search(r"^(Requires|BindsTo|PartOf)=", unit, re.MULTILINE)


def test_a_worker_has_more_time_to_end_than_its_drain_takes() -> None:
    unit = (DEPLOY / "wardline@.service").read_text(encoding="utf-8")
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    drain = float(variables()["DRAIN_SECONDS"]) + GOODBYE_TIMEOUT
    assert float(seconds) > 2 * drain


def test_TR_1_nginx_passes_nothing_on_that_came_without_tls() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    servers = re.findall(r"^server \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    (plain,) = [server for server in servers if " ssl;" not in server]
    assert "return 301 https://$host/;" in plain
    assert not re.search("proxy_pass|location", plain)


def test_nginx_gives_idle_connections_up_before_a_drain_ends() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    (seconds,) = re.findall(r"^ +keepalive_timeout (\d+)s;$", text, re.MULTILINE)
    assert float(seconds) < float(variables()["DRAIN_SECONDS"])


def test_units_call_commands_that_exist() -> None:
    units = "".join(path.read_text(encoding="utf-8") for path in DEPLOY.glob("*.service"))
    called = set(re.findall(r"manage\.py (\w+)", units))
    assert called <= get_commands().keys()
    assert {"migrate", "feed", "run_timers"} <= called


class Nginx(Service):
    """Debian's nginx with our configuration, but for the paths, the ports and the certificate."""

    def __init__(self, directory: Path, site: Site) -> None:
        super().__init__("nginx", directory)
        self.site = site
        self.access_log = directory / "access.log"
        changes = {
            WORKERS: "".join(rf"\g<1>{worker.port}\g<2>" for worker in site.workers),
            r"listen 80;": f"listen unix:{directory}/plain.sock;",
            r"listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            r"ward\.example": "localhost",
            r"/etc/wardline/tls": str(directory),
            r"/var/log/nginx/wardline\.log": str(self.access_log),
            r"/var/log/nginx/wardline-error\.log": f"{directory}/error.log",
            r"/var/lib/wardline/static": f"{site.directory}/static",
        }
        self.configuration = directory / "nginx.conf"
        self.configuration.write_text(
            f"user root;\npid {directory}/nginx.pid;\nevents {{}}\nhttp {{\n"
            f"types {{ text/javascript js; text/css css; }}\n{substituted(changes)}}}\n",
            encoding="utf-8",
        )

    def command(self) -> list[str]:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
        return [program, "-c", str(self.configuration), "-e", str(self.log), "-g", "daemon off;"]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@pytest.fixture
def nginx(tmp_path: Path, start_site: StartSite) -> Iterator[Nginx]:
    nginx = Nginx(tmp_path, start_site(workers=2, options=["--proxy-headers"]))
    certify(tmp_path)
    nginx.start()
    yield nginx
    nginx.close()


def certify(folder: Path) -> None:
    """A certificate that nobody needs to trust."""
    subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)


def ask(url: str, data: bytes | None = None, headers: Mapping[str, str] = NONE) -> tuple[int, str]:
    """Status and body, whatever the certificate."""
    request = urllib.request.Request(url, data=data, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=30, context=TRUSTING) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.long
def test_nginx_takes_the_file_as_it_stands_but_for_its_paths(tmp_path: Path, nginx: Nginx) -> None:
    done = subprocess.run([*nginx.command()[:-2], "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.long
def test_nginx_strips_what_strangers_say_of_themselves(nginx: Nginx) -> None:
    spoofed = {"X-Forwarded-For": "203.0.113.7", "Daphne-Root-Path": "/elsewhere"}
    status, page = ask(f"{nginx.url}/login/", headers=spoofed)
    assert (status, "/elsewhere" in page) == (200, False)
    status, _ = ask(f"{nginx.url}/hubs/clinical/negotiate?negotiateVersion=1", b"", spoofed)
    assert status == 401
    refusals = [line for line in nginx.site.log_text.splitlines() if "refuse" in line]
    assert refusals
    assert all("127.0.0.1" in line and "203.0.113.7" not in line for line in refusals)


@pytest.mark.long
def test_UQ_4_nginx_writes_no_query_string(nginx: Nginx) -> None:
    ask(f"{nginx.url}/hubs/clinical?id=connection-token&access_token=secret-ticket")
    ask(
        f"{nginx.url}/login/?next=/?access_token=secret-ticket",
        headers={"Referer": "https://x/?access_token=secret-ticket"},
    )
    nginx.stop()
    written = nginx.access_log.read_text() + nginx.log_text
    assert '"GET /hubs/clinical"' in written
    assert "connection-token" not in written
    assert "secret-ticket" not in written


@pytest.mark.long
def test_nginx_passes_a_socket_to_a_worker(nginx: Nginx) -> None:
    login = json.dumps({"username": "nurse.icu", "password": PASSWORD}).encode()
    _, body = ask(f"{nginx.url}/api/token/", login, JSON)
    bearer = {"Authorization": f"Bearer {json.loads(body)['access']}"}
    _, body = ask(f"{nginx.url}/hubs/clinical/negotiate?negotiateVersion=1", b"", bearer)
    address = f"wss://127.0.0.1:{nginx.port}/hubs/clinical?id={json.loads(body)['connectionToken']}"
    with connect(address, additional_headers=bearer, ssl=TRUSTING, proxy=None) as socket:
        socket.send('{"protocol":"json","version":1}\x1e')
        assert socket.recv(timeout=10) == "{}\x1e"


@pytest.mark.long
def test_nginx_slows_down_who_tries_passwords_and_nobody_who_unlocks_or_looks(nginx: Nginx) -> None:
    wrong = json.dumps({"username": "nurse.icu", "password": "guess"}).encode()
    with ThreadPoolExecutor(10) as pool:
        tries = pool.map(lambda _: ask(f"{nginx.url}/api/token/", wrong, JSON)[0], range(60))
    assert set(tries) == {401, 429}
    for form in ("login", "admin/login"):
        assert ask(f"{nginx.url}/{form}/", b"username=nurse.icu")[0] == 429
    for _ in range(30):
        assert ask(f"{nginx.url}/api/session/unlock/", wrong, JSON)[0] == 401
        assert ask(f"{nginx.url}/locked/")[0] == ask(f"{nginx.url}/login/")[0] == 200
    assert ask(f"{nginx.url}/locked/", b"password=guess")[0] == 403  # for want of the form's own token
    assert ask(f"{nginx.url}/static/signalr/signalr.js")[0] == 200


@pytest.mark.long
def test_behind_nginx_the_failures_of_one_address_lock_nobody_at_another(nginx: Nginx) -> None:
    """Whatever they say that their address is."""
    wrong = [log_in(nginx, "guess", "127.0.0.1", f"203.0.113.{count}") for count in range(6)]
    assert wrong == [401] * 6
    assert log_in(nginx, PASSWORD, "127.0.0.1", "203.0.113.99") == 401
    assert log_in(nginx, PASSWORD, "127.0.0.2", "127.0.0.1") == 200
    assert "locked after too many failures" in nginx.site.log_text


def log_in(nginx: Nginx, password: str, address: str, claimed: str) -> int:
    """The status for a login that comes from an address of this machine, and claims another."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", nginx.port, timeout=30, context=TRUSTING, source_address=(address, 0)
    )
    body = json.dumps({"username": "nurse.icu", "password": password})
    connection.request("POST", "/api/token/", body, {**JSON, "X-Forwarded-For": claimed})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_storm_of_all_screens_behind_one_address_fits_into_what_nginx_lets_through() -> None:
    """Each returns with two requests, and may have to do so once more."""
    (burst,) = re.findall(r"zone=wardline_hubs burst=(\d+) nodelay;", substituted({}))
    assert int(burst) >= 2 * SCREENS_OF_A_HOSPITAL * 1.2


@pytest.mark.long
async def test_DS_4_of_a_thousand_bad_tokens_a_second_nginx_lets_no_more_than_its_limit_through(
    nginx: Nginx,
) -> None:
    text = nginx.configuration.read_text(encoding="utf-8")
    (rate,) = map(int, re.findall(r"zone=wardline_hubs:10m rate=(\d+)r/s;", text))
    assert await knocks(nginx, seconds=1) == {401: KNOCKS_A_SECOND}  # the burst is there for honest ones
    burst = 100
    nginx.stop()
    nginx.configuration.write_text(re.sub(r"burst=5000", f"burst={burst}", text), encoding="utf-8")
    nginx.start()
    before, started = refusals_at(nginx.site), time.monotonic()
    answers = await knocks(nginx, seconds=3)
    let_through = refusals_at(nginx.site) - before
    assert let_through <= burst + 1 + rate * (time.monotonic() - started)
    assert answers == {401: let_through, 429: 3 * KNOCKS_A_SECOND - let_through}
    assert let_through < KNOCKS_A_SECOND


async def knocks(nginx: Nginx, *, seconds: int) -> Counter[int]:
    """What a thousand requests a second with bad tokens are answered, fifty at a time in one connection."""
    started, found = time.monotonic(), Counter[int]()
    async with asyncio.TaskGroup() as group:
        for number in range(seconds * KNOCKS_A_SECOND // AT_A_TIME):
            await asyncio.sleep(started + number * AT_A_TIME / KNOCKS_A_SECOND - time.monotonic())
            group.create_task(_knock(nginx.port, found))
    return found


async def _knock(port: int, found: Counter[int]) -> None:
    head = "POST /hubs/clinical/negotiate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
    request = f"{head}Authorization: Bearer bad\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=TRUSTING)
    writer.write(request * (AT_A_TIME - 1) + request.replace(b"Host", b"Connection: close\r\nHost"))
    answered = re.findall(rb"^HTTP/1.1 (\d+) ", await reader.read(), re.MULTILINE)
    found.update(map(int, answered))
    writer.close()


def refusals_at(site: Site) -> int:
    """How many bad tokens the workers have seen."""
    texts = "".join(ask(f"{worker.url}/metrics")[1] for worker in site.workers)
    counts = re.findall(r'^hubs_refused_total\{reason="bad token"\} ([\d.]+)', texts, re.MULTILINE)
    return round(sum(map(float, counts)))


@pytest.mark.long
def test_nginx_shows_strangers_that_a_worker_lives_and_no_more(nginx: Nginx) -> None:
    assert ask(f"{nginx.url}/healthz")[0] == 200
    for path in ("readyz", "metrics", "metrics?x=1", "./metrics", "%6detrics"):
        assert ask(f"{nginx.url}/{path}")[0] == 404
