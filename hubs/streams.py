"""The calls of one connection that last, streams and calls with uploads: which may go on, how they end."""

import asyncio
import logging
from typing import TYPE_CHECKING

from hubs import errors
from hubs.errors import ClientGone, HubError
from hubs.invocation import Call, refusal_of
from hubs.protocol.messages import Completion
from hubs.uploads import UploadStream

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")


class Streams:
    """Which of them run at this moment, by invocation id and by the ids of their uploads."""

    __slots__ = ("_by_id", "_hub", "_tasks", "_uploads")

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._tasks: dict[Call, asyncio.Task[None]] = {}
        self._by_id: dict[str, Call] = {}
        self._uploads: dict[str, UploadStream] = {}

    def __contains__(self, invocation_id: str | None) -> bool:
        return invocation_id in self._by_id

    def upload(self, stream_id: str) -> UploadStream | None:
        """The upload of that id which a call still reads."""
        return self._uploads.get(stream_id)

    def open_uploads(self, call: Call) -> None:
        """From now on items are taken for the call, which may start a little later."""
        self._uploads |= call.open_uploads()

    def started(self, call: Call, task: asyncio.Task[None]) -> None:
        self._tasks[call] = task
        if call.wants_stream and call.invocation_id is not None:
            self._by_id[call.invocation_id] = call

    def forget(self, call: Call) -> None:
        """The call has ended; an id that was given to another call meanwhile stays that one's."""
        self._tasks.pop(call, None)
        if self._by_id.get(call.invocation_id or "") is call:
            del self._by_id[call.invocation_id or ""]
        for stream_id, upload in call.uploads.items():
            if self._uploads.get(stream_id) is upload:
                del self._uploads[stream_id]

    def cancelled(self, invocation_id: str) -> None:
        """The client does not want the stream any more."""
        if (call := self._by_id.get(invocation_id)) is not None:
            self._end(call, None)

    async def review(self) -> None:
        """Asks for each of them again; one that is refused ends with the words of a call that is refused.

        Raises what a permission class raises.
        """
        ended = []
        for call in tuple(self._tasks):
            text = await refusal_of(call)
            if text is not None and call in self._tasks:
                call.outcome = "denied"
                self._end(call, text)
                ended.append(call.action.name)
        if ended:
            logger.warning("streams ended", extra={"actions": sorted(ended), **self._hub.log_fields()})

    def end_all(self, text: str) -> int:
        """Ends all of them with an error that says this to the client; how many there were."""
        error = HubError(text)
        return sum(self._end(call, _broken_off(call, error)) for call in tuple(self._tasks))

    def abandon(self) -> None:
        """The connection has ended: nobody hears a stream, and no more of an upload comes."""
        for call in self._by_id.values():
            self._tasks[call].cancel()
        for upload in self._uploads.values():
            upload.abort(ClientGone("The connection has ended."))

    def _end(self, call: Call, error: str | None) -> bool:
        """Whether it had not been ended before."""
        if call.cancelled_with is not None:
            return False
        call.cancelled_with = Completion(call.invocation_id or "", error=error)
        if call.has_begun:  # a task that is cancelled before would never run, nor answer
            self._tasks[call].cancel()
        return True


def _broken_off(call: Call, error: HubError) -> str:
    if call.wants_stream:
        return errors.stream_failed(error, detailed=False)
    return errors.action_failed(call.action.name, error, detailed=False)
