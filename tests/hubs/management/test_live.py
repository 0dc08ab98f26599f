import pytest
from django.utils import timezone

from hubs import connection_tokens, directory
from hubs.connection_tokens import ID_LENGTH, new_connection_id
from hubs.directory import WORKER_EXPIRES_AFTER, Entry
from hubs.management.live import live_connections, live_workers, shown_id, wait_until_gone, with_shown_id
from hubs.models import Worker

# The single use of an id rests on a foreign key, which only the end of a transaction checks.
pytestmark = pytest.mark.django_db(transaction=True)


def connected(connection_id="one", *, transport="WebSockets", worker="there"):
    assert directory.claim(Entry(connection_id, "Desk", "7", transport), worker, "channel")


def ids(connections):
    return [each.pk for each in connections]


def test_what_was_only_posted_to_is_no_connection():
    connected("posted", transport="")
    connected("polled", transport="LongPolling")
    assert ids(live_connections()) == ["polled"]


def test_what_has_ended_is_no_connection():
    connected("ended")
    connected("open")
    directory.end("ended")
    assert ids(live_connections()) == ["open"]


def test_a_worker_whose_heartbeat_ended_is_gone_with_its_connections():
    connected("lost", worker="gone")
    connected("found", worker="there")
    long_ago = timezone.now() - timezone.timedelta(seconds=WORKER_EXPIRES_AFTER + 1)
    Worker.objects.filter(name="gone").update(heartbeat_at=long_ago)
    assert ids(live_workers()) == ["there"]
    assert ids(live_connections()) == ["found"]


def test_an_id_that_is_a_token_is_found_by_what_is_shown_of_it():
    token, _ = connection_tokens.issue(hub="/hubs/desk", user="7", version=0)
    connected(token)
    connected(new_connection_id())
    (found,) = with_shown_id(token[:ID_LENGTH])
    assert found.pk == token
    assert shown_id(found) == token[:ID_LENGTH]


def test_less_than_what_is_shown_finds_nothing():
    connection_id = new_connection_id()
    connected(connection_id)
    assert ids(with_shown_id(connection_id)) == [connection_id]
    assert ids(with_shown_id(connection_id[:-1])) == []
    assert ids(with_shown_id("")) == []


def test_waiting_ends_when_the_last_one_has_gone(monkeypatch):
    connected("one")
    connected("two")
    leaving = iter(["one", "two"])
    monkeypatch.setattr("hubs.management.live.time.sleep", lambda _: directory.end(next(leaving)))
    assert wait_until_gone(live_connections(), seconds=60) == 0


def test_waiting_ends_when_the_time_is_over():
    connected("one")
    assert wait_until_gone(live_connections(), seconds=0) == 1
