"""`make run`: Valkey, one Daphne, the timers and the simulator."""

from config.run import commands
from config.run.answers import http_answers
from config.run.parts import Parts


class Ward(Parts):
    """The product at a desk: one server, SQLite."""

    def start(self) -> str:
        """Returns what seed_demo says of the logins."""
        self._environment = self.plan.environment(self.plan.redis_url or self._start_valkey())
        logins = self._prepare()
        host, port = self.plan.reachable_address, self.plan.port
        daphne = commands.daphne(self.plan.address, port)
        self._wait(self._start("server", daphne), lambda: http_answers(host, port))
        self._start("timers", commands.manage("run_timers"))
        self._start("simulator", commands.manage("simulate_ward"))
        return logins
