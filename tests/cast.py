"""The fixed people of the tests: one of every role, and one nurse of another ward."""

from dataclasses import dataclass, field

from accounts.models import Role, User

PASSWORD = "correct horse battery staple"


def hire(username: str, role: Role, department: str = "", *, is_active: bool = True) -> User:
    return User.objects.create_user(
        username, password=PASSWORD, role=role, department=department, is_active=is_active
    )


@dataclass
class Cast:
    """Everybody at once; ask for it where the database is open."""

    nurse: User = field(default_factory=lambda: hire("nurse.icu", Role.NURSE, "icu"))
    doctor: User = field(default_factory=lambda: hire("doctor.icu", Role.DOCTOR, "icu"))
    pharmacist: User = field(default_factory=lambda: hire("pharmacist.icu", Role.PHARMACIST, "icu"))
    nurse_of_another_ward: User = field(default_factory=lambda: hire("nurse.cardio", Role.NURSE, "cardio"))
    doctor_of_another_ward: User = field(default_factory=lambda: hire("doctor.cardio", Role.DOCTOR, "cardio"))
    admin: User = field(default_factory=lambda: hire("admin", Role.ADMIN))
    visitor: User = field(default_factory=lambda: hire("visitor", Role.VISITOR, "icu"))
    deactivated: User = field(
        default_factory=lambda: hire("former.nurse", Role.NURSE, "icu", is_active=False)
    )
