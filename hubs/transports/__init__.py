"""One module a transport: bytes in, bytes out, nothing else."""

from typing import Protocol


class Transport(Protocol):
    """Carries the bytes of one connection."""

    name: str
    # Whether binary protocols can use it.
    carries_binary: bool
    # Whether both sides ping; long polling is its own sign of life.
    pings: bool

    @property
    def ended_cleanly(self) -> bool:
        """Whether the client has said goodbye, known once `read` has answered None."""
        ...

    def is_abandoned(self, now: float) -> bool:
        """Whether the client has stayed away for too long, where no open socket says that it is there."""
        ...

    async def read(self) -> bytes | None:
        """The next bytes from the client, None once it is gone."""
        ...

    def pause(self) -> None:
        """Nobody reads for a while, and the server need not either."""
        ...

    def resume(self) -> None: ...

    async def write(self, data: bytes, *, binary: bool) -> None:
        """Sends whole messages as one frame. May wait for a client that reads slowly."""
        ...

    def abort(self) -> None:
        """Drops the client without a goodbye, with what the server still holds for it."""
        ...

    async def close(self) -> None:
        """Ends the transport from our side."""
        ...
