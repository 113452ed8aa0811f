"""The examples of `docs/dlt_sources.md` run as they stand, with credentials from dlt's own configuration."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from ingestion.catalog import CATALOG
from ingestion.raw_schemas import RAW_SCHEMAS
from tests.integration.ingestion.standalone.test_changes_alone import ALL, destinations, event, settings
from tests.support.http_stub import Answer, serving
from tests.support.postgres import running_server

__all__ = ["destinations", "settings"]
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "dlt_sources.md").read_text()
PROGRAMS = dict(
    zip(("duckdb", "postgres", "files", "delta"), re.findall(r"```python\n(.*?)```", PAGE, re.S), strict=True)
)
KEY = "sk-admin-planted-alone-4711"


def ran(program: str, folder: Path, **variables: str) -> str:
    env = {name: value for name, value in os.environ.items() if "__" not in name}
    env |= {"PYTHONPATH": str(ROOT), "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(folder / "dlt")}
    dlt_command = [str(Path(sys.executable).with_name("dlt")), *program.split()[1:]]
    command = [sys.executable, "-c", program] if "\n" in program else dlt_command
    done = subprocess.run(
        command, cwd=folder, env=env | variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    place = tmp_path / "drop" / "events" / "canonical" / "a.jsonl"
    place.parent.mkdir(parents=True)
    place.write_text("".join(f"{json.dumps(event(n))}\n" for n in range(7)))
    return tmp_path


def test_the_key_comes_from_dlts_configuration_and_is_written_nowhere(tmp_path: Path) -> None:
    def answer(asked: object) -> Answer:
        return Answer({"object": "page", "data": [], "has_more": False, "next_page": None})

    with serving(answer) as stub:
        given = {"SOURCES__OPENAI__ADMIN_KEY": KEY, "SOURCES__OPENAI__BASE_URL": stub.url}
        given |= {"SOURCES__OPENAI__START_DATE": "2026-07-30", "SOURCES__OPENAI__TO_DATE": "2026-07-31"}
        said = ran(PROGRAMS["duckdb"], tmp_path, **given)
        assert {asked.headers["authorization"] for asked in stub.asked} == {f"Bearer {KEY}"}
    info = ran("dlt pipeline openai_duckdb info", tmp_path)
    assert "openai_duckdb" in info
    assert KEY not in said + info
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_files_hold_the_rows_that_the_query_of_the_page_counts(drop: Path) -> None:
    for _ in range(2):
        ran(PROGRAMS["files"], drop, DESTINATION__FILESYSTEM__BUCKET_URL=str(drop / "lake"))
        (drop / "drop/events/canonical/a.jsonl").write_text("")
        (drop / "drop/events/canonical/b.jsonl").write_text(
            '{"event_id": "x", "requested_at_utc": "2026-05-01T00:00:00Z", "model": "m"}\n'
        )
    [query] = re.findall(r"```sql\n(.*?)```", PAGE, re.S)
    with duckdb.connect() as db:
        db.execute(f"set file_search_path = '{drop}'")
        assert [row[0] for row in db.execute(f"select event_id from ({query})").fetchall()] == ["x"]


@pytest.mark.skipif(not ALL, reason="set COSTOPS_TEST_SOURCES_ALONE")
def test_the_other_destinations_of_the_page(drop: Path) -> None:
    ran(PROGRAMS["delta"], drop, DESTINATION__FILESYSTEM__BUCKET_URL=str(drop / "lake"))
    with running_server() as server:
        ran(PROGRAMS["postgres"], drop, DESTINATION__POSTGRES__CREDENTIALS=server.url())
        assert server.ask("select count(*), sum(output_tokens) from events.requests") == ["7|7"]


def test_the_page_names_every_source_and_its_tables() -> None:
    rows = dict(re.findall(r"^\| `ingestion\.sources\.(\w+)\.source\.\w+_source` \|.*\| (.*) \|$", PAGE, re.M))
    assert rows.keys() == {spec.name for spec in CATALOG}
    for spec in CATALOG:
        assert callable(getattr(import_module(f"ingestion.sources.{spec.name}.source"), f"{spec.name}_source"))
        named = set(re.findall(r"`(\w+)`", rows[spec.name]))
        own = set(spec.tables) - ({"model_aliases", "other_prices"} if spec.name == "prices" else set())
        assert named == own, spec.name
    assert set(RAW_SCHEMAS) - {"raw_landing"} == {spec.dataset for spec in CATALOG}
