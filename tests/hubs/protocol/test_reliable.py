from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hubs.errors import ProtocolError
from hubs.protocol.reliable import Reliable


def having_sent(*messages: bytes, buffer_size: int = 100) -> Reliable:
    reliable = Reliable(buffer_size)
    for message in messages:
        reliable.send(message)
    return reliable


def having_received(count: int) -> Reliable:
    """What is known after `count` messages, all of them acknowledged."""
    reliable = Reliable(100)
    assert all(reliable.receive() for _ in range(count))
    reliable.acknowledge()
    return reliable


# What goes out


def test_message_is_sent_at_once() -> None:
    reliable = Reliable(100)
    assert reliable.send(b"a") == [b"a"]
    assert reliable.send(b"b") == [b"b"]


def test_new_socket_starts_with_the_first_message_that_is_not_acknowledged() -> None:
    reliable = having_sent(b"m1", b"m2", b"m3", b"m4", b"m5")
    reliable.acknowledged(3)
    assert reliable.resume() == (4, [b"m4", b"m5"])


def test_new_socket_starts_with_the_first_message_without_any_acknowledgement() -> None:
    assert having_sent(b"x", b"y").resume() == (1, [b"x", b"y"])


def test_new_socket_starts_with_the_next_number_when_there_is_nothing_to_repeat() -> None:
    assert Reliable(100).resume() == (1, [])
    reliable = having_sent(b"x")
    reliable.acknowledged(1)
    assert reliable.resume() == (2, [])


def test_messages_are_repeated_again_when_the_new_socket_is_lost_too() -> None:
    reliable = having_sent(b"x", b"y")
    assert reliable.resume() == reliable.resume() == (1, [b"x", b"y"])


def test_numbers_go_on_over_a_lost_socket() -> None:
    reliable = having_sent(b"x")
    reliable.resume()
    reliable.send(b"y")
    reliable.acknowledged(1)
    assert reliable.resume() == (2, [b"y"])


@pytest.mark.parametrize("number", [2, 1, 0, -5])
def test_old_acknowledgement_changes_nothing(number: int) -> None:
    reliable = having_sent(b"x", b"y", b"z")
    reliable.acknowledged(2)
    assert reliable.acknowledged(number) == []
    assert reliable.resume() == (3, [b"z"])


@pytest.mark.parametrize("number", [2, 2**63])
def test_acknowledgement_of_what_was_never_sent_is_a_protocol_error(number: int) -> None:
    with pytest.raises(ProtocolError):
        having_sent(b"x").acknowledged(number)


def test_message_that_is_held_back_cannot_be_acknowledged() -> None:
    with pytest.raises(ProtocolError):
        having_sent(b"x" * 10, b"held", buffer_size=10).acknowledged(2)


def test_message_that_fills_the_buffer_goes_out_and_the_next_one_waits_for_an_acknowledgement() -> None:
    reliable = Reliable(10)
    assert reliable.send(b"x" * 11) == [b"x" * 11]
    assert reliable.send(b"y") == []
    assert reliable.held_bytes == 1
    assert reliable.acknowledged(1) == [b"y"]
    assert reliable.held_bytes == 0


def test_buffer_that_is_exactly_full_holds_back() -> None:
    reliable = having_sent(b"x" * 9, buffer_size=10)
    assert reliable.send(b"y") == [b"y"]
    assert reliable.send(b"z") == []


def test_acknowledgement_releases_only_what_has_room() -> None:
    reliable = having_sent(b"x" * 10, b"a" * 6, b"b" * 6, b"c" * 6, buffer_size=10)
    assert reliable.acknowledged(1) == [b"a" * 6, b"b" * 6]
    assert reliable.acknowledged(2) == [b"c" * 6]


def test_nothing_overtakes_what_is_held_back() -> None:
    reliable = having_sent(b"x" * 10, b"held", buffer_size=10)
    assert reliable.send(b"later") == []
    assert reliable.acknowledged(1) == [b"held", b"later"]


def test_what_is_held_back_is_not_repeated_because_it_was_never_sent() -> None:
    reliable = having_sent(b"x" * 10, b"held", buffer_size=10)
    assert reliable.resume() == (1, [b"x" * 10])
    assert reliable.acknowledged(1) == [b"held"]
    assert reliable.resume() == (2, [b"held"])


# What comes in


