import json
from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from hubs.actions import action
from hubs.errors import BindingError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol import json_protocol


class Order(msgspec.Struct, rename="camel"):
    drug_name: str
    dose: Decimal | None = None


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def order_medication(self, patient_id: UUID, order: Order) -> None:
        """Start a medication order."""

    @action(name="Renamed")
    async def old_name(self) -> None: ...

    @action(permission_classes=[BasePermission])
    async def closed(self) -> None: ...

    @action
    async def with_default(self, first: int, second: int = 2) -> None: ...

    @action
    async def count(self, end: int):
        yield end

    @action
    async def later(self) -> AsyncIterator[int]:
        return self.count(1)

    @action
    async def upload(self, first: AsyncIterator[int], name: str, second: AsyncIterator[str]) -> None: ...

    async def not_an_action(self) -> None: ...


def bound(name: str, *arguments):
    raw = [msgspec.Raw(json.dumps(argument).encode()) for argument in arguments]
    found = Desk.actions().get(name)
    assert found is not None
    return found.bind(raw, json_protocol.convert)


def test_a_method_is_called_in_pascal_case():
    assert Desk.actions().get("OrderMedication").name == "OrderMedication"


@pytest.mark.parametrize("name", ["ordermedication", "ORDERMEDICATION", "orderMedication"])
def test_a_name_is_found_without_regard_to_case(name):
    assert Desk.actions().get(name).name == "OrderMedication"


def test_a_renamed_action_has_its_new_name_only():
    assert Desk.actions().get("renamed").name == "Renamed"
    assert Desk.actions().get("OldName") is None


@pytest.mark.parametrize(
    "name",
    [
        "NotAnAction",
        "not_an_action",
        "on_connected",
        "OnConnected",
        "order_medication",
        "abort",
        "__init__",
        "",
    ],
)
def test_what_is_not_marked_cannot_be_called(name):
    assert Desk.actions().get(name) is None


def test_arguments_are_bound_by_their_annotations():
    patient = "0b8f2a9e-0000-4000-8000-00000000000a"
    assert bound("OrderMedication", patient, {"drugName": "Aspirin", "dose": 100}) == {
        "patient_id": UUID(patient),
        "order": Order("Aspirin", Decimal(100)),
    }


def test_a_record_is_bound_without_regard_to_the_case_of_its_members():
    patient = "0b8f2a9e-0000-4000-8000-00000000000a"
    assert bound("OrderMedication", patient, {"DrugName": "Aspirin"})["order"] == Order("Aspirin")


def test_an_argument_with_a_default_may_be_left_out():
    assert bound("WithDefault", 1) == {"first": 1}
    assert bound("WithDefault", 1, 5) == {"first": 1, "second": 5}


@pytest.mark.parametrize(("arguments", "given"), [((), 0), ((1, 2, 3), 3)])
def test_another_number_of_arguments_does_not_bind(arguments, given):
    with pytest.raises(
        BindingError, match=rf"^Invocation provides {given} argument\(s\) but target expects 2\.$"
    ):
        bound("WithDefault", *arguments)


@pytest.mark.parametrize("value", ["1", None, 1.5, [1], {}, True, 10**30])
def test_IN_1_an_argument_of_another_type_does_not_bind(value):
    if value == 10**30:
        assert bound("WithDefault", value) == {"first": value}
        return
    with pytest.raises(BindingError, match=r"^Error binding arguments\. Make sure that the types"):
        bound("WithDefault", value)


def test_the_text_of_a_binding_error_does_not_repeat_the_argument():
    with pytest.raises(BindingError) as error:
        bound("WithDefault", "NHS 943 476 5919")
    assert "943" not in str(error.value)


def test_upload_streams_are_no_arguments():
    assert bound("Upload", "name") == {"name": "name"}
    assert [stream.name for stream in Desk.actions().get("Upload").upload_streams] == ["first", "second"]
    assert [stream.type for stream in Desk.actions().get("Upload").upload_streams] == [int, str]


@pytest.mark.parametrize(("name", "is_stream"), [("Count", True), ("Later", True), ("Closed", False)])
def test_a_method_that_yields_or_returns_an_iterator_streams(name, is_stream):
    assert Desk.actions().get(name).is_stream is is_stream


def test_an_action_without_classes_of_its_own_is_told_from_one_with_an_empty_list():
    class Odd(Hub):
        @action(permission_classes=[])
        async def nobody(self) -> None: ...

    assert Odd.actions().get("Nobody").permission_classes == ()
    assert Desk.actions().get("Renamed").permission_classes is None
    assert Desk.actions().get("Closed").permission_classes == (BasePermission,)


def test_a_subclass_has_the_actions_of_its_base():
    class Night(Desk):
        @action
        async def hand_over(self) -> None: ...

    assert Night.actions().get("HandOver") is not None
    assert Night.actions().get("OrderMedication") is not None
    assert Desk.actions().get("HandOver") is None


def test_an_override_without_the_mark_takes_the_action_away():
    class Night(Desk):
        async def order_medication(self, patient_id: UUID, order: Order) -> None: ...

    assert Night.actions().get("OrderMedication") is None


def test_an_override_with_the_mark_replaces_the_action():
    class Night(Desk):
        @action(permission_classes=[AllowAny])
        async def closed(self) -> None: ...

    assert Night.actions().get("Closed").permission_classes == (AllowAny,)


def test_two_actions_of_one_name_are_refused():
    class Twice(Hub):
        @action
        async def save(self) -> None: ...

        @action(name="SAVE")
        async def store(self) -> None: ...

    with pytest.raises(TypeError, match="Two actions have the name 'SAVE' on the wire"):
        Twice.actions()


def test_a_parameter_without_annotation_is_refused():
    class Loose(Hub):
        @action
        async def save(self, value) -> None: ...

    with pytest.raises(TypeError, match=r"The parameter 'value' of .*save needs an annotation"):
        Loose.actions()


def test_a_variable_number_of_arguments_is_refused():
    class Loose(Hub):
        @action
        async def save(self, *values: int) -> None: ...

    with pytest.raises(TypeError, match="'values'"):
        Loose.actions()


def test_a_synchronous_action_is_refused():
    class Blocking(Hub):
        @action
        def save(self) -> None: ...

    with pytest.raises(TypeError, match=r"save must be `async def`"):
        Blocking.actions()
