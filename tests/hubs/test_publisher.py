import asyncio
import logging
import threading
import time

import pytest

from hubs import publisher
from hubs.publisher import Publisher


@pytest.fixture
def own() -> Publisher:
    return Publisher()


def test_jobs_run_in_their_order_in_one_thread_of_the_process(own):
    done = []

    def job(number: int):
        async def run() -> None:
            done.append((number, threading.current_thread().name))

        return run

    for number in range(5):
        own.submit(job(number), key=number)
    own.flush()
    assert done == [(number, "hubs-publisher") for number in range(5)]


def test_a_job_that_waits_is_replaced_by_one_with_the_same_key(own):
    gate, done = threading.Event(), []

    async def hold() -> None:
        gate.wait(5)

    async def note() -> None:
        done.append(1)

    own.submit(hold, key="hold")
    for _ in range(100):
        own.submit(note, key="same")
    gate.set()
    own.flush()
    assert 1 <= len(done) <= 2


def test_who_submits_never_waits_and_what_is_too_much_is_dropped_and_said(own, monkeypatch, caplog):
    monkeypatch.setattr(publisher, "MAXIMUM_WAITING", 3)
    gate = threading.Event()

    async def hold() -> None:
        gate.wait(5)

    started = time.monotonic()
    for number in range(10):
        own.submit(hold, key=number)
    assert time.monotonic() - started < 1
    assert "message dropped" in caplog.messages
    gate.set()
    own.flush()


def test_a_job_that_fails_loses_no_later_one_and_is_said(own, caplog):
    caplog.set_level(logging.WARNING)
    done = []

    async def fail() -> None:
        raise OSError("layer away")

    async def note() -> None:
        done.append(1)

    own.submit(fail, key=1)
    own.flush()
    own.submit(note, key=2)
    own.flush()
    assert done == [1]
    assert [record.reason for record in caplog.records if record.message == "not published"] == ["OSError"]


def test_a_job_that_is_cancelled_inside_of_its_layer_ends_the_thread_of_nobody(own, caplog):
    done = []

    async def cancelled() -> None:
        raise asyncio.CancelledError

    async def note() -> None:
        done.append(1)

    own.submit(cancelled, key=1)
    own.flush()
    own.submit(note, key=2)
    own.flush()
    assert done == [1]
    assert [record.reason for record in caplog.records] == ["CancelledError"]


def test_the_child_of_a_fork_does_not_wait_for_its_parents_at_its_exit(own, monkeypatch):
    held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with own._changed:
            held.set()
            may_end.wait(5)

    threading.Thread(target=hold).start()
    held.wait(5)
    monkeypatch.setattr("os.getpid", lambda: -1)
    leaving = threading.Thread(target=own.flush)
    leaving.start()
    leaving.join(1)
    assert not leaving.is_alive()
    may_end.set()


def test_a_process_has_one(own):
    assert publisher.current() is publisher.current()
    assert publisher.current().belongs_to_this_process()


def test_the_child_of_a_fork_makes_its_own(monkeypatch):
    before = publisher.current()
    monkeypatch.setattr("os.getpid", lambda: -1)
    child = publisher.current()
    assert child is not before
    monkeypatch.undo()
    assert publisher.current() is not child
