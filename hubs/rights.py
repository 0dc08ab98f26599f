"""Brings open connections to the rights that their users have now, and ends what they lost."""

import asyncio
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from hubs.auth import InvalidToken, Principal
from hubs.conf import hubs_settings
from hubs.errors import UNAVAILABLE, CloseReason
from hubs.executor import run
from hubs.permissions import may_connect

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.worker import Worker

logger = logging.getLogger("hubs")

AT_ONCE = 32  # connections that are renewed side by side; the database has fewer threads


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
    except Exception:
        # A database that is away: nobody stays of whom it is not known that they may, and all may come back.
        logger.exception("rights cannot be read", extra=connection.instance.log_fields())
        connection.close(CloseReason.SERVER_ERROR)


async def renew_users(worker: "Worker", users: Collection[str] | None) -> None:
    """Renews the connections of these users on this worker, of everybody for None.

    Raises what the database raises: the change is not known then, and is worked through again.
    """
    concerned = [each for each in worker.registry if users is None or each.user_id in users]
    for start in range(0, len(concerned), AT_ONCE):
        some = concerned[start : start + AT_ONCE]
        outcomes = await asyncio.gather(*map(renew, some), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
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
    connection.renew_principal(principal)
    await renew(connection)
    if connection.is_open:
        logger.info("refreshed", extra=connection.instance.log_fields())
    return connection.is_open


async def renew(connection: "Connection") -> None:
    """Reads the user afresh; closes for good who may not be here, ends the feeds that are not theirs."""
    principal, renewal = connection.principal, hubs_settings.renew
    if principal is None or not connection.is_open:
        return
    if renewal is not None:
        try:
            connection.renew_principal(await run(renewal, principal))
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


def stop(worker: "Worker") -> None:
    """Ends all that flows, because nobody can say any more whether it may; the connections stay."""
    feeds = worker.pump.end_all()
    streams = sum(each.instance.dispatcher.streams.end_all(UNAVAILABLE) for each in worker.registry)
    if feeds or streams:
        logger.error("rights cannot be read, nothing flows", extra={"feeds": feeds, "streams": streams})


def _revoke(connection: "Connection", reason: str) -> None:
    logger.warning("revoked", extra={"reason": reason, **connection.instance.log_fields()})
    connection.rights += 1
    connection.close(CloseReason.REVOKED)
