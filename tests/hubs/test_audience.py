import re

import pytest

from hubs.audience import Audience, from_layer, group_in_layer, hub_in_layer


@pytest.mark.parametrize("name", ["icu", "ward:icu", "Zoë ☕", "x" * 500, "", "a.b", "a\x00b"])
def test_any_name_becomes_one_that_every_layer_allows(name):
    for legal in (group_in_layer(name, "hub"), group_in_layer("hub", name), hub_in_layer(name)):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,99}", legal)


def test_names_that_differ_stay_different():
    pairs = [("a", "b"), ("a", "B"), ("ab", ""), ("", "ab"), ("b", "a"), ("a b", ""), ("a", " b")]
    assert len({group_in_layer(*pair) for pair in pairs}) == len(pairs)
    assert hub_in_layer("a") != group_in_layer("a", "")


def test_no_name_of_a_ward_stands_in_redis():
    assert "icu" not in group_in_layer("hub", "ward:icu")


def test_an_audience_survives_the_layer():
    audience = Audience("hub", "group", ("icu", "night"), ("id",))
    assert from_layer(audience.to_layer()) == audience


@pytest.mark.parametrize(
    ("audience", "layer_group"),
    [
        (Audience("hub", "group", ("icu",)), group_in_layer("hub", "icu")),
        (Audience("hub", "group", ("icu", "night")), hub_in_layer("hub")),
        (Audience("hub", "user", ("7",)), hub_in_layer("hub")),
        (Audience("hub", "client", ("id",)), hub_in_layer("hub")),
        (Audience("hub", "all"), hub_in_layer("hub")),
    ],
)
def test_only_a_single_group_has_a_layer_group_of_its_own(audience, layer_group):
    assert audience.layer_group == layer_group
