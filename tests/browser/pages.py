"""Every page of the product in every state that somebody gets to see, for tests that look at all of them."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.conftest import Screen

# Of the ward's pages, those that a nurse in charge gets to see.
OF_THE_WARD = ("", "print/", "wall/", "alerts/", "alerts/budget/", "beds/", "nurses/", "staff/", "admit/")
OF_THE_STAY = ("", "?hours=72", "observations/", "scoring/", "frequency/", "flags/")


def patient_of(screen: Screen, bed: str) -> str:
    return str(screen.row(bed).get_attribute("data-patient"))


def of_a_nurse(nurse: Screen) -> Iterator[str]:
    """Leads through the pages of a nurse in charge, from the board on; names each when it is there."""
    patient = patient_of(nurse, "2")
    of_the_ward = [f"/wards/icu/{page}" for page in (*OF_THE_WARD, f"beds/{patient}/")]
    of_the_stay = [f"/patients/{patient}/{page}" for page in OF_THE_STAY]
    for path in (*of_the_ward, *of_the_stay, "/help/", "/nowhere/"):
        nurse.page.goto(nurse.url + path)
        yield path.replace(patient, "patient")
    yield from _refused_forms(nurse, patient)
    yield from _panel_and_lock(nurse)


def _refused_forms(nurse: Screen, patient: str) -> Iterator[str]:
    """Forms that were sent as nobody should."""
    for path, button in (("admit/", "Admit"), ("staff/", "Assign"), (f"beds/{patient}/", "Move")):
        nurse.page.goto(f"{nurse.url}/wards/icu/{path}")
        nurse.page.get_by_role("button", name=button, exact=True).click()
        expect(nurse.page.locator(".field-error:not(:empty), .message-bad:not(:empty)").first).to_be_visible()
        yield f"{button} is refused"


def _panel_and_lock(nurse: Screen) -> Iterator[str]:
    nurse.page.goto(f"{nurse.url}/wards/icu/")
    nurse.wait_until("live")
    nurse.open_bed("1")
    yield "bed"
    nurse.enter(temperature="99", missing_reason="refused")
    nurse.save()
    expect(nurse.panel.locator("[data-error=temperature]")).not_to_be_empty()
    yield "bed with an error"
    nurse.enter(pulse="212", temperature="37")
    nurse.save()
    expect(nurse.panel.get_by_text("Pulse 212 is unusual.")).to_be_visible()
    yield "bed with a question"
    for _ in range(2):
        nurse.panel.get_by_role("button", name="Close").click()
    nurse.page.get_by_role("button", name="Lock", exact=True).click()
    expect(nurse.page.get_by_role("heading", name="Locked")).to_be_visible()
    yield "locked"
    nurse.page.reload()
    nurse.page.get_by_label("Password of").fill("wrong")
    nurse.page.keyboard.press("Enter")
    expect(nurse.page.get_by_text("The password is not right.")).to_be_visible()
    yield "locked, wrong password"


def of_a_doctor(doctor: Screen) -> Iterator[str]:
    """What a doctor sees beside that, up to a set whose login has ended."""
    page, patient = doctor.page, patient_of(doctor, "2")
    page.goto(f"{doctor.url}/patients/{patient}/scoring/")
    yield "scoring"
    page.get_by_label("Decision").select_option("pregnant")
    page.get_by_label("Reason").fill("x")
    page.get_by_label("Until").fill("2040-01-01T00:00")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".message-bad")).to_be_visible()
    yield "scoring is refused"
    page.goto(f"{doctor.url}/patients/{patient}/observations/")
    page.get_by_role("link", name="Correct").first.click()
    yield "correction"
    page.goto(f"{doctor.url}/patients/{patient}/observations/new/")
    yield "entry"
    page.get_by_label("Pulse").fill("212")
    page.get_by_role("button", name="Save observations").click()
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    yield "entry with a question"
    page.goto(f"{doctor.url}/wards/icu/staff/")
    yield "no access"
    page.goto(f"{doctor.url}/patients/{patient}/observations/new/")
    page.context.clear_cookies()
    page.get_by_label("Pulse").fill("80")
    page.get_by_role("button", name="Save observations").click()
    expect(page.get_by_role("heading", name="Not saved yet")).to_be_visible()
    yield "entry kept"


def of_an_administrator(admin: Screen) -> Iterator[str]:
    """The choice of a ward, and the way out and in again."""
    yield "wards"
    admin.page.get_by_role("button", name="Log out").click()
    yield "login"
    admin.page.get_by_label("User name").fill("admin")
    admin.page.get_by_label("Password").fill("wrong")
    admin.page.get_by_role("button", name="Log in").click()
    expect(admin.page.get_by_role("alert")).to_be_visible()
    yield "login, wrong password"
