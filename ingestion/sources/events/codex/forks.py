"""Finding the parent of a forked rollout among the files beside it.

Put here: where parents lie and the totals they reported. Keep out: what is a call.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record

TOP_FOLDERS = ("sessions", "archived_sessions", "codex")
FIELDS = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")
Vector = tuple[int, ...]


def vector(usage: Any) -> Vector | None:
    """The counters of a usage object in a fixed order; None where there is none."""
    if not isinstance(usage, dict):
        return None
    values = [usage.get(name) for name in FIELDS]
    return tuple(value if type(value) is int else 0 for value in values)


def total_of(value: Any) -> Vector | None:
    """The cumulative total that a line reports."""
    if not isinstance(value, dict) or not isinstance(value.get("payload"), dict):
        return None
    payload = value["payload"]
    info = payload.get("info")
    is_count = payload.get("type") == "token_count" and isinstance(info, dict)
    return vector(info.get("total_token_usage")) if is_count else None


def parent_totals(path: Path, parent: str) -> list[Vector] | None:
    """The totals of the parent's rollout in order, sent again or not each once; None without its file."""
    if not parent or any(mark in parent for mark in "/\\*?["):
        return None
    top = next((folder for folder in path.parents if folder.name in TOP_FOLDERS), path.parent)
    found = next((each for each in sorted(top.rglob(f"*{parent}.jsonl*")) if each != path), None)
    if found is None:
        return None
    records = read_json_records(found)
    totals = (total_of(record.value) for record in records if isinstance(record, Record))
    return [total for total, _ in groupby(each for each in totals if each is not None)]
