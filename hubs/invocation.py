"""One call: what it asks for, and the checks and steps from its action to its completion."""

import contextvars
import functools
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hubs import errors, filters, signals
from hubs.actions import Action
from hubs.permissions import PermissionRequest, all_granted
from hubs.protocol.messages import Completion, StreamItem
from hubs.uploads import UploadStream

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")


@dataclass(slots=True)
class Lane:
    """One of the places for ordinary calls of a connection, which take turns in it."""

    is_released: bool = False


@dataclass(slots=True)
class Call:
    """A call whose action is known and whose arguments are bound."""

    hub: "Hub"
    action: Action
    arguments: dict[str, Any]
    invocation_id: str | None
    wants_stream: bool
    stream_ids: tuple[str, ...] = ()
    uploads: dict[str, UploadStream] = field(default_factory=dict)
    # Called with True once the completion is queued, with False when the call failed.
    when_completed: list[Callable[[bool], None]] = field(default_factory=list)
    # The lane in which an ordinary call runs; None for streams and calls with uploads, which take no turns.
    lane: Lane | None = None
    has_begun: bool = False
    cancelled_by_client: bool = False


current_call: contextvars.ContextVar[Call] = contextvars.ContextVar("hubs_current_call")


class Refused(Exception):
    """The call is not run; the text is the client's."""


async def perform(call: Call) -> None:
    """Runs the call and queues its answer; a failure ends the call, never the connection."""
    current_call.set(call)
    started = time.monotonic()
    outcome = "cancelled"
    try:
        completion = await _completion(call)
        if call.invocation_id is not None:
            completion = _send(call, completion)
        outcome = "completed" if completion.error is None else "failed"
    finally:
        for upload in call.uploads.values():
            upload.close()
        for callback in call.when_completed:
            callback(outcome == "completed" and call.hub.connection.is_open)
    if signals.action_finished.receivers:
        seconds = time.monotonic() - started
        await signals.send(
            signals.action_finished, call.hub, action=call.action, outcome=outcome, seconds=seconds
        )


async def _completion(call: Call) -> Completion:
    try:
        await _authorize(call)
        _check_kind(call)
        run = functools.partial(_run_action, call)
        result = await (filters.around_invoke(call, run) if call.hub.active_filters else run())
        if call.wants_stream:
            return await _stream(call, result)
        return Completion(call.invocation_id or "", result)
    except Refused as refusal:
        await signals.send(signals.call_refused, call.hub, target=call.action.name, reason=str(refusal))
        return Completion(call.invocation_id or "", error=str(refusal))
    except Exception as error:  # noqa: BLE001 - an action may raise anything; the client gets a sentence
        return Completion(call.invocation_id or "", error=_told(call, error))


def _check_kind(call: Call) -> None:
    if call.action.is_stream and not call.wants_stream:
        raise Refused(errors.stream_called_as_invocation(call.action.name))
    if call.wants_stream and not call.action.is_stream:
        raise Refused(errors.invocation_called_as_stream(call.action.name))
    sent, expected = len(call.stream_ids), len(call.action.upload_streams)
    if sent != expected:
        raise Refused(errors.wrong_stream_count(call.action.name, sent, expected))


async def _run_action(call: Call) -> Any:
    uploads = _uploads_by_name(call) if call.stream_ids else {}
    result = call.action.function(call.hub, **call.arguments, **uploads)
    return result if hasattr(result, "__aiter__") else await result


async def _authorize(call: Call) -> None:
    request = PermissionRequest(
        user=call.hub.user,
        claims=call.hub.claims,
        hub=type(call.hub),
        scope=call.hub.scope,
        action=call.action,
        arguments=call.arguments,
    )
    classes = (*type(call.hub).permission_classes, *(call.action.permission_classes or ()))
    if call.action.permission_classes == () or not await all_granted(classes, request):
        logger.warning("denied", extra={"action": call.action.name, **call.hub.log_fields()})
        raise Refused(errors.unauthorized(call.action.name))


def _uploads_by_name(call: Call) -> dict[str, UploadStream]:
    streams = (call.uploads[stream_id] for stream_id in call.stream_ids)
    return {
        parameter.name: stream for parameter, stream in zip(call.action.upload_streams, streams, strict=True)
    }


async def _stream(call: Call, items: AsyncIterator[Any]) -> Completion:
    """Sends the items as they come, as fast as the client reads them."""
    connection = call.hub.connection
    invocation_id = call.invocation_id or ""
    if not hasattr(items, "__aiter__"):
        raise Refused(errors.no_stream(call.action.name))
    try:
        async for item in items:
            connection.send(StreamItem(invocation_id, item))
            await connection.drained()
    except Exception as error:
        _log(call, error)
        raise Refused(
            errors.stream_failed(error, detailed=call.hub.connection.options.DETAILED_ERRORS)
        ) from error
    return Completion(invocation_id)


def _send(call: Call, completion: Completion) -> Completion:
    """Queues the completion; a result that the protocol cannot carry becomes an error."""
    try:
        call.hub.connection.send(completion)
    except Exception as error:  # noqa: BLE001 - the encoder raises whatever the result's own code raises
        completion = Completion(completion.invocation_id, error=_told(call, error))
        call.hub.connection.send(completion)
    return completion


def _told(call: Call, error: Exception) -> str:
    _log(call, error)
    return errors.action_failed(call.action.name, error, detailed=call.hub.connection.options.DETAILED_ERRORS)


def _log(call: Call, error: Exception) -> None:
    """A HubError is an answer, one line; anything else is our fault and comes with its traceback."""
    fields = {"action": call.action.name, **call.hub.log_fields()}
    if isinstance(error, errors.Forbidden):
        logger.warning("denied", extra=fields)
    elif isinstance(error, errors.HubError):
        logger.info("call refused by its action", extra=fields)
    else:
        logger.error("action failed", extra=fields, exc_info=error)
