"""The published vectors, the edges of every range, and the mistakes that other implementations made."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from clinical.news2 import VERSION, Measurements, Score, score
from clinical.plausibility import Implausible

BASE = Measurements(
    respiration=18,
    spo2=97,
    on_oxygen=False,
    systolic=125,
    pulse=80,
    consciousness="A",
    temperature=Decimal("37.0"),
)
NAMES = ("respiration", "spo2", "oxygen", "systolic", "pulse", "consciousness", "temperature")


def scored(**changes: Any) -> Score:
    return score(msgspec.structs.replace(BASE, **changes))


def row(text: str) -> Measurements:
    """A set as the tables write it: breaths, SpO2, scale, air or O2, systolic, pulse, ACVPU, temperature."""
    respiration, spo2, scale, oxygen, systolic, pulse, letter, temperature = text.split()
    return msgspec.convert(
        {
            "respiration": int(respiration),
            "spo2": int(spo2),
            "spo2_scale": int(scale),
            "on_oxygen": oxygen == "O2",
            "systolic": int(systolic),
            "pulse": int(pulse),
            "consciousness": letter,
            "temperature": Decimal(temperature),
        },
        Measurements,
    )


# (name, set, parts, band); the parts in the order of NAMES.
VECTORS = [
    ("G1", "20 98 1 air 111 78 A 37.0", "0+0+0+0+0+0+0", "routine"),
    ("G2", "20 95 1 air 111 78 A 37.0", "0+1+0+0+0+0+0", "low"),
    ("G3", "20 93 1 air 111 78 A 37.0", "0+2+0+0+0+0+0", "low"),
    ("G4", "20 91 1 air 111 78 A 37.0", "0+3+0+0+0+0+0", "low-medium"),
    ("G5", "20 98 1 air 70 78 A 37.0", "0+0+0+3+0+0+0", "low-medium"),
    ("G6", "20 98 2 O2 111 78 A 37.0", "0+3+2+0+0+0+0", "medium"),
    ("G7", "20 98 2 air 111 78 A 37.0", "0+0+0+0+0+0+0", "routine"),
    ("G8", "20 82 2 air 111 78 A 37.0", "0+3+0+0+0+0+0", "low-medium"),
    ("M1", "30 98 2 O2 155 119 C 36.2", "3+3+2+0+2+3+0", "high"),
    ("M2", "30 98 1 O2 155 119 C 36.2", "3+0+2+0+2+3+0", "high"),
    ("most", "25 91 1 O2 90 131 U 35.0", "3+3+2+3+3+3+3", "high"),
    ("low edge of normal", "12 96 1 air 111 51 A 36.1", "0+0+0+0+0+0+0", "routine"),
    ("high edge of normal", "20 100 1 air 219 90 A 38.0", "0+0+0+0+0+0+0", "routine"),
    ("five without a red", "22 95 1 air 105 92 A 37.0", "2+1+0+1+1+0+0", "medium"),
]
# G9 to G19 stand in the source with "U" for any letter but A.
ANY_LETTER = [
    ("G9", "20 98 2 O2 111 78 {} 37.0", "0+3+2+0+0+3+0"),
    ("G10", "20 98 2 O2 111 78 {} 34.0", "0+3+2+0+0+3+3"),
    ("G11", "20 98 2 O2 111 78 {} 39.0", "0+3+2+0+0+3+1"),
    ("G12", "20 98 2 O2 111 78 {} 40.0", "0+3+2+0+0+3+2"),
    ("G13", "20 98 2 O2 111 48 {} 40.0", "0+3+2+0+1+3+2"),
    ("G14", "20 98 2 O2 111 150 {} 40.0", "0+3+2+0+3+3+2"),
    ("G15", "20 98 2 O2 80 150 {} 40.0", "0+3+2+3+3+3+2"),
    ("G16", "20 98 2 O2 105 150 {} 40.0", "0+3+2+1+3+3+2"),
    ("G17", "20 98 2 O2 230 150 {} 40.0", "0+3+2+3+3+3+2"),
    ("G18", "27 98 2 O2 230 150 {} 40.0", "3+3+2+3+3+3+2"),
    ("G19", "10 98 2 O2 230 150 {} 40.0", "1+3+2+3+3+3+2"),
]
VECTORS += [
    (f"{name}{letter}", measurements.format(letter), parts, "high")
    for name, measurements, parts in ANY_LETTER
    for letter in "CVPU"
]


@pytest.mark.parametrize(
    ("measurements", "parts", "band"), [each[1:] for each in VECTORS], ids=[each[0] for each in VECTORS]
)
def test_published_vectors(measurements: str, parts: str, band: str) -> None:
    points = [int(each) for each in parts.split("+")]
    result = score(row(measurements))
    assert msgspec.structs.asdict(result.parts) == dict(zip(NAMES, points, strict=True))
    assert result.total == result.lower_bound == sum(points)
    assert result.red is (3 in points)
    assert result.band == band
    assert result.missing == ()
    assert result.version == VERSION


def test_the_totals_of_the_published_vectors() -> None:
    """The sums as printed, so that a slip in the parts above cannot hide."""
    totals = {name: score(row(measurements)).total for name, measurements, _, _ in VECTORS}
    printed = {"G1": 0, "G2": 1, "G3": 2, "G4": 3, "G5": 3, "G6": 5, "G7": 0, "G8": 3, "M1": 13, "M2": 10}
    printed |= {"G9U": 8, "G10U": 11, "G11U": 9, "G12U": 10, "G13U": 11, "G14U": 13, "G15U": 16, "G16U": 14}
    printed |= {"G17U": 16, "G18U": 19, "G19U": 17, "most": 20, "five without a red": 5}
    assert {name: totals[name] for name in printed} == printed


# Every edge of every range: (measurement, scale, on oxygen, {value: points}).
EDGES: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("respiration", {}, {"0": 3, "8": 3, "9": 1, "11": 1, "12": 0, "20": 0, "21": 2, "24": 2, "25": 3}),
    ("spo2", {}, {"0": 3, "91": 3, "92": 2, "93": 2, "94": 1, "95": 1, "96": 0, "100": 0}),
    ("spo2", {"on_oxygen": True}, {"91": 3, "92": 2, "93": 2, "94": 1, "95": 1, "96": 0, "100": 0}),
    (
        "spo2",
        {"spo2_scale": 2},
        {"83": 3, "84": 2, "85": 2, "86": 1, "87": 1, "88": 0, "92": 0, "93": 0, "97": 0, "100": 0},
    ),
    (
        "spo2",
        {"spo2_scale": 2, "on_oxygen": True},
        {"83": 3, "84": 2, "85": 2, "86": 1, "87": 1, "88": 0, "92": 0, "93": 1, "94": 1, "95": 2, "96": 2}
        | {"97": 3, "100": 3},
    ),
    ("systolic", {}, {"0": 3, "90": 3, "91": 2, "100": 2, "101": 1, "110": 1, "111": 0, "219": 0, "220": 3}),
    (
        "pulse",
        {},
        {
            "0": 3,
            "40": 3,
            "41": 1,
            "50": 1,
            "51": 0,
            "90": 0,
            "91": 1,
            "110": 1,
            "111": 2,
            "130": 2,
            "131": 3,
        },
    ),
    (
        "temperature",
        {},
        {"35.0": 3, "35.1": 1, "36.0": 1, "36.1": 0, "38.0": 0, "38.1": 1, "39.0": 1, "39.1": 2, "45": 2},
    ),
]


@pytest.mark.parametrize(("name", "changes", "edges"), EDGES)
def test_edges_of_every_range(name: str, changes: dict[str, Any], edges: dict[str, int]) -> None:
    found = {value: getattr(scored(**{name: Decimal(value)}, **changes).parts, name) for value in edges}
    assert found == edges


@pytest.mark.parametrize(
    ("changes", "total", "red"),
    [
        ({"temperature": Decimal("35.0")}, 3, True),
        ({"temperature": Decimal("35.1")}, 1, False),
        ({"temperature": Decimal("38.0")}, 0, False),
        ({"temperature": Decimal("38.1")}, 1, False),
        ({"temperature": Decimal("39.0")}, 1, False),
        ({"temperature": Decimal("39.1")}, 2, False),
        ({"systolic": 90}, 3, True),
        ({"systolic": 91}, 2, False),
        ({"systolic": 219}, 0, False),
        ({"systolic": 220}, 3, True),
        ({"respiration": 8}, 3, True),
        ({"respiration": 9}, 1, False),
        ({"pulse": 40}, 3, True),
        ({"pulse": 41}, 1, False),
        ({"consciousness": "A"}, 0, False),
        ({"consciousness": "C"}, 3, True),
        ({"spo2": 90, "on_oxygen": True}, 5, True),
        ({"spo2": 90, "on_oxygen": True, "spo2_scale": 2}, 2, False),
        ({"spo2": 93, "spo2_scale": 2}, 0, False),
        ({"spo2": 93, "spo2_scale": 2, "on_oxygen": True}, 3, False),
    ],
)
def test_boundary_pairs(changes: dict[str, Any], total: int, red: bool) -> None:
    result = scored(**changes)
    assert (result.total, result.red) == (total, red)


def test_the_wrong_total_of_a_published_example_is_not_repeated() -> None:
    """A published guide prints 6, with a point for 37.5 degrees."""
    result = score(row("21 93 1 air 120 95 A 37.5"))
    assert result.parts.temperature == 0
    assert result.total == 5


def test_no_range_of_temperatures_scores_eleven() -> None:
    """A typing error in a score table elsewhere gave 38.1 to 39.0 eleven points."""
    tenths = [Decimal(tenth) / 10 for tenth in range(200, 451)]
    assert {scored(temperature=value).parts.temperature for value in tenths} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"temperature": Decimal("38.05")}, 1),
        ({"temperature": Decimal("38.04")}, 0),
        ({"temperature": Decimal("35.05")}, 1),
        ({"temperature": Decimal("38.5")}, 1),
        ({"respiration": Decimal("20.5")}, 2),
        ({"respiration": Decimal("24.4")}, 2),
        ({"pulse": Decimal("90.5")}, 1),
        ({"systolic": Decimal("219.5")}, 3),
        ({"spo2": Decimal("95.5")}, 0),
    ],
)
def test_a_monitors_average_falls_into_no_gap(changes: dict[str, Any], total: int) -> None:
    """Values are rounded half up to the resolution of the chart, then compared."""
    assert scored(**changes).total == total


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_measurement_is_not_zero_points(name: str) -> None:
    field = "on_oxygen" if name == "oxygen" else name
    result = scored(**{field: None})
    assert result.total is None
    assert result.lower_bound == 0
    assert result.band == "unknown"
    assert result.missing == (name,)
    assert getattr(result.parts, name) is None


def test_an_empty_set_is_unknown_and_not_routine() -> None:
    result = score(Measurements())
    assert (result.total, result.lower_bound, result.red, result.band) == (None, 0, False, "unknown")
    assert result.missing == NAMES


@pytest.mark.parametrize("name", ["respiration", "pulse", "systolic"])
def test_zero_is_a_value(name: str) -> None:
    result = scored(**{name: 0})
    assert (result.total, result.red, result.missing) == (3, True, ())


@pytest.mark.parametrize("letter", ["C", "V", "P", "U"])
def test_every_letter_but_alert_is_red(letter: str) -> None:
    assert scored(consciousness=letter).parts.consciousness == 3


@pytest.mark.parametrize("letter", ["", "a", "X", "AV", "D"])
def test_an_unknown_letter_is_an_error_and_not_zero(letter: str) -> None:
    with pytest.raises(Implausible, match="A, C, V, P or U"):
        scored(consciousness=letter)


def test_oxygen_is_worth_two_on_both_scales() -> None:
    assert scored(on_oxygen=True).total == 2
    assert scored(on_oxygen=True, spo2=90, spo2_scale=2).total == 2
    assert scored(on_oxygen=False).parts.oxygen == 0


def test_scale_2_forgives_high_saturation_on_air_only() -> None:
    """The reverse has been published: 88-92 on air, 93 and more on oxygen."""
    assert scored(spo2=97, spo2_scale=2, on_oxygen=False).parts.spo2 == 0
    assert scored(spo2=97, spo2_scale=2, on_oxygen=True).parts.spo2 == 3
    assert scored(spo2=89, spo2_scale=2, on_oxygen=True).parts.spo2 == 0
    assert scored(spo2=89, spo2_scale=1, on_oxygen=False).parts.spo2 == 3


def test_scale_2_without_oxygen_data_scores_only_what_is_certain() -> None:
    assert scored(spo2=97, spo2_scale=2, on_oxygen=None).parts.spo2 is None
    low = scored(spo2=83, spo2_scale=2, on_oxygen=None)
    assert low.parts.spo2 == 3
    assert low.missing == ("oxygen",)


@pytest.mark.parametrize("scale", [0, 3])
def test_there_is_no_third_scale(scale: int) -> None:
    with pytest.raises(Implausible, match="1 or 2"):
        scored(spo2_scale=scale)


def test_a_single_three_is_a_band_of_its_own() -> None:
    assert scored(systolic=90).band == "low-medium"
    assert scored(systolic=90, temperature=Decimal("38.5")).band == "low-medium"
    assert scored(systolic=90, on_oxygen=True).band == "medium"
    four_without_red = scored(respiration=21, temperature=Decimal("39.1"))
    assert (four_without_red.total, four_without_red.band) == (4, "low")


@pytest.mark.parametrize(
    ("changes", "total", "band"),
    [
        ({"on_oxygen": True, "respiration": 21}, 4, "low"),
        ({"on_oxygen": True, "respiration": 21, "pulse": 91}, 5, "medium"),
        ({"on_oxygen": True, "respiration": 21, "pulse": 111}, 6, "medium"),
        ({"on_oxygen": True, "respiration": 21, "pulse": 111, "spo2": 95}, 7, "high"),
    ],
)
def test_bands_change_at_five_and_seven(changes: dict[str, Any], total: int, band: str) -> None:
    result = scored(**changes)
    assert (result.total, result.band) == (total, band)


@pytest.mark.parametrize(
    ("changes", "lower_bound", "band"),
    [
        ({"pulse": None, "respiration": 8}, 3, "low-medium"),
        ({"pulse": None, "respiration": 21, "on_oxygen": True, "spo2": 95}, 5, "medium"),
        ({"pulse": None, "respiration": 8, "on_oxygen": True, "spo2": 93}, 7, "high"),
        ({"pulse": None, "respiration": 21}, 2, "unknown"),
    ],
)
def test_a_partial_set_hides_neither_a_red_nor_a_crossed_threshold(
    changes: dict[str, Any], lower_bound: int, band: str
) -> None:
    result = scored(**changes)
    assert (result.total, result.lower_bound, result.band) == (None, lower_bound, band)
    assert result.red is (changes.get("respiration") == 8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("respiration", -1),
        ("respiration", 101),
        ("spo2", 101),
        ("systolic", 351),
        ("pulse", 351),
        ("temperature", Decimal("19.9")),
        ("temperature", Decimal("45.1")),
        ("temperature", 360),
        ("temperature", Decimal("98.6")),
        ("temperature", Decimal("NaN")),
        ("temperature", Decimal("sNaN")),
        ("temperature", Decimal("Infinity")),
    ],
)
def test_what_no_patient_can_have_is_an_error_and_is_never_corrected(name: str, value: Decimal) -> None:
    with pytest.raises(Implausible) as caught:
        scored(**{name: value})
    assert caught.value.measurement == name


def test_diastolic_pressure_is_no_part_of_the_score() -> None:
    assert "diastolic" not in Measurements.__struct_fields__


def test_who_is_not_scored_has_no_points_at_all() -> None:
    result = score(msgspec.structs.replace(BASE, pulse=140, spo2=None), applicable=False)
    assert (result.total, result.lower_bound, result.red, result.band) == (None, 0, False, "not-scored")
    assert set(msgspec.structs.astuple(result.parts)) == {None}
    assert result.missing == ("spo2",)


def test_what_no_patient_can_have_is_refused_of_everybody() -> None:
    with pytest.raises(Implausible):
        score(msgspec.structs.replace(BASE, pulse=900), applicable=False)
