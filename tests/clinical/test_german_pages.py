"""Every page of a ward in German, each translation between brackets: what stands outside was forgotten."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real

from accounts.models import Role, User
from clinical import bed_rows, forms, urls
from clinical.models import Alert, Assignment, Drug, ObservationSet, Patient, ScoringDecision, Ward
from clinical.services import (
    alert_timers,
    alerts,
    assignments,
    corrections,
    orders,
    scoring_decisions,
    stays,
)
from clinical.services.scoring import Kind
from clinical.services.stays import Place
from tests.brackets import Texts, known, marked, outside
from tests.cast import Cast, hire
from tests.clinical.alarming import HIGH, RED, WELL, observe
from tests.clinical.conftest import admitted
from tests.clinical.services.test_assignments import put_in_charge
from tests.clinical.services.test_observations import given

# What somebody has written by hand.
WRITTEN = "Handschrift"
# They answer no page of their own.
PAGELESS = {
    "alert_step",
    "flag_clear",
    "frequency_revoke",
    "logout",
    "privacy",
    "scoring_revoke",
    "set_language",
    "texts",
}


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """German, with each translation between brackets, ours and Django's."""
    found: Any = trans_real.translation("de")
    catalogues = [
        {key: marked(text) if key and text else text for key, text in each.items()}
        for each in found._catalog._catalogs
    ]
    monkeypatch.setattr(found._catalog, "_catalogs", catalogues)
    for cached in (bed_rows._columns, forms.blank_observation_fields):
        cached.cache_clear()
    yield
    for cached in (bed_rows._columns, forms.blank_observation_fields):
        cached.cache_clear()


class Reader:
    """Somebody who reads pages; remembers which they were, and what in them nobody has translated."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.forgotten: dict[str, set[str]] = {}

    def get(self, user: User | None, path: str, /, *, status: int = 200, **query: str) -> None:
        self._read(path, self._client(user).get(path, query), {status})

    def post(self, user: User | None, path: str, /, **form: str) -> None:
        self._read(path, self._client(user).post(path, form, follow=True), {200, 401, 422})

    def lose(self, user: User, path: str, /, **form: str) -> None:
        """Posts about somebody who is not there."""
        self._read(path, self._client(user).post(path, form), {404})

    def forge(self, user: User, path: str) -> None:
        """Posts without the page's own token."""
        client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "de"})
        client.force_login(user)
        self._read(path, client.post(path), {403})

    def lock(self, user: User) -> None:
        client = self._client(user)
        client.post(reverse("session_lock"))
        self._read("/locked/", client.get("/wards/icu/", follow=True), {200})
        self._read("/locked/", client.post("/locked/", {"password": "wrong"}), {200})

    def read(self, name: str, text: str) -> None:
        data = known(written_by_hand())
        for each in set(Texts(text).found):
            if words := outside(each, data):
                self.forgotten.setdefault(name, set()).add(f"{' '.join(words)} in: {each}")

    def _read(self, path: str, response: Any, statuses: set[int]) -> None:
        assert response.status_code in statuses, path
        page = response.content.decode()
        assert '<html lang="de"' in page
        name = resolve(response.request["PATH_INFO"]).view_name
        self.seen.add(name)
        self.read(name, page)

    def _client(self, user: User | None) -> Client:
        client = Client(headers={"Accept-Language": "de"})
        if user is not None:
            client.force_login(user)
        return client


def written_by_hand() -> set[str]:
    """Names, numbers and reasons: data, and the same in every language."""
    found = {WRITTEN, "icu", "cardio"}
    for user in User.objects.all():
        found |= {user.username, user.display_name, user.department}
    for patient in Patient.objects.all():
        found |= {str(patient), patient.mrn}
    found |= set(Drug.objects.values_list("name", flat=True)) | set(
        Ward.objects.values_list("name", flat=True)
    )
    found |= set(Assignment.objects.values_list("reason", flat=True))
    return found


def path(name: str, *arguments: object) -> str:
    return reverse(name, args=arguments)


