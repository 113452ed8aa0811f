"""Grids of elementary intervals: what a price depends on, cut wherever it may change.

Put here: cutting axes into half-open cells and joining cells that hold the same. Keep out: what the axes
mean and what the cells hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Cell(Generic[Value]):
    """One cell: a half-open `[low, high)` span on each axis, and what holds everywhere in it."""

    spans: tuple[tuple[int, int], ...]
    value: Value


def spans_between(low: int, high: int, cuts: Iterable[int]) -> list[tuple[int, int]]:
    """Half-open spans that cover `[low, high)` exactly, cut at every given point inside it."""
    points = [low, *sorted({cut for cut in cuts if low < cut < high}), high]
    return list(pairwise(points))


def evaluate_grid(
    axes: Sequence[Sequence[tuple[int, int]]], value_at: Callable[[tuple[int, ...]], Value]
) -> list[Cell[Value]]:
    """Evaluate every cell at its low corner and drop the cuts that turn out to make no difference.

    Correct when the value is constant within a cell. The result is again a full grid: all cells share
    the same cuts on each axis, so they cannot overlap and leave no gap.
    """
    values = {
        indices: value_at(tuple(axis[index][0] for axis, index in zip(axes, indices, strict=True)))
        for indices in product(*(range(len(axis)) for axis in axes))
    }
    kept = [_needed_slices(values, number, len(axis)) for number, axis in enumerate(axes)]
    return list(_cells(axes, kept, values))


def _needed_slices(values: Mapping[tuple[int, ...], Value], axis: int, length: int) -> list[int]:
    """Positions on an axis where the slice differs from the one before it."""
    slices: list[dict[tuple[int, ...], Value]] = [{} for _ in range(length)]
    for indices, value in values.items():
        slices[indices[axis]][indices[:axis] + indices[axis + 1 :]] = value
    return [0, *(index for index in range(1, length) if slices[index] != slices[index - 1])]


def _cells(
    axes: Sequence[Sequence[tuple[int, int]]], kept: Sequence[list[int]], values: Mapping[tuple[int, ...], Value]
) -> Iterator[Cell[Value]]:
    for indices in product(*kept):
        spans = tuple(
            (axis[index][0], _high(axis, starts, index))
            for axis, starts, index in zip(axes, kept, indices, strict=True)
        )
        yield Cell(spans, values[indices])


def _high(axis: Sequence[tuple[int, int]], starts: list[int], index: int) -> int:
    later = [start for start in starts if start > index]
    return axis[later[0]][0] if later else axis[-1][1]
