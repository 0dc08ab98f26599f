"""`python -m config.run`: runs until Ctrl-C, exit code 0; one sentence and exit code 1 where it cannot.

With the word `serve` it is `make serve`, else `make run`.
"""

import os
import sys
from collections.abc import Sequence

from config.run.errors import CannotRun, Stopped
from config.run.parts import Parts
from config.run.plan import plan_from
from config.run.serve import Service
from config.run.terminal import complain, say
from config.run.ward import Ward


def main(arguments: Sequence[str]) -> int:
    serving = list(arguments) == ["serve"]
    try:
        plan = plan_from(os.environ, serving=serving)
        parts = Service(plan) if serving else Ward(plan)
    except CannotRun as error:
        return _fail(error)
    return _run(parts)


def _run(parts: Parts) -> int:
    plan = parts.plan
    try:
        say("Starting the ward board ...")
        logins = parts.start()
        say(f"Logs are in {plan.var / 'log'}.\n\n{logins}\n\n{plan.url}   (Ctrl-C ends it)")
        parts.watch()
    except Stopped:
        say("\nEnding ...")
    except CannotRun as error:
        return _fail(error)
    finally:
        parts.end()
    return 0


def _fail(error: CannotRun) -> int:
    complain(error)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
