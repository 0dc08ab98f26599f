"""The description of the API: complete, valid, without a warning, and in the words of the shapes."""

import io
import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.core.management import call_command

from accounts import openapi
from accounts.api_permissions import api_views
from accounts.openapi import ListOf, Problem, description
from tests.project.sources import ROOT


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in description()["paths"].values()
        for name, operation in methods.items()
    }


def test_it_is_valid_and_nothing_in_it_is_guessed() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_every_view_is_in_it() -> None:
    paths = {path.replace("<", "{").replace(">", "}") for path, _, _ in api_views()}
    plain = {"/" + path.replace("{uuid:", "{").replace("{str:", "{") for path in paths}
    assert set(description()["paths"]) == plain


def test_every_operation_that_needs_a_token_says_what_happens_without() -> None:
    for name, operation in operations().items():
        if {} not in operation.get("security", [{}]):
            assert "401" in operation["responses"], name


def test_what_must_not_happen_twice_needs_a_key() -> None:
    keys = {
        name: parameter.get("required", False)
        for name, operation in operations().items()
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }
    assert keys == {
        "record_observation": False,
        "correct_observation": False,
        **dict.fromkeys(
            (
                "admit_patient",
                "transfer_patient",
                "swap_beds",
                "discharge_patient",
                "assign_to_ward",
                "draft_order",
            ),
            True,
        ),
    }


def test_its_examples_have_their_shapes() -> None:
    shapes = description()["components"]["schemas"]
    for name, operation in operations().items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content.get("examples", {}).values():
                shape = shapes[content["schema"]["$ref"].rsplit("/", 1)[1]]
                needed, known = set(shape.get("required", [])), set(shape["properties"])
                assert needed <= set(example["value"]) <= known, name


def test_each_refusal_has_one_shape_and_a_sentence() -> None:
    for name, operation in operations().items():
        for status, answer in operation["responses"].items():
            if status >= "4" and status != "429":
                (content,) = answer["content"].values()
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, name
                assert answer["description"]


def test_decimals_may_be_numbers_or_text() -> None:
    class Reading(msgspec.Struct):
        value: Decimal | None

    _, found = msgspec.json.schema_components([Reading])
    changed = openapi._with_decimals(found["Reading"])
    assert changed["properties"]["value"]["anyOf"][0] == openapi.DECIMAL
    for given in (37.5, "37.5"):
        assert msgspec.convert({"value": given}, Reading).value == Decimal("37.5")


def test_a_list_is_named_after_what_it_holds() -> None:
    assert openapi.ListShape(ListOf(Problem)).get_name(None, "response") == "ProblemList"


@pytest.mark.parametrize("name", ["bearer", "session", "csrf"])
def test_it_says_how_one_shows_who_one_is(name: str) -> None:
    assert name in description()["components"]["securitySchemes"]


def test_the_page_about_the_api_names_every_path() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(?:GET |POST )?(/api/[^`?]*)`", page)) == set(description()["paths"])
