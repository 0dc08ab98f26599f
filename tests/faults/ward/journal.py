"""What a reader writes down of the feeds it follows: every event in its place, and all that must not be."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """One event as it came."""

    after: int
    seq: int
    name: str
    payload: dict[str, Any]
    at: float  # monotonic seconds
    resumed: bool


@dataclass
class Chain:
    """The events since one snapshot, over however many connections."""

    feed: str
    epoch: int
    start: int  # the snapshot's number
    at: float
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def held(self) -> int:
        return self.deliveries[-1].seq if self.deliveries else self.start


@dataclass
class Journal:
    """All chains of one reader, oldest first, and its complaints."""

    reader: str
    chains: list[Chain] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    # Why the server has ended feeds on connections that stayed.
    endings: list[str] = field(default_factory=list)
    resumes: int = 0
    connections: int = 0

    def complain(self, text: str) -> None:
        self.complaints.append(f"{self.reader}: {text}")

    def chain(self, feed: str) -> Chain | None:
        """The one that goes on."""
        return next((chain for chain in reversed(self.chains) if chain.feed == feed), None)

    def snapshot(self, feed: str, epoch: int, seq: int, at: float) -> None:
        self.chains.append(Chain(feed, epoch, seq, at))

    def deliver(
        self, payload: dict[str, Any], name: str, envelope: dict[str, Any], at: float, *, resumed: bool
    ) -> bool:
        """Whether the event fits behind what is held; if not, that is a complaint."""
        chain = self.chain(envelope["feed"])
        after, seq = envelope["after"], envelope["seq"]
        if chain is None or envelope["epoch"] != chain.epoch or after != chain.held or seq <= after:
            held = None if chain is None else (chain.epoch, chain.held)
            self.complain(f"{name} came with {envelope} where {held} was held")
            return False
        chain.deliveries.append(Delivery(after, seq, name, payload, at, resumed))
        return True

    @property
    def reloads(self) -> int:
        """Snapshots after the first of each feed."""
        return len(self.chains) - len({chain.feed for chain in self.chains})

    @property
    def resumed(self) -> int:
        """Events that came as the answer to what was held."""
        return sum(each.resumed for chain in self.chains for each in chain.deliveries)
