"""The fields that only one type of widget has, read by the marks of its kind.

Put here: that. Keep out: what all widgets have (`reading`), types (`definitions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.dashboards.definitions import MOST_SLICES, Dataset, Kind
from orchestration.dashboards.expressions import ExpressionError, Tree, columns_of, parse
from orchestration.dashboards.faults import Faults, nearest
from orchestration.presenting.formats import Unit

LABELLED = "a list of {label, value, unit}, e.g. [{label: Spend, value: sum(spend_usd)}]"
LINES = ("dashed", "pale", "dots")
"""How a line may be drawn otherwise: broken, at half strength, as red dots alone."""
_DRIVER_DIMENSIONS = ("model_id",)
_DRIVER_MEASURES = ("cost_usd", "request_count")


class _Options:
    """Reading those of one widget."""

    def __init__(self, dataset: Dataset | None, datasets: Mapping[str, Dataset], place: str, faults: Faults) -> None:
        self.dataset, self.datasets, self.place, self.faults = dataset, datasets, place, faults

    def wrong(self, field: str, message: str) -> None:
        self.faults.add(self.place, field, message)

    def expression(self, field: str, text: Any, dataset: Dataset | None = None) -> Tree | None:
        dataset = dataset or self.dataset
        try:
            tree = parse(str(text))
        except ExpressionError as error:
            self.wrong(field, str(error))
            return None
        for aggregate, column in columns_of(tree):
            if dataset is None or not column:
                continue
            known = dataset.dimensions if aggregate == "distinct" else dataset.measures
            if column not in known:
                what = "dimension" if aggregate == "distinct" else "measure"
                self.wrong(field, f"dataset {dataset.name} has no {what} {column!r}; {nearest(column, known)}")
                return None
            if aggregate == "latest" and not dataset.date:
                self.wrong(field, f"latest() needs a date; give dataset {dataset.name} one")
        return tree

    def dimension(self, field: str, name: Any) -> str:
        if self.dataset is not None:
            known = [*self.dataset.dimensions, *([self.dataset.date] if self.dataset.date else [])]
            if name not in known:
                self.wrong(field, f"dataset {self.dataset.name} has no dimension {name!r}; {nearest(str(name), known)}")
        return str(name)

    def unit(self, field: str, value: Any) -> str:
        if value not in set(Unit):
            self.wrong(field, f"{value!r} is no unit; {nearest(str(value), [each.value for each in Unit])}")
        return str(value)

    def labelled(self, field: str, value: Any) -> list[dict[str, Any]]:
        rows = value if isinstance(value, list) else [{"value": value}]
        read = []
        for row in rows:
            row = {"value": row} if isinstance(row, str) else row
            if not isinstance(row, Mapping) or "value" not in row:
                self.wrong(field, f"write {LABELLED}")
                continue
            unknown = row.keys() - {"label", "value", "unit", *LINES}
            if unknown:
                self.wrong(field, f"{sorted(map(str, unknown))[0]!r} is not known here; write {LABELLED}")
            read.append(
                {
                    "label": str(row.get("label") or ""),
                    "value": self.expression(field, row["value"]),
                    "unit": self.unit(field, row["unit"]) if row.get("unit") else None,
                    **{line: bool(row.get(line)) for line in LINES},
                }
            )
        return read

    def columns(self, field: str, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not value:
            self.wrong(field, "is a list of {column, label} and {value, label, unit}")
            return []
        read = []
        for row in value:
            row = {"column": row} if isinstance(row, str) else row
            if not isinstance(row, Mapping) or ("column" in row) == ("value" in row):
                self.wrong(field, "each has either column (a dimension) or value (an expression)")
                continue
            unknown = row.keys() - {"column", "value", "label", "unit", "as", "trend", "good"}
            if unknown:
                known = "column, value, label, unit, as, trend, good"
                self.wrong(field, f"{sorted(map(str, unknown))[0]!r} is not known in a column; it has {known}")
            shown_as = str(row.get("as") or "")
            if shown_as not in ("", "status", "bar", "trend", "rank", "change", "list"):
                self.wrong(field, f"as {shown_as!r} is not known; write status, bar, trend, rank, change or list")
            made: dict[str, Any] = {"label": str(row.get("label") or ""), "as": shown_as}
            if "column" in row:
                made["column"] = self.dimension(field, row["column"])
            else:
                made["value"] = self.expression(field, row["value"])
            made["unit"] = self.unit(field, row["unit"]) if row.get("unit") else None
            made["good"] = str(row.get("good") or "")
            read.append(made)
        return read

    def read(self, field: str, mark: str, value: Any) -> Any:
        """One field by its mark."""
        match mark:
            case "=":
                return self.expression(field, value)
            case "=*":
                return self.labelled(field, value)
            case ".":
                return self.dimension(field, value)
            case ".*":
                return [self.dimension(field, each) for each in (value if isinstance(value, list) else [value])]
            case "unit":
                return self.unit(field, value)
            case "columns":
                return self.columns(field, value)
            case "?":
                if not isinstance(value, bool):
                    self.wrong(field, "is true or false")
                return bool(value)
            case "#":
                return self.number(field, value)
            case "#*":
                return [self.number(field, each) for each in (value if isinstance(value, list) else [value])]
            case _:
                if mark.startswith("[") and str(value) not in (known := mark[1:-1].split("|")):
                    self.wrong(field, f"{value!r} is not known; write {', '.join(known)}")
                return str(value)

    def number(self, field: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, f"{value!r} is no number")
            return 0
        return value


def read_options(
    value: Mapping[str, Any],
    kind: Kind,
    dataset: Dataset | None,
    datasets: Mapping[str, Dataset],
    place: str,
    faults: Faults,
) -> dict[str, Any]:
    """The fields of a kind, expressions as trees; what is wrong goes to `faults`."""
    reader = _Options(dataset, datasets, place, faults)
    found = {}
    for field, mark in {**kind.needs, **kind.takes}.items():
        if field == "total":
            continue
        if value.get(field) is not None:
            found[field] = reader.read(field, mark, value[field])
        elif field in kind.needs:
            reader.wrong(field, f"is missing; {LABELLED if mark == '=*' else 'this type of widget needs it'}")
    if "total" in kind.needs:
        _read_drivers(value, reader, found)
    if kind.needs.get("by") and "value" in kind.needs and found.get("limit", 0) > MOST_SLICES:
        reader.wrong("limit", f"a pie has at most {MOST_SLICES} slices, the rest are added up; or use a bar")
    return found


def _read_drivers(value: Mapping[str, Any], reader: _Options, found: dict[str, Any]) -> None:
    """What a change of cost is split by needs metered rows, and a total from the same days."""
    dataset = reader.dataset
    if dataset:
        for name in (*_DRIVER_DIMENSIONS, *_DRIVER_MEASURES):
            if name not in (*dataset.dimensions, *dataset.measures):
                reader.wrong("dataset", f"dataset {dataset.name} lacks {name}, which drivers are computed from")
    total = str(value.get("total_dataset") or (dataset.name if dataset else ""))
    if total not in reader.datasets:
        reader.wrong("total_dataset", f"there is no dataset {total!r}; {nearest(total, reader.datasets)}")
    elif value.get("total") is None:
        reader.wrong("total", "is missing; write e.g. sum(spend_usd)")
    else:
        found["total"] = reader.expression("total", value["total"], reader.datasets[total])
        found["total_dataset"] = total
