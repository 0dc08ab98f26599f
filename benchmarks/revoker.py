"""The office at work: moves readers to another ward, one after the other, in a process of its own.

Prints one line a reader, `number time-of-commit`, on the clock that all processes of a machine share.
"""

import argparse
import time

import django

django.setup()

from accounts.models import User
from benchmarks.hospital import READERS
from hubs import publisher


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="readers a second")
    options = parser.parse_args()
    started = time.monotonic()
    for number in range(options.count):
        time.sleep(max(0.0, started + number / options.rate - time.monotonic()))
        user = User.objects.get(username=f"{READERS}{options.first + number:05}")
        user.department = "elsewhere"
        user.save()
        print(options.first + number, f"{time.monotonic():.6f}", flush=True)
    publisher.current().flush()


if __name__ == "__main__":
    main()
