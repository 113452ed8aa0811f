"""What a mapping does to the values of a file."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import SourceFile
from ingestion.sources.events.mapped import parse
from ingestion.sources.events.mapped.printed import object_of

NOW = datetime(2026, 6, 1)  # noqa: DTZ001
BASE = "columns:\n  requested_at_utc: at\n"


def _land(
    tmp_path: Path, mapping: str, data: str, name: str = "data.csv"
) -> tuple[list[dict[str, Any]], list[Any], list[str]]:
    folder = tmp_path / "mapped" / "x" / "deep"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "mapping.yml").write_text(mapping)
    path = folder / name
    path.write_text(data)
    file = SourceFile(path, f"mapped/x/deep/{name}", 1, NOW, "", NOW)
    rows, bad, notes = [], [], []
    for batch in parse(file):
        rows += batch.table.to_pylist() if batch.table is not None else []
        bad += [(each.row_number, each.field, each.reason) for each in batch.quarantined]
        notes += map(str, batch.notes)
    return rows, bad, notes


def _one(tmp_path: Path, mapping: str, data: str, name: str = "data.csv") -> dict[str, Any]:
    rows, bad, _ = _land(tmp_path, mapping, data, name)
    assert bad == []
    return rows[0]


def test_cached_tokens_are_taken_out_of_the_input(tmp_path: Path) -> None:
    mapping = BASE + "  input_tokens: total\n  cache_read_tokens: hit\n  cache_write_5m_tokens: new\n"
    data = "at,total,hit,new\n2026-05-01T00:00:00Z,100,30,20\n2026-05-01T00:00:00Z,,1,1\n2026-05-01T00:00:00Z,5,,\n"
    rows, bad, _ = _land(tmp_path, "input_includes_cached: true\n" + mapping, data)
    assert [row["uncached_input_tokens"] for row in rows] == [50, None, 5]
    assert bad == []
    rows, _, _ = _land(tmp_path, "input_includes_cached: false\n" + mapping, data)
    assert [row["uncached_input_tokens"] for row in rows] == [100, None, 5]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


NESTED = f"{BASE}  input_tokens: total\n  cache_read_tokens: parts.deep.hit\n"
CELLS = ['{"deep": {"hit": 30}}', "{'deep': {'hit': 30, 'ok': True}}", '{"deep": "{\\"hit\\": \\"30\\"}"}']


@pytest.mark.parametrize("cell", CELLS, ids=["json", "printed by python", "text in text"])
def test_a_path_reaches_into_objects_that_are_text(tmp_path: Path, cell: str) -> None:
    data = f"at,total,parts\n2026-05-01T00:00:00Z,100,{quoted(cell)}\n"
    row = _one(tmp_path, f"input_includes_cached: true\n{NESTED}", data)
    assert (row["uncached_input_tokens"], row["cache_read_tokens"]) == (70, 30)


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    for parts, told in (({"deep": {"hit": 0}}, []), ({"deep": {"hits": 3}}, ["parts.deep.hit"])):
        data = json.dumps({"at": "2026-05-01T00:00:00Z", "total": 100, "parts": parts})
        _, _, notes = _land(tmp_path, f"input_includes_cached: true\n{NESTED}", data + "\n", "data.jsonl")
        assert [note for note in notes if "never occur" in note and told] == notes
        assert all(name in notes[0] for name in told)


def test_pairs_of_keys_and_values_are_an_object() -> None:
    assert object_of([("hit", 30)]) == object_of([{"key": "hit", "value": 30}]) == {"hit": 30}
    assert object_of([1, 2]) == object_of([]) == object_of("hit") == object_of(None) == {}


def test_more_cached_than_input_is_refused(tmp_path: Path) -> None:
    mapping = "input_includes_cached: true\n" + BASE + "  input_tokens: total\n  cache_read_tokens: hit\n"
    _, bad, _ = _land(tmp_path, mapping, "at,total,hit\n2026-05-01T00:00:00Z,10,30\n")
    assert bad == [(1, "input_tokens", "part_exceeds_whole")]


def test_reasoning_outside_the_output_is_added(tmp_path: Path) -> None:
    mapping = "output_includes_reasoning: false\n" + BASE + "  output_tokens: out\n  reasoning_tokens: think\n"
    row = _one(tmp_path, mapping, "at,out,think\n2026-05-01T00:00:00Z,10,30\n")
    assert (row["output_tokens"], row["reasoning_tokens"]) == (40, 30)


@pytest.mark.parametrize(
    ("how", "value", "expected"),
    [
        ("{from: at, time_zone: Europe/Berlin}", "2026-03-29 01:30:00", "2026-03-29 00:30:00"),
        ("{from: at, time_zone: Europe/Berlin}", "2026-03-29 03:30:00", "2026-03-29 01:30:00"),
        ("{from: at, time_zone: Europe/Berlin}", "2026-03-29T03:30:00Z", "2026-03-29 03:30:00"),
        ("{from: at, time_zone: Europe/Berlin}", "2025-10-26 02:30:00", "2025-10-26 00:30:00"),
        ("{from: at, format: epoch_s}", "1700000000.5", "2023-11-14 22:13:20.500000"),
        ("{from: at, format: epoch_ms}", "1700000000123", "2023-11-14 22:13:20.123000"),
        ("{from: at, format: epoch_ns}", "1700000000123456789", "2023-11-14 22:13:20.123457"),
        ("{from: at, format: offset_ms, start: '2024-01-01T00:00:00+01:00'}", "1500", "2023-12-31 23:00:01.500000"),
        ("{from: at, format: offset_s, start: 2024-01-01}", "60", "2024-01-01 00:01:00"),
        ("{from: at, format: '%d/%m/%Y %H:%M'}", "06/05/2026 21:54", "2026-05-06 21:54:00"),
    ],
)
def test_times(tmp_path: Path, how: str, value: str, expected: str) -> None:
    row = _one(tmp_path, f"columns:\n  requested_at_utc: {how}\n", f"at\n{value}\n")
    assert str(row["requested_at_utc"]) == expected


def test_local_times_that_no_clock_showed_once_are_read_and_said(tmp_path: Path) -> None:
    """02:30 of the day in March does not exist in Berlin, that of October exists twice."""
    mapping = "time_zone: Europe/Berlin\ncolumns:\n  requested_at_utc: at\n"
    lines = ["2026-03-29 02:30:00", "2025-10-26 02:30:00", "2025-10-26 02:45:00", "2025-10-26 03:00:00"]
    rows, bad, notes = _land(tmp_path, mapping, "\n".join(["at", *lines]) + "\n")
    hours = ["2026-03-29 01:30:00", "2025-10-26 00:30:00", "2025-10-26 00:45:00", "2025-10-26 02:00:00"]
    assert ([str(row["requested_at_utc"]) for row in rows], bad) == (hours, [])
    assert [note.partition(" clocks of")[0] for note in notes] == ["1 time, at which the", "2 times that the"]


def test_date_and_time_of_two_columns(tmp_path: Path) -> None:
    mapping = "time_zone: America/New_York\ncolumns:\n  requested_at_utc: {from: [day, clock]}\n"
    rows, bad, _ = _land(tmp_path, mapping, "day,clock\n2026-05-01,20:30:00\n2026-05-01,\n")
    assert str(rows[0]["requested_at_utc"]) == "2026-05-02 00:30:00"
    assert bad == [(2, "requested_at_utc", "missing_value")]


def test_units_and_scales(tmp_path: Path) -> None:
    mapping = BASE + (
        "  duration_ms: {from: took, unit: seconds}\n  recorded_cost_usd: {from: cents, unit: cents}\n"
        "  output_tokens: {from: kilo, scale: 1000}\n"
    )
    row = _one(tmp_path, mapping, "at,took,cents,kilo\n2026-05-01T00:00:00Z,21.06,12.50,1.5\n")
    assert (row["duration_ms"], row["output_tokens"]) == (21060, 1500)
    assert (str(row["recorded_cost_usd"]), row["recorded_cost_text"]) == ("0.125000000000", "0.1250")
    assert row["recorded_cost_decimals"] == 4


def test_stated_decimals_beat_printed_ones(tmp_path: Path) -> None:
    mapping = BASE + "  recorded_cost_usd: {from: cost, decimals: 6}\n"
    row = _one(tmp_path, mapping, '{"at": "2026-05-01T00:00:00Z", "cost": 0.003}\n', "data.jsonl")
    assert (row["recorded_cost_text"], row["recorded_cost_decimals"]) == ("0.003", 6)


def test_lookup_pattern_constant_tags_and_id(tmp_path: Path) -> None:
    mapping = BASE + (
        "  event_id: [run, step]\n  provider_name: {constant: openai}\n"
        "  environment: {from: env, values: {p: production, d: development}, otherwise: other}\n"
        "  team_id: {from: key, pattern: 'team=(\\w+)'}\n  tags: {note: note, run: run}\n"
    )
    data = "at,run,step,env,key,note\n2026-05-01T00:00:00Z,r1,2,p,team=search;x,hello\n2026-05-01T00:00:00Z,r1,3,z,x,\n"
    rows, bad, _ = _land(tmp_path, mapping, data)
    assert bad == []
    assert [row["event_id"] for row in rows] == ["r1 2", "r1 3"]
    assert [row["environment"] for row in rows] == ["production", "other"]
    assert [row["team_id"] for row in rows] == ["search", None]
    assert [row["tags"] for row in rows] == ['{"note": "hello", "run": "r1"}', '{"run": "r1"}']
    assert rows[0]["provider_name"] == "openai"


def test_status_from_error_columns(tmp_path: Path) -> None:
    mapping = BASE + (
        "  status: {error_when: [failure, code], ok_when: [200, none]}\n"
        "  error_type: {from: failure, pattern: '^[A-Za-z]+'}\n"
    )
    data = "at,failure,code\n2026-05-01T00:00:00Z,RateLimitError: slow down,429\n2026-05-01T00:00:00Z,,200\n"
    rows, _, _ = _land(tmp_path, mapping, data)
    assert [(row["status"], row["error_type"]) for row in rows] == [("error", "RateLimitError"), ("ok", None)]


def test_nested_values_by_dotted_path(tmp_path: Path) -> None:
    data = '{"at": "2026-05-01T00:00:00Z", "usage": {"out": {"n": 5}}}\n{"at": "2026-05-01T00:00:00Z", "usage": null}\n'
    rows, _, _ = _land(tmp_path, BASE + "  output_tokens: usage.out.n\n", data, "data.jsonl")
    assert [row["output_tokens"] for row in rows] == [5, None]


def test_file_without_a_measured_column_is_refused_and_without_another_is_noted(tmp_path: Path) -> None:
    mapping = BASE + "  output_tokens: outputs\n"
    assert _land(tmp_path, mapping, "at,output\n2026-05-01T00:00:00Z,5\n")[:2] == (
        [],
        [(None, "output_tokens", "missing_column")],
    )
    _, bad, notes = _land(tmp_path, BASE + "  feature: caller\n", "at,output\n2026-05-01T00:00:00Z,5\n")
    assert (bad, notes) == ([], ["columns of the mapping that never occur: caller"])


def test_mapping_error_quarantines_the_file(tmp_path: Path) -> None:
    rows, bad, _ = _land(tmp_path, "columns: {requested_at: at}", "at\n2026-05-01T00:00:00Z\n")
    assert (rows, bad) == ([], [(None, "columns.requested_at", "invalid_mapping")])


COST = BASE + "  recorded_cost_usd: cost\n  output_tokens: out\n"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("$0.12", "0.12"),
        ("USD 0.12", "0.12"),
        ("US$1,234.50", "1234.5"),
        ("0.12 USD", "0.12"),
        ("1,234", "1234"),
        ("0,012", None),
        ("€0.12", None),
        ("0.12 EUR", None),
        ("12¢", None),
    ],
)
def test_costs_as_people_print_them(tmp_path: Path, printed: str, expected: str | None) -> None:
    rows, bad, notes = _land(tmp_path, COST, f"at;out;cost\n2026-05-01;1;{printed}\n")
    assert (rows[0]["recorded_cost_usd"], bad) == (None if expected is None else Decimal(expected), [])
    assert bool(notes) == (expected is None)
    assert all(f"{printed!r} in row 1" in note for note in notes)


def test_a_comma_is_no_mark_of_thousands_where_the_column_shows_decimals(tmp_path: Path) -> None:
    data = "at;out;cost\n2026-05-01;1.500;1,234\n2026-05-01;2;0,0123\n2026-05-01;3;1.234,5\n"
    rows, _, (note,) = _land(tmp_path, COST, data.replace("1.500", "1500"))
    assert [row["recorded_cost_usd"] for row in rows] == [None, None, None]
    assert "decimal_comma" in note
    rows, bad, notes = _land(tmp_path, "decimal_comma: true\n" + COST, data)
    costs = [Decimal("1.234"), Decimal("0.0123"), Decimal("1234.5")]
    assert ([row["recorded_cost_usd"] for row in rows], rows[0]["output_tokens"]) == (costs, 1500)
    assert (bad, notes) == ([], [])


@pytest.mark.parametrize("nothing", ["NULL", "\\N", "N/A", "nan", "None", "-"])
def test_words_for_no_value_are_unknown(tmp_path: Path, nothing: str) -> None:
    rows, bad, notes = _land(tmp_path, COST, f"at;out;cost\n2026-05-01;{nothing};{nothing}\n")
    assert (rows[0]["output_tokens"], rows[0]["recorded_cost_usd"], bad, notes) == (None, None, [], [])


@pytest.mark.parametrize(
    "printed",
    [
        "2026-05-10 10:00:00 UTC",
        "2026-05-10 12:00:00 Europe/Berlin",
        "2026-05-10 10:00:00.000 Z",
        "2026-05-10 10:00:00 +0000 UTC",
        "Sun, 10 May 2026 10:00:00 GMT",
        "2026-05-10T12:00:00+02:00[Europe/Berlin]",
        "2026/05/10 10:00:00",
        "Sun May 10 2026 12:00:00 GMT+0200 (Central European Summer Time)",
        "Sun May 10 10:00:00 2026",
    ],
)
def test_times_as_programs_print_them(tmp_path: Path, printed: str) -> None:
    rows, bad, _ = _land(tmp_path, BASE, f"at;x\n{printed};1\n")
    assert (bad, str(rows[0]["requested_at_utc"])) == ([], "2026-05-10 10:00:00")


def test_a_time_that_needs_a_format_says_so(tmp_path: Path) -> None:
    (folder := tmp_path / "mapped" / "x").mkdir(parents=True)
    (folder / "mapping.yml").write_text(BASE)
    (folder / "d.csv").write_text("at,x\n1794304800000,1\n")
    (batch,) = parse(SourceFile(folder / "d.csv", "mapped/x/d.csv", 1, NOW, "", NOW))
    assert "epoch_ms" in batch.quarantined[0].message


def test_headers_that_spreadsheets_and_joins_write(tmp_path: Path) -> None:
    rows, bad, _ = _land(tmp_path, COST, "sep=;\nat;out;cost\n2026-05-01;3;0.5\n")
    assert (rows[0]["output_tokens"], rows[0]["recorded_cost_usd"], bad) == (3, Decimal("0.5"), [])
    rows, bad, _ = _land(tmp_path, COST, "at,out,out,cost\n2026-05-01,3,4,0.5\n")
    assert (rows, bad) == ([], [(None, "output_tokens", "ambiguous_column")])
    rows, bad, _ = _land(
        tmp_path, COST.replace("output_tokens: out", "output_tokens: 'out#2'"), "at,out,out,cost\n2026-05-01,3,4,0.5\n"
    )
    assert (rows[0]["output_tokens"], bad) == (4, [])


def test_a_row_that_sums_calls_has_no_list_price(tmp_path: Path) -> None:
    data = "at,out,n\n2026-05-01,300000,37\n2026-05-02,5,1\n2026-05-03,5,\n2026-05-04,-1,2\n"
    rows, bad, notes = _land(tmp_path, "summed_calls: n\n" + BASE + "  output_tokens: out\n", data)
    assert [row["unknown_usage_reason"] for row in rows] == ["summed_calls", None, "summed_calls"]
    assert [row["output_tokens"] for row in rows] == [300_000, 5, 5]
    assert len(bad) == 1
    assert any("summed_calls" in note and "37 in 2 calls" in note for note in notes)