def test_one_acknowledgement_covers_all_that_has_arrived_and_is_due_once() -> None:
    reliable = Reliable(100)
    assert reliable.acknowledge() is None
    for _ in range(3):
        assert reliable.receive()
    assert reliable.acknowledge() == 3
    assert reliable.acknowledge() is None


def test_nothing_counts_on_a_new_socket_before_its_sequence() -> None:
    reliable = having_received(1)
    reliable.expect_sequence()
    assert not reliable.receive()
    assert reliable.acknowledge() is None
    reliable.sequence(2)
    assert reliable.receive()
    assert reliable.acknowledge() == 2


def test_repeated_messages_are_not_handled_again_but_acknowledged_again() -> None:
    reliable = having_received(3)
    reliable.expect_sequence()
    reliable.sequence(2)
    assert not reliable.receive()
    assert reliable.acknowledge() == 3
    assert not reliable.receive()
    assert reliable.receive()
    assert reliable.acknowledge() == 4


@pytest.mark.parametrize("number", [4, 9, 2**63])
def test_sequence_behind_a_gap_is_a_protocol_error(number: int) -> None:
    reliable = having_received(2)
    reliable.expect_sequence()
    with pytest.raises(ProtocolError):
        reliable.sequence(number)


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_sequence_below_the_first_number_counts_as_the_first(number: int) -> None:
    reliable = having_received(2)
    reliable.sequence(number)
    assert [reliable.receive() for _ in range(3)] == [False, False, True]


def test_repetition_that_breaks_off_half_way_leaves_no_gap() -> None:
    reliable = having_received(5)
    reliable.expect_sequence()
    reliable.sequence(2)
    assert not reliable.receive()
    reliable.expect_sequence()
    reliable.sequence(6)
    assert reliable.receive()


# Both ends together


class Peer:
    """One end: what it was given to send, what it has got, and what is under way to the other end."""

    def __init__(self) -> None:
        self.reliable = Reliable(buffer_size=8)
        self.given: list[bytes] = []
        self.got: list[bytes] = []
        self.wire: deque[tuple[str, int | bytes]] = deque()

    def put(self, messages: list[bytes]) -> None:
        self.wire.extend(("message", each) for each in messages)

    def say(self) -> None:
        message = b"%03d" % len(self.given)
        self.given.append(message)
        self.put(self.reliable.send(message))

    def acknowledge(self) -> None:
        if (number := self.reliable.acknowledge()) is not None:
            self.wire.append(("ack", number))

    def resume(self) -> None:
        number, messages = self.reliable.resume()
        self.reliable.expect_sequence()
        self.wire.clear()
        self.wire.append(("sequence", number))
        self.put(messages)

    def take(self, what: tuple[str, int | bytes]) -> None:
        match what:
            case "sequence", int(number):
                self.reliable.sequence(number)
            case "ack", int(number):
                self.put(self.reliable.acknowledged(number))
            case _, bytes(message) if self.reliable.receive():
                self.got.append(message)


class LosingSockets(RuleBasedStateMachine):
    """Two peers over sockets that are lost at any moment, with everything that is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.peers = (Peer(), Peer())

    sides = st.sampled_from([0, 1])

    @rule(side=sides)
    def say(self, side: int) -> None:
        self.peers[side].say()

    @rule(side=sides)
    def acknowledge(self, side: int) -> None:
        self.peers[side].acknowledge()

    @precondition(lambda self: any(peer.wire for peer in self.peers))
    @rule(side=sides, count=st.integers(1, 5))
    def deliver(self, side: int, count: int) -> None:
        for _ in range(min(count, len(self.peers[side].wire))):
            self.peers[1 - side].take(self.peers[side].wire.popleft())

    @rule()
    def lose_the_socket(self) -> None:
        for peer in self.peers:
            peer.resume()

    @invariant()
    def nothing_is_doubled_or_reordered(self) -> None:
        for side in (0, 1):
            got = self.peers[1 - side].got
            assert got == self.peers[side].given[: len(got)]

    def teardown(self) -> None:
        """Sockets that hold deliver everything, a message at least each."""
        for _ in range(1 + max(len(peer.given) for peer in self.peers)):
            self.lose_the_socket()
            for side in (0, 1):
                self.deliver(side, len(self.peers[side].wire))
                self.peers[1 - side].acknowledge()
                self.deliver(1 - side, len(self.peers[1 - side].wire))
        for side in (0, 1):
            assert self.peers[1 - side].got == self.peers[side].given


LosingSockets.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestLosingSockets = LosingSockets.TestCase
