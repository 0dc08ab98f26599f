"""Memory of the server for one idle connection: a hub's beside a bare ASGI loop's and those of peers."""

import argparse
import time

from benchmarks.database import migrated
from benchmarks.fanout import GROUPS, PEERS, Stage, staged
from benchmarks.process import use_load_cores
from benchmarks.tables import print_table

FIRST = 50  # sockets: what the first ones load counts once
SETTLE = 2.0  # seconds: a housekeeping round or two belongs to being idle


def kib_a_socket(stage: Stage, sockets: int) -> float:
    stage.grow(FIRST)
    before = stage.server.resident_kib()
    stage.grow(FIRST + sockets)
    time.sleep(SETTLE)
    return (stage.server.resident_kib() - before) / sockets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    sockets = options.sockets or (500 if options.quick else 5000)
    use_load_cores()
    rows = []
    with migrated() as environment:
        for peer in PEERS:
            if "core" in peer.name:
                continue  # idle, it differs in nothing but the layer's own memory
            with staged(peer, environment) as stage:
                rows.append([peer.name, peer.server, f"{kib_a_socket(stage, sockets):.1f}"])
    print(f"KiB of the server for each of {sockets} idle sockets in {len(GROUPS)} groups")
    print()
    print_table(["application", "server", "KiB"], rows)


if __name__ == "__main__":
    main()
