from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.protocol import records


class Score(msgspec.Struct, rename="camel"):
    total: int
    lower_bound: int = 0


class Observation(msgspec.Struct, rename="camel"):
    taken_at: str
    score: Score | None = None
    parts: dict[str, Score] = {}


@dataclass
class Bed:
    wardName: str  # noqa: N815 - the point is that names keep the spelling they are declared with
    number: int = 1


class Row(TypedDict):
    bedNumber: int


class Pair(NamedTuple):
    first: int
    second: int


@pytest.mark.parametrize(
    "to",
    [
        Score,
        Bed,
        Row,
        list[Score],
        tuple[Score, ...],
        dict[str, Score],
        Score | None,
        list[dict[str, Score | None]],
        Annotated[Score, msgspec.Meta(description="x")],
    ],
)
def test_a_record_is_found_wherever_it_stands_in_a_type(to):
    assert records.inside(to)


@pytest.mark.parametrize(
    "to", [int, str, Any, list[int], dict[str, int], int | None, Annotated[int, msgspec.Meta(ge=0)]]
)
def test_other_types_hold_no_record(to):
    assert not records.inside(to)


@pytest.mark.parametrize(
    ("value", "to", "spelled"),
    [
        ({"TOTAL": 3, "LowerBound": 1}, Score, {"total": 3, "lowerBound": 1}),
        ({"wardname": "icu", "NUMBER": 4}, Bed, {"wardName": "icu", "number": 4}),
        ({"BEDNUMBER": 4}, Row, {"bedNumber": 4}),
        ([{"Total": 3}], list[Score], [{"total": 3}]),
        ({"Respiration": {"Total": 3}}, dict[str, Score], {"Respiration": {"total": 3}}),
        ({"Total": 3}, Score | None, {"total": 3}),
        ([{"Total": 3}], list[Score] | Score, [{"total": 3}]),
        ({"Total": 3}, list[int] | Score, {"total": 3}),
        ({"Total": 3}, Annotated[Score, msgspec.Meta(description="x")], {"total": 3}),
        (
            {"TakenAt": "x", "SCORE": {"TOTAL": 1}, "Parts": {"Any": {"Total": 2}}},
            Observation,
            {"takenAt": "x", "score": {"total": 1}, "parts": {"Any": {"total": 2}}},
        ),
    ],
)
def test_members_get_the_spelling_of_the_type(value, to, spelled):
    assert records.spelled(value, to) == spelled


@pytest.mark.parametrize(
    ("value", "to"),
    [
        (None, Score | None),
        (7, Score),
        ("x", Score | str),
        ([1, 2], Pair | None),
        ({"unknown": 1}, Score),
        ({7: 1}, Score),
        ([7], list[Score]),
    ],
)
def test_what_is_no_such_record_stays_as_it_is(value, to):
    assert records.spelled(value, to) == value


def test_unknown_members_keep_their_spelling():
    assert records.spelled({"Total": 1, "NewMember": 2}, Score) == {"total": 1, "NewMember": 2}


@given(st.integers(), st.integers(), st.lists(st.booleans(), min_size=15, max_size=15))
def test_any_mixture_of_cases_is_the_same_record(total, lower, upper):
    def shout(name: str) -> str:
        return "".join(c.upper() if up else c.lower() for c, up in zip(name, upper, strict=False))

    value = {shout("total"): total, shout("lowerBound"): lower}
    assert records.spelled(value, Score) == {"total": total, "lowerBound": lower}
