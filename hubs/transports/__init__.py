"""One module a transport: bytes in, bytes out, nothing else."""

from typing import Protocol


class Transport(Protocol):
    """Carries the bytes of one connection."""

    name: str

    @property
    def ended_cleanly(self) -> bool:
        """Whether the client has said goodbye, known once `read` has answered None."""
        ...

    async def read(self) -> bytes | None:
        """The next bytes from the client, None once it is gone."""
        ...

    async def write(self, data: bytes, *, binary: bool) -> None:
        """Sends whole messages as one frame. May wait for a client that reads slowly."""
        ...

    async def close(self) -> None:
        """Ends the transport from our side."""
        ...