@pytest.fixture
def ward(cast: Cast, icu: Ward, cardio: Ward) -> Ward:
    """A ward on which there is one of everything that a page can have to say."""
    Drug.objects.create(name="Paracetamol")
    ill, red, partial, unscored, *others = [admitted(icu, str(bed)) for bed in range(1, 8)]
    observe(cast.nurse, ill, WELL, measured_at=timezone.now() - timedelta(hours=3))
    observe(cast.nurse, ill, HIGH)
    observe(cast.nurse, red, RED)
    observe(cast.nurse, partial, {"pulse": 80, "missing_reason": "asleep"})
    observe(cast.nurse, others[0], HIGH, measured_at=timezone.now() - timedelta(hours=20))
    _decide(cast, unscored)
    _correct(cast, partial)
    _answer(cast, ill, red)
    orders.draft(cast.doctor, ill.pk, "Paracetamol")
    stays.transfer(cast.nurse, others[1].pk, Place("icu", "6"), Place("icu", "8"), uuid.uuid4())
    put_in_charge(cast.nurse, icu, cast.admin)
    stays.swap(cast.nurse, others[1].pk, Place("icu", "8"), "1", uuid.uuid4())
    born = timezone.localdate() - timedelta(days=4000)
    observe(cast.nurse, admitted(icu, "9", born_on=born), WELL)
    alert_timers.work_off()
    return icu


def _decide(cast: Cast, patient: Patient) -> None:
    until = timezone.now() + timedelta(days=1)
    for kind, end in ((Kind.SPO2_SCALE_2, until), (Kind.END_OF_LIFE, None)):
        scoring_decisions.decide(cast.doctor, patient.pk, kind, WRITTEN, end)
    revoked = scoring_decisions.decide(cast.doctor, patient.pk, Kind.PREGNANT, WRITTEN)
    scoring_decisions.revoke(cast.doctor, revoked.pk)
    observe(cast.nurse, patient, WELL)


def _correct(cast: Cast, patient: Patient) -> None:
    first = patient.observation_sets.get()
    corrections.correct(cast.nurse, first.pk, given(pulse=88, temperature=None), WRITTEN)
    observe(cast.nurse, patient, WELL)
    corrections.withdraw(cast.nurse, patient.observation_sets.get(score=0).pk, WRITTEN)


def _answer(cast: Cast, ill: Patient, red: Patient) -> None:
    alert = ill.alerts.get()
    alerts.decline(cast.nurse, alert.pk, "busy", WRITTEN)
    alerts.accept(cast.doctor, alert.pk)
    alerts.start_review(cast.doctor, alert.pk)
    over = red.alerts.get()
    alerts.accept(cast.nurse, over.pk)
    alerts.resolve(cast.nurse, over.pk, "treated", WRITTEN)


@pytest.mark.long  # reads some hundred pages
def test_no_page_has_words_that_nobody_has_translated(cast: Cast, ward: Ward, brackets: None) -> None:
    reader = Reader()
    _board_and_patients(reader, cast)
    _alerts(reader, cast)
    _entry(reader, cast)
    _flags_and_frequencies(reader, cast)
    _staff_and_beds(reader, cast, ward)
    _doors_and_refusals(reader, cast)
    assert reader.forgotten == {}
    assert reader.seen == {each.name for each in _pages(urls.urlpatterns)} - PAGELESS


def _pages(patterns: Any) -> Iterator[Any]:
    for each in patterns:
        yield from _pages(each.url_patterns) if hasattr(each, "url_patterns") else [each]


def _board_and_patients(reader: Reader, cast: Cast) -> None:
    for user in (cast.nurse, cast.doctor, cast.admin):
        reader.get(user, path("ward", "icu"))
    reader.get(cast.nurse, path("print_board", "icu"))
    reader.get(hire("wall", Role.WALL_INITIALS, "icu"), path("wall", "icu"))
    for patient in Patient.objects.filter(ward="icu"):
        reader.get(cast.nurse, path("patient", patient.pk))
        for user in (cast.nurse, cast.doctor):
            reader.get(user, path("scoring", patient.pk))
            reader.get(user, path("observation_sets", patient.pk))
    unscored = ScoringDecision.objects.all()[0].patient_id
    for form in ({}, {"kind": "pregnant", "reason": "\x07"}, {"kind": "end-of-life", "reason": WRITTEN}):
        reader.post(cast.doctor, path("scoring", unscored), **form)


