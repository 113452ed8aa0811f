"""From folders to rows: which reader a file gets, aliases, ignored and ambiguous columns, bulk import."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing import LandingReport, connect
from ingestion.sources.events import bulk
from ingestion.sources.events.pipeline import land
from tests.integration.ingestion.landing.toy import NOW


class Home:
    """A home whose events folder a test fills."""

    def __init__(self, path: Path) -> None:
        self.settings = Settings.from_env({}, path)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.settings.events_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> LandingReport:
        return land(self.settings, now=NOW)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with connect(self.settings.warehouse_path) as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


CSV = "event_id,requested_at_utc,requested_model,output_tokens\n"


def test_folder_decides_and_strange_places_are_told(home: Home) -> None:
    row = "1,2026-05-01T00:00:00Z,m,5\n"
    home.write("canonical/deep/er/a.csv", CSV + row)
    home.write("canonical/b.csv.gz", gzip.compress((CSV + row.replace("1,", "2,", 1)).encode()))
    home.write("canonical/README.md", "about")
    home.write("canonical/a.xlsx", "x")
    home.write("loose.csv", CSV)
    home.write("mapped/loose.csv", CSV)
    home.write("openai/x.csv", CSV)
    home.write("openai/y.csv", CSV)
    report = home.land()
    assert home.query("select event_id, event_source from raw_events.requests order by 1") == [
        ("1", "canonical"),
        ("2", "canonical"),
    ]
    notes = "\n".join(map(str, report.notes))
    assert "unknown folder openai/: expected one of canonical/, provider_bodies/" in notes
    assert notes.count("unknown folder openai/") == 2
    assert "loose.csv: it lies in no folder of a format: put it into canonical/" in notes
    assert "mapped/loose.csv: it lies in no folder of a mapping: put it into mapped/<name>/" in notes
    assert "canonical/a.xlsx: canonical/ cannot read .xlsx files; export it as .jsonl" in notes
    assert "README" not in notes


def test_a_file_outside_the_folders_is_told_where_it_belongs(home: Home) -> None:
    answer = {
        "id": "r1",
        "object": "chat.completion",
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    session = {"type": "summary", "summary": "s", "leafUuid": "u"}
    home.write("answers.jsonl", json.dumps(answer))
    home.write("logs/session.jsonl", json.dumps(session))
    home.write("logs/strange.json", json.dumps({"hello": "world"}))
    home.write("logs/torn.json", '{"usage": ')
    notes = {str(note.file): note for note in home.land().notes}
    assert {note.kind for note in notes.values()} == {"outside_folder"}
    assert "provider_bodies/: move it there" in str(notes["answers.jsonl"])
    assert "claude_code/: move it there" in str(notes["logs/session.jsonl"])
    for name in ("logs/strange.json", "logs/torn.json"):
        assert "unknown folder logs/: expected one of canonical/" in str(notes[name])
    assert home.query("select count(*) from raw_events.requests") == [(0,)]


def test_aliases_defaults_and_ignored_columns(home: Home) -> None:
    home.write(
        "canonical/a.csv",
        "Timestamp,Model,Provider,Completion_Tokens,Cost_USD,colour,error_type\n"
        "2026-05-01T02:00:00+02:00,m,openai,5,0.0030,red,\n"
        "2026-05-01 00:00:00,m,openai,,,red,timeout\n",
    )
    report = home.land()
    assert [str(note) for note in report.notes] == [
        "canonical/a.csv: columns without a canonical name are ignored: colour"
    ]
    columns = (
        "requested_at_utc::varchar, output_tokens, recorded_cost_text, recorded_cost_decimals, status, is_billable"
    )
    assert home.query(f"select {columns} from raw_events.requests order by _source_row") == [
        ("2026-05-01 00:00:00", 5, "0.0030", 4, "ok", True),
        ("2026-05-01 00:00:00", None, None, None, "error", True),
    ]


def test_a_prompt_where_its_digest_should_be_does_not_land(home: Home) -> None:
    line = '{"timestamp": "2026-05-01T00:00:00Z", "model": "m", "output_tokens": 5, "prompt_hash": "%s"}\n'
    home.write("canonical/a.jsonl", line % ("0f" * 16) + line % "Who earns most here?" + line % "hello")
    report = home.land()
    assert home.query("select prompt_hash from raw_events.requests order by _source_row") == [
        ("0f" * 16,), (None,), (None,)
    ]  # fmt: skip
    (note,) = report.notes
    assert (note.kind, note.row, note.count) == ("no_digest", 2, 2)
    assert "Who" not in str(note)


def test_own_ids_are_stable_while_a_file_grows(home: Home) -> None:
    line = '{"timestamp": "2026-05-01T00:00:00Z", "model": "m", "output_tokens": %d}\n'
    home.write("canonical/a.jsonl", line % 1 + line % 2)
    home.land()
    before = home.query("select event_id from raw_events.requests order by _source_row")
    home.write("canonical/a.jsonl", line % 1 + line % 2 + line % 3)
    home.land()
    after = home.query("select event_id from raw_events.requests order by _source_row")
    assert after[:2] == before
    assert len(set(after)) == 3


def test_ambiguous_input_tokens_are_refused_not_dropped(home: Home) -> None:
    base = '{"timestamp": "2026-05-01T00:00:00Z", "model": "m", '
    home.write(
        "canonical/a.jsonl",
        base + '"input_tokens": 5}\n' + base + '"input_tokens": 5, "uncached_input_tokens": 5}\n' + base + '"x": 1}\n',
    )
    home.land()
    assert home.query("select row_number, field, reason from raw_events.quarantine") == [
        (1, "input_tokens", "contradiction")
    ]
    assert home.query("select uncached_input_tokens from raw_events.requests order by _source_row") == [(5,), (None,)]


def test_changed_mapping_lands_its_files_again(home: Home) -> None:
    mapping = "columns: {requested_at_utc: at, requested_model: {constant: %s}}"
    home.write("mapped/x/mapping.yml", mapping % "small")
    home.write("mapped/x/a.csv", "at\n2026-05-01T00:00:00Z\n")
    home.land()
    home.write("mapped/x/mapping.yml", mapping % "large")
    assert home.land().files_landed == 1
    assert home.land().files_landed == 0
    assert home.query("select requested_model from raw_events.requests") == [("large",)]


EVENTS = """
    select 'e' || i as event_id, timestamp '2026-05-01' + to_seconds(i) as requested_at_utc, 'm' as requested_model,
        i as output_tokens, 0.002500::decimal(18, 6) as recorded_cost_usd, {extra}
    from range(1000) t(i)
