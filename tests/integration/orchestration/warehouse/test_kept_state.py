"""What no source can give again survives the loss of the warehouse file."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from ingestion.config import Settings
from ingestion.landing.database import connect
from ingestion.landing.keeping import MOST_PARTS, PRICE_TABLES, KeptState
from ingestion.sources.prices import moving
from ingestion.sources.prices.pipeline import land
from orchestration.alerting.store import ensure_alerts_table
from orchestration.warehouse.kept import ALERTS, KEPT, keep, ready_tables, recalled
from tests.integration.ingestion import prices_killed_run
from tests.integration.ingestion.prices_killed_run import raised_list

MONDAY = datetime.fromisoformat("2026-11-02T05:15:00")
HISTORY = (
    "select price_row_hash, known_from_utc, known_to_utc from raw_prices.model_prices "
    "union all select alias_row_hash, known_from_utc, known_to_utc from raw_prices.model_aliases order by all"
)


@pytest.fixture(autouse=True)
def _short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four providers of the list, which are kept as all of them are, in a tenth of the time."""
    few = [each for each in get_snapshot().providers if each.id in ("openai", "mistral", "groq", "google")]
    for module in (moving, prices_killed_run):
        monkeypatch.setattr(module, "get_snapshot", lambda: DataSnapshot(providers=few, from_auto_update=False))


def _history(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings.warehouse_path) as db:
        return db.execute(HISTORY).fetchall()


def test_when_prices_were_known_survives_the_loss_of_the_warehouse(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    land(settings, now=MONDAY)
    land(settings, now=MONDAY + timedelta(days=1), snapshot=raised_list(), source_version="raised")
    before = _history(settings)
    ended = [row for row in before if row[2] is not None]
    assert ended
    assert {row[1] for row in before} == {MONDAY, MONDAY + timedelta(days=1)}
    settings.warehouse_path.unlink()
    land(settings, now=MONDAY + timedelta(days=2), snapshot=raised_list(), source_version="raised")
    assert _history(settings) == before


def test_what_was_kept_before_a_kill_is_what_the_landing_would_have_written(tmp_path: Path) -> None:
    """The state is written first: a home whose warehouse is that of before the landing ends up with the same rows."""
    settings = Settings.from_env({}, tmp_path)
    land(settings, now=MONDAY)
    old = settings.warehouse_path.read_bytes()
    land(settings, now=MONDAY + timedelta(days=1), snapshot=raised_list(), source_version="raised")
    undisturbed = _history(settings)
    settings.warehouse_path.write_bytes(old)
    land(settings, now=MONDAY + timedelta(days=2), snapshot=raised_list(), source_version="raised")
    assert _history(settings) == undisturbed


def test_a_broken_part_is_set_aside_and_kept_again(tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    land(settings, now=MONDAY)
    before = _history(settings)
    part = KeptState(settings.state_dir).parts(PRICE_TABLES[0])[0]
    part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])
    said: list[str] = []
    land(settings, now=MONDAY + timedelta(days=1), progress=said.append)
    assert any("cannot be read" in words for words in said)
    settings.warehouse_path.unlink()
    land(settings, now=MONDAY + timedelta(days=2))
    assert _history(settings) == before


@pytest.fixture
def alerts(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(tmp_path / "w.duckdb"))
    ensure_alerts_table(connection)
    for alert, subject in (("a", "t"), ("b", "u")):
        connection.execute(
            "insert into alerts.alerts by name select ? as alert_id, 'budget' as rule, 'high' as severity, "
            "'team' as subject_type, ? as subject_id, 'x' as title, 'y' as message, '{}' as evidence, "
            "timestamp '2026-11-01' as first_seen_at_utc, timestamp '2026-11-01' as last_seen_at_utc",
            [alert, subject],
        )
    return connection


