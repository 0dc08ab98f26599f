"""Staff at work: writes at a steady rate through the product's services, in a process of its own.

Prints one line an event, `ward number time-of-commit`, on the clock that all processes of a machine share.
The mix is that of a hospital's peak minute: what later versions write (doses, tasks) stands for by what is
nearest to it. No other process may write meanwhile, for numbers are counted here.
"""

import argparse
import time
from collections.abc import Callable
from random import Random
from uuid import UUID

import django

django.setup()

from accounts.models import User
from clinical.demo import vitals
from clinical.demo.hospital import DRUGS, FAMILY_NAMES
from clinical.events import ward_feed
from clinical.models import Patient
from clinical.services import observations, orders, patients
from hubs import publisher
from hubs.models import Feed

# Observations with alerts, tasks and acknowledgements 1.6 a second; doses and orders 1.5; admissions 0.5.
OBSERVE, ORDER, ADMIT = 1.6, 1.5, 0.5


class Staff:
    """A nurse and a doctor of every ward, and where each ward's feed stands."""

    def __init__(self, wards: list[str], *, orders_too: bool) -> None:
        self._random = Random(2)  # noqa: S311 - the same work every time
        people = {user.username: user for user in User.objects.filter(username__contains=".w")}
        self._nurses = {ward: people[f"nurse.{ward}"] for ward in wards}
        self._doctors = {ward: people[f"doctor.{ward}"] for ward in wards}
        rows = Patient.objects.filter(ward__in=wards).values_list("pk", "ward")
        self._patients = [(pk, str(ward)) for pk, ward in rows]
        heads = dict(Feed.objects.values_list("name", "head"))
        self._heads = {ward: heads[ward_feed(ward)] for ward in wards}
        self._kinds: list[Callable[[UUID, str], None]] = [self._observe, self._order, self._admit]
        self._weights = [OBSERVE, ORDER if orders_too else 0.0, ADMIT]

    def work(self) -> str:
        """One write; the line that says so."""
        patient, ward = self._random.choice(self._patients)
        self._random.choices(self._kinds, self._weights)[0](patient, ward)
        committed = time.monotonic()
        self._heads[ward] += 1
        return f"{ward} {self._heads[ward]} {committed:.6f}"

    def _observe(self, patient: UUID, ward: str) -> None:
        given = vitals.as_entered(self._random, vitals.drifted(self._random, vitals.WELL, vitals.RECOVERING))
        observations.record(self._nurses[ward], patient, given)

    def _order(self, patient: UUID, ward: str) -> None:
        orders.draft(self._doctors[ward], patient, self._random.choice(DRUGS))

    def _admit(self, patient: UUID, ward: str) -> None:
        patients.change(patient, family_name=self._random.choice(FAMILY_NAMES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, required=True, help="events a second, over all wards")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--wards", nargs="+", required=True)
    parser.add_argument("--without-orders", action="store_true", help="drafts gather, and boards grow")
    options = parser.parse_args()
    staff = Staff(options.wards, orders_too=not options.without_orders)
    started = time.monotonic()
    for number in range(round(options.rate * options.seconds)):
        time.sleep(max(0.0, started + number / options.rate - time.monotonic()))
        print(staff.work(), flush=True)
    publisher.current().flush()


if __name__ == "__main__":
    main()
