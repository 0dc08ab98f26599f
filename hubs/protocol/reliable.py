"""Stateful reconnect: numbers, acknowledgements and the buffer that is repeated after a lost socket."""

from collections import deque

from hubs.errors import ProtocolError


class Reliable:
    """Both directions of one connection; the messages that count are the types 1 to 5.

    Numbers start at 1 in each direction and go on over lost sockets. Nothing here sends: what may go out now
    is returned.
    """

    def __init__(self, buffer_size: int) -> None:
        self._buffer_size = buffer_size
        # What has been sent and is not acknowledged: its first number, the messages, and their bytes.
        self._first_unacknowledged = 1
        self._unacknowledged: deque[bytes] = deque()
        self._unacknowledged_bytes = 0
        # What waits for room in that buffer.
        self._held: deque[bytes] = deque()
        self.held_bytes = 0
        # What has arrived, and what of that the client has been told.
        self._received = 0
        self._acknowledged = 0
        # Messages that the client repeats and that have been handled already.
        self._repeated = 0
        self._awaits_sequence = False

    def send(self, message: bytes) -> list[bytes]:
        """The messages to send now: this one, or none while the buffer is full."""
        if self._held or self._unacknowledged_bytes >= self._buffer_size:
            self._held.append(message)
            self.held_bytes += len(message)
            return []
        self._remember(message)
        return [message]

    def acknowledged(self, number: int) -> list[bytes]:
        """The client has everything up to `number`; returns what was held back for it.

        Raises ProtocolError for a number that was never sent.
        """
        if number >= self._first_unacknowledged + len(self._unacknowledged):
            raise ProtocolError("The client acknowledges messages that were not sent.")
        while self._first_unacknowledged <= number:
            self._unacknowledged_bytes -= len(self._unacknowledged.popleft())
            self._first_unacknowledged += 1
        released = []
        while self._held and self._unacknowledged_bytes < self._buffer_size:
            message = self._held.popleft()
            self.held_bytes -= len(message)
            self._remember(message)
            released.append(message)
        return released

    def resume(self) -> tuple[int, list[bytes]]:
        """For a new socket: the number that goes first, and the messages that are repeated behind it."""
        return self._first_unacknowledged, list(self._unacknowledged)

    def expect_sequence(self) -> None:
        """A new socket speaks; what counts is ignored until its first number has come."""
        self._awaits_sequence = True

    def sequence(self, number: int) -> None:
        """The client's next message has this number. Raises ProtocolError for one that leaves a gap."""
        if number > self._received + 1:
            raise ProtocolError("Sequence ID greater than amount of messages we've received.")
        self._awaits_sequence = False
        self._repeated = self._received + 1 - max(number, 1)

    def receive(self) -> bool:
        """Counts a message that has arrived; False for one that was handled before."""
        if self._awaits_sequence:
            return False
        if self._repeated > 0:
            self._repeated -= 1
            self._acknowledged = min(self._acknowledged, self._received - 1)  # say it again
            return False
        self._received += 1
        return True

    def acknowledge(self) -> int | None:
        """The number to acknowledge, None when the client knows it."""
        if self._acknowledged == self._received:
            return None
        self._acknowledged = self._received
        return self._received

    def _remember(self, message: bytes) -> None:
        self._unacknowledged.append(message)
        self._unacknowledged_bytes += len(message)
