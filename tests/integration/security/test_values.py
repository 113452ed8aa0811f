"""Values that are SQL, Jinja, YAML, markup or formulas are landed as the text they are, and change nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.sources.events.pipeline import land as land_events
from ingestion.sources.org.pipeline import land as land_org

NOW = datetime(2026, 11, 28, tzinfo=UTC)
HOSTILE = [
    "'; drop table raw_events.requests; --",
    '"; drop schema raw_events cascade; --',
    "x' or '1'='1",
    "{{ run_query('drop table x') }}",
    "{% raw %}{{ env_var('HOME') }}",
    "{{ 7 * 7 }}",
    "!!python/object/apply:os.system ['id']",
    "*alias",
    "=cmd|' /C calc'!A0",
    "[/red][link=http://x.invalid]y",
    "\x1b]0;title\x07",
    "${jndi:ldap://x.invalid}",
    "../../../etc/passwd",
    "$(id)`id`",
    "%s%n{0}{__class__}",
    "\u202egnp.exe",
]
COLUMNS = ("event_id", "requested_model", "team_id", "user_id", "project_id")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    events, org = home / "drop" / "events" / "canonical", home / "drop" / "org"
    events.mkdir(parents=True)
    org.mkdir()
    records = [
        dict.fromkeys(COLUMNS, f"{n} {text}")
        | {"requested_at_utc": "2026-11-20T10:00:00Z", "output_tokens": n}
        | {"tags": {text: text}}
        for n, text in enumerate(HOSTILE)
    ]
    (events / "calls.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    teams = "".join('"{0}","{0}"\n'.format(text.replace('"', '""')) for text in HOSTILE)
    (org / "teams.csv").write_text("team_id,team_name\n" + teams)
    settings = Settings.from_env({}, home=home)
    land_events(settings, now=NOW)
    land_org(settings, now=NOW)
    land_events(settings, now=NOW)
    return settings.warehouse_path


def _rows(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as db:
        return db.execute(sql).fetchall()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_value_of_an_event_is_the_text_that_it_was(warehouse: Path, column: str) -> None:
    found = _rows(warehouse, f"select {column} from raw_events.requests order by output_tokens")
    assert [value for (value,) in found] == [f"{n} {text}" for n, text in enumerate(HOSTILE)]


def test_tags_keep_their_names_and_values(warehouse: Path) -> None:
    found = _rows(warehouse, "select tags from raw_events.requests order by output_tokens")
    assert [json.loads(str(value)) for (value,) in found] == [{text: text} for text in HOSTILE]


def test_names_of_the_organisation_are_text(warehouse: Path) -> None:
    found = _rows(warehouse, "select team_id from raw_org.teams order by _source_row")
    assert [value for (value,) in found] == HOSTILE
