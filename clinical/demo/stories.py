"""The stories that the simulation tells of a ward, each as steps with the ward's minutes between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from accounts.models import Role
from clinical.demo.scene import Scene
from clinical.demo.shifts import Handover
from clinical.demo.vitals import RECOVERING, WELL, Vitals
from clinical.intervals import interval_of
from clinical.services.stays import Person

# A rising NEWS2: 2, 4, 6 and 11.
WORSE = (
    Vitals(20, 95, 118, 70, 93, Decimal("37.6")),
    Vitals(21, 95, 115, 68, 98, Decimal("37.9")),
    Vitals(22, 94, 107, 64, 106, Decimal("38.2")),
    Vitals(25, 93, 105, 62, 118, Decimal("38.6"), on_oxygen=True),
)
# And falling: 8, 4, 1.
BETTER = (
    Vitals(22, 95, 107, 64, 105, Decimal("38.1"), on_oxygen=True),
    Vitals(19, 95, 114, 68, 96, Decimal("37.8"), on_oxygen=True),
    Vitals(18, 95, 118, 72, 86, Decimal("37.4")),
)
# 5, 10 and 17: temperature, respiration and pulse rise together, pressure falls, and the mind goes last.
SEPSIS = (
    Vitals(22, 94, 113, 62, 99, Decimal("38.5")),
    Vitals(25, 94, 97, 54, 117, Decimal("39.3")),
    Vitals(28, 92, 87, 48, 127, Decimal("39.6"), on_oxygen=True, consciousness="C"),
)
# 10, 7 and 3.
ANTIBIOTICS_WORK = (
    Vitals(24, 94, 97, 56, 113, Decimal("38.8"), on_oxygen=True),
    Vitals(21, 95, 105, 60, 103, Decimal("38.0"), on_oxygen=True),
    Vitals(18, 96, 114, 66, 94, Decimal("37.6"), on_oxygen=True),
)
# Alerts wait for people in real time, at any speed, and so does the story that wants to see others called.
LOOK_SECONDS = 10
MOST_LOOKS = 40


@dataclass(frozen=True)
class Step:
    """What happens so many ward minutes, and besides so many real seconds, after the step before it."""

    minutes: float
    act: Callable[[], object]
    seconds: float = 0


def deterioration(scene: Scene) -> Iterator[Step]:
    """A nurse accepts, a doctor orders, the patient recovers, and the alert ends with its outcome."""
    for number, measured in enumerate(WORSE):
        yield Step(6 if number else 0, partial(scene.observe, measured))
    yield Step(25, partial(scene.accept, Role.NURSE))
    yield Step(4, scene.review)
    yield Step(4, partial(scene.order, "Amoxicillin"))
    for measured in BETTER:
        yield Step(12, partial(scene.observe, measured))
    yield Step(4, partial(scene.resolve, "treated"))


def sepsis(scene: Scene) -> Iterator[Step]:
    """Within half an hour from fever to confusion; the nurse cannot come, and the alert calls others."""
    for number, measured in enumerate(SEPSIS):
        yield Step(10 if number else 0, partial(scene.observe, measured))
    yield Step(2, partial(scene.decline, Role.NURSE))
    for _ in range(MOST_LOOKS):
        yield Step(0, scene.look, seconds=LOOK_SECONDS)
        if scene.is_called_again or scene.is_answered:
            break
    yield Step(1, partial(scene.accept, Role.DOCTOR))
    yield Step(2, scene.review)
    yield Step(3, partial(scene.order, "Piperacillin/tazobactam"))
    for measured in ANTIBIOTICS_WORK:
        yield Step(20, partial(scene.observe, measured))
    yield Step(5, partial(scene.resolve, "treated"))


def transfer(scene: Scene, person: Person, to_ward: str) -> Iterator[Step]:
    """Somebody comes, moves to another ward, and goes home from there."""
    yield Step(0, partial(scene.admit, person))
    yield Step(3, partial(scene.observe, BETTER[1]))
    yield Step(15, partial(scene.observe, BETTER[2]))
    yield Step(5, partial(scene.transfer, to_ward))
    yield Step(5, partial(scene.observe, WELL))
    yield Step(30, partial(scene.observe, WELL))
    yield Step(5, scene.discharge)


def lost_sensor(scene: Scene, person: Person) -> Iterator[Step]:
    """The only sets of somebody who has just come lack the saturation, until there is another sensor.

    The first was measured before they came and is entered late, by so much that the next one is overdue.
    """
    yield Step(0, partial(scene.admit, person))
    late = interval_of("unknown") * 1.5
    yield Step(1, partial(scene.observe, RECOVERING, lost="spo2", ago=late))
    for _ in range(2):
        yield Step(10, partial(scene.observe, RECOVERING, lost="spo2"))
    # The timers look every 5 s.
    yield Step(10, partial(scene.observe, RECOVERING), seconds=8)
    yield Step(40, partial(scene.observe, WELL))
    yield Step(5, scene.discharge)


def shift_change(handover: Handover) -> Iterator[Step]:
    """Who comes is there before those go whom they relieve."""
    yield Step(0, handover.assign)
    yield Step(10, handover.pass_charge)
    yield Step(5, handover.relieve)
