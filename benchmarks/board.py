"""Queries and CPU of the pages of a ward of 30 beds, rendered in this process."""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.database import migrated
from benchmarks.tables import print_table

BEDS = 30
PAGES = 50
# Of a page, besides what is asked about the person.
LIMIT_QUERIES, LIMIT_MS = 5, 50.0
# Session, user, login; for the links of the board also the person's assignments.
OF_THE_PERSON = {"board": 4}


def measured(call: Callable[[], Any], pages: int) -> tuple[int, float]:
    """Queries of one call, and the median of its CPU in milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call()
    with CaptureQueriesContext(connection) as asked:
        call()
    # Now, for the next request empties the log.
    queries = len(asked)
    took = []
    for _ in range(pages):
        started = time.process_time()
        call()
        took.append((time.process_time() - started) * 1e3)
    return queries, statistics.median(took)


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of each page; all of them belong to the ward of 30 beds."""
    from clinical.models import Patient

    yield "board", "/wards/w00/"
    yield "wall display", "/wards/w00/wall/"
    yield "print", "/wards/w00/print/"
    yield "one patient", f"/patients/{Patient.objects.order_by('bed')[0].pk}/"


def build() -> Any:
    """A browser in which the nurse of the ward is logged in."""
    from random import Random

    from django.test import Client

    from accounts.models import User
    from benchmarks import hospital
    from clinical.demo import vitals
    from clinical.demo.hospital import DRUGS
    from clinical.models import Patient
    from clinical.services import observations, orders

    hospital.build(wards=1, beds=BEDS, readers=1)
    random = Random(1)  # noqa: S311 - the same ward every time
    nurse, doctor = User.objects.get(username="nurse.w00"), User.objects.get(username="doctor.w00")
    for number, patient in enumerate(Patient.objects.order_by("bed")):
        state = vitals.SEPTIC if number % 10 == 0 else vitals.RECOVERING
        observations.record(nurse, patient.pk, vitals.as_entered(random, state))
        if number % 2:
            orders.draft(doctor, patient.pk, DRUGS[number % len(DRUGS)])
    client = Client(SERVER_NAME="localhost")
    client.force_login(nurse)
    return client


def _page(client: Any, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pages")
    options = parser.parse_args()
    with migrated() as environment:
        os.environ.update(environment)
        import django

        django.setup()
        client = build()
        rows = []
        for name, address in pages():
            queries, milliseconds = measured(partial(_page, client, address), 10 if options.quick else PAGES)
            rows.append((name, queries - OF_THE_PERSON.get(name, 3), f"{milliseconds:.1f}"))
    print_table(["page of a ward of 30 beds", "queries", "ms of CPU"], rows)
    print("Without the three or four queries about who asks.", end=" ")
    print(f"The board may cost {LIMIT_QUERIES} queries and {LIMIT_MS:.0f} ms.")


if __name__ == "__main__":
    main()
