"""On paper: workers, Redis and database for more sockets than a machine has, and what breaks first."""

import math
from dataclasses import dataclass

from benchmarks.costs import Costs, Limits
from benchmarks.tables import print_table

POLL_EVERY = 4.0  # FEED_POLL_INTERVAL
BEAT_EVERY = 5.0  # a worker's row
TOLD_EVERY = 1 / (1 / 10 + 1 / 15)  # HEARTBEAT_INTERVAL and KEEP_ALIVE_INTERVAL together
TOKEN_OPENS_FOR = 15.0  # CONNECT_TIMEOUT: who waits longer between negotiate and upgrade starts over
STEP = 0.1
CPU = "workers' CPU"
NO_NUMBER = 20  # times as many workers as there must be for their sockets: more would not help either


@dataclass(frozen=True, slots=True)
class Load:
    """Who looks on, and what happens."""

    sockets: int
    sockets_a_ward: int = 25
    events_a_ward: float = 0.6  # a second: people at their peak 0.1, monitors that send on every 50 s 0.5

    @property
    def wards(self) -> float:
        return self.sockets / self.sockets_a_ward

    @property
    def events(self) -> float:
        return self.wards * self.events_a_ward


@dataclass(frozen=True, slots=True)
class Layout:
    """How it is put up. `cells` are whole installations, each with database and Redis of its own."""

    name: str
    together: bool = False  # the readers of a ward meet on one worker
    wakes_by_ward: bool = False  # a worker hears of the wards that it follows, instead of all
    cells: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What one cell needs; shares are of what Limits allow, and above 1 it does not work."""

    layout: Layout
    load: Load
    workers: int
    worker_cpu: float
    memory_gib: float
    redis_deliveries: float
    statements: float
    commits: float
    connection_rows: int
    event_gib_a_day: float
    shares: dict[str, float]

    @property
    def fits(self) -> bool:
        return max(self.shares.values()) <= 1

    @property
    def fullest(self) -> str:
        return max(self.shares, key=lambda name: self.shares[name])


def followers(load: Load, layout: Layout, workers: int) -> float:
    """Workers that follow one ward: with readers spread at random, nearly one a reader."""
    if layout.together:
        return 1.0
    return workers * (1 - (1 - 1 / workers) ** load.sockets_a_ward)


def worker_cpu(load: Load, layout: Layout, workers: int, costs: Costs) -> float:
    """Cores that one worker is busy for."""
    followed = followers(load, layout, workers) / workers  # of all wards, the part that one worker follows
    rounds = load.events * followed
    wakes = 0.0 if layout.wakes_by_ward else load.events - rounds
    sockets = load.sockets / workers
    deliveries = load.events * load.sockets_a_ward / workers + sockets / TOLD_EVERY
    return (
        rounds * costs.round_ms / 1e3
        + wakes * costs.wake_us / 1e6
        + deliveries * costs.delivery_us / 1e6
        + sockets * costs.tick_us / 1e6
    )


def answer(whole: Load, layout: Layout, costs: Costs | None = None, limits: Limits | None = None) -> Answer:
    """The fewest workers that carry one cell's part of the load, and what that asks of the rest."""
    costs, limits = costs or Costs(), limits or Limits()
    load = Load(math.ceil(whole.sockets / layout.cells), whole.sockets_a_ward, whole.events_a_ward)
    least = math.ceil(load.sockets / limits.worker_sockets)
    most = NO_NUMBER * (least + 1)
    enough = (n for n in range(least, most) if worker_cpu(load, layout, n, costs) <= limits.worker_cpu)
    workers = next(enough, most)
    following = followers(load, layout, workers)
    heard = following if layout.wakes_by_ward else workers
    deliveries = load.events * heard
    statements = load.events * (costs.statements_a_write + following * costs.statements_a_round) + workers * (
        1 / POLL_EVERY + costs.statements_a_beat / BEAT_EVERY
    )
    cpu = worker_cpu(load, layout, workers, costs)
    return Answer(
        layout=layout,
        load=load,
        workers=workers,
        worker_cpu=cpu,
        memory_gib=(workers * costs.worker_mib + load.sockets * costs.socket_kib / 1024) / 1024,
        redis_deliveries=deliveries,
        statements=statements,
        commits=load.events,
        connection_rows=load.sockets,
        event_gib_a_day=load.events * 86_400 * costs.event_bytes / 2**30,
        shares={
            CPU: cpu / limits.worker_cpu,
            "Redis": deliveries / limits.redis_deliveries,
            "database statements": statements / limits.database_statements,
            "database commits": load.events / limits.database_commits,
        },
    )


