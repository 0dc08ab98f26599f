"""What the parts cost; what a simulation of more than this machine stands on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU of a worker unless it says otherwise, on Daphne with PostgreSQL.

    Measured by benchmarks/units.py on a quiet machine; memory of a socket by benchmarks/memory.py.
    Estimated: a worker's own memory, and the statements of a return.
    """

    delivery_us: float = 137.0
    round_ms: float = 4.9  # a wake-up for a ward that is followed here: two questions to the log, encoding
    wake_us: float = 246.0  # a wake-up for a ward that nobody follows here
    return_ms: float = 10.4  # negotiate, upgrade, two tokens, a row, subscribing to a snapshot that is there
    snapshot_ms: float = 16.8  # building the board of 25 beds
    tick_us: float = 19.0  # a second of an idle connection, without the heartbeats, which are deliveries
    socket_kib: float = 30.0
    worker_mib: float = 130.0
    # Statements at the database.
    statements_a_round: int = 2
    statements_a_write: int = 11
    statements_a_return: int = 9
    statements_a_snapshot: int = 4
    statements_a_beat: int = 10  # a worker's own sign of life
    event_bytes: float = 1100.0  # a stored event with its indexes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one part takes before it is full: assumptions, from what such machines are known to do."""

    worker_cpu: float = 0.6  # of a core: the rest is for bursts
    worker_sockets: int = 5000
    database_statements: float = 15_000.0  # a second, on 8 cores
    database_commits: float = 3_000.0  # a second, on disks that keep what they confirm
    redis_deliveries: float = 100_000.0  # a second, on its one core