def _alerts(reader: Reader, cast: Cast) -> None:
    reader.get(cast.nurse, path("alerts", "icu"))
    reader.get(cast.doctor, path("alerts", "icu"))
    reader.get(cast.nurse, path("alert_budget", "icu"))
    reader.get(cast.nurse, path("alert_budget", "icu"), days="1")
    for alert in Alert.objects.all():
        for step, word in (("accept", ""), ("review", ""), ("decline", "busy"), ("resolve", "other")):
            reader.post(cast.nurse, path("alert_step", "icu", alert.pk, step), word=word)
    reader.post(cast.nurse, path("alert_step", "icu", uuid.uuid4(), "accept"))


def _entry(reader: Reader, cast: Cast) -> None:
    newest = ObservationSet.objects.filter(corrected_by=None, withdrawn=False, score__isnull=False)[0]
    new, correct = path("observation_new", newest.patient_id), path("observation_correct", newest.pk)
    odd = {"pulse": "190", "temperature": "33,9", "key": str(uuid.uuid4())}
    wrong = {
        "respiration": "x", "spo2": "101", "systolic": "80", "diastolic": "90", "temperature": "98.6",
        "measured_at": "2020-01-01T10:00", "key": str(uuid.uuid4()),
    }  # fmt: skip
    for page in (new, correct):
        reader.get(cast.nurse, page)
        for form in ({}, wrong, {**wrong, "respiration": "", "temperature": "37,123"}):
            reader.post(cast.nurse, page, **form)
    reader.post(cast.nurse, new, **odd)
    reader.post(cast.nurse, correct, key=str(uuid.uuid4()), pulse="80", correction_reason="")
    reader.post(None, new, pulse="80")
    reader.lose(cast.nurse, path("observation_new", uuid.uuid4()), **odd, oxygen="air")
    reader.lose(cast.nurse, path("observation_correct", uuid.uuid4()), **odd, withdrawn="on")
    reader.get(cast.pharmacist, new, status=403)
    replaced = ObservationSet.objects.filter(corrected_by__isnull=False)[0]
    form = {"pulse": "81", "correction_reason": WRITTEN, "key": str(uuid.uuid4())}
    reader.post(cast.nurse, path("observation_correct", replaced.pk), **form)


def _flags_and_frequencies(reader: Reader, cast: Cast) -> None:
    patient = Patient.objects.get(ward="icu", bed="4")
    often, seen = path("frequency", patient.pk), path("flags", patient.pk)
    soon = f"{timezone.now() + timedelta(hours=9):%Y-%m-%dT%H:%M}"
    for form in ({}, {"minutes": "60", "until": "2020-01-01T10:00"}, {"minutes": "60", "until": soon}):
        reader.post(cast.doctor, often, **({"reason": WRITTEN} | form if form else {}))
    reader.post(cast.nurse, often, reason=WRITTEN, minutes="720", until=soon)
    falls, unprintable = {"kind": "falls", "note": WRITTEN}, {"kind": "diabetes", "note": "\x07"}
    for form in ({}, {"kind": WRITTEN}, falls, unprintable):
        reader.post(cast.nurse, seen, **form)
    flag = patient.all_flags.get()
    for name in ("ward", "print_board", "wall", "ward_nurses"):
        reader.get(cast.nurse, path(name, "icu"))
    for form in ({"hours": "8"}, {"beds": "4", "hours": "9"}, {"beds": "99"}, {"beds": "4", "hours": "8"}):
        reader.post(cast.nurse, path("ward_nurses", "icu"), do="give", **form)
    reader.get(cast.admin, path("ward_nurses", "icu"))
    reader.get(cast.pharmacist, path("ward_nurses", "icu"))
    reader.post(cast.nurse, path("flag_clear", flag.pk))
    for name in ("flags", "frequency", "patient"):
        reader.get(cast.nurse, path(name, patient.pk))


