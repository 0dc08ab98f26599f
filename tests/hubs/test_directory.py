import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NoReturn, TypeVar

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs import directory
from hubs.conf import DEFAULTS
from hubs.directory import WORKER_EXPIRES_AFTER, Entry, Found
from hubs.models import Connection, Worker
from hubs.tickets import OPENS_FOR

# The single use of an id rests on a foreign key, which only the end of a transaction checks.
pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")

TIMES = 20
WORKERS = ("here", "there")


def entry(connection_id: str = "one", transport: str = "WebSockets") -> Entry:
    return Entry(connection_id, "Desk", "7", transport)


def together(take: Callable[[str], T]) -> list[T]:
    """What two workers get who try in the same moment, each in its own thread."""
    barrier = threading.Barrier(2)

    def take_together(worker: str) -> T:
        try:
            barrier.wait(5)
            return take(worker)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(take_together, WORKERS))


def winner(take: Callable[[str], bool]) -> str:
    """The one of two workers that has taken what both wanted in the same moment."""
    (name,) = itertools.compress(WORKERS, together(take))
    return name


def expire(worker: str) -> None:
    long_ago = timezone.now() - timedelta(seconds=WORKER_EXPIRES_AFTER + 1)
    Worker.objects.filter(name=worker).update(heartbeat_at=long_ago)


