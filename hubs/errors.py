"""Every error, text and reason for closing that a client can see; the texts are SignalR's, as recorded."""

from enum import Enum


class HubError(Exception):
    """The one exception whose text is meant for the client; raise it in an action to fail that call."""


class Forbidden(HubError):
    """An action's own check has found that this user may not; logged as a denied action."""


class ClientGone(ConnectionError):
    """The client that was asked, or whose upload was read, has gone: nobody's fault, one line in the log."""


class ProtocolError(Exception):
    """The client broke the protocol in a way that ends its connection; the text is for the log."""


class MessageTooLarge(ProtocolError):
    """A message is larger than MAXIMUM_RECEIVE_MESSAGE_SIZE."""


class HandshakeError(Exception):
    """The handshake is refused; the text is the client's answer."""


class NegotiationError(Exception):
    """The negotiation is refused; the text is the client's answer."""


class BindingError(Exception):
    """The arguments of a call do not fit its action; the text is for the log and for detailed errors."""


CONNECTION_CLOSED = "Connection closed with an error."
HANDSHAKE_CANCELED = "Handshake was canceled."
HANDSHAKE_FAILED = "An unexpected error occurred during connection handshake."
TICKET_USED = "The ticket has opened a connection already."

STREAM_ITEM_NOT_BOUND = "Failed to bind Stream message."
TOO_MANY_CALLS = "Too many calls; wait a moment before the next one."
TOO_MANY_STREAMS = "Too many streams are open on this connection."
TOO_MANY_CONNECTIONS = "Too many connections."
UNAVAILABLE = "What you may see cannot be checked at the moment; try again later."

CONNECTION_ID_REQUIRED = "Connection ID required"
NO_SUCH_CONNECTION = "No Connection with that ID"
POST_TO_WEBSOCKET = "POST requests are not allowed for WebSocket connections."
DELETE_REFUSED = "Cannot terminate this connection using the DELETE endpoint."
CHANGED_TRANSPORT = "Cannot change transports mid-connection"


class CloseReason(Enum):
    """Why a connection ends: (word for the log, `Close.error` or None, may the client reconnect)."""

    CLIENT_CLOSED = ("client closed", None, False)
    CLIENT_LOST = ("client lost", None, False)
    ABORTED = ("aborted by the hub", None, False)
    CONNECT_FAILED = ("on_connected failed", CONNECTION_CLOSED, False)
    PROTOCOL_ERROR = ("protocol error", CONNECTION_CLOSED, True)
    TOO_LARGE = ("message too large", CONNECTION_CLOSED, True)
    CLIENT_TIMEOUT = ("client timed out", CONNECTION_CLOSED, True)
    TOO_SLOW = ("too slow", CONNECTION_CLOSED, True)
    TOO_MANY_REFUSED = ("too many refused calls", CONNECTION_CLOSED, True)
    SERVER_ERROR = ("server error", CONNECTION_CLOSED, True)
    EXPIRED = ("token expired", None, True)
    REPLACED = ("another user signed in", "Another user has signed in.", False)
    REVOKED = ("access withdrawn", "Your access has been withdrawn.", False)
    DISCONNECTED = ("disconnected by the server", None, False)
    GOING_DOWN = ("server going down", None, True)

    def __init__(self, word: str, error: str | None, allow_reconnect: bool) -> None:
        self.word = word
        self.error = error
        self.allow_reconnect = allow_reconnect


def unknown_method(name: str) -> str:
    return f"{invocation_failed(name)} HubException: Method does not exist."


def invocation_failed(name: str) -> str:
    return f"Failed to invoke '{name}' due to an error on the server."


def unauthorized(name: str) -> str:
    return f"Failed to invoke '{name}' because user is unauthorized"


def action_failed(name: str, error: BaseException, *, detailed: bool) -> str:
    return f"An unexpected error occurred invoking '{name}' on the server.{suffix(error, detailed=detailed)}"


def suffix(error: BaseException, *, detailed: bool) -> str:
    """What is told of an exception: everything of a HubError, nothing of another one unless detailed.

    The name in front is SignalR's, because applications take the text apart at "HubException: ".
    """
    if isinstance(error, HubError):
        return f" HubException: {error}"
    return f" {type(error).__name__}: {error}" if detailed else ""


def protocol_not_supported(name: str) -> str:
    return f"The protocol '{name}' is not supported."


def transport_not_supported(transport: str) -> str:
    return f"{transport} transport not supported by this end point type"


def transport_is_not_binary(name: str) -> str:
    return (
        f"Cannot use the '{name}' protocol on the current transport. The transport does not support "
        "'Binary' transfer format."
    )


def version_not_supported(version: int, name: str) -> str:
    return f"The server does not support version {version} of the '{name}' protocol."


def negotiate_version_too_low(version: int) -> str:
    return f"The client requested version '{version}', but the server does not support this version."


NEGOTIATE_VERSION_NOT_A_NUMBER = "The client requested a non-integer protocol version."


def stream_called_as_invocation(name: str) -> str:
    return f"The client attempted to invoke the streaming '{name}' method with a non-streaming invocation."


def invocation_called_as_stream(name: str) -> str:
    return f"The client attempted to invoke the non-streaming '{name}' method with a streaming invocation."


def no_stream(name: str) -> str:
    return (
        f"The value returned by the streaming method '{name}' is not a ChannelReader<> or IAsyncEnumerable<>."
    )


def wrong_stream_count(name: str, sent: int, expected: int) -> str:
    error = HubError(f"Client sent {sent} stream(s), Hub method expects {expected}.")
    return action_failed(name, error, detailed=False)


def stream_failed(error: BaseException, *, detailed: bool) -> str:
    return f"An error occurred on the server while streaming results.{suffix(error, detailed=detailed)}"


def invocation_id_in_use(invocation_id: str) -> str:
    return f"Invocation ID '{invocation_id}' is already in use."
