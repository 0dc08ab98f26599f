"""The search for marks finds every spelling of a leak, and nothing where there is none."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.markers.marks import Marks

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwianRpIjoiYWJjZGVmIn0.kJ2Y-_x5mZ3QfR8sT1uVwXyZ"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_mark_in_base_64_is_found_wherever_it_begins(before: str, encode: object) -> None:
    marks = Marks()
    mark = marks.new("argument")
    written = encode(f"{before}{mark}".encode()).decode()  # type: ignore[operator]  # one of two functions
    assert marks.leaks({"log": f"something {written} else"}) == {("log", "argument")}


def test_a_mark_and_a_piece_of_it_are_found() -> None:
    marks = Marks()
    mark = marks.new("argument")
    for text in (mark, mark[3:19], quote(f"ü {mark}"), json.dumps({"a": f"b'{mark}'"}), f"x{mark}x"):
        assert marks.leaks({"log": text}) == {("log", "argument")}
    assert marks.leaks({"log": mark[3:18]}) == set()
    assert marks.leaks({"log": "connected user 7"}) == set()


def test_the_claims_of_a_token_are_found_without_the_token() -> None:
    marks = Marks()
    marks.know("token", TOKEN)
    assert marks.leaks({"log": TOKEN.split(".")[1][10:30]}) == {("log", "token")}
    assert marks.leaks({"log": TOKEN.split(".")[2]}) == {("log", "token")}


def test_what_looks_like_a_secret_is_found_though_nobody_knows_it() -> None:
    assert {
        name for _, name in Marks().leaks({"log": f"{TOKEN} {'x' * 71} bearer abcdefgh ticket.{'g' * 20}"})
    } == {
        "a JSON Web Token",
        "a connection token",
        "a bearer header",
        "a ticket",
    }
    assert Marks().leaks({"log": f"Bearer *** 403 {'x' * 64} ticket. eyJ"}) == set()


def test_the_public_part_of_a_connection_token_is_no_leak() -> None:
    marks = Marks()
    token = "abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_abcdefghijk"
    marks.know_connection(token)
    assert marks.leaks({"log": token[:22]}) == set()
    assert marks.leaks({"log": token[20:50]}) == {("log", "connection token")}
