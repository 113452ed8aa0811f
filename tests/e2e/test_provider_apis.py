"""Provider APIs through the command line: no key is written, one wrong key stops one source, backfills go on."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from ingestion.demo.company import GroundTruth, generate
from ingestion.demo.providers import Keys, Urls, running_simulator
from tests.e2e.conftest import PLANTED, alone_with, costops
from tests.e2e.key_scan import findings
from tests.support.planted import ADDRESSES, KEYS, OF_THE_ORGANISATION, PROMPTS, plant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("provider-apis")]
DAYS = 14
WRONG = "sk-admin-planted-wrong-4711"


def secrets() -> dict[str, str]:
    """Every credential of a run: those in the environment, and those the simulator accepts."""
    harmless = {"azure_tenant_id", "azure_client_id"}  # identifiers, no secrets
    return PLANTED | {name: value for name, value in asdict(Keys()).items() if name not in harmless}


def test_no_key_is_written_anywhere(demo: tuple[Path, str]) -> None:
    """Logs, dlt's state, the spool, Dagster's storage and compute logs, dbt's files, and every row of every table."""
    home, printed = demo
    for part in ("spool/openai", "spool/azure", "dagster", "dbt", "published/costops.duckdb", "warehouse.duckdb"):
        assert (home / part).exists(), part
    with alone_with(home):
        found = findings(home, secrets())
    assert not found
    assert not [name for name, secret in secrets().items() if secret in printed]


def test_no_key_is_written_where_every_provider_is_on_and_one_key_is_wrong(
    landed: tuple[Path, dict[str, str], str],
) -> None:
    """Here OpenRouter's key is in use too, and refusals and errors are written down."""
    home, env, printed = landed
    used = {variable for variable in PLANTED if env.get(variable)}
    assert used >= {"OPENAI_ADMIN_KEY", "ANTHROPIC_ADMIN_KEY", "GROQ_API_KEY", "OPENROUTER_API_KEY"}
    assert used >= {"AZURE_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"}
    known = secrets() | {"wrong": WRONG} | {variable: env[variable] for variable in used}
    assert "OPENAI_ADMIN_KEY is not accepted" in printed
    assert findings(home, known) == []
    assert not [name for name, secret in known.items() if secret in printed]


def test_no_prompt_key_or_address_of_a_file_is_anywhere_but_where_it_belongs(
    landed: tuple[Path, dict[str, str], str],
) -> None:
    """20 prompts, 5 keys and 10 addresses in good and broken rows of every kind of file; `users.csv` has a table."""
    home, _, printed = landed
    planted = {**PROMPTS, **KEYS, **ADDRESSES}
    assert (len(PROMPTS), len(KEYS), len(ADDRESSES)) == (20, 5, 10)
    assert {name for name, _ in findings(home / "drop", planted)} == planted.keys(), "all of them lie in the files"
    assert count(home, "select count(*) from raw_events.quarantine") > 80
    assert count(home, "select count(*) from raw_events.requests") > 0
    places = findings(home, planted, beside=("drop",))
    table = 'warehouse.duckdb "warehouse"."raw_org"."users"'
    assert {place for place in places if place[1] != "warehouse.duckdb"} == {(n, table) for n in OF_THE_ORGANISATION}
    assert {name for name, _ in places} == set(OF_THE_ORGANISATION)
    assert not [name for name, words in planted.items() if words in printed]


