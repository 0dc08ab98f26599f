"""The HUBS setting: its documented defaults, and the channel layer that we recommend."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

DEFAULTS: dict[str, Any] = {
    # Dotted path to verify(token: str) -> hubs.auth.Principal, which raises hubs.auth.InvalidToken; runs in
    # a thread.
    "VERIFY": None,
    # Dotted path to renew(principal) -> hubs.auth.Principal, with user and rights as they are now; raises
    # hubs.auth.InvalidToken for one who may not be here any more. Runs in a thread when rights change.
    "RENEW": None,
    # Dotted path to a function that answers {role: user}, one sample of each kind of user, not saved; for
    # `manage.py hubs matrix`.
    "SAMPLE_USERS": None,
    # Dotted path to end_session(sid): ends the login that a token names by its claim `sid`; for the admin
    # site, which cannot end one without it.
    "END_SESSION": None,
    # Origins (scheme://host[:port]) whose pages may use the hubs; ["*"] is every origin.
    "ALLOWED_ORIGINS": None,
    # What counts in a URL. "both": tickets and bearer tokens; "ticket": nothing but tickets, which negotiate
    # hands out; "jwt": bearer tokens only, as SignalR does.
    "QUERY_TOKEN": "both",
    # Below this path `access_token` in the query counts as a bearer token.
    "PATH_PREFIX": "/hubs",
    "HANDSHAKE_TIMEOUT": 15.0,
    # Seconds between pings to a client; must be well below its server time-out of 30 s.
    "KEEP_ALIVE_INTERVAL": 15.0,
    # A client that has pinged once and is then silent for this long is gone.
    "CLIENT_TIMEOUT": 30.0,
    # A connection token opens within this time after negotiate.
    "CONNECT_TIMEOUT": 15.0,
    # A long-polling connection without an open poll is dropped after this time, and a poll ends empty after
    # that one.
    "DISCONNECT_TIMEOUT": 15.0,
    "POLL_TIMEOUT": 90.0,
    # Whether a lost WebSocket may come back to its connection (SignalR's stateful reconnect), and how many
    # bytes wait for the client's acknowledgement before more is held back.
    "STATEFUL_RECONNECT": False,
    "STATEFUL_RECONNECT_BUFFER_SIZE": 100_000,
    # Largest message that a client may send, in bytes.
    "MAXIMUM_RECEIVE_MESSAGE_SIZE": 32_768,
    # Bytes that may wait for one connection before it is closed as too slow.
    "MAXIMUM_SEND_BUFFER_SIZE": 1_048_576,
    # Ordinary calls of one connection that run at once.
    "MAXIMUM_PARALLEL_INVOCATIONS": 1,
    # Calls of one connection that wait for their turn before its receive loop waits as well.
    "MAXIMUM_WAITING_INVOCATIONS": 32,
    # Seconds that a hub waits for a client's answer to `invoke`.
    "CLIENT_RESULT_TIMEOUT": 60.0,
    # Streams, to and from the client, of one connection at once.
    "MAXIMUM_STREAMS": 100,
    # Seconds that calls which still run get to end after their client has left; on_disconnected waits for
    # the first of them only.
    "CALL_GRACE": 30.0,
    # Dotted paths of HubFilter classes for every hub, outermost first.
    "FILTERS": (),
    # {"connection": "100/s", "user": "200/s", "actions": {"OrderMedication": "20/min"}}: calls, unknown and
    # badly shaped ones too, that a worker takes; what is too much fails with a text that says so.
    "RATE_LIMITS": {},
    # Connections of one user and of one address over all workers, and of all on one worker; None: any
    # number. A whole hospital may stand behind one address, so that limit is for whoever knows better.
    "MAXIMUM_CONNECTIONS_PER_USER": 500,
    "MAXIMUM_CONNECTIONS_PER_ADDRESS": None,
    "MAXIMUM_CONNECTIONS_PER_WORKER": 20_000,
    # Refused calls of one connection, a minute, before it is closed.
    "MAXIMUM_REFUSED_CALLS": 1000,
    # Tell the client what went wrong inside an action. Never in production.
    "DETAILED_ERRORS": False,
    # Close at token expiry, with leave to reconnect.
    "CLOSE_ON_EXPIRATION": True,
    # Whether an open connection may take over a newer token of its user (`POST {hub}/refresh?id=`).
    "AUTHENTICATION_REFRESH": True,
    # Seconds between two looks at the heads of the feeds when no wake-up comes; what is lost is repaired, and
    # a withdrawal works, within 5 s, the reading included.
    "FEED_POLL_INTERVAL": 4.0,
    # Seconds for which rights and feeds may go unread before feeds and streams end, with leave to come back.
    "AUTHORITY_TIMEOUT": 30.0,
    # How long events stay in the log, in seconds, and how many of one feed; None: for ever. `manage.py feed
    # prune` takes the others away.
    "FEED_RETENTION_SECONDS": 604_800.0,
    "FEED_RETENTION_EVENTS": 100_000,
    # Seconds over which a worker that goes down tells its clients to come back.
    "DRAIN_SECONDS": 5.0,
    # Seconds between two signs that the feeds are being read, sent to whoever follows one.
    "HEARTBEAT_INTERVAL": 10.0,
    # What /metrics asks for as a bearer token; without one it answers this machine only, and no proxy on it.
    "METRICS_TOKEN": None,
    # Threads for database work, a process.
    "DATABASE_THREADS": 8,
}


class HubsSettings:
    """Attribute access to the HUBS dict over the defaults; follows `override_settings`."""

    def __init__(self) -> None:
        self._cache: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(f"HUBS has no setting {name!r}")
        if name not in self._cache:
            self._cache[name] = getattr(settings, "HUBS", {}).get(name, DEFAULTS[name])
        return self._cache[name]

    @property
    def verify(self) -> Callable[[str], Any]:
        """The function that VERIFY names."""
        if "verify" not in self._cache:
            self._cache["verify"] = import_string(self.VERIFY)
        found: Callable[[str], Any] = self._cache["verify"]
        return found

    @property
    def renew(self) -> Callable[[Any], Any] | None:
        """The function that RENEW names, if there is one."""
        if "renew" not in self._cache:
            self._cache["renew"] = import_string(self.RENEW) if self.RENEW else None
        found: Callable[[Any], Any] | None = self._cache["renew"]
        return found

    @property
    def end_session(self) -> Callable[[str], Any] | None:
        """The function that END_SESSION names, if there is one."""
        if "end_session" not in self._cache:
            self._cache["end_session"] = import_string(self.END_SESSION) if self.END_SESSION else None
        found: Callable[[str], Any] | None = self._cache["end_session"]
        return found

    def reload(self) -> None:
        self._cache.clear()


hubs_settings = HubsSettings()

# What a hub may set for itself, in its `options`.
HUB_OPTIONS = frozenset(
    {
        "AUTHENTICATION_REFRESH",
        "CALL_GRACE",
        "CLIENT_TIMEOUT",
        "CLOSE_ON_EXPIRATION",
        "DETAILED_ERRORS",
        "HANDSHAKE_TIMEOUT",
        "KEEP_ALIVE_INTERVAL",
        "MAXIMUM_PARALLEL_INVOCATIONS",
        "MAXIMUM_RECEIVE_MESSAGE_SIZE",
        "MAXIMUM_SEND_BUFFER_SIZE",
        "MAXIMUM_STREAMS",
        "MAXIMUM_WAITING_INVOCATIONS",
        "STATEFUL_RECONNECT",
    }
)


class HubOptions:
    """The settings as one hub has them: its own `options` over the HUBS dict."""

    __slots__ = ("_own",)

    def __init__(self, own: Mapping[str, Any]) -> None:
        self._own = own

    def __getattr__(self, name: str) -> Any:
        return self._own[name] if name in self._own else getattr(hubs_settings, name)


def _on_setting_changed(*, setting: str, **_: object) -> None:
    if setting == "HUBS":
        hubs_settings.reload()


setting_changed.connect(_on_setting_changed)

REDIS_LAYERS: dict[str, tuple[str, dict[str, Any]]] = {
    "pubsub": ("pubsub.RedisPubSubChannelLayer", {}),
    # A worker has one channel for all of its connections: what Channels grants a single socket is too little.
    "core": ("core.RedisChannelLayer", {"capacity": 10_000}),
}


def redis_channel_layer(
    url: str,
    *,
    secret: str,
    prefix: str = "hubs",
    ca: str = "",
    layer: str = "pubsub",
) -> dict[str, Any]:
    """A CHANNEL_LAYERS entry for Redis that survives idleness, a restart and a stranger in Redis.

    `url` has one of the forms of hubs.redis_urls; `ca` is the PEM text of the authority that signed Redis's
    certificate. Payloads are encrypted with `secret`. Raises ImproperlyConfigured.
    """
    from hubs.redis_urls import host_of

    if layer not in REDIS_LAYERS:
        raise ImproperlyConfigured(f"The Redis layer is one of {' and '.join(REDIS_LAYERS)}, not {layer!r}.")
    backend, options = REDIS_LAYERS[layer]
    key = base64.urlsafe_b64encode(hashlib.sha256(f"hubs.channel-layer:{secret}".encode()).digest())
    # Workers with another secret, as in the middle of its change, would choke on each other's messages.
    own_prefix = f"{prefix}-{hashlib.sha256(key).hexdigest()[:8]}"
    config = {"hosts": [host_of(url, ca)], "prefix": own_prefix, "symmetric_encryption_keys": [key]}
    return {"BACKEND": f"channels_redis.{backend}", "CONFIG": {**config, **options}}
