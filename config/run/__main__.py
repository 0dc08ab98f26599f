"""`python -m config.run`: runs until Ctrl-C, exit code 0; one sentence and exit code 1 where it cannot."""

import os
import sys

from config.run.errors import CannotRun, Stopped
from config.run.plan import plan_from
from config.run.ward import Ward


def main() -> int:
    try:
        ward = Ward(plan_from(os.environ))
    except CannotRun as error:
        return _fail(error)
    try:
        _say("Starting the ward board ...")
        logins = ward.start()
        _say(f"Logs are in {ward.plan.var / 'log'}.\n\n{logins}\n\n{ward.plan.url}   (Ctrl-C ends it)")
        ward.watch()
    except Stopped:
        _say("\nEnding ...")
    except CannotRun as error:
        return _fail(error)
    finally:
        ward.end()
    return 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this program talks to a person


def _fail(error: CannotRun) -> int:
    print(error, file=sys.stderr, flush=True)  # noqa: T201 - this program talks to a person
    return 1


if __name__ == "__main__":
    sys.exit(main())