def storm(found: Answer, jitter: float, costs: Costs | None = None, limits: Limits | None = None) -> float:
    """Seconds from the last return until the last of a cell's screens is live, all having dropped at once."""
    costs, limits = costs or Costs(), limits or Limits()
    if not found.fits:
        raise ValueError("What does not carry the load has nothing left for a storm.")
    free = found.workers * (1 - found.worker_cpu)
    by_workers = free / (costs.return_ms / 1e3)
    by_database = max(1.0, limits.database_statements - found.statements) / costs.statements_a_return
    builds = found.load.wards * followers(found.load, found.layout, found.workers)
    waiting = builds * costs.snapshot_ms / costs.return_ms  # each board is built once a worker that shows it
    arriving, at = float(found.load.sockets), 0.0
    while arriving > 0 or waiting > 0:
        come = min(arriving, found.load.sockets * STEP / jitter) if jitter else arriving
        arriving -= come
        waiting = max(0.0, waiting + come - min(by_workers, by_database) * STEP)
        at += STEP
    return max(0.0, at - jitter)


def calm_jitter(found: Answer, costs: Costs | None = None, limits: Limits | None = None) -> float:
    """The jitter from which on nobody waits longer than a connection token opens."""
    jitter = 1.0
    while storm(found, jitter, costs, limits) > TOKEN_OPENS_FOR:
        jitter *= 1.25
    return jitter


LAYOUTS = (
    Layout("as it is"),
    Layout("a ward's readers together", together=True),
    Layout("and wake-ups by ward", together=True, wakes_by_ward=True),
)
SOCKETS = (2_000, 10_000, 100_000, 1_000_000)
CELL = 10_000  # sockets of one of many installations
PEOPLE, MONITORS = 0.1, 0.6  # events a second and ward at the peak: entered by hand; and sent by machines too


def scenarios(events_a_ward: float) -> list[Answer]:
    """Every number of sockets in every layout, and as many installations of a size that is known to work."""
    loads = [Load(sockets, events_a_ward=events_a_ward) for sockets in SOCKETS]
    cells = [Layout(f"{sockets // CELL} cells", together=True, cells=sockets // CELL) for sockets in SOCKETS]
    return [answer(load, layout) for load in loads for layout in LAYOUTS] + [
        answer(load, layout) for load, layout in zip(loads, cells, strict=True) if layout.cells > 1
    ]


def rows(answers: list[Answer]) -> list[list[str]]:
    """All figures but the first two are those of one cell."""
    return [
        [f"{each.load.sockets * each.layout.cells:,}", each.layout.name, *_figures(each)] for each in answers
    ]


def _figures(each: Answer) -> list[str]:
    cpu = each.shares[CPU] <= 1
    storms = ["-", "-"]
    if each.fits:
        storms = [f"{storm(each, 0):,.0f} / {storm(each, 30):,.0f} s", f"{calm_jitter(each):,.0f} s"]
    return [
        f"{each.workers:,}" if cpu else "no number",
        f"{each.redis_deliveries:,.0f}" if cpu else "-",
        f"{each.statements:,.0f}" if cpu else "-",
        f"{each.commits:,.0f}",
        f"{each.fullest} {each.shares[each.fullest]:.0%}" if cpu else f"{CPU}",
        *storms,
        "yes" if each.fits else "**no**",
    ]


COLUMNS = [
    *("sockets", "layout", "workers", "Redis deliveries/s", "statements/s", "commits/s", "fullest"),
    *("all back after the last return, jitter 0 / 30 s", "calm jitter", "fits"),
]


def main() -> None:
    for title, events in (("People", PEOPLE), ("People and monitors", MONITORS)):
        print(f"{title}: {events} events a second and ward.\n")
        print_table(COLUMNS, rows(scenarios(events)))
    print_table(
        ["sockets", "wards", "memory of workers", "rows of connections", "events a day, with monitors"],
        [
            [
                *(f"{sockets:,}", f"{found.load.wards:,.0f}", f"{found.memory_gib:,.1f} GiB"),
                *(f"{found.connection_rows:,}", f"{found.event_gib_a_day:,.1f} GiB"),
            ]
            for sockets in SOCKETS
            for found in [answer(Load(sockets), LAYOUTS[-1])]
        ],
    )


if __name__ == "__main__":
    main()