"""


def _parquet(home: Home, name: str, extra: str) -> Path:
    path = home.write(f"canonical/{name}.parquet", "")
    duckdb.sql(f"copy ({EVENTS.format(extra=extra)}) to '{path}' (format parquet)")
    return path


PROVENANCE = "_source_file_id, _source_row, _dlt_load_id, _loaded_at_utc"
SAME = f"select * exclude ({PROVENANCE}) from raw_events.requests order by all"


@pytest.mark.parametrize(
    "extra",
    [
        "null::varchar as feature",
        "case when i = 7 then 'timeout' end as error_type",
        "'eins' as event_source, case when i = 7 then false end as is_billable",
        "i % 2 = 0 as is_batch",
        "md5('question ' || i % 7) as prompt_hash",
        '\'{"a": "b"}\' as tags',
    ],
)
def test_bulk_import_gives_the_rows_of_the_ordinary_way(
    tmp_path: Path, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary, whole = Home(tmp_path / "ordinary"), Home(tmp_path / "whole")
    path = _parquet(ordinary, "a", extra)
    (whole.settings.events_dir / "canonical").mkdir(parents=True)
    shutil.copy(path, whole.settings.events_dir / "canonical" / "a.parquet")
    ordinary.land()
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    report = whole.land()
    assert report.rows_by_table == {"requests": 1000}
    assert whole.query(
        "select count(_source_row), count(_source_file_id), count(_loaded_at_utc) from raw_events.requests"
    ) == [(0, 1000, 1000)]
    assert whole.query(SAME) == ordinary.query(SAME)
    columns = "select column_name, data_type from duckdb_columns() where schema_name = 'raw_events' order by all"
    assert whole.query(columns) == ordinary.query(columns)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("case when i = 7 then -1 else 1 end as cache_read_tokens", "out_of_range"),
        ("case when i = 7 then i + 1 else 0 end as reasoning_tokens", "contradiction"),
        ("case when i = 7 then repeat('x', 5000) end as feature", "too_large"),
        ("case when i = 7 then 'no json' end as tags", "unreadable_row"),
        ("case when i = 7 then 'a' || chr(0) end as feature", "unreadable_row"),
    ],
)
def test_file_with_a_bad_row_takes_the_ordinary_way(
    home: Home, extra: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    _parquet(home, "a", extra)
    report = home.land()
    assert report.rows_by_table == {"requests": 999}
    assert home.query("select row_number, reason from raw_events.quarantine") == [(8, reason)]


def test_a_prompt_in_a_bulk_file_does_not_land(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    _parquet(home, "a", "case when i = 7 then 'what does it cost?' else md5('question ' || i % 7) end as prompt_hash")
    report = home.land()
    assert [(note.kind, note.row, note.count) for note in report.notes] == [("no_digest", 8, 1)]
    assert home.query("select count(*), count(prompt_hash) from raw_events.requests") == [(1000, 999)]


def test_repeated_ids_of_bulk_files_count_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    _parquet(home, "b", "'x' as feature")
    _parquet(home, "c", "case when i < 3 then 'y' else 'x' end as feature")
    report = home.land()
    assert report.rows_by_table == {"requests": 1000}
    assert report.quarantined_rows == 3
    assert home.query("select count(*), count(distinct event_id), min(feature) from raw_events.requests") == [
        (1000, 1000, "x")
    ]


def test_bulk_times_with_a_zone_become_utc(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    path = home.write("canonical/a.parquet", "")
    duckdb.sql(
        f"""copy (select 'e' as event_id, timestamptz '2026-05-01 02:00:00+02' as requested_at_utc, 'm' as served_model)
        to '{path}' (format parquet)"""
    )
    home.land()
    assert home.query("select requested_at_utc::varchar, _source_row from raw_events.requests") == [
        ("2026-05-01 00:00:00", None)
    ]


def test_files_are_read_again_once_by_readers_that_changed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a reader that was mended since would stay until their file changes."""
    home.write("canonical/a.csv", CSV + "1,2026-05-01T00:00:00Z,m,5\n")
    home.land()
    assert home.land().files_landed == 0
    monkeypatch.setattr("ingestion.landing.source.code_version", lambda *packages: "readers:another")
    report = home.land()
    assert (report.files_landed, home.query("select count(*) from raw_events.requests")) == (1, [(1,)])
    said = [note.message for note in report.notes if note.kind == "landed_again"]
    assert said == ["1 file of events read again, as this version may read it in another way"]
    assert home.land().files_landed == 0
