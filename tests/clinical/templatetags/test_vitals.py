"""The cells of the vital signs, which no template of Django's escapes."""

from clinical.templatetags.vitals import vital_cells

VITAL = {"part": "pulse", "heading": "Pulse", "title": "Pulse, beats a minute", "value": "91", "points": "1"}


def test_each_vital_sign_is_a_cell_with_its_value_and_points() -> None:
    cells = vital_cells([VITAL, VITAL | {"part": "spo2", "value": "95", "points": ""}])
    assert cells.count("<td") == 2
    assert '<td class="vital" data-vital="pulse" data-points="1">' in cells
    assert "data-value>95</span>" in cells


def test_what_a_gateway_has_sent_stays_text() -> None:
    for member in VITAL:
        cell = vital_cells([VITAL | {member: '"><script>'}])
        assert "<script>" not in cell
        assert "&quot;&gt;&lt;script&gt;" in cell