def test_an_acknowledged_alert_stays_acknowledged(alerts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    state = KeptState(tmp_path / "state")
    assert state.keep(alerts, ALERTS) == 2
    assert state.keep(alerts, ALERTS) == 0
    alerts.execute(
        "update alerts.alerts set delivered_at_utc = '2026-11-01', delivered_to = 'log' where alert_id = 'a'"
    )
    alerts.execute("update alerts.alerts set acknowledged_at_utc = '2026-11-02' where alert_id = 'b'")
    state.keep(alerts, ALERTS)
    after = alerts.execute("from alerts.alerts order by all").fetchall()
    alerts.execute("update alerts.alerts set delivered_at_utc = null, delivered_to = null, acknowledged_at_utc = null")
    assert state.recall(alerts, ALERTS) == 2
    assert alerts.execute("from alerts.alerts order by all").fetchall() == after
    alerts.execute("delete from alerts.alerts")
    assert state.recall(alerts, ALERTS) == 2
    assert alerts.execute("from alerts.alerts order by all").fetchall() == after
    assert state.recall(alerts, ALERTS) == 0


def test_an_alert_that_is_over_stays_over_and_one_that_came_back_is_open(
    alerts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Its end is the newest thing known of an alert although nobody has seen it since."""
    settings = Settings.from_env({}, tmp_path)
    keep(alerts, settings, ALERTS)
    steps = (
        "delivered_at_utc = timestamp '2026-11-01'",
        "resolved_at_utc = timestamp '2026-11-03', resolution = 'gone'",
        "recovery_delivered_at_utc = timestamp '2026-11-03'",
        "resolved_at_utc = null, resolution = null, recovery_delivered_at_utc = null, "
        "last_seen_at_utc = timestamp '2026-11-05', opened_at_utc = timestamp '2026-11-05'",
        "delivered_at_utc = timestamp '2026-11-05'",
        "severity = 'critical', escalated_at_utc = timestamp '2026-11-06', last_seen_at_utc = timestamp '2026-11-06'",
        "resolved_at_utc = timestamp '2026-11-07', resolution = 'gone'",
        "recovery_delivered_at_utc = timestamp '2026-11-07'",
    )
    for step in steps:
        alerts.execute(f"update alerts.alerts set {step} where alert_id = 'a'")
        keep(alerts, settings, ALERTS)
        wanted = alerts.execute("from alerts.alerts order by alert_id").fetchall()
        for _ in range(2):
            ready_tables(alerts, settings)
            assert alerts.execute("from alerts.alerts order by alert_id").fetchall() == wanted, step
        with recalled(settings, ALERTS) as found:
            assert found.execute("from alerts.alerts order by alert_id").fetchall() == wanted, step


def test_many_parts_become_one(alerts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    state = KeptState(tmp_path / "state")
    for day in range(MOST_PARTS + 3):
        alerts.execute("update alerts.alerts set last_seen_at_utc = '2026-11-01'::timestamp + to_days(?)", [day])
        state.keep(alerts, ALERTS)
    assert len(state.parts(ALERTS)) < 5
    after = alerts.execute("from alerts.alerts order by all").fetchall()
    alerts.execute("delete from alerts.alerts")
    state.recall(alerts, ALERTS)
    assert alerts.execute("from alerts.alerts order by all").fetchall() == after


BY_HAND = {
    "alerts.alerts": "alter table alerts.alerts drop column evidence",
    "adjustments.price_adjustments": "alter table adjustments.price_adjustments alter list_difference_usd type double",
    "ml.cost_forecasts": "alter table ml.cost_forecasts rename predicted_cost_usd to mine",
    "ml.cost_anomalies": "drop table ml.cost_anomalies; create view ml.cost_anomalies as select 1 as x",
}


@pytest.mark.parametrize("table", BY_HAND)
def test_a_kept_table_changed_by_hand_comes_back_whole(
    alerts: duckdb.DuckDBPyConnection, tmp_path: Path, table: str
) -> None:
    settings = Settings.from_env({}, tmp_path)
    keep(alerts, settings, ALERTS)
    assert ready_tables(alerts, settings) == []
    alerts.execute("update alerts.alerts set acknowledged_at_utc = '2026-11-02' where alert_id = 'b'")
    alerts.execute(
        "insert into adjustments.price_adjustments by name select 'a' as adjustment_id, "
        "0.123456789012::decimal(38,12) as list_difference_usd"
    )
    alerts.execute(
        "insert into ml.cost_forecasts by name select 'r' as forecast_run_id, 's' as series_id, 'm' as model_name, "
        "date '2026-11-02' as forecast_date, 7.5::decimal(38,12) as predicted_cost_usd"
    )
    keep(alerts, settings, *KEPT)
    before = alerts.execute(f"from {table} order by all").fetchall()
    described = alerts.execute(f"describe {table}").fetchall()
    alerts.execute(BY_HAND[table])
    said = ready_tables(alerts, settings)
    assert len(said) == 1
    assert said[0].startswith(f"{table} was changed by hand: ")
    assert alerts.execute(f"from {table} order by all").fetchall() == before
    assert [row[:2] for row in alerts.execute(f"describe {table}").fetchall()] == [row[:2] for row in described]
    assert ready_tables(alerts, settings) == []


def test_a_row_that_no_part_has_yet_is_taken_over(alerts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    ready_tables(alerts, settings)
    alerts.execute("alter table alerts.alerts alter last_seen_at_utc type varchar")
    assert len(ready_tables(alerts, settings)) == 1
    found = alerts.execute("select alert_id, last_seen_at_utc from alerts.alerts order by 1").fetchall()
    assert found == [(each, datetime.fromisoformat("2026-11-01")) for each in "ab"]


def test_a_home_of_before_a_column_came_keeps_its_rows(alerts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    alerts.execute("alter table alerts.alerts drop column opened_at_utc; drop table if exists alerts.deliveries")
    keep(alerts, settings, ALERTS)
    before = alerts.execute("from alerts.alerts order by all").fetchall()
    assert ready_tables(alerts, settings) == [], "it was not changed by hand"
    assert alerts.execute("select * exclude (opened_at_utc) from alerts.alerts order by all").fetchall() == before
    alerts.execute("delete from alerts.alerts")
    assert ready_tables(alerts, settings) == []
    assert alerts.execute("select * exclude (opened_at_utc) from alerts.alerts order by all").fetchall() == before


@pytest.mark.parametrize("is_torn", [True, False], ids=["torn", "gone"])
def test_prices_that_did_not_change_are_kept_again_where_their_parts_are_lost(tmp_path: Path, is_torn: bool) -> None:
    """A landing that finds the list as before writes nothing: the loss must be seen without it, by the same run."""
    settings = Settings.from_env({}, tmp_path)
    land(settings, now=MONDAY)
    before = _history(settings)
    for part in settings.state_dir.rglob("*.parquet"):
        part.write_bytes(b"PAR1") if is_torn else part.unlink()
    land(settings, now=MONDAY + timedelta(hours=1))
    with connect(settings.warehouse_path) as db:
        ready_tables(db, settings)
    settings.warehouse_path.unlink()
    land(settings, now=MONDAY + timedelta(days=2))
    assert _history(settings) == before


def test_what_was_lost_is_said_in_one_sentence_and_only_once(alerts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    settings = Settings.from_env({}, tmp_path)
    keep(alerts, settings, ALERTS)
    (part,) = KeptState(settings.state_dir).parts(ALERTS)
    part.write_bytes(b"torn")
    count = len(alerts.execute("from alerts.alerts").fetchall())
    assert count > 0
    (said,) = ready_tables(alerts, settings)
    assert said == (
        f"{settings.state_dir}: 1 file could not be read (now *.broken) and {count} rows lacked; "
        "what the warehouse has is kept again (alerts.alerts)"
    )
    assert ready_tables(alerts, settings) == []
