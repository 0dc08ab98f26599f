"""One call: what it asks for, and the checks and steps from its action to its completion."""

import contextvars
import functools
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hubs import errors, filters, metrics, signals
from hubs.actions import Action
from hubs.feeds.grants import Grant
from hubs.permissions import may_call
from hubs.protocol.messages import Completion, StreamItem
from hubs.refusals import Refused
from hubs.uploads import UploadStream

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")


@dataclass(slots=True)
class Lane:
    """One of the places for ordinary calls of a connection, which take turns in it."""

    is_released: bool = False


@dataclass(slots=True, eq=False)
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
    is_completed: bool = False
    # The lane in which an ordinary call runs; None for streams and calls with uploads, which take no turns.
    lane: Lane | None = None
    has_begun: bool = False
    # Set when it is cancelled though its connection stays: what the client is told in place of an answer.
    cancelled_with: Completion | None = None
    outcome: metrics.Outcome = "cancelled"  # until it has ended in another way

    def open_uploads(self) -> dict[str, UploadStream]:
        """The upload streams that it has from now on, by stream id."""
        convert = self.hub.connection.protocol.convert
        for stream_id, parameter in zip(self.stream_ids, self.action.upload_streams, strict=False):
            self.uploads[stream_id] = UploadStream(convert, parameter.type)
        return self.uploads


current_call: contextvars.ContextVar[Call] = contextvars.ContextVar("hubs_current_call")


async def perform(call: Call) -> None:
    """Runs the call and queues its answer; a failure ends the call, never the connection."""
    current_call.set(call)
    started = time.monotonic()
    try:
        completion = await _completion(call)
        if call.invocation_id is not None:
            _send(call, call.cancelled_with or completion)
    finally:
        for upload in call.uploads.values():
            upload.close()
        call.is_completed = True
        for callback in call.when_completed:
            callback(call.outcome == "completed" and call.hub.connection.is_open)
        metrics.called(type(call.hub).__name__, call.action.name, call.outcome)
    if signals.action_finished.receivers:
        outcome = "completed" if call.outcome == "completed" else "failed"
        seconds = time.monotonic() - started
        await signals.send(
            signals.action_finished, call.hub, action=call.action, outcome=outcome, seconds=seconds
        )


async def _completion(call: Call) -> Completion:
    try:
        await authorize(call)
        _check_kind(call)
        run = functools.partial(_run_action, call)
        result = await (filters.around_invoke(call, run) if call.hub.active_filters else run())
        completion = (
            await _stream(call, result) if call.wants_stream else Completion(call.invocation_id or "", result)
        )
        call.outcome = "completed"
        return completion
    except Refused as refusal:
        call.outcome = refusal.outcome
        await signals.send(signals.call_refused, call.hub, target=call.action.name, reason=str(refusal))
        return Completion(call.invocation_id or "", error=str(refusal))
    except Exception as error:  # noqa: BLE001 - an action may raise anything; the client gets a sentence
        return Completion(call.invocation_id or "", error=_told(call, error))


def _check_kind(call: Call) -> None:
    if call.action.is_stream and not call.wants_stream:
        raise Refused(errors.stream_called_as_invocation(call.action.name), "invalid")
    if call.wants_stream and not call.action.is_stream:
        raise Refused(errors.invocation_called_as_stream(call.action.name), "invalid")
    sent, expected = len(call.stream_ids), len(call.action.upload_streams)
    if sent != expected:
        raise Refused(errors.wrong_stream_count(call.action.name, sent, expected), "invalid")


async def _run_action(call: Call) -> Any:
    uploads = _uploads_by_name(call) if call.stream_ids else {}
    result = call.action.function(call.hub, **call.arguments, **uploads)
    return result if hasattr(result, "__aiter__") else await result


async def authorize(call: Call) -> None:
    """Raises Refused, or what a class raises, unless the call is allowed now."""
    # Of who has been sent away nothing is known any more that would say no.
    was_sent_away = call.hub.connection.reason is errors.CloseReason.REVOKED
    if was_sent_away or not await may_call(call.hub, call.action, call.arguments):
        call.hub.dispatcher.refusals.denied(call.action.name)
        raise Refused(errors.unauthorized(call.action.name), "denied")


async def refusal_of(call: Call) -> str | None:
    """What a new call like this one would be told by its permissions; None where they allow it."""
    try:
        allowed = await may_call(call.hub, call.action, call.arguments)
    except errors.Forbidden as error:
        return errors.action_failed(call.action.name, error, detailed=False)
    return None if allowed else errors.unauthorized(call.action.name)


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
        raise Refused(errors.no_stream(call.action.name), "failed")
    grant = Grant(call.hub, view="", action=call.action, arguments=call.arguments, deadline=0.0)
    try:
        async for item in items:
            if call.cancelled_with is not None:
                break  # its code has swallowed the cancellation
            if grant.is_due:
                grant = await _renewed(call, grant)
            connection.send(StreamItem(invocation_id, item))
            await connection.drained()
    except Refused:
        raise
    except Exception as error:
        _log(call, error)
        text = errors.stream_failed(error, detailed=call.hub.connection.options.DETAILED_ERRORS)
        raise Refused(text, call.outcome) from error
    return Completion(invocation_id)


async def _renewed(call: Call, grant: Grant) -> Grant:
    """The stream's grant as it is now. Raises Refused for a right that has ended by itself."""
    if (renewed := await grant.renewed()) is None:
        raise Refused(await refusal_of(call) or errors.unauthorized(call.action.name), "denied")
    return renewed


def _send(call: Call, completion: Completion) -> None:
    """Queues the completion; a result that the protocol cannot carry becomes an error."""
    try:
        call.hub.connection.send(completion)
    except Exception as error:  # noqa: BLE001 - the encoder raises whatever the result's own code raises
        call.hub.connection.send(Completion(completion.invocation_id, error=_told(call, error)))


def _told(call: Call, error: Exception) -> str:
    _log(call, error)
    return errors.action_failed(call.action.name, error, detailed=call.hub.connection.options.DETAILED_ERRORS)


def _log(call: Call, error: Exception) -> None:
    """An answer or a client that has left is one line; anything else is our fault, with its traceback."""
    fields = {"action": call.action.name, **call.hub.log_fields()}
    if isinstance(error, errors.Forbidden):
        call.outcome = "denied"
        call.hub.dispatcher.refusals.denied(call.action.name)
    elif isinstance(error, errors.HubError):
        call.outcome = "refused"
        call.hub.dispatcher.refusals.by_action(call.action.name)
    elif isinstance(error, errors.ClientGone):
        call.outcome = "gone"
        logger.info("client left during a call", extra=fields)
    else:
        call.outcome = "failed"
        logger.error("action failed", extra=fields, exc_info=error)