def test_the_scan_finds_a_key_in_every_kind_of_file(tmp_path: Path) -> None:
    key = "sk-planted-0123456789"
    with gzip.open(tmp_path / "day.jsonl.gz", "wt") as packed:
        packed.write(json.dumps({"page": key}))
    (tmp_path / "run.log").write_text(f"GET /?key={quote('a/' + key, safe='')}")
    (tmp_path / "state.json").write_text(base64.b64encode(key.encode()).decode())
    rows = ", ".join(f"('{key}{number}')" for number in range(3000))
    with duckdb.connect(str(tmp_path / "costops.duckdb")) as db:
        db.execute(f"create schema marts; create table marts.t as select * from (values {rows}) as v(cell)")
        db.execute(f"copy marts.t to '{tmp_path / 'mart.parquet'}' (compression zstd)")
    with sqlite3.connect(tmp_path / "runs.db") as storage:
        storage.execute("create table runs (body text)")
        storage.execute("insert into runs values (?)", ["x" * 3990 + key + "x" * 5000])
    places = {place.split(" ")[0] for _, place in findings(tmp_path, {"planted": key})}
    assert places == {"day.jsonl.gz", "run.log", "state.json", "costops.duckdb", "mart.parquet", "runs.db"}


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Urls, date]]:
    """The providers of a tiny company that ends yesterday, and its first day."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    truth: GroundTruth = generate(tmp_path_factory.mktemp("company"), last_date=last, days=DAYS, scale=0.05)
    with running_simulator(truth) as urls:
        yield urls, last - timedelta(days=DAYS - 1)


@pytest.fixture(scope="module")
def landed(providers: tuple[Urls, date], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], str]:
    """A home after landing with a wrong key for OpenAI; the variables with the right one; what was printed."""
    urls, first = providers
    home = tmp_path_factory.mktemp("apis") / "home"
    plant(home / "drop")
    env = urls.environment() | {
        "COSTOPS_BACKFILL_FROM": first.isoformat(),
        "COSTOPS_API_REQUESTS_PER_MINUTE": "100000",
        "COSTOPS_API_RETRY_BASE_SECONDS": "0.01",
    }
    result = costops("run", "--select", "kind:dlt", home=home, env=env | {"OPENAI_ADMIN_KEY": WRONG})
    assert result.returncode == 1, result.stdout[-3000:] + result.stderr[-3000:]
    return home, env, result.stdout + result.stderr


def count(home: Path, sql: str) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        row = db.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def test_a_wrong_key_stops_its_source_and_no_other(landed: tuple[Path, dict[str, str], str]) -> None:
    home, _, printed = landed
    assert "OPENAI_ADMIN_KEY is not accepted" in printed
    assert WRONG not in printed
    assert count(home, "select count(*) from raw_openai.usage") == 0
    for table in ("raw_anthropic.messages_usage", "raw_groq.rates", "raw_azure.cost_query", "raw_aws.cost_explorer"):
        assert count(home, f"select count(*) from {table}") > 0, table
    assert count(home, "select count(*) from raw_prices.model_prices") > 0, "prices land after the sources"


def test_a_backfill_pulls_what_is_missing_and_nothing_twice(
    providers: tuple[Urls, date], landed: tuple[Path, dict[str, str], str]
) -> None:
    (urls, first), (home, env, _) = providers, landed
    last = first + timedelta(days=3)
    window = ["--from", first.isoformat(), "--to", last.isoformat()]
    result = costops("backfill", "openai", *window, home=home, env=env)
    assert result.returncode == 0, result.stderr
    assert "usage_completions" in result.stdout
    sql = "select count(distinct bucket_start_utc::date) from raw_openai.costs"
    assert 0 < count(home, sql) <= 4
    rows = count(home, "select count(*) from raw_openai.usage")
    pulled = "select count(*) from raw_openai.pulls where endpoint = 'usage_completions' and status = 'complete'"
    assert count(home, pulled) == 4

    (home / "spool" / "openai" / "usage_completions" / f"{first}.jsonl.gz").unlink()
    before = urls.simulator.journal.counts()
    assert costops("backfill", "openai", *window, home=home, env=env).returncode == 0
    asked = {name: n - before.get(name, 0) for name, n in urls.simulator.journal.counts().items()}
    assert sum(n for name, n in asked.items() if "completions" in name) == 1, asked
    assert count(home, "select count(*) from raw_openai.usage") == rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "no API source"),
        (["groq"], "GROQ_API_KEY is not set"),
        (["groq", "--from", "2026-02-02", "--to", "2026-02-01"], "lies after"),
    ],
)
def test_a_backfill_that_cannot_start_says_why(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = costops("backfill", *arguments, home=tmp_path)
    assert result.returncode != 0
    assert words in result.stderr


def test_doctor_tells_which_provider_is_on(landed: tuple[Path, dict[str, str], str]) -> None:
    home, env, _ = landed
    result = costops("doctor", home=home, env=env | {"GROQ_API_KEY": "", "COLUMNS": "200"})
    assert "GROQ_API_KEY is not set" in result.stdout
    assert env["OPENAI_BASE_URL"] in result.stdout
    assert not [name for name, secret in secrets().items() if secret in result.stdout]
