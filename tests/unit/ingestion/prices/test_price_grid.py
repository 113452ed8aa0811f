"""Grids of elementary intervals cover everything once, and dropping needless cuts loses nothing."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.prices.grid import evaluate_grid, spans_between

LOW, HIGH = 0, 40
cuts = st.lists(st.integers(-5, 45), max_size=5)


@given(cuts)
def test_spans_cover_the_axis_without_gap_or_overlap(points: list[int]) -> None:
    spans = spans_between(LOW, HIGH, points)
    assert [point for low, high in spans for point in range(low, high)] == list(range(LOW, HIGH))
    assert {low for low, _ in spans} == {LOW, *(point for point in points if LOW < point < HIGH)}


@given(cuts, cuts, st.integers(1, 3))
def test_each_point_lies_in_one_cell_that_holds_its_value(first: list[int], second: list[int], kinds: int) -> None:
    axes = [spans_between(LOW, HIGH, first), spans_between(LOW, HIGH, second)]

    def value_at(corner: tuple[int, ...]) -> int:
        positions = [
            next(n for n, (low, high) in enumerate(axis) if low <= x < high)
            for axis, x in zip(axes, corner, strict=True)
        ]
        return (positions[0] * positions[1]) % kinds

    cells = evaluate_grid(axes, value_at)
    for point in product(range(LOW, HIGH, 3), range(LOW, HIGH, 3)):
        holding = [c for c in cells if all(low <= x < high for (low, high), x in zip(c.spans, point, strict=True))]
        assert [cell.value for cell in holding] == [value_at(point)]


@given(cuts, cuts)
def test_cuts_that_make_no_difference_are_dropped(first: list[int], second: list[int]) -> None:
    axes = [spans_between(LOW, HIGH, first), spans_between(LOW, HIGH, second)]
    (cell,) = evaluate_grid(axes, lambda _: "same")
    assert cell.spans == ((LOW, HIGH), (LOW, HIGH))
