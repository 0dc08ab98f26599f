"""A process that writes what wards write, until SIGTERM: observations, orders, transfers, steps of alerts.

Each line on its output is one commit, or what prevented it.
"""

import json
import signal
import sys
import time
from random import Random

import django

django.setup()

from django.db import DatabaseError, connection  # noqa: E402 - the apps must be loaded first

from accounts.models import User  # noqa: E402
from clinical.demo import vitals  # noqa: E402
from clinical.demo.hospital import DRUGS  # noqa: E402
from clinical.models import OPEN, Alert, AlertState, Patient, Ward  # noqa: E402
from clinical.services import alerts, observations, orders, patients  # noqa: E402
from hubs.errors import HubError  # noqa: E402

WARDS = ("icu", "cardio")
DECLINED = 0.2  # of all answers to alerts


class Writer:
    """Nurses, doctors and porters of two wards."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._beds = 100  # such a bed has nobody in it

    def step(self) -> str:
        """One write; its name."""
        return self._random.choices(
            [self._observe, self._order, self._move, self._discharge, self._admit, self._answer],
            [50, 15, 15, 5, 5, 10],
        )[0]()

    def _observe(self) -> str:
        patient = self._somebody()
        given = vitals.as_entered(self._random, vitals.state(self._random))
        observations.record(_user("nurse", patient), patient.pk, given)
        return "observation"

    def _order(self) -> str:
        patient = self._somebody()
        orders.draft(_user("doctor", patient), patient.pk, self._random.choice(DRUGS))
        return "order"

    def _move(self) -> str:
        patients.move(self._somebody().pk, self._ward(), self._bed())
        return "move"

    def _discharge(self) -> str:
        patients.discharge(self._somebody().pk)
        return "discharge"

    def _admit(self) -> str:
        """Somebody who was discharged is back, or else somebody moves."""
        gone = Patient.objects.filter(ward=None).order_by("pk").first()
        if gone is None:
            return self._move()
        patients.move(gone.pk, self._ward(), self._bed())
        return "admission"

    def _answer(self) -> str:
        """The next step of an alert: somebody accepts it, is at the bedside, and is done; or cannot."""
        open_ones = Alert.objects.filter(patient__ward__in=WARDS, state__in=OPEN).order_by("raised_at", "pk")
        if not open_ones:
            return self._observe()
        alert = self._random.choice(list(open_ones))
        nurse = _user("nurse", alert.patient)
        if self._random.random() < DECLINED:
            alerts.decline(nurse, alert.pk, "busy")
        elif alert.state == AlertState.RAISED:
            alerts.accept(nurse, alert.pk)
        elif alert.state == AlertState.ACCEPTED:
            alerts.start_review(nurse, alert.pk)
        else:
            alerts.resolve(nurse, alert.pk, "treated")
        return "answer"

    def _somebody(self) -> Patient:
        return self._random.choice(list(Patient.objects.filter(ward__in=WARDS).order_by("pk")))

    def _ward(self) -> Ward:
        return self._random.choice(list(Ward.objects.filter(pk__in=WARDS).order_by("pk")))

    def _bed(self) -> str:
        self._beds += 1
        return str(self._beds)


def _user(role: str, patient: Patient) -> User:
    return User.objects.get(username=f"{role}.{patient.ward_id}")


def main(per_second: float) -> None:
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    writer = Writer(Random(7))
    while not ended:
        started = time.monotonic()
        try:
            line = {"wrote": writer.step(), "at": time.monotonic()}
        except DatabaseError as error:
            # A database that was away comes back through a new connection only.
            connection.close()
            line = {"failed": f"{type(error).__name__}: {error}", "at": time.monotonic()}
        except HubError as error:
            line = {"refused": str(error), "at": time.monotonic()}
        print(json.dumps(line), flush=True)  # noqa: T201 - what this program is for
        time.sleep(max(0.0, started + 1 / per_second - time.monotonic()))


if __name__ == "__main__":
    main(float(sys.argv[1]))
