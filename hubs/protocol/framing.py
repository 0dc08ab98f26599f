"""Where one message ends and the next begins: record separators for text, length prefixes for binary."""

from hubs.errors import MessageTooLarge, ProtocolError

RECORD_SEPARATOR = b"\x1e"
MAXIMUM_PREFIX_LENGTH = 5  # 7 bits a byte: 2^31 - 1 needs five


class TextFraming:
    """Cuts a byte stream at record separators; a message may span chunks or share one."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, without their separator. Raises MessageTooLarge."""
        *messages, self._rest = (self._rest + data).split(RECORD_SEPARATOR)
        if len(self._rest) > self._limit or any(len(message) > self._limit for message in messages):
            raise MessageTooLarge(f"A message is larger than {self._limit} bytes.")
        return messages

    @property
    def rest(self) -> bytes:
        """What has arrived of a message that is not complete yet."""
        return self._rest


class BinaryFraming:
    """Cuts a byte stream by the varint length (little-endian, base 128) before each message."""

    def __init__(self, limit: int, rest: bytes = b"") -> None:
        self._limit = limit
        self._rest = rest

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes. Raises MessageTooLarge, or ProtocolError for a bad prefix."""
        self._rest += data
        messages: list[bytes] = []
        start = 0
        while (found := self._prefix(start)) is not None:
            length, body = found
            if length > self._limit:
                raise MessageTooLarge(f"A message is larger than {self._limit} bytes.")
            if body + length > len(self._rest):
                break
            messages.append(self._rest[body : body + length])
            start = body + length
        self._rest = self._rest[start:]
        return messages

    def _prefix(self, start: int) -> tuple[int, int] | None:
        """(length, index of the body) of the prefix at `start`, None while it is incomplete."""
        length = 0
        for count, byte in enumerate(self._rest[start : start + MAXIMUM_PREFIX_LENGTH]):
            length |= (byte & 0x7F) << (7 * count)
            if byte < 0x80:
                if length > 0x7FFFFFFF:
                    break
                return length, start + count + 1
        if len(self._rest) - start < MAXIMUM_PREFIX_LENGTH:
            return None
        raise ProtocolError("A length prefix is longer than five bytes or above 2^31 - 1.")


def with_prefix(body: bytes) -> bytes:
    """The message with its length in front."""
    length, prefix = len(body), bytearray()
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    prefix.append(length)
    return bytes(prefix) + body
