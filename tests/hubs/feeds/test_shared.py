import asyncio
import functools
import threading

import pytest

from hubs.feeds.shared import MAXIMUM_KEPT, SharedAnswers, identity_of


def plain(ward, *, position=0):
    return (ward, position)


class Board:
    def method(self):
        return 1


async def test_all_who_ask_at_once_share_one_answer():
    made = []
    gate = threading.Event()

    def make():
        gate.wait(5)
        made.append(1)
        return "board"

    answers = SharedAnswers()
    asking = [asyncio.create_task(answers.get("icu", make)) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*asking) == ["board"] * 50
    assert made == [1]


async def test_who_gives_up_takes_the_answer_from_nobody():
    gate = threading.Event()

    def make():
        gate.wait(5)
        return "board"

    answers = SharedAnswers()
    first, second = (asyncio.create_task(answers.get("icu", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == "board"


async def test_a_failure_is_told_to_those_who_wait_and_tried_again_by_the_next():
    outcomes = iter([OSError("away"), "board"])

    def make():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    answers = SharedAnswers()
    with pytest.raises(OSError, match="away"):
        await answers.get("icu", make)
    await asyncio.sleep(0)
    assert await answers.get("icu", make) == "board"


async def test_other_keys_have_other_answers_and_only_so_many_are_kept():
    answers = SharedAnswers()
    for number in range(MAXIMUM_KEPT + 10):
        assert await answers.get(number, functools.partial(str, number)) == str(number)
    assert len(answers._answers) <= MAXIMUM_KEPT


async def test_an_answer_is_not_kept_for_ever(clock):
    numbers = iter(range(5))
    answers = SharedAnswers()
    assert await answers.get("icu", lambda: next(numbers)) == 0
    clock.advance(29)
    assert await answers.get("icu", lambda: next(numbers)) == 0
    clock.advance(2)
    assert await answers.get("icu", lambda: next(numbers)) == 1


def test_equal_partials_of_a_plain_function_are_the_same_question():
    assert identity_of(functools.partial(plain, "icu")) == identity_of(functools.partial(plain, "icu"))
    assert identity_of(functools.partial(plain, "icu")) != identity_of(functools.partial(plain, "cardio"))
    assert identity_of(functools.partial(plain, "icu", position=1)) != identity_of(
        functools.partial(plain, "icu", position=2)
    )


def test_what_may_know_its_user_is_never_shared():
    user = object()
    assert identity_of(lambda position: (user, position)) is None
    assert identity_of(Board().method) is None
    assert identity_of(functools.partial(Board().method)) is None
    assert identity_of(functools.partial(plain, {"not": "hashable"})) is None
