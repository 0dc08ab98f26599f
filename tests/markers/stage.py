"""Run by `manage.py shell` beside a site: puts marks into its database, and forges tokens against it."""

import json
import sys
from typing import Any

from accounts import tokens
from accounts.models import Role, User
from clinical.models import Patient
from tests.accounts import forgeries
from tests.cast import hire, login_of, token_of

NURSE, DOCTOR = "nurse.icu", "doctor.icu"


def prepare(password: str, name: str) -> None:
    """Prints what the story needs to know, as JSON."""
    for username in (NURSE, DOCTOR):
        user = User.objects.get(username=username)
        user.set_password(password)
        user.save()
    patient = Patient.objects.filter(ward="icu").order_by("pk")[0]
    Patient.objects.filter(pk=patient.pk).update(family_name=name)
    victim = hire("nurse.forged", Role.NURSE, "icu")
    forged: dict[str, Any] = {
        "patient": str(patient.pk),
        "access": forgeries.corpus(victim, token_of),
        "refresh": forgeries.corpus(victim, lambda user: tokens.refresh_for(login_of(user))),
        "good": token_of(victim),
    }
    sys.stdout.write(json.dumps(forged))
