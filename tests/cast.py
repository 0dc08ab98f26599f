"""The fixed people of the tests: one of every role, and one nurse of another ward."""

from dataclasses import dataclass, field

from django.utils import timezone

from accounts import tokens
from accounts.models import LoginSession, Role, User

# By the user's number; asked within the test that hired them.
LOGINS: dict[int, LoginSession] = {}

PASSWORD = "correct horse battery staple"


def hire(username: str, role: Role, department: str = "", *, is_active: bool = True) -> User:
    user = User.objects.create_user(
        username, password=PASSWORD, role=role, department=department, is_active=is_active
    )
    # Not by logging in, for which a deactivated one is too late.
    LOGINS[user.pk] = LoginSession.objects.create(
        user=user, expires_at=timezone.now() + tokens.RefreshToken.lifetime
    )
    return user


def token_of(user: User) -> str:
    """An access token of the login that somebody has had since they were hired; asks the database nothing."""
    return tokens.access_for(login_of(user))


def login_of(user: User) -> LoginSession:
    session = LOGINS[user.pk]
    session.user = user
    return session


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
