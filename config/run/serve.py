"""`make serve`: nginx, workers, PostgreSQL and Valkey on one machine, as deploy/ has them on real ones."""

import signal
import socket
import time
from dataclasses import dataclass, field

from config.run import commands, nginx, postgres, restart
from config.run.answers import http_answers, postgres_answers, worker_is_ready
from config.run.errors import CannotRun
from config.run.parts import Parts
from config.run.plan import Plan, free_port
from config.run.processes import Process
from config.run.terminal import say

LAST_GOODBYES = 15.0  # seconds that a worker gets beyond DRAIN_SECONDS before it is killed


@dataclass(slots=True)
class Worker:
    """A worker's place: the port is its own also while no process listens there."""

    name: str
    process: Process | None = None
    _reservation: socket.socket = field(default_factory=socket.socket)

    def __post_init__(self) -> None:
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        port: int = self._reservation.getsockname()[1]
        return port


class Service(Parts):
    """The product as a hospital runs it, but for TLS: any worker takes any request."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        signal.signal(restart.SIGNAL, self._note)
        self._workers = [Worker(f"worker-{number + 1}") for number in range(plan.workers)]

    def start(self) -> str:
        """Returns what seed_demo says of the logins."""
        restart.offer(self.plan.var)
        database_url = self.plan.database_url or self._start_postgres()
        redis_url = self.plan.redis_url or self._start_valkey()
        self._environment = {
            **self.plan.environment(redis_url),
            "DATABASE_URL": database_url,
            # As in production: no token that lasts stands in a URL.
            "QUERY_TOKEN": "ticket",
        }
        logins = self._prepare()
        for worker in self._workers:
            self._start_worker(worker)
        for worker in self._workers:
            self._wait_until_ready(worker)
        self._start_nginx()
        self._start("timers", commands.manage("run_timers"))
        self._start("simulator", commands.manage("simulate_ward"))
        return logins

    def end(self) -> None:
        """nginx first: nobody is there any more to whom a worker could say goodbye."""
        while self._parts and self._parts[-1] not in [worker.process for worker in self._workers]:
            self._parts.pop().end()
        for worker in self._workers:
            if worker.process is not None:
                # Asked again below, a worker ends at once.
                worker.process.ask_to_end()
        super().end()

    def _start_postgres(self) -> str:
        folder, port = self.plan.var.resolve() / "postgres", free_port()
        postgres.create(folder)
        # SIGINT has it cut its clients off; SIGTERM would wait for them.
        command = postgres.command(folder, port)
        part = self._start("postgresql", command, stop_signal=signal.SIGINT)
        url = postgres.url(folder, port)
        self._wait(part, lambda: postgres_answers(url))
        return url

    def _start_worker(self, worker: Worker) -> None:
        worker.process = self._start(worker.name, commands.worker(self.plan.server, worker.port))

    def _wait_until_ready(self, worker: Worker) -> None:
        assert worker.process is not None, "it has just been started"
        self._wait(worker.process, lambda: worker_is_ready(worker.port))

    def _start_nginx(self) -> None:
        (self.plan.var / "nginx").mkdir(exist_ok=True)
        path = nginx.write(self.plan, [worker.port for worker in self._workers])
        part = self._start("nginx", commands.nginx(path, self.plan.var / "log" / "nginx.log"))
        host, port = self.plan.reachable_address, self.plan.port
        self._wait(part, lambda: http_answers(host, port))

    def _act_on(self, number: int) -> None:
        if number == restart.SIGNAL:
            restart.report(self.plan.var, self._restarted())

    def _restarted(self) -> str:
        """One worker after the other; one that does not come back ends it, and the rest go on serving."""
        for worker in self._workers:
            say(f"Restarting {worker.name} ...")
            try:
                self._end_worker(worker)
                self._start_worker(worker)
                self._wait_until_ready(worker)
            except CannotRun as error:
                self._drop(worker)
                return f"{error} The rolling restart has stopped there; the other workers go on."
        return restart.DONE

    def _end_worker(self, worker: Worker) -> None:
        """Until its clients have gone to the others, or its time is over."""
        if worker.process is None:
            return
        deadline = time.monotonic() + float(self.plan.drain_seconds) + LAST_GOODBYES
        worker.process.ask_to_end()
        while worker.process.exit_code is None and time.monotonic() < deadline:
            self._pause()
        self._drop(worker)

    def _drop(self, worker: Worker) -> None:
        if worker.process is not None:
            worker.process.kill()
            self._parts.remove(worker.process)
            worker.process = None
