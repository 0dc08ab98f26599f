"""What people and careless programs do with the product, each thing that they send bearing a mark."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.hostile.raw import Answer
from tests.markers.hospital import Hospital
from tests.markers.marks import Marks
from tests.markers.stage import NURSE

HANDSHAKE = '{"protocol":"json","version":1}\x1e'
HUB, FAULTS = "/hubs/clinical", "/hubs/faults"
BROKEN = ("Fail", "FailBehind", "FailInCallback", "FailToPermit", "Answer", "Tell", "NoSuchMethod")


@dataclass
class Story:
    """One person at nginx, with everything that the site hands out known as a secret."""

    hospital: Hospital
    marks: Marks
    password: str
    patient: str

    def __post_init__(self) -> None:
        self.marks.know("patient's id", self.patient)

    def tell(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.hospital.front}", timeout=30) as self.client:
            self._tell()

    def _tell(self) -> None:
        self._refresh_twice(self._log_in()["refresh"])
        tokens = self._log_in()
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        assert self.patient in self.client.get("/api/patients/", headers=bearer).text
        self._work_at_the_board(tokens["access"], bearer)
        self._post_and_poll(bearer)
        self._break_things(bearer)

    def _posted(self, path: str, data: Any, **more: Any) -> httpx.Response:
        answer = self.client.post(path, json=data, **more)
        self.hospital.note(path, Answer(answer.status_code, "", answer.content))
        return answer

    def _log_in(self) -> dict[str, str]:
        wrong = {"username": NURSE, "password": self.marks.new("wrong password")}
        assert self._posted("/api/token/", wrong).status_code == 401
        answer = self._posted("/api/token/", {"username": NURSE, "password": self.password})
        tokens: dict[str, str] = answer.json()
        for name, token in tokens.items():
            self.marks.know(f"{name} token", token)
        return tokens

    def _refresh_twice(self, token: str) -> None:
        fresh = self._posted("/api/token/refresh/", {"refresh": token}).json()
        for name, each in fresh.items():
            self.marks.know(f"{name} token", each)
        assert self._posted("/api/token/refresh/", {"refresh": token}).status_code == 401
        self._posted("/api/token/revoke/", {"refresh": fresh["refresh"]})

    def negotiated(self, path: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """The query of a connection, and the connection token."""
        found = self.client.post(f"{path}/negotiate?negotiateVersion=1", headers=headers).json()
        self.marks.know_connection(found["connectionToken"])
        self.marks.know("ticket", found["accessToken"])
        return f"id={found['connectionToken']}&access_token={found['accessToken']}", found["connectionToken"]

    def _work_at_the_board(self, token: str, headers: Mapping[str, str]) -> None:
        query, _ = self.negotiated(HUB, headers)
        new = self.marks.new
        calls = [
            ("SubscribeToWard", "icu"),
            ("SubscribeToWard", new("ward")),
            ("ResumeWard", "icu", new("epoch"), 1),
            ("OrderMedication", self.patient, new("drug")),
            ("OrderMedication", new("patient"), "x"),
            ("OrderMedication", str(uuid.uuid4()), new("drug")),
            ("RecordObservation", self.patient, {"pulse": 71, new("member"): 1}),
            ("RecordObservation", self.patient, {"pulse": new("pulse"), "respiration": 1e9}),
            ("UnsubscribeFromWard", new("ward")),
            ("RefreshAuthentication", token),
            ("RefreshAuthentication", f"{token[:-20]}{new('signature')}"),
            (new("method"), new("argument")),
        ]
        self._called(f"{HUB}?{query}", *calls, last=f"{new('garbage')}\x1e")
        for beginning in (f'{{"protocol":"{new("protocol")}","version":1}}\x1e', f"{new('handshake')}\x1e"):
            self._said(f"{HUB}?{self.negotiated(HUB, headers)[0]}", beginning)
        self._said(
            f"{HUB}?access_token={token}",
            HANDSHAKE,
            '{"type":3,"invocationId":"1","error":"x","result":1}\x1e',
        )

    def _called(self, target: str, *calls: tuple[Any, ...], last: str = "", kind: int = 1) -> None:
        messages = [
            json.dumps({"type": kind, "target": name, "arguments": arguments, "invocationId": str(number)})
            + "\x1e"
            for number, (name, *arguments) in enumerate(calls)
        ]
        self._said(target, HANDSHAKE, *messages, last)

    def call_once(self, target: str, action: str, argument: str) -> None:
        """A call of somebody without a token."""
        self._called(target, (action, argument))

    def _said(self, target: str, *texts: str) -> None:
        """Says everything, then waits until all calls are answered or the server has closed."""
        calls = sum('"invocationId"' in text for text in texts if '"arguments"' in text)
        with connect(f"ws://127.0.0.1:{self.hospital.front}{target}", proxy=None, max_size=None) as socket:
            try:
                for text in filter(None, texts):
                    socket.send(text)
                while calls > 0:
                    calls -= str(socket.recv(timeout=10)).count('"type":3')
                if texts[-1]:
                    socket.recv(timeout=3)
            except (ConnectionClosed, TimeoutError):
                pass

    def _post_and_poll(self, headers: Mapping[str, str]) -> None:
        query, token = self.negotiated(HUB, headers)
        target, polls = f"{HUB}?{query}", {"Authorization": headers["Authorization"]}
        call = {
            "type": 1,
            "target": "UnsubscribeFromWard",
            "arguments": [self.marks.new("ward")],
            "invocationId": "1",
        }
        assert self.client.get(target).status_code == 200
        self.client.post(target, content=HANDSHAKE + json.dumps(call) + "\x1e")
        while '"type":3' not in (answer := self.client.get(target)).text:
            assert answer.status_code == 200
        for method, path in (
            ("GET", f"{HUB}?id={token}x"),
            ("POST", f"{HUB}/refresh?id={token}"),
            ("PUT", target),
            ("DELETE", target),
            ("POST", target),
            ("GET", f"{HUB}?id={self.marks.new('id')}"),
            ("GET", f"{HUB}/{self.marks.new('path')}?id={token}"),
            ("GET", f"/wards/{self.marks.new('ward')}/"),
            ("GET", f"/{self.patient}/{self.marks.new('path')}?q={self.marks.new('query')}"),
        ):
            answer = self.client.request(method, path, headers=polls)
            self.hospital.note(f"{method} {path[:14]}", Answer(answer.status_code, "", answer.content))
        with self.client.stream(
            "GET", f"{HUB}?{self.negotiated(HUB, headers)[0]}", headers={"Accept": "text/event-stream"}
        ) as events:
            assert events.status_code == 200

    def _break_things(self, headers: Mapping[str, str]) -> None:
        new = self.marks.new
        query, _ = self.negotiated(FAULTS, headers)
        self._called(f"{FAULTS}?{query}", *((name, new(f"argument of {name}")) for name in BROKEN))
        self._called(f"{FAULTS}?{self.negotiated(FAULTS, headers)[0]}", ("Count", new("item")), kind=4)
        self._said(
            f"{FAULTS}?{self.negotiated(FAULTS, headers)[0]}&connect={new('query')}", HANDSHAKE, "\x1e"
        )
        broken = f"breaks.{new('token')}.{new('token')}"
        answer = self.client.post(f"{HUB}/negotiate", headers={"Authorization": f"Bearer {broken}"})
        assert answer.status_code == 503
        form = {"name": new("form"), "password": new("password in a form")}
        for path in (f"/broken/{new('text')}/", f"/broken/{quote(new('text'))}/?q={new('query')}"):
            cookie = {"Cookie": f"sessionid={new('cookie')}", "Referer": new("referer")}
            answer = self.client.get(path, headers=cookie)
            assert answer.status_code == 500
            self.hospital.note("broken", Answer(500, "", answer.content))
        answer = self.client.post(
            "/login/",
            data={**form, "csrfmiddlewaretoken": new("csrf token")},
            headers={"Origin": "http://evil.example", "Referer": f"http://evil.example/{new('referer')}"},
        )
        assert answer.status_code == 403
        self.hospital.note("csrf", Answer(403, "", answer.content))
