"""Brings open connections to the rights that their users have now, and ends what they lost."""

import asyncio
import dataclasses
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError

from hubs.auth import InvalidToken, Principal, RequestState
from hubs.conf import hubs_settings
from hubs.errors import UNAVAILABLE, CloseReason
from hubs.executor import run
from hubs.permissions import may_connect

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.worker import Worker

logger = logging.getLogger("hubs")

AT_ONCE = 32  # connections that are renewed side by side; the database has fewer threads
READINGS = 10  # of one user, each overtaken by another change; a client may send new tokens without end
# What says that nobody's rights can be read. Anything else is the trouble of one connection.
AWAY = (OperationalError, InterfaceError, OSError)


async def admit(connection: "Connection") -> None:
    """Renews a connection that has just been registered, if its user's rights may have changed on the way.

    From the registration on it is renewed like all others; what was worked through between the reading of
    its user and that moment would otherwise never reach it: a withdrawal during a handshake would lose.
    """
    if connection.user_id is None:
        return
    authority = connection.worker.pump.authority
    try:
        await authority.ready()
        if authority.may_have_changed(connection.user_id, connection.verified_at):
            await renew(connection)
    except Exception as error:  # noqa: BLE001 - a database or a class may fail in any way
        end_unread(connection, error)


async def take_over(connection: "Connection", request: RequestState) -> None:
    """A newer request speaks for the connection from now on, with the rights that its user has now.

    What was read for it before a change that has been worked through meanwhile does not come back.
    """
    connection.renew(dataclasses.replace(request, principal=None))
    if request.principal is not None:
        await take_over_principal(connection, request.principal, verified_at=request.verified_at)


async def take_over_principal(connection: "Connection", principal: Principal, *, verified_at: float) -> None:
    """The principal's part of that; `verified_at` is of time.monotonic here, and rather too early."""
    authority = connection.worker.pump.authority
    if connection.user_id is None or not authority.may_have_changed(connection.user_id, verified_at):
        connection.renew_principal(principal)
        return
    try:
        await renew(connection, principal)
    except Exception as error:  # noqa: BLE001 - as in admit
        end_unread(connection, error)


async def renew_users(worker: "Worker", users: Collection[str] | None) -> None:
    """Renews the connections of these users on this worker, of everybody for None.

    Raises what says that the database is away: the change is not known then, and is worked through again.
    Where only one connection's rights cannot be read, by a class that breaks, only that one ends.
    """
    concerned = [each for each in worker.registry if users is None or each.user_id in users]
    for start in range(0, len(concerned), AT_ONCE):
        some = concerned[start : start + AT_ONCE]
        outcomes = await asyncio.gather(*map(renew, some), return_exceptions=True)
        for connection, outcome in zip(some, outcomes, strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, AWAY):
                end_unread(connection, outcome)
        for outcome in outcomes:
            if isinstance(outcome, AWAY):
                raise outcome


async def refresh(connection: "Connection", user: str, principal: Principal) -> bool:
    """Takes a newer token over, for calls and for the connection's end; whether it was taken.

    Another user's closes the connection: somebody else sits at that computer now.
    """
    if connection.user_id != user:
        extra = {"reason": "another user", **connection.instance.log_fields()}
        logger.warning("refresh refused", extra=extra)
        connection.close(CloseReason.REPLACED)
        return False
    await renew(connection, principal)
    if connection.is_open:
        logger.info("refreshed", extra=connection.instance.log_fields())
    return connection.is_open


async def renew(connection: "Connection", newest: Principal | None = None) -> None:
    """Reads the user afresh; closes for good who may not be here, ends the feeds that are not theirs.

    `newest` is of a token that has just come, and counts once its user has been read.
    """
    if connection.principal is None or not connection.is_open:
        return
    try:
        if not await _read_user(connection, newest):
            return
    except InvalidToken as error:
        _revoke(connection, str(error))
        return
    connection.rights += 1
    # What permission classes and the hub's own code find in the scope is the user as they are now, too.
    connection.instance.scope = {**connection.instance.scope, "user": connection.instance.user}
    if not await may_connect(connection.instance, connection.principal, connection.instance.scope):
        _revoke(connection, "permission")
        return
    await connection.worker.pump.review(connection)
    await connection.instance.dispatcher.streams.review()


async def _read_user(connection: "Connection", newest: Principal | None) -> bool:
    """Whether the connection has its user as they are now. Raises InvalidToken for who may not be here.

    Two readings may overlap, and the older one answer last: one that was overtaken is repeated.
    """
    renewal = hubs_settings.renew
    if renewal is None:
        connection.renew_principal(newest)
        return True
    for _ in range(READINGS):
        before, rights = connection.principal, connection.rights
        assert before is not None, "only a connection with a user is renewed"
        is_newer = newest is not None and newest.expires_at >= before.expires_at
        renewed = await run(renewal, newest if newest is not None and is_newer else before)
        if not connection.is_open:
            return False
        if connection.principal is before and connection.rights == rights:
            connection.renew_principal(renewed)
            return True
    end_unread(connection, RuntimeError("rights changed during every reading"))
    return False


def stop(worker: "Worker") -> None:
    """Ends all that flows, because nobody can say any more whether it may; the connections stay."""
    feeds = worker.pump.end_all()
    streams = sum(each.instance.dispatcher.streams.end_all(UNAVAILABLE) for each in worker.registry)
    if feeds or streams:
        logger.error("rights cannot be read, nothing flows", extra={"feeds": feeds, "streams": streams})


def end_unread(connection: "Connection", error: BaseException) -> None:
    """Nobody stays of whom it is not known that they may; they come back and are asked anew."""
    logger.error("rights cannot be read", exc_info=error, extra=connection.instance.log_fields())
    connection.close(CloseReason.SERVER_ERROR)
    connection.worker.pump.forget(connection)


def _revoke(connection: "Connection", reason: str) -> None:
    logger.warning("revoked", extra={"reason": reason, **connection.instance.log_fields()})
    connection.rights += 1
    connection.close(CloseReason.REVOKED)
