"""The hospital under load: wards, patients and people made by the product's own services, and read back.

A process of its own, which prints JSON: `python -m benchmarks.hospital build|people|boards|counts`.
"""

import argparse
import json
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import django

django.setup()

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction

from accounts import tokens
from accounts.models import Role, User
from clinical.demo import vitals
from clinical.demo.hospital import DRUGS, FAMILY_NAMES, GIVEN_NAMES
from clinical.events import ward_feed
from clinical.models import Drug, Patient, Ward
from clinical.services import observations, patients
from hubs.models import Connection, Feed, Worker

READERS = "reader."


@transaction.atomic
def build(wards: int, beds: int, readers: int) -> None:
    """A hospital in which every reader is a person of its own, as rate limits expect it."""
    random = Random(1)  # noqa: S311 - the same hospital every time
    Drug.objects.bulk_create(Drug(name=name) for name in DRUGS)
    for number in range(wards):
        _ward(random, f"w{number:02}", beds)
    unusable = make_password(None)
    User.objects.bulk_create(
        User(
            username=f"{READERS}{number:05}",
            role=Role.NURSE,
            department=f"w{number % wards:02}",
            password=unusable,
        )
        for number in range(readers)
    )


def _ward(random: Random, slug: str, beds: int) -> None:
    ward = Ward.objects.create(id=slug, name=f"Ward {slug}")
    User.objects.create(username=f"doctor.{slug}", role=Role.DOCTOR, department=slug)
    nurse = User.objects.create(username=f"nurse.{slug}", role=Role.NURSE, department=slug)
    for bed in range(1, beds + 1):
        patient = patients.admit(
            ward=ward,
            bed=str(bed),
            mrn=f"{slug}-{bed:03}",
            given_name=random.choice(GIVEN_NAMES),
            family_name=random.choice(FAMILY_NAMES),
            born_on=date(1950, 1, 1),
        )
        observations.record(nurse, patient.pk, vitals.as_entered(random, vitals.WELL))


def people() -> list[tuple[str, str]]:
    """(ward, fresh access token) of every reader."""
    readers = User.objects.filter(username__startswith=READERS).order_by("username")
    return [(user.department, tokens.access_for(tokens.log_in(user))) for user in readers]


def boards() -> dict[str, Any]:
    """What a screen of each ward must show: the feed's number, and the version of every patient."""
    heads = dict(Feed.objects.values_list("name", "head"))
    wards = Ward.objects.values_list("pk", flat=True)
    found: dict[str, Any] = {ward: {"seq": heads[ward_feed(ward)], "versions": {}} for ward in wards}
    for pk, ward, version in Patient.objects.values_list("pk", "ward", "version"):
        found[ward]["versions"][str(pk)] = version
    return found


def counts() -> dict[str, int]:
    """Rows of what comes and goes."""
    return {"connections": Connection.objects.count(), "workers": Worker.objects.count()}


ANSWERS: dict[str, Callable[[], Any]] = {"people": people, "boards": boards, "counts": counts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*ANSWERS, "build"])
    parser.add_argument("--wards", type=int, default=20)
    parser.add_argument("--beds", type=int, default=25)
    parser.add_argument("--readers", type=int, default=2000)
    options = parser.parse_args()
    if options.what == "build":
        call_command("migrate", verbosity=0)
        build(options.wards, options.beds, options.readers)
    print(json.dumps(ANSWERS.get(options.what, people)()))


if __name__ == "__main__":
    main()
