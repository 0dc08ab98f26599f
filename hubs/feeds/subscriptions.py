"""`self.feeds` of a hub: follow a feed from a snapshot or from where a client left it, and stop to."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from hubs.errors import Forbidden
from hubs.executor import run
from hubs.feeds import resume
from hubs.feeds.cursors import Cursor
from hubs.feeds.cursors import Position as Position
from hubs.feeds.grants import Grant
from hubs.feeds.shared import identity_of
from hubs.invocation import Call, current_call

if TYPE_CHECKING:
    from hubs.hub import Hub

T = TypeVar("T")

FORBIDDEN = "You may not follow this any more."


class Subscriptions:
    """What one connection follows. Who may follow is for the action's permission classes, and its code."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._connection = hub.connection
        self._pump = hub.connection.worker.pump

    async def subscribe(self, feed: str, snapshot: Callable[[Position], T]) -> T:
        """Follows the feed and answers `snapshot(position)`, called in a thread.

        The number is read before the snapshot, so that the snapshot holds at least what the number says;
        the events behind it start to flow once the call's completion, which carries the snapshot, has been
        queued. Following a feed again starts afresh.

        A plain function, or a `partial` of one, is called once for all who ask at the same number and in the
        same view, and must not depend on anything else; a closure or a method is called for each of them.
        """
        grant, rights = self._grant(feed), self._connection.rights
        head = await self._pump.heads.read(feed)
        position = Position(feed, head.epoch, head.head)
        make = functools.partial(snapshot, position)
        identity = identity_of(snapshot)
        if identity is None:
            result = await run(make)
        else:
            result = await self._pump.answers.get(("snapshot", identity, position, grant.view), make)
        renewed = await self._renewed(grant)
        if self._connection.rights != rights:
            return await self.subscribe(feed, snapshot)
        self._follow(position, renewed)
        return result

    async def resume(self, feed: str, epoch: int, seq: int) -> dict[str, Any]:
        """Follows the feed from `seq` on, up to which the client holds it; answers what it has missed.

        `{"resync": false, "feed", "epoch", "seq", "events": [{"target", "arguments"}, ...]}`, where each
        event has passed `shape` for this reader, or `{"resync": true}` where the log cannot tell all of it:
        then nothing is followed, and the client subscribes again.
        """
        grant, rights = self._grant(feed), self._connection.rights
        held = Position(feed, epoch, seq)
        head = await self._pump.heads.read(feed)
        self._pump.unfollow(self._connection, feed)
        if not resume.can_resume(head, held):
            return resume.RELOAD
        hub = type(self._hub)
        key = ("missed", hub, grant.view, held, head.head)
        found = await self._pump.answers.get(
            key, functools.partial(resume.missed, hub, grant.view, held, head.head)
        )
        if found is None:
            return resume.RELOAD
        renewed = await self._renewed(grant)
        if self._connection.rights != rights:
            return resume.RELOAD
        self._follow(Position(feed, epoch, found.seq), renewed)
        return resume.answer(self._connection.protocol, held, found)

    async def unsubscribe(self, feed: str) -> None:
        """Follows the feed no longer; unknown feeds are nothing to complain about."""
        self._pump.unfollow(self._connection, feed)

    async def _renewed(self, grant: Grant) -> Grant:
        """The grant as it is now; Forbidden where it is lost.

        Asked behind the reading: what was committed after a withdrawal, or after the time at which a right
        ends, must not leave in an answer either.
        """
        await self._pump.authority.catch_up()
        if (renewed := await grant.renewed()) is None:
            raise Forbidden(FORBIDDEN)
        return renewed

    def _grant(self, feed: str) -> Grant:
        view = self._hub.feed_view(feed)
        call = _running_call()
        return Grant(self._hub, view) if call is None else Grant(self._hub, view, call.action, call.arguments)

    def _follow(self, position: Position, grant: Grant) -> None:
        cursor = Cursor(self._connection, position.feed, position.epoch, position.seq, grant)
        self._pump.follow(cursor)
        if (call := _running_call()) is None:
            self._pump.activate(cursor)
        else:
            call.when_completed.append(functools.partial(self._completed, cursor))

    def _completed(self, cursor: Cursor, succeeded: bool) -> None:
        if succeeded:
            self._pump.activate(cursor)
        else:
            self._pump.drop(cursor)


def _running_call() -> Call | None:
    """The call whose completion the events must come behind; None in `on_connected` and in a later task.

    A stream has no completion before its end, and its subscriber would hear nothing until then.
    """
    call = current_call.get(None)
    if call is None or call.is_completed:
        return None
    if call.wants_stream:
        raise RuntimeError("Follow feeds in an ordinary action, not in one that streams.")
    return call
