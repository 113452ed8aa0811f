"""`costops alerts` on a scratch warehouse: what it shows and keeps, and its errors in words."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from ingestion.config import Settings
from orchestration.alerting import AlertDraft, record_alerts
from orchestration.alerting.actions import read_actions
from orchestration.alerting.rulebook import FILE
from orchestration.cli import app
from orchestration.warehouse.frames import ensure_ml_tables

AT = datetime(2026, 11, 10, 8)  # noqa: DTZ001


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COSTOPS_HOME", raising=False)
    settings = Settings.from_env(home=tmp_path)
    with duckdb.connect(str(settings.warehouse_path)) as db:
        for name in ("aaa1", "aaa2"):
            draft = AlertDraft(name, "key_new", "info", "api_key", name, "ops", f"A new key: {name}", "A message")
            record_alerts(db, [draft], now=AT)
    return tmp_path


def alerts(*words: str, home: Path) -> Result:
    return CliRunner().invoke(app, ["alerts", *words, "--home", str(home)])


def shown(home: Path) -> dict[str, dict[str, object]]:
    return {row["alert_id"]: row for row in json.loads(alerts("list", "--format", "json", home=home).stdout)}


def test_seen_and_muted_are_kept_with_who_and_why_also_when_the_warehouse_is_lost(home: Path) -> None:
    assert alerts("ack", "aaa1", "--by", "ada", "--reason", "mine", home=home).exit_code == 0
    assert alerts("mute", "aaa2", "--hours", "2", "--by", "ada", "--reason", "rotation", home=home).exit_code == 0
    rows = shown(home)
    assert rows["aaa1"]["acknowledged_at_utc"]
    assert (rows["aaa1"]["muted_until_utc"], bool(rows["aaa2"]["muted_until_utc"])) == (None, True)
    assert alerts("unmute", "aaa2", home=home).exit_code == 0
    assert shown(home)["aaa2"]["muted_until_utc"] is None
    with duckdb.connect(str(Settings.from_env(home=home).warehouse_path)) as db:
        kept = {(row["action"], row["by_whom"], row["reason"]) for row in read_actions(db)[:2]}
    assert kept == {("ack", "ada", "mine"), ("mute", "ada", "rotation")}
    assert list(Settings.from_env(home=home).state_dir.rglob("*actions*")), "it is kept beside the warehouse"


def test_a_person_says_that_an_incident_is_known_by_itself_or_through_its_alert(home: Path) -> None:
    """The status of the mart follows from `alerts.actions`: what `rpt_cost_incidents` reads."""
    path = str(Settings.from_env(home=home).warehouse_path)
    with duckdb.connect(path) as db:
        ensure_ml_tables(db)
        for name in ("inc1", "inc2", "inc3"):
            db.execute("insert into ml.cost_incidents (incident_id, reason) values (?, 'search asks more')", [name])
        draft = AlertDraft(
            "bbb1", "cost_anomaly", "warning", "team", "t", "ops", "Unusual", "m", {"incident_ids": ["inc2"]}
        )
        record_alerts(db, [draft], now=AT)
    assert alerts("ack", "incident:inc1", "--by", "ada", "--reason", "launch", home=home).exit_code == 0
    assert alerts("ack", "bbb1", "--by", "ada", home=home).exit_code == 0
    with duckdb.connect(path) as db:
        targets = {row["target"]: row["reason"] for row in read_actions(db)}
    assert targets == {"incident:inc1": "launch", "bbb1": "", "incident:inc2": ""}
    result = alerts("ack", "incident:inc", home=home)
    assert (result.exit_code, "more than one incident has an id that begins with 'inc'" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ack", "aaa"), "more than one alert has an id that begins with 'aaa'"),
        (("ack", "incident:zzz"), "no incident has an id that begins with 'zzz'"),
        (("ack", "zzz"), "no alert has an id that begins with 'zzz'"),
        (("mute", "rule:nope", "--hours", "1", "--reason", "x"), "'nope' is no rule"),
        (("mute", "aaa1", "--reason", "x"), "say how long"),
        (("mute", "aaa1", "--until", "2020-01-01", "--reason", "x"), "is over already"),
        (("mute", "aaa1", "--until", "soon", "--reason", "x"), "write it as 2026-01-31"),
        (("test", "--channel", "fax"), "no channel fax"),
    ],
)
def test_wrong_use_is_said_in_words(home: Path, words: tuple[str, ...], said: str) -> None:
    result = alerts(*words, home=home)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_rules_names_a_wrong_row(home: Path) -> None:
    (home / FILE).parent.mkdir()
    (home / FILE).write_text("rule,enabled\nkey_new,no\nkey_old,no\n")
    result = alerts("rules", "--format", "json", home=home)
    found = json.loads(result.stdout)
    assert {row["rule"]: row["enabled"] for row in found["rules"]}["key_new"] is False
    assert "row 3, field rule: 'key_old' is no rule" in found["problems"][0]
    assert result.exit_code == 1


def test_without_a_warehouse_there_is_a_sentence(tmp_path: Path) -> None:
    result = alerts("list", home=tmp_path)
    assert (result.exit_code, "costops run makes it" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mute", "rule:key_new", "--reason", "x", "--hours", "1e12"], "less than or equal to 87600"),
        (["mute", "rule:key_new", "--reason", "x", "--hours", "nan"], "--hours"),
        (["unmute", "rule:key_new"], "rule:key_new is not muted"),
        (["unmute", "aaa1"], "aaa1 is not muted"),
    ],
)
def test_what_cannot_be_done_is_said(home: Path, words: list[str], said: str) -> None:
    result = alerts(*words, home=home)
    assert result.exit_code == 2
    assert said in result.output
