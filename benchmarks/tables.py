"""How figures are printed: as a Markdown table, which the report takes as it is."""

from collections.abc import Iterable, Sequence


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    for cells in (headings, ["---"] * len(headings), *rows):
        print(f"| {' | '.join(str(cell) for cell in cells)} |")
    print(flush=True)


def ratio(figure: float, floor: float) -> str:
    return f"{figure / floor:.2f}x"
