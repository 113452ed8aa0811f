"""Definitions from files: YAML or JSON to a `Dashboard`, each thing that is wrong named with its remedy.

Put here: what a definition alone tells. Keep out: whether marts have what it names (`checking`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ingestion.yaml_files import read_yaml
from orchestration.dashboards import definitions as kinds
from orchestration.dashboards.definitions import Dashboard, Dataset, Position, Widget
from orchestration.dashboards.faults import Fault, Faults, nearest
from orchestration.dashboards.options import read_options
from orchestration.presenting.formats import Unit

ENDINGS = (".yml", ".yaml", ".json")
LARGEST_FILE = 1 << 20
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_FIELDS = (
    "name", "title", "description", "section", "owner", "audience", "is_public", "tags", "period", "filters",
    "datasets", "widgets",
)  # fmt: skip
_DATASET_FIELDS = ("mart", "query", "date", "grain", "dimensions", "measures", "unknown", "days", "where")
_WIDGET_FIELDS = ("type", "title", "position", "dataset", "query", "period", "unit", "where", "note", "empty", "date")
UNKNOWN_AMOUNTS = ("spend_usd", "cost_usd", "allocated_cost_usd", "amount_usd")
"""Measures whose missing values are unknown amounts without a definition saying so."""


def read_file(path: Path) -> tuple[Dashboard | None, list[Fault]]:
    """The dashboard of a file, and what is wrong with it; None where anything is."""
    faults = Faults(path.name)
    try:
        content = load(path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        faults.add("", "", f"cannot be read: {' '.join(str(error).split())[:300]}")
        return None, faults.found
    dashboard = read(content, faults, path.stem)
    return (None if faults.found else dashboard), faults.found


def load(path: Path) -> Any:
    """What a file holds, unchecked.

    Raises:
        ValueError, OSError, yaml.YAMLError: it cannot be read.
    """
    if path.suffix != ".json":
        return read_yaml(path)
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("it is larger than 1 MiB; a definition is a few kilobytes")
    return json.loads(path.read_text(encoding="utf-8"))


def read(content: Any, faults: Faults, default_name: str = "") -> Dashboard | None:
    """The dashboard that a mapping describes; what is wrong goes to `faults`."""
    if not isinstance(content, Mapping):
        faults.add(
            "", "", "a dashboard is a mapping with name, title, datasets and widgets; costops dashboard new NAME"
        )
        return None
    _known("", content, _FIELDS, faults)
    name = str(content.get("name") or default_name)
    if not NAME.match(name) or name == "index":
        faults.add("", "name", f"{name!r} is no name: small letters, digits and _ beginning with a letter, not index")
    section = str(content.get("section") or "dashboards")
    if section not in kinds.SECTIONS:
        faults.add("", "section", f"{section!r} is no section; {nearest(section, kinds.SECTIONS)}")
    datasets = {}
    for key, value in _mapping(content, "datasets", faults).items():
        if read_one := _dataset(str(key), value, f"dataset {key}", faults):
            datasets[str(key)] = read_one
    widgets = _widgets(content.get("widgets"), datasets, faults)
    filters = _texts(content, "filters", "", faults)
    held = {dimension for dataset in datasets.values() for dimension in dataset.dimensions}
    for dimension in filters:
        if dimension not in held:
            faults.add("", "filters", f"no dataset has the dimension {dimension!r}; {nearest(dimension, held)}")
    return Dashboard(
        name=name,
        title=str(content.get("title") or name.replace("_", " ").capitalize()),
        description=str(content.get("description") or ""),
        section=section,
        owner=str(content.get("owner") or ""),
        audience=_texts(content, "audience", "", faults),
        is_public=_flag(content, "is_public", faults),
        tags=_texts(content, "tags", "", faults),
        period=str(content.get("period") or "30d"),
        filters=filters,
        datasets=datasets,
        widgets=widgets,
    )


def _dataset(name: str, value: Any, place: str, faults: Faults) -> Dataset | None:
    if not isinstance(value, Mapping):
        faults.add(place, "", "a dataset is a mapping with mart or query, dimensions and measures")
        return None
    _known(place, value, _DATASET_FIELDS, faults)
    if bool(value.get("mart")) == bool(value.get("query")):
        faults.add(place, "mart", "give either mart (a published mart) or query (a statement over marts)")
    grain = str(value.get("grain") or "day")
    if grain not in ("day", "month"):
        faults.add(place, "grain", f"{grain!r} is not known; write day or month")
    measures = _columns(value, "measures", place, faults)
    return Dataset(
        name=name,
        mart=str(value.get("mart") or ""),
        query=str(value.get("query") or "").strip().rstrip(";"),
        date=str(value.get("date") or ""),
        grain=grain,
        dimensions=_columns(value, "dimensions", place, faults),
        measures=measures,
        unknown=_columns(value, "unknown", place, faults) or tuple(m for m in measures if m in UNKNOWN_AMOUNTS),
        days=_whole(value, "days", place, faults),
        where=str(value.get("where") or ""),
    )


def _widgets(value: Any, datasets: dict[str, Dataset], faults: Faults) -> tuple[Widget, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        faults.add("", "widgets", "a dashboard has a list of at least one widget")
        return ()
    read_ones: list[tuple[str, Widget]] = []
    for number, each in enumerate(value, start=1):
        title = str(each.get("title") or "") if isinstance(each, Mapping) else ""
        place = f"widget {number}" + (f' "{title}"' if title else "")
        if not isinstance(each, Mapping):
            faults.add(place, "", "a widget is a mapping with type, title and position")
            continue
        before = len(faults.found)
        widget = _widget(each, place, datasets, number, faults)
        if widget is None or len(faults.found) > before:
            continue
        for other_place, other in read_ones:
            if widget.position.overlaps(other.position):
                faults.add(place, "position", f"overlaps {other_place}; move one of them")
        read_ones.append((place, widget))
    return tuple(widget for _, widget in read_ones)


def _widget(
    value: Mapping[str, Any], place: str, datasets: dict[str, Dataset], number: int, faults: Faults
) -> Widget | None:
    type_ = str(value.get("type") or "").removesuffix("_chart")
    if type_ not in kinds.TYPES:
        faults.add(place, "type", f"{value.get('type')!r} is no type of widget; {nearest(type_, kinds.TYPES)}")
        return None
    kind = kinds.TYPES[type_]
    _known(place, value, (*_WIDGET_FIELDS, *kind.needs, *kind.takes), faults)
    dataset = _dataset_of(value, place, datasets, number, faults) if type_ not in kinds.WITHOUT_DATA else None
    unit = str(value.get("unit") or Unit.USD.value)
    if unit not in set(Unit):
        faults.add(place, "unit", f"{unit!r} is no unit; {nearest(unit, [each.value for each in Unit])}")
        return None
    position = _position(value.get("position"), place, faults)
    options = read_options(value, kind, dataset, datasets, place, faults)
    where = {}
    for dimension, wanted in _mapping(value, "where", faults, place).items():
        where[str(dimension)] = tuple(map(str, wanted)) if isinstance(wanted, list) else (str(wanted),)
        if dataset and dimension not in dataset.dimensions:
            remedy = nearest(str(dimension), dataset.dimensions)
            faults.add(place, "where", f"dataset {dataset.name} has no dimension {dimension!r}; {remedy}")
    if position is None:
        return None
    return Widget(
        type=type_,
        title=str(value.get("title") or ""),
        position=position,
        dataset=dataset.name if dataset else "",
        period=str(value.get("period") or ""),
        unit=Unit(unit),
        where=where,
        note=str(value.get("note") or ""),
        empty=str(value.get("empty") or ""),
        options=options,
    )


def _dataset_of(
    value: Mapping[str, Any], place: str, datasets: dict[str, Dataset], number: int, faults: Faults
) -> Dataset | None:
    """The dataset that a widget names, or the one that its own statement makes."""
    if isinstance(value.get("query"), str | Mapping):
        given = value["query"]
        content = given if isinstance(given, Mapping) else {"query": given, "date": value.get("date")}
        made = _dataset(f"widget_{number}", content, place, faults)
        if made:
            datasets[made.name] = made
        return made
    name = str(value.get("dataset") or (next(iter(datasets)) if len(datasets) == 1 else ""))
    if name not in datasets:
        faults.add(place, "dataset", f"there is no dataset {name!r}; {nearest(name, datasets)}")
    return datasets.get(name)


def _position(value: Any, place: str, faults: Faults) -> Position | None:
    try:
        x, y, w, h = (value[name] for name in "xywh")
        whole = all(isinstance(each, int) and not isinstance(each, bool) for each in (x, y, w, h))
    except (TypeError, KeyError):
        whole = False
    if not whole:
        faults.add(place, "position", "write {x: 0, y: 0, w: 3, h: 2}: whole numbers of a grid of 12 columns")
        return None
    if x < 0 or y < 0 or w < 1 or not 1 <= h <= 40 or x + w > kinds.COLUMNS or y > 1000:
        faults.add(place, "position", f"x {x}, w {w} leaves the grid of 12 columns, or y {y}, h {h} is out of range")
        return None
    return Position(x, y, w, h)


def _known(place: str, value: Mapping[str, Any], fields: Sequence[str], faults: Faults) -> None:
    for key in value:
        if key not in fields:
            faults.add(place, str(key), f"is not known here; {nearest(str(key), fields)}")


def _mapping(value: Mapping[str, Any], field: str, faults: Faults, place: str = "") -> Mapping[Any, Any]:
    found = value.get(field) or {}
    if not isinstance(found, Mapping):
        faults.add(place, field, "is a mapping from names to values")
        return {}
    return found


def _texts(value: Mapping[str, Any], field: str, place: str, faults: Faults) -> tuple[str, ...]:
    found = value.get(field) or []
    if isinstance(found, str) or not isinstance(found, list):
        faults.add(place, field, "is a list, e.g. [finance, monthly]")
        return ()
    return tuple(map(str, found))


def _columns(value: Mapping[str, Any], field: str, place: str, faults: Faults) -> tuple[str, ...]:
    names = _texts(value, field, place, faults)
    for name in names:
        if not _COLUMN.match(name):
            faults.add(place, field, f"{name!r} is no name of a column; compute it in query")
    return tuple(name for name in names if _COLUMN.match(name))


def _flag(value: Mapping[str, Any], field: str, faults: Faults) -> bool:
    found = value.get(field, False)
    if not isinstance(found, bool):
        faults.add("", field, "is true or false")
    return found is True


def _whole(value: Mapping[str, Any], field: str, place: str, faults: Faults) -> int:
    found = value.get(field) or 0
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        faults.add(place, field, "is a whole number, 0 or more")
        return 0
    return found
