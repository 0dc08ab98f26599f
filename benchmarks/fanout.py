"""CPU of the server for each message that a publication delivers, ours beside the floor and peers."""

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.crowd import Crowd, Dialogue, crowded
from benchmarks.database import copied, migrated
from benchmarks.process import Server, running, use_load_cores, valkey
from benchmarks.publisher import Publisher, publishing
from benchmarks.tables import print_table, ratio

PORT = "PORT"
GROUPS = [f"ward-{number}" for number in range(5)]
SIZES = [100, 500, 2000, 5000]
STEADY = 5_000  # messages to deliver, one publication at a time
BURST = 100_000  # messages to deliver, published at once: 200 to each group of 100
SHARE_OF_SLOW_PEERS = 0.1  # of both: what they need ten times as long for


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """One application on one server, how its clients enter, and who publishes."""

    name: str
    server: str
    application: str
    dialogue: Dialogue
    publisher: Sequence[str]
    share: float = 1.0

    def command(self, port: int) -> list[str]:
        """What starts its publisher; the floor's comes in at a socket of the server."""
        return [str(port) if word == PORT else word for word in self.publisher]


HUB = "/hubs/fanout"
SIGNALR = Dialogue(
    HUB,
    [
        ('{"protocol":"json","version":1}\x1e', b"{}\x1e"),
        ('{"type":1,"invocationId":"1","target":"Join","arguments":["GROUP"]}\x1e', b'"type":3'),
    ],
)
SOCKET_IO = Dialogue("/socket.io/?EIO=4&transport=websocket&group=GROUP", [("40", b"40{")])
SCRIPT = "benchmarks/peers/socket_io.mjs"


def python_publisher(kind: str, argument: str = PORT) -> list[str]:
    return [sys.executable, "-m", "benchmarks.publisher", kind, argument]


def _on(server: str) -> list[Peer]:
    consumer = "benchmarks.peers.consumer:application"
    slow = SHARE_OF_SLOW_PEERS
    return [
        Peer(
            "floor",
            server,
            "benchmarks.peers.floor:application",
            Dialogue("/?group=GROUP"),
            python_publisher("floor"),
        ),
        Peer("hub", server, "benchmarks.peers.hub:application", SIGNALR, python_publisher("hub")),
        *(
            Peer(
                f"consumer, {layer} layer",
                server,
                consumer,
                Dialogue(f"/{layer}?group=GROUP"),
                python_publisher("layer", layer),
                slow,
            )
            for layer in ("pubsub", "core")
        ),
    ]


PEERS = [
    *_on("daphne"),
    *_on("uvicorn"),
    Peer(
        "python-socketio",
        "uvicorn",
        "benchmarks.peers.python_socketio:application",
        SOCKET_IO,
        python_publisher("socketio"),
        SHARE_OF_SLOW_PEERS * 2,
    ),
    Peer("Socket.IO", "node", SCRIPT, SOCKET_IO, ["node", SCRIPT, "publish"]),
]


@dataclass
class Cost:
    """Microseconds of the server's CPU a delivered message, one figure a repetition, and what was lost."""

    steady: list[float] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    lost: int = 0


@dataclass
class Stage:
    """A peer that runs, with its clients and its publisher."""

    peer: Peer
    server: Server
    crowd: Crowd
    publisher: Publisher
    sockets: int = 0

    def grow(self, sockets: int, groups: Sequence[str] = GROUPS) -> None:
        self.crowd.open(
            [
                self.peer.dialogue.for_group(groups[number % len(groups)])
                for number in range(self.sockets, sockets)
            ]
        )
        self.sockets = sockets

    def steady(self, messages: int, groups: Sequence[str] = GROUPS) -> float:
        """One publication at a time: the next one when all clients of the group have the last one."""
        members = self.sockets // len(groups)
        publications = max(len(groups), int(messages * self.peer.share) // members)
        before, came = self.server.cpu_seconds(), 0
        for number in range(publications):
            self.publisher.publish([groups[number % len(groups)]], 1)
            came += self.crowd.received(members)
        return (self.server.cpu_seconds() - before) / came * 1e6

    def burst(self, messages: int, groups: Sequence[str] = GROUPS) -> tuple[float, int]:
        """As many publications to each group at once as it takes; also what never came."""
        publications = max(2, int(messages * self.peer.share) // self.sockets)
        before = self.server.cpu_seconds()
        self.publisher.publish(groups, publications)
        came = self.crowd.received(publications * self.sockets)
        used = self.server.cpu_seconds() - before
        return used / came * 1e6, publications * self.sockets - came


@contextmanager
def staged(peer: Peer, environment: Mapping[str, str]) -> Iterator[Stage]:
    """The peer with a Valkey and a database of its own, or two hubs would be workers of one site."""
    with (
        copied(environment) as own,
        valkey() as url,
        running(peer.server, peer.application, {**own, "REDIS_URL": url}) as server,
        crowded(server.port) as crowd,
        publishing(peer.command(server.port), {**own, "REDIS_URL": url}) as publisher,
    ):
        yield Stage(peer, server, crowd, publisher)


def measure(stage: Stage, cost: Cost, scale: float) -> None:
    cost.steady.append(stage.steady(int(STEADY * scale)))
    figure, lost = stage.burst(int(BURST * scale))
    cost.burst.append(figure)
    cost.lost += lost


def compare(
    peers: Sequence[Peer], sizes: Sequence[int], repetitions: int, scale: float
) -> dict[tuple[Peer, int], Cost]:
    """All peers at each number of sockets, in turns; the first turn warms up and does not count."""
    costs: dict[tuple[Peer, int], Cost] = {}
    with migrated() as environment, ExitStack() as stack:
        stages = [stack.enter_context(staged(peer, environment)) for peer in peers]
        for size in sizes:
            for stage in stages:
                stage.grow(size)
                measure(stage, Cost(), scale)
            for _ in range(repetitions):
                for stage in stages:
                    measure(stage, costs.setdefault((stage.peer, size), Cost()), scale)
    return costs


def print_costs(costs: Mapping[tuple[Peer, int], Cost]) -> None:
    """One table; ratios are to what one send a message costs on the same server with as many sockets."""
    floors = {
        (peer.server, size): statistics.median(cost.steady)
        for (peer, size), cost in costs.items()
        if peer.name == "floor"
    }
    rows = []
    for (peer, size), cost in costs.items():
        steady, burst = statistics.median(cost.steady), statistics.median(cost.burst)
        floor = floors.get((peer.server, size))
        rows.append(
            [
                peer.name,
                peer.server,
                size,
                f"{steady:.1f}",
                ratio(steady, floor) if floor else "",
                f"{burst:.1f}",
                ratio(burst, floor) if floor else "",
                cost.lost or "",
            ]
        )
    print_table(
        ["application", "server", "sockets", "steady", "to floor", "burst", "to floor", "lost in bursts"],
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", help="the peers whose names begin so, besides the floor")
    parser.add_argument("--sizes", type=int, nargs="*")
    options = parser.parse_args()
    use_load_cores()
    only = (options.only, "floor") if options.only else ("",)
    peers = [each for each in PEERS if each.name.startswith(only)]
    sizes = options.sizes or ([500] if options.quick else SIZES)
    costs = compare(peers, sizes, *((1, 0.2) if options.quick else (3, 1.0)))
    print(f"Microseconds of server CPU a delivered message, {len(GROUPS)} groups")
    print()
    print_costs(costs)


if __name__ == "__main__":
    main()
