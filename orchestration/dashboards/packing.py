"""Rows of datasets as a page holds them: columns, dictionaries, numbers in as few bytes as hold them.

A page may be two megabytes. Where the data would be more, the oldest days of the largest dataset stay out, and the
page says from when on it holds them.

Put here: packing. Keep out: which rows (`statements`), the page.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from orchestration.dashboards.definitions import DIMENSIONS, TEAM, Dashboard, Dataset
from orchestration.dashboards.statements import (
    UNKNOWN_SUFFIX,
    aggregates_of,
    dataset_sql,
    not_a_select,
    plain_error,
)
from orchestration.text.terminal import stripped

LARGEST_DATA = 1_750_000
"""Characters of all datasets of a page; its program and words are the rest of the two megabytes."""
MOST_ROWS = 150_000
"""Of one dataset: more can never be packed into so many characters."""
EPOCH = date(1970, 1, 1)
NAMED = {"cost_kind": {"llm": "LLM", "infrastructure": "Infrastructure", "own": "Own costs"}}
"""Words of the project itself."""
TOO_LARGE = "holds more than a page can; give it fewer dimensions, or a date and days"
NO_TEAM = "left out of a page for one team: its rows belong to none"


@dataclass
class Packed:
    """The datasets of a page, by name, and names of what their dimensions hold."""

    datasets: dict[str, dict[str, Any]]
    names: dict[str, dict[str, str]]

    @property
    def faults(self) -> dict[str, str]:
        """Datasets that could not be read, with the reason."""
        return {name: each["fault"] for name, each in self.datasets.items() if each.get("fault")}


def pack(connection: duckdb.DuckDBPyConnection, dashboard: Dashboard, team: str | None = None) -> Packed:
    """All that the page of a dashboard holds, of one team only where `team` is given."""
    packed = {name: _pack_one(connection, dashboard, each, team) for name, each in dashboard.datasets.items()}
    while (total := sum(sizes := [len(json.dumps(each)) for each in packed.values()])) > LARGEST_DATA:
        name = list(packed)[sizes.index(max(sizes))]
        kept = (LARGEST_DATA - total + max(sizes)) / max(sizes) * 0.95
        packed[name] = _shortened(connection, dashboard, dashboard.datasets[name], packed[name], team, max(kept, 0.3))
    used = {
        (dimension, value)
        for each in packed.values()
        for dimension, column in each.get("dimensions", {}).items()
        for value in column["values"]
    }
    return Packed(packed, _names(connection, used))


def _shortened(
    connection: duckdb.DuckDBPyConnection,
    dashboard: Dashboard,
    dataset: Dataset,
    packed: dict[str, Any],
    team: str | None,
    kept: float,
) -> dict[str, Any]:
    """The same dataset with the newest part of its days."""
    days = packed.get("days", ())
    if len(days) < 2:
        return {**_described(dataset), "fault": TOO_LARGE}
    first = (EPOCH + timedelta(days=days[-max(1, int(len(days) * kept))])).isoformat()
    return {**_pack_one(connection, dashboard, dataset, team, first), "cut": first}


def _described(dataset: Dataset) -> dict[str, Any]:
    return {"rows": 0, "grain": dataset.grain, "has_date": bool(dataset.date), "from": dataset.mart or "a query"}


def _pack_one(
    connection: duckdb.DuckDBPyConnection, dashboard: Dashboard, dataset: Dataset, team: str | None, first_day: str = ""
) -> dict[str, Any]:
    described = _described(dataset)
    if team is not None and TEAM not in dataset.dimensions:
        return described | {"fault": NO_TEAM}
    if dataset.query and (message := not_a_select(dataset.query)):
        return described | {"fault": message}
    sql = dataset_sql(dataset, aggregates_of(dashboard, dataset), team, first_day)
    try:
        table = connection.execute(f"{sql}\nlimit {MOST_ROWS + 1}").to_arrow_table()
        if table.num_rows > MOST_ROWS and not dataset.date:
            return described | {"fault": TOO_LARGE}
        if table.num_rows > MOST_ROWS:  # sorted by day: what the limit left out is the newest
            newest = f'select cast("date" as varchar) from ({sql}) order by "date" desc limit 1 offset {MOST_ROWS // 2}'
            since = str((connection.execute(newest).fetchone() or ("",))[0])
            if since == first_day:
                return described | {"fault": TOO_LARGE}
            return {**_pack_one(connection, dashboard, dataset, team, since), "cut": since}
    except duckdb.CatalogException as error:
        return described | {"fault": f"what it reads is not published yet: {plain_error(error)}"}
    except duckdb.Error as error:
        return described | {"fault": plain_error(error)}
    described["rows"] = table.num_rows
    if dataset.date:
        described |= _dates(table.column("date"))
    described["dimensions"] = {each: _dictionary(table.column(each)) for each in dataset.dimensions}
    described["measures"] = {each: _numbers(table.column(each)) for each in dataset.measures}
    described["unknown"] = {
        each: numbers
        for each in dataset.unknown
        if (numbers := _numbers(table.column(each + UNKNOWN_SUFFIX)))["d"] and numbers.pop("any")
    }
    for numbers in described["measures"].values():
        numbers.pop("any", None)
    return described


def _dates(column: Any) -> dict[str, Any]:
    """Each day that has rows, and how many; rows are sorted by day."""
    import numpy as np

    found = column.to_numpy().astype("datetime64[D]").astype(np.int64)
    days, counts = np.unique(found, return_counts=True)
    return {"days": days.tolist(), "counts": counts.tolist()}


def _dictionary(column: Any) -> dict[str, Any]:
    """Texts once, in order, and the number of one for each row; the last number is for none."""
    import pyarrow as pa

    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts = [stripped(each, keep_lines=True)[:2000] for each in encoded.dictionary.to_pylist()]
    values = list(dict.fromkeys(texts))  # what differs in characters that are not shown is the same
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    if len(values) < len(texts):
        import numpy as np

        codes = np.array([*map(values.index, texts), len(values)])[codes]
    return {"values": values, **_array(codes)}


def _numbers(column: Any) -> dict[str, Any]:
    """Whole numbers as one more, so that 0 says unknown; others as doubles, where it is no number."""
    import numpy as np

    values = column.to_numpy(zero_copy_only=False) if hasattr(column, "to_numpy") else column
    values = np.asarray(values, dtype=float)
    present = values[~np.isnan(values)]
    if bool((present == np.floor(present)).all()) and _fits(present):
        packed = _array(np.nan_to_num(values + 1, nan=0).astype(np.int64))
        found = {"t": packed["t"].replace("u", "n"), "d": packed["d"]}
    else:
        found = {"t": "f8", "d": _base64(values, "<f8")}
    return {**found, "any": bool((present != 0).any())}


def _fits(values: Any) -> bool:
    return not len(values) or (values.min() >= 0 and values.max() < 2**32 - 1)


def _array(values: Any) -> dict[str, str]:
    most = int(values.max()) if len(values) else 0
    size = 1 if most < 256 else 2 if most < 65_536 else 4
    return {"t": f"u{size}", "d": _base64(values, f"<u{size}")}


def _base64(values: Any, kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()


def _names(connection: duckdb.DuckDBPyConnection, used: set[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """What people call the ids of dimensions, where marts say."""
    found = {dimension: names for dimension, names in NAMED.items() if dimension in {each for each, _ in used}}
    for dimension in sorted({each for each, _ in used}):
        _, table, column = DIMENSIONS.get(dimension, ("", None, None))
        if not table:
            continue
        try:
            rows: list[tuple[Any, Any]] = connection.execute(
                f"select {dimension}, {column} from {table} where {column} <> {dimension}"
            ).fetchall()
        except duckdb.Error:
            continue
        named = {str(identifier): stripped(name) for identifier, name in rows if (dimension, str(identifier)) in used}
        if named:
            found[dimension] = named
    return found