def ids() -> list[str]:
    return list(Connection.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("second", ["here", "there"])
def test_an_id_is_claimed_once_over_all_workers(second):
    assert directory.claim(entry(), "here", "channel")
    assert not directory.claim(entry(), second, "channel")
    assert directory.find("one") == Found("WebSockets", False, "here", "channel")


def test_UQ_2_of_two_who_claim_an_id_in_the_same_moment_exactly_one_has_it():
    for number in range(TIMES):
        one = entry(f"id-{number}")
        won_by = winner(lambda worker, one=one: directory.claim(one, worker, ""))
        assert directory.find(one.id).worker == won_by


def test_an_id_whose_connection_has_ended_is_not_claimed_again():
    directory.claim(entry(), "here", "")
    directory.end("one")
    assert not directory.claim(entry(), "there", "")
    assert directory.find("one").has_ended


def test_a_claim_makes_the_row_of_its_worker_where_that_is_missing():
    assert directory.claim(entry(), "here", "channel")
    worker = Worker.objects.get()
    assert (worker.name, worker.channel) == ("here", "channel")


def test_an_end_is_noted_once():
    directory.claim(entry(), "here", "")
    directory.end("one")
    first = Connection.objects.get().ended_at
    directory.end("one")
    assert Connection.objects.get().ended_at == first


@pytest.mark.parametrize(
    ("transport", "column", "life", "stays"),
    [
        ("WebSockets", "ended_at", 1.5 * OPENS_FOR, True),
        ("WebSockets", "ended_at", 2.1 * OPENS_FOR, False),
        ("", "opened_at", 1.0 * DEFAULTS["CONNECT_TIMEOUT"], True),
        ("", "opened_at", 2.1 * DEFAULTS["CONNECT_TIMEOUT"], False),
        ("WebSockets", "opened_at", 1000.0 * OPENS_FOR, True),
    ],
)
def test_a_row_stays_until_token_and_ticket_could_open_nothing_and_an_open_one_for_good(
    transport, column, life, stays
):
    directory.claim(entry(transport=transport), "here", "")
    age = timedelta(seconds=life)
    Connection.objects.update(**{column: timezone.now() - age})
    directory.heartbeat("here", "", ())
    assert ids() == (["one"] if stays else [])


def test_a_worker_without_a_heartbeat_is_cleared_away_by_another_and_its_connections_have_ended():
    directory.claim(entry("lost"), "gone", "")
    directory.claim(entry("kept"), "here", "")
    expire("gone")
    directory.heartbeat("here", "", ())
    assert list(Worker.objects.values_list("name", flat=True)) == ["here"]
    assert directory.find("lost") == Found("WebSockets", True, "", "")
    assert directory.find("kept") == Found("WebSockets", False, "here", "")
    assert not directory.claim(entry("lost"), "here", "")


def test_a_worker_that_had_expired_gets_its_rows_back():
    directory.claim(entry("own"), "paused", "")
    expire("paused")
    directory.heartbeat("here", "", ())
    directory.heartbeat("paused", "channel", [entry("own"), entry("unheard")])
    assert directory.find("own") == Found("WebSockets", False, "paused", "channel")
    assert directory.find("unheard") == Found("WebSockets", False, "paused", "channel")


def test_a_worker_that_had_expired_gets_its_rows_back_also_behind_a_client_that_came_before_its_heartbeat():
    directory.heartbeat("paused", "", ())
    directory.claim(entry("own"), "paused", "")
    expire("paused")
    directory.heartbeat("here", "", ())
    assert directory.find("own").has_ended
    assert directory.claim(entry("new"), "paused", "channel")
    directory.heartbeat("paused", "channel", [entry("own"), entry("new")])
    assert directory.find("own") == Found("WebSockets", False, "paused", "channel")
    assert directory.find("new") == Found("WebSockets", False, "paused", "channel")


def test_a_worker_that_had_expired_gets_its_rows_back_after_a_heartbeat_that_failed(monkeypatch):
    directory.claim(entry("own"), "paused", "")
    expire("paused")
    directory.heartbeat("here", "", ())
    with monkeypatch.context() as fault:
        fault.setattr(Connection.objects, "bulk_create", broken)
        with pytest.raises(OperationalError):
            directory.heartbeat("paused", "channel", [entry("own")])
    directory.heartbeat("paused", "channel", [entry("own")])
    assert not directory.find("own").has_ended


def broken(*_: object, **__: object) -> NoReturn:
    raise OperationalError


def test_a_heartbeat_of_a_worker_that_lives_writes_its_row_and_looks_at_no_connection_of_its_own():
    directory.heartbeat("here", "", ())
    with CaptureQueriesContext(connections["default"]) as queries:
        directory.heartbeat("here", "", [entry(str(number)) for number in range(5)])
    assert not [query for query in queries if " IN (" in query["sql"]]
    assert ids() == []


def test_a_worker_that_had_expired_takes_no_row_that_is_anothers():
    directory.claim(entry("taken"), "here", "")
    directory.heartbeat("paused", "channel", [entry("taken")])
    assert directory.find("taken") == Found("WebSockets", False, "here", "")


def test_a_heartbeat_of_a_worker_that_lives_brings_back_nothing_and_tells_its_new_channel():
    directory.heartbeat("here", "", ())
    directory.claim(entry("open"), "here", "")
    started_at = Worker.objects.get().started_at
    directory.heartbeat("here", "channel", [entry("open"), entry("already gone")])
    assert ids() == ["open"]
    worker = Worker.objects.get()
    assert (worker.started_at, worker.channel) == (started_at, "channel")


def test_the_ids_of_a_worker_that_signs_off_have_ended_and_stay_used_up():
    directory.claim(entry("own"), "here", "")
    directory.claim(entry("other"), "there", "")
    directory.sign_off("here")
    assert directory.find("own") == Found("WebSockets", True, "", "")
    assert not directory.claim(entry("own"), "there", "")
    assert directory.find("other") == Found("WebSockets", False, "there", "")


def test_of_two_who_take_over_an_id_in_the_same_moment_exactly_one_has_it():
    directory.heartbeat("here", "", ())
    directory.heartbeat("there", "", ())
    for number in range(TIMES):
        directory.claim(entry(f"id-{number}", transport=""), "posted", "")
        one = entry(f"id-{number}", transport="LongPolling")
        won_by = winner(lambda worker, one=one: directory.take_over(one, worker, ""))
        assert directory.find(one.id) == Found("LongPolling", False, won_by, "")


def test_only_an_id_without_transport_or_end_is_taken_over():
    directory.claim(entry("carried"), "here", "")
    directory.claim(entry("ended", transport=""), "here", "")
    directory.end("ended")
    for connection_id in ("carried", "ended", "unheard of"):
        assert not directory.take_over(entry(connection_id), "there", "")


def test_a_worker_that_had_expired_takes_an_id_over_before_its_heartbeat():
    directory.claim(entry(transport=""), "posted", "")
    assert directory.take_over(entry(), "paused", "channel")
    assert directory.find("one") == Found("WebSockets", False, "paused", "channel")


def test_UQ_2_an_id_that_was_only_posted_to_stays_until_its_used_ticket_is_too_old():
    directory.claim(entry(transport=""), "here", "")
    directory.use_up_ticket("one")
    for life, stays in ((OPENS_FOR, True), (2.1 * OPENS_FOR, False)):
        Connection.objects.update(opened_at=timezone.now() - timedelta(seconds=life))
        directory.clear_away()
        assert directory.is_ticket_used("one") == stays


@pytest.mark.parametrize("has_arrived", [True, False])
def test_UQ_2_of_two_who_use_a_ticket_up_in_the_same_moment_exactly_one_has_it(has_arrived):
    for number in range(TIMES):
        if has_arrived:
            directory.claim(entry(f"id-{number}"), "here", "")
        winner(lambda _, number=number: directory.use_up_ticket(f"id-{number}"))
        assert directory.is_ticket_used(f"id-{number}")
        assert not directory.use_up_ticket(f"id-{number}")


def test_UQ_2_a_start_with_a_ticket_costs_one_write_for_it():
    directory.claim(entry(), "here", "")
    with CaptureQueriesContext(connections["default"]) as queries:
        assert directory.use_up_ticket("one")
    assert len(queries) == 1


def of(user: str | None, number: int, address: str = "10.0.0.1") -> Entry:
    return Entry(f"{user}-{number}", "Desk", user, "WebSockets", address)


def let_in(entries: list[Entry], worker: str = "here") -> int:
    """How many of them came in."""
    count = 0
    for each in entries:
        with contextlib.suppress(directory.TooManyConnections):
            count += directory.claim(each, worker, "")
    return count


@pytest.mark.parametrize("whose", ["USER", "ADDRESS"])
def test_DS_1_a_user_and_an_address_have_a_limit_over_all_workers(hubs, whose):
    hubs(**{f"MAXIMUM_CONNECTIONS_PER_{whose}": 5})
    alike = [of("7" if whose == "USER" else str(number), number) for number in range(8)]
    others = [of("8", number, "10.0.0.2") for number in range(5)]
    assert let_in(alike[:3], "here") + let_in(alike[3:], "there") == 5
    assert let_in(others) == 5
    with pytest.raises(directory.TooManyConnections, match=f"^{whose.lower()}$"):
        directory.claim(alike[-1], "here", "")
    directory.end(alike[0].id)
    assert let_in(alike[-1:]) == 1


def test_DS_1_the_places_of_a_worker_that_is_gone_are_free_again(hubs):
    hubs(MAXIMUM_CONNECTIONS_PER_USER=2)
    assert let_in([of("7", 1), of("7", 2), of("7", 3)], "gone") == 2
    expire("gone")
    directory.heartbeat("here", "", ())
    assert let_in([of("7", 3)]) == 1


def test_DS_1_what_was_posted_to_an_id_does_not_keep_its_own_transport_out(hubs):
    hubs(MAXIMUM_CONNECTIONS_PER_USER=1)
    assert directory.claim(Entry("one", "Desk", "7", ""), "here", "")
    assert not directory.claim(Entry("one", "Desk", "7", "LongPolling"), "here", "")
    assert directory.take_over(Entry("one", "Desk", "7", "LongPolling"), "here", "")


def test_DS_1_nobody_and_no_address_have_no_limit(hubs):
    hubs(MAXIMUM_CONNECTIONS_PER_USER=1, MAXIMUM_CONNECTIONS_PER_ADDRESS=1)
    assert let_in([of(None, number, "") for number in range(3)]) == 3


def test_DS_1_two_workers_do_not_both_give_the_last_place_away(hubs):
    """Those that are written at the same time may come in beside each other, on PostgreSQL only."""
    hubs(MAXIMUM_CONNECTIONS_PER_USER=1)
    beyond = 0 if connections["default"].vendor == "sqlite" else 1
    for number in range(TIMES):
        count = sum(together(lambda worker, n=number: let_in([of(str(n), hash(worker))], worker)))
        assert 1 <= count <= 1 + beyond


def test_DS_1_a_start_costs_one_query_for_its_limit(hubs):
    directory.heartbeat("here", "", ())
    costs = []
    for most in (None, 500):
        hubs(MAXIMUM_CONNECTIONS_PER_USER=most)
        with CaptureQueriesContext(connections["default"]) as queries:
            assert directory.claim(of("7", len(costs)), "here", "")
        costs.append(len(queries))
    assert costs[1] == costs[0] + 1
