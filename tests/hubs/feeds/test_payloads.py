"""Payloads are typed and versioned by their class, and a slip in saying so is found at once."""

from typing import ClassVar

import msgspec
import pytest

from hubs.feeds import payloads
from tests.hubs.feeds.events import ObservationRecorded, PatientMoved


class FieldByMistake(msgspec.Struct):
    SCHEMA: int = 2


class NoNumber(msgspec.Struct):
    SCHEMA: ClassVar[str] = "2"


class NoVersion(msgspec.Struct):
    SCHEMA: ClassVar[int] = 0


class Heir(PatientMoved, frozen=True):
    pass


class NumberAsKey(msgspec.Struct):
    merge_key: int = 7


def test_the_version_of_a_shape_is_no_part_of_the_payload():
    assert payloads.payload_of(PatientMoved("a")) == '{"patientId":"a","bed":"1"}'
    assert payloads.name_of(PatientMoved("a")) == "PatientMoved"


def test_a_shape_is_in_its_first_version_until_its_class_says_otherwise():
    assert payloads.schema_of(ObservationRecorded) == 1
    assert payloads.schema_of(PatientMoved) == payloads.schema_of(Heir) == 2


@pytest.mark.parametrize("kind", [FieldByMistake, NoNumber, NoVersion])
def test_a_version_that_is_none_is_refused(kind):
    with pytest.raises(TypeError, match=f"SCHEMA of {kind.__name__}"):
        payloads.schema_of(kind)


def test_only_an_event_that_says_what_it_replaces_can_be_merged():
    assert payloads.merge_key_of(PatientMoved("a")) == "a"
    assert payloads.merge_key_of(ObservationRecorded("a")) == ""


def test_a_merge_key_is_text():
    with pytest.raises(TypeError, match="merge_key of NumberAsKey"):
        payloads.merge_key_of(NumberAsKey())
