"""CPU of the server for each delivered event of a feed, and how it grows with feeds and their length."""

import argparse
import statistics
from collections.abc import Mapping, Sequence

from benchmarks.crowd import Dialogue
from benchmarks.database import migrated
from benchmarks.fanout import HUB, SIGNALR, Peer, Stage, python_publisher, staged
from benchmarks.process import use_load_cores
from benchmarks.tables import print_table

SOCKETS = 500
FEW, MANY = 5, 50  # feeds
LENGTH = 20_000  # events in each of the few feeds before the last measurement
PARTS = 40  # a reader that is more than a worker's window of 1,000 events behind is told to reload
STEADY = 5_000  # events to deliver, one at a time
BURST = 50_000  # events to deliver, committed at once: 100 to each feed of 100 readers
FOLLOW = Dialogue(HUB, [(say.replace("Join", "Follow"), answer) for say, answer in SIGNALR.steps])


def _peer(server: str) -> Peer:
    return Peer("feed", server, "benchmarks.peers.hub:application", FOLLOW, python_publisher("feed"))


def _medians(stage: Stage, feeds: Sequence[str], repetitions: int, scale: float) -> tuple[float, float]:
    stage.steady(int(STEADY * scale), feeds)
    stage.burst(int(BURST * scale), feeds)
    steady = [stage.steady(int(STEADY * scale), feeds) for _ in range(repetitions)]
    burst = [stage.burst(int(BURST * scale), feeds)[0] for _ in range(repetitions)]
    return statistics.median(steady), statistics.median(burst)


def measure(
    server: str, environment: Mapping[str, str], repetitions: int, scale: float
) -> list[list[object]]:
    rows: list[list[object]] = []

    def add(what: str, figures: tuple[float, float]) -> None:
        rows.append([server, what, f"{figures[0]:.1f}", f"{figures[1]:.1f}"])

    for count in (FEW, MANY):
        feeds = [f"feed-{number}" for number in range(count)]
        with staged(_peer(server), environment) as stage:
            stage.grow(SOCKETS, feeds)
            add(f"{count} feeds, {SOCKETS // count} readers each", _medians(stage, feeds, repetitions, scale))
            if count == FEW:
                length = int(LENGTH * scale)
                for _ in range(PARTS):
                    stage.publisher.publish(feeds, length // PARTS)
                    stage.crowd.received(length // PARTS * SOCKETS)
                add(f"the same, {length} events longer", _medians(stage, feeds, repetitions, scale))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    use_load_cores()
    choices = (1, 0.2) if options.quick else (3, 1.0)
    with migrated() as environment:
        rows = [row for server in ("daphne", "uvicorn") for row in measure(server, environment, *choices)]
    print(f"Microseconds of server CPU a delivered event, {SOCKETS} sockets")
    print()
    print_table(["server", "feeds", "steady", "burst"], rows)


if __name__ == "__main__":
    main()
