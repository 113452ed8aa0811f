"""Thousands of damaged answers: every part of each is landed, quarantined or a known repeat; nothing crashes."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import Parser, SourceFile
from ingestion.sources.anthropic import parse as anthropic
from ingestion.sources.groq import parse as groq
from ingestion.sources.openrouter import parse as openrouter
from tests.unit.ingestion.anthropic import answers
from tests.unit.ingestion.groq.test_quirks import samples, series
from tests.unit.ingestion.openrouter.test_quirks import item
from tests.unit.ingestion.reading.spooled.spooling import NOW, spooled

MUTATIONS = 1_700
ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e300, -0.0, 10**30, 2**63, "", " ", "12", "1e3", "NaN", "Infinity", "null", "0x10",
    "12,5", [], {}, [[]], {"a": None},
    "x" * 20_000, "\u0000", "\ud800", "٣", "2026-13-45T99:00:00Z", "2026-08-01", 1e-9,
    "9" * 5000, [1, 2, 3], {"error": {"message": "no"}}, "<html><body>502 Bad Gateway</body></html>",
]  # fmt: skip


def usage_line() -> str:
    return answers.usage_line(answers.hour(1, answers.usage_result(), answers.usage_result(model="other")))


def cost_line() -> str:
    return answers.cost_line(answers.day(answers.cost_result(), answers.cost_result(model="other")))


def rate_line() -> str:
    return spooled(series(groq.TOKENS_IN, *samples(["1", "2.5", "NaN"])), "record", {"query": "q", "step": 300})


def key_line() -> str:
    key = {"id": "k", "name": "n", "status": "active", "workspace_id": None, "created_by": {"id": "u"}}
    return spooled(key | {"created_at": "2026-08-01T00:00:00Z"}, "record")


CASES: dict[str, tuple[Parser, str, Callable[[], str]]] = {
    "usage": (anthropic.messages_usage, "messages_usage/2026-08-01.jsonl.gz", usage_line),
    "cost": (anthropic.cost_report, "cost_report/2026-08-01.jsonl.gz", cost_line),
    "claude_code": (
        anthropic.claude_code,
        "claude_code/2026-08-01.jsonl.gz",
        lambda: spooled(answers.claude_code_record(), "record"),
    ),
    "api_keys": (anthropic.entities("api_keys"), "api_keys/snapshot.jsonl.gz", key_line),
    "rates": (groq.rates, "tokens_in/2026-08-01.jsonl.gz", rate_line),
    "activity": (openrouter.activity, "activity/2026-08-01.jsonl.gz", lambda: spooled(item(), "record")),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


def mutate(value: Any, chance: random.Random) -> Any:
    """Change one to three places: another type, null, missing, twice, renamed."""
    for _ in range(chance.randint(1, 3)):
        known = places(value)
        if not known:
            return deepcopy(chance.choice(ODD_VALUES))
        path = chance.choice(known)
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        kind = chance.choice("replace replace delete double rename".split())
        if kind == "delete":
            del parent[path[-1]]
        elif kind == "double" and isinstance(parent, list):
            parent.append(deepcopy(parent[path[-1]]))
        elif kind == "rename" and isinstance(parent, dict):
            parent[f"{path[-1]}_"] = parent.pop(path[-1])
        else:
            parent[path[-1]] = deepcopy(chance.choice(ODD_VALUES))
    return value


def damaged(line: str, chance: random.Random) -> bytes:
    """A line with changes inside its JSON, or with broken bytes."""
    kind = chance.random()
    if kind < 0.85:
        value = json.loads(line)
        where = "bucket" if "bucket" in value else "record"
        target = chance.choice([where, where, where, "request"])
        value[target] = mutate(value[target], chance)
        return json.dumps(value).encode()
    raw = bytearray(line.encode())
    if kind < 0.9:
        return bytes(raw[: chance.randrange(len(raw))])
    if kind < 0.95:
        raw[chance.randrange(len(raw))] = chance.choice([0xFF, 0x00, 0xC3, 0x22, 0x7B])
        return bytes(raw)
    return chance.choice(
        [b"<html>502</html>", b"null", b"[]", b"{}", b'{"bucket": ' + b"[" * 3000, b'{"record": ' + b'{"a":' * 900]
    )


def parts_of(raw: bytes) -> int | None:
    """How many rows an intact envelope must account for; None where any one entry will do."""
    try:
        value = json.loads(raw)
        content = value["bucket"] if "bucket" in value else value["record"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if content == {"results": []}:
        return 0
    results = content.get("results") if isinstance(content, dict) and "bucket" in value else None
    return len(results) if isinstance(results, list) else None


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_damaged_line_is_accounted_for(name: str, tmp_path: Path) -> None:
    parser, path, intact = CASES[name]
    chance = random.Random(f"mangled {name}")
    lines = [damaged(intact(), chance) for _ in range(MUTATIONS)]
    lines = [line.replace(b"\n", b" ").replace(b"\r", b" ") for line in lines]
    for number, line in enumerate(lines):
        file = tmp_path / "day.jsonl.gz"
        file.write_bytes(gzip.compress(line + b"\n" + intact().encode() + b"\n", 1))
        rows: Counter[int] = Counter()
        bad: Counter[int | None] = Counter()
        notes: list[str] = []
        for batch in parser(SourceFile(file, path, 1, NOW, "x", NOW)):
            if batch.table is not None:
                batch.table.validate(full=True)
                rows.update(batch.table["_source_row"].to_pylist())
            bad.update(each.row_number for each in batch.quarantined)
            notes += map(str, batch.notes)
        repeats = int(notes[0].split()[0]) if notes else 0
        assert rows[2] + repeats + bad[2] >= 1, f"the intact line after it is lost: {number} {line[:200]!r}"
        if line.strip():
            expected = parts_of(line)
            entries = rows[1] + bad[1]
            assert entries >= (1 if expected is None else min(expected, 1)), f"{number} {line[:2000]!r}"
            if expected is not None and not bad[1]:
                assert entries == expected, f"{number} {line[:2000]!r}"


def test_values_that_land_are_in_a_column_or_kept_beside(tmp_path: Path) -> None:
    """Whatever a landed usage result held can be found again."""
    chance = random.Random("kept")
    found = 0
    for _ in range(MUTATIONS // 2):
        result = mutate(answers.usage_result(), chance)
        marked = result | {"marker": chance.randrange(10**6)} if isinstance(result, dict) else result
        file = tmp_path / "day.jsonl.gz"
        file.write_bytes(gzip.compress(answers.usage_line(answers.hour(1, marked)).encode() + b"\n", 1))
        for batch in anthropic.messages_usage(SourceFile(file, "messages_usage/2026-08-01.jsonl.gz", 1, NOW, "x", NOW)):
            for row in batch.table.to_pylist() if batch.table is not None else []:
                found += 1
                kept = json.loads(row["extra_columns"])
                assert kept.pop("marker") == marked["marker"]
                shown = {str(each) for each in row.values()} | {str(each) for each in kept.values()}
                for name, value in marked.items():
                    if isinstance(value, (str, int)) and not isinstance(value, bool) and value not in ("1e3", " "):
                        assert str(value) in shown or name == "marker", (name, value, row)
    assert found > 100