def _staff_and_beds(reader: Reader, cast: Cast, ward: Ward) -> None:
    now = timezone.now()
    assignments.assign(
        cast.admin,
        Assignment(
            user=cast.nurse_of_another_ward,
            ward=ward,
            kind="shift",
            begins_at=now,
            ends_at=now + timedelta(hours=8),
            reason=WRITTEN,
        ),
    )
    staff = path("ward_staff", "icu")
    reader.get(cast.nurse, staff)
    reader.get(cast.admin, staff)
    shift = {"key": str(uuid.uuid4()), "kind": "shift", "reason": WRITTEN, "user": "nurse.cardio"}
    later = f"{now + timedelta(hours=6):%Y-%m-%dT%H:%M}"
    for form in (
        {},
        {"user": "nobody"},
        shift,
        {"ends_at": later},
        {"user": "nurse.icu", "ends_at": "2020-01-01T10:00"},
    ):
        reader.post(cast.nurse, staff, **(shift if form else {}) | form)
    end = path("end_assignment", "icu", Assignment.objects.get(kind="shift").pk)
    for at in ("soon", "2020-01-01T10:00", "2099-01-01T10:00"):
        reader.post(cast.nurse, end, ends_at=at)
    reader.get(cast.doctor, staff, status=403)
    _beds(reader, cast)


def _beds(reader: Reader, cast: Cast) -> None:
    admit = path("ward_admit", "icu")
    person = {
        "mrn": "icu-1",
        "family_name": "Byron",
        "given_name": "Ada",
        "born_on": "1960-12-10",
        "bed": "2",
    }
    reader.get(cast.nurse, path("ward_beds", "icu"))
    reader.get(cast.pharmacist, path("ward_beds", "icu"), status=403)
    reader.get(cast.nurse, admit)
    for form in (
        {},
        person,
        person | {"given_name": "Eve"},
        person | {"mrn": "new"},
        {"bed": "#", "born_on": "1800-01-01"},
    ):
        reader.post(cast.nurse, admit, **({"key": str(uuid.uuid4())} | form if form else {}))
    patient = Patient.objects.get(ward="icu", bed="8")
    moves = path("patient_movements", "icu", patient.pk)
    reader.get(cast.nurse, moves)
    seen = {"seen": patient.bed, "ward": "icu", "bed": "2"}
    for form in (
        {"do": "transfer"},
        {"do": "transfer", **seen},
        {"do": "transfer", **seen, "seen": "77"},
        {"do": "transfer", **seen, "bed": "8"},
        {"do": "swap", **seen, "bed": "99"},
    ):
        reader.post(cast.nurse, moves, key=str(uuid.uuid4()), **form)
    stays.discharge(cast.doctor, patient.pk, Place("icu", "8"), WRITTEN, uuid.uuid4())
    reader.post(cast.nurse, moves, key=str(uuid.uuid4()), do="transfer", **seen)


def _doors_and_refusals(reader: Reader, cast: Cast) -> None:
    reader.get(None, path("login"))
    reader.post(None, path("login"))
    reader.post(None, path("login"), username="nurse.icu", password="wrong")
    reader.get(cast.nurse, path("login"))
    reader.lock(cast.doctor)
    reader.get(cast.nurse, path("help"))
    reader.get(cast.admin, path("board"))
    reader.get(cast.visitor, path("board"), status=403)
    reader.get(hire("new.nurse", Role.NURSE), path("board"), status=403)
    reader.get(cast.nurse, path("ward", "nowhere"), status=404)
    reader.forge(cast.nurse, path("privacy", "icu"))
    reader.seen.discard("privacy")
    with translation.override("de"):
        for name in ("400.html", "403.html", "500.html"):
            reader.read(name, render_to_string(name))
