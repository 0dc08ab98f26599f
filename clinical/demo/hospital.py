"""The demo hospital: its wards, people, drugs and patients, the same from the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from clinical.demo import vitals
from clinical.models import Assignment, Drug, Patient, Ward
from clinical.services import observations, orders, patients, scoring_decisions
from clinical.services.scoring import Kind


@dataclass(frozen=True)
class Login:
    """Somebody of the demo."""

    username: str
    given_name: str
    family_name: str
    role: Role
    department: str = ""


# Slug, name, number of patients.
WARDS = (
    ("icu", "Intensive Care", 10),
    ("cardio", "Cardiology", 16),
    ("surgery", "Surgery", 14),
)
LOGINS = (
    Login("nurse.icu", "Nora", "Lindqvist", Role.NURSE, "icu"),
    Login("doctor.icu", "Daniel", "Okafor", Role.DOCTOR, "icu"),
    Login("pharmacist.icu", "Petra", "Novak", Role.PHARMACIST, "icu"),
    Login("nurse.cardio", "Niall", "Byrne", Role.NURSE, "cardio"),
    Login("doctor.cardio", "Dilara", "Aydin", Role.DOCTOR, "cardio"),
    Login("nurse.surgery", "Naomi", "Feld", Role.NURSE, "surgery"),
    Login("doctor.surgery", "Dario", "Conti", Role.DOCTOR, "surgery"),
    Login("admin", "Alex", "Moreau", Role.ADMIN),
    Login("visitor", "Vera", "Schmidt", Role.VISITOR),
    Login("wall.icu", "Display", "ICU", Role.WALL_INITIALS, "icu"),
    Login("wall.cardio", "Display", "Cardiology", Role.WALL_BEDS, "cardio"),
)
# Nobody can log in as one of them: the simulation acts in their names, not in those of its visitors.
COLLEAGUES = (
    Login("nurse.icu.2", "Noah", "Sommer", Role.NURSE, "icu"),
    Login("nurse.icu.3", "Nadia", "Haddad", Role.NURSE, "icu"),
    Login("doctor.icu.2", "Dorothea", "Lang", Role.DOCTOR, "icu"),
    Login("nurse.cardio.2", "Nina", "Petrov", Role.NURSE, "cardio"),
    Login("nurse.cardio.3", "Nils", "Andersen", Role.NURSE, "cardio"),
    Login("doctor.cardio.2", "David", "Rosen", Role.DOCTOR, "cardio"),
    Login("nurse.surgery.2", "Nuria", "Vidal", Role.NURSE, "surgery"),
    Login("nurse.surgery.3", "Nathan", "Boyle", Role.NURSE, "surgery"),
    Login("doctor.surgery.2", "Deniz", "Arslan", Role.DOCTOR, "surgery"),
)
DRUGS = (
    "Amoxicillin", "Apixaban", "Atorvastatin", "Bisoprolol", "Ceftriaxone", "Dalteparin", "Furosemide",
    "Ibuprofen", "Insulin glargine", "Metformin", "Morphine", "Noradrenaline", "Omeprazole", "Ondansetron",
    "Paracetamol", "Piperacillin/tazobactam", "Potassium chloride", "Ramipril", "Salbutamol", "Vancomycin",
)  # fmt: skip
GIVEN_NAMES = (
    "Agnes", "Ahmed", "Bruno", "Chiara", "Clara", "Emil", "Esther", "Farid", "Greta", "Hanna", "Ivan",
    "Jonas", "Kofi", "Leyla", "Ludwig", "Marta", "Mei", "Olga", "Omar", "Paula", "Rosa",
    "Samuel", "Tomas", "Ursula",
)  # fmt: skip
FAMILY_NAMES = (
    "Abbott", "Bauer", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Horvath", "Ito", "Jansen", "Kaya",
    "Larsen", "Meyer", "Nguyen", "Olsen", "Papadakis", "Quinn", "Rossi", "Silva", "Tanaka", "Urban", "Vogel",
    "Weber", "Yilmaz", "Zeman",
)  # fmt: skip


@transaction.atomic
def build(seed: int, password: str) -> None:
    """Adds what is missing of the demo; nothing that exists is changed."""
    random = Random(seed)  # noqa: S311 - a demo must be repeatable, and keeps no secret
    _hire(LOGINS, password)
    _hire(COLLEAGUES, None)
    for drug in DRUGS:
        Drug.objects.get_or_create(name=drug)
    for ward_id, name, _ in WARDS:
        ward, _ = Ward.objects.get_or_create(id=ward_id, defaults={"name": name})
        _put_in_charge(ward)
    if not Patient.objects.exists():
        for ward_id, _, number in WARDS:
            _fill(random, Ward.objects.get(pk=ward_id), number)


def set_passwords(password: str) -> None:
    """Gives all logins of the demo this password."""
    User.objects.filter(username__in=[login.username for login in LOGINS]).update(
        password=make_password(password)
    )


def _hire(staff: Sequence[Login], password: str | None) -> None:
    """Adds who is missing of them; without a password nobody can log in as one of them."""
    there = set(User.objects.values_list("username", flat=True))
    missing = [login for login in staff if login.username not in there]
    hashed = make_password(password) if missing else ""
    for login in missing:
        is_admin = login.role == Role.ADMIN
        User.objects.create(
            username=login.username,
            first_name=login.given_name,
            last_name=login.family_name,
            role=login.role,
            department=login.department,
            password=hashed,
            is_staff=is_admin,
            is_superuser=is_admin,
        )


def _put_in_charge(ward: Ward) -> None:
    """The ward's nurse, so that somebody may say who else works there."""
    if not ward.assignments.exists():
        Assignment.objects.create(
            user=User.objects.get(username=f"nurse.{ward.pk}"),
            ward=ward,
            kind=Assignment.Kind.HOME,
            in_charge=True,
            reason="nurse in charge",
            granted_by=User.objects.get(username="admin"),
        )


def _fill(random: Random, ward: Ward, number: int) -> None:
    nurse = User.objects.get(username=f"nurse.{ward.pk}")
    doctor = User.objects.get(username=f"doctor.{ward.pk}")
    for bed in range(1, number + 1):
        patient = patients.admit(
            ward=ward,
            bed=str(bed),
            mrn=f"{ward.pk[0].upper()}{random.randint(100_000, 999_999)}{bed:02}",
            given_name=random.choice(GIVEN_NAMES),
            family_name=random.choice(FAMILY_NAMES),
            born_on=date(1936, 1, 1) + timedelta(days=random.randint(0, 65 * 365)),
        )
        if bed % 8 == 5:
            scoring_decisions.decide(doctor, patient.pk, Kind.SPO2_SCALE_2, "Target of 88-92 %: retains CO2.")
        # Somebody has just come and was not yet observed.
        if bed != number:
            _observe(random, nurse, patient)
        if random.random() < 0.2:
            orders.draft(doctor, patient.pk, random.choice(DRUGS))


def _observe(random: Random, nurse: User, patient: Patient) -> None:
    """A few sets of the last hours, the newest at most two hours old."""
    now, course = timezone.now(), vitals.state(random)
    measured = course
    for number in reversed(range(random.randint(2, 4))):
        measured = vitals.drifted(random, measured, course)
        ago = timedelta(hours=3 * number, minutes=random.randint(2, 110))
        observations.record(nurse, patient.pk, vitals.as_entered(random, measured, now - ago))
