from hubs.management.tables import aligned


def test_each_column_is_as_wide_as_its_widest_cell():
    assert aligned([("A", "B", "C"), ("long", "", "x"), ("", "wide", "")]) == [
        "A     B     C",
        "long        x",
        "      wide",
    ]


def test_a_table_of_a_heading_only_is_that_heading():
    assert aligned([("A", "B")]) == ["A  B"]
