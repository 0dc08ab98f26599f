"""What this process counts for Prometheus: every metric's name, labels and meaning, and how it is counted."""

import functools
import weakref
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from hubs.errors import CloseReason
    from hubs.registry import Registry

# How a call ends. Denied: its permissions; limited: too many calls; unknown: no such action; invalid: it does
# not fit its action; refused: a HubError of the action; failed: any other exception; gone: its client left.
Outcome = Literal[
    "completed", "failed", "refused", "denied", "limited", "unknown", "invalid", "cancelled", "gone"
]
Lost = Literal["message", "wake-up", "publication"]

LAG_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)  # seconds

_calls = Counter("hubs_calls", "Calls by how they ended.", ["hub", "action", "outcome"])
_closed = Counter("hubs_closed", "Connections that have ended, by reason.", ["hub", "reason"])
_refused = Counter("hubs_refused", "Requests at hubs that were not let in, by reason.", ["reason"])
_delivered = Counter("hubs_delivered", "Messages queued for connections of this worker.", ["kind"])
_lost = Counter("hubs_lost", "What the channel layer or the publisher did not take.", ["what"])
_layer_is_heard = Gauge("hubs_layer_up", "1 while this worker hears the channel layer.")
_layer_losses = Counter("hubs_layer_losses", "How often this worker has lost the channel layer.")
_feed_lag = Histogram("hubs_feed_lag_seconds", "From an event's time to its delivery.", buckets=LAG_BUCKETS)
_rights_lag = Histogram(
    "hubs_rights_lag_seconds",
    "From a change of rights to its effect on connections.",
    buckets=LAG_BUCKETS,
)
_feeds_behind = Gauge("hubs_feed_behind_events", "Events that followers here have still to be sent.")
_feeds_ended = Counter("hubs_feed_ended", "Subscriptions that the server ended, by reason.", ["reason"])
_feeds_unread = Counter("hubs_feed_reads_failed", "Rounds in which the feeds could not be read.")


@functools.cache  # labels() takes as long as all the rest of a count; the names come from the action tables
def _call(hub: str, action: str, outcome: Outcome) -> Counter:
    return _calls.labels(hub, action, outcome)


def called(hub: str, action: str, outcome: Outcome) -> None:
    """One call has ended; `action` is the name in the action table, "" where there is none of that name."""
    _call(hub, action, outcome).inc()


@functools.cache
def _kind(kind: str) -> Counter:
    return _delivered.labels(kind)


def delivered(kind: Literal["feed", "send"], count: int) -> None:
    """Messages were queued: counted once a delivery to many, never once a socket."""
    _kind(kind).inc(count)


def closed(hub: str, reason: "CloseReason") -> None:
    _closed.labels(hub, reason.word).inc()


def refused(reason: str) -> None:
    """A request was not let in; what stands behind a colon is the detail of that one."""
    _refused.labels(reason.partition(":")[0]).inc()


def lost(what: Lost, count: int = 1) -> None:
    _lost.labels(what).inc(count)


def layer(*, up: bool) -> None:
    """This worker hears the channel layer, or does not any more."""
    _layer_is_heard.set(up)
    if not up:
        _layer_losses.inc()


def feed_lag(seconds: float) -> None:
    """An event has been delivered that long after its time: once an event and worker, not once a socket."""
    _feed_lag.observe(max(seconds, 0.0))  # clocks of two machines may differ by a little


def rights_lag(seconds: float) -> None:
    """A change of rights has been worked through here that long after it was written."""
    _rights_lag.observe(max(seconds, 0.0))


def feeds_behind(events: int) -> None:
    _feeds_behind.set(events)


def feed_ended(reason: str) -> None:
    _feeds_ended.labels(reason).inc()


def feeds_unreadable() -> None:
    _feeds_unread.inc()


def text() -> bytes:
    """Everything in Prometheus' text format."""
    return generate_latest(REGISTRY)


class Live(Collector):
    """What is true at this moment, counted when asked for: a walk costs less than two writes a socket."""

    def __init__(self) -> None:
        self._registries: weakref.WeakSet[Registry] = weakref.WeakSet()
        REGISTRY.register(self)

    def add(self, registry: "Registry") -> None:
        self._registries.add(registry)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return [_connections({}), _slow({})]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        connections: Tally[tuple[str, str]] = Tally()
        slow: Tally[str] = Tally()
        for connection in [each for registry in tuple(self._registries) for each in registry]:
            hub = connection.hub.__name__
            connections[hub, connection.transport.name] += 1
            slow[hub] += connection.is_backed_up
        yield _connections(connections)
        yield _slow(slow)


def _connections(counts: Mapping[tuple[str, str], int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("hubs_connections", "Open connections.", labels=["hub", "transport"])
    for labels, count in counts.items():
        family.add_metric(labels, count)
    return family


def _slow(counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily("hubs_slow_connections", "Connections that read slowly.", labels=["hub"])
    for hub, count in counts.items():
        family.add_metric([hub], count)
    return family


live = Live()
