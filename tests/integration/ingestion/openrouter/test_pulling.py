"""The OpenRouter source against a server that speaks as the activity API is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.api import WrongCredentialError
from ingestion.config import ApiSettings, Settings
from ingestion.sources.openrouter import pipeline as openrouter
from tests.integration.ingestion.anthropic.server import Answer, Asked, Server, serving

NOW = datetime(2026, 8, 4, 10, 32, tzinfo=UTC)
TODAY = NOW.date()


def settings(home: Path, server: Server, first: date = date(2026, 8, 1)) -> Settings:
    api = ApiSettings(
        openrouter_api_key="sk-or-planted", openrouter_base_url=server.url, backfill_from=first, max_attempts=1
    )
    return replace(Settings.from_env({}, home=home), api=api)


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def steady(asked: Asked) -> Answer:
    """One item a day in the last 30 complete days, except on 2 August."""
    days = [TODAY - timedelta(days=number) for number in range(1, 31)]
    wanted = asked.one("date")
    items = [
        {"date": day.isoformat(), "model": "m", "endpoint_id": "e", "usage": 0.1, "requests": 2, "prompt_tokens": 10}
        | ({"workspace_id": "w"} if asked.one("group_by") else {})
        for day in days
        if day != date(2026, 8, 2) and wanted in (None, day.isoformat())
    ]
    return 200, {"data": items}


def test_one_request_brings_every_open_day_and_today_is_not_asked_for(tmp_path: Path) -> None:
    with serving(steady) as server:
        report = openrouter.land(settings(tmp_path, server), now=NOW)
    assert report.quarantined_rows == 0
    assert len(server.asked) == 1
    assert query(tmp_path, "select sum(usage), min(workspace_id), max(usage_date) from raw_openrouter.activity") == [
        (Decimal("0.2"), "w", date(2026, 8, 3))
    ]
    found = query(tmp_path, "select usage_date, status, row_count from raw_openrouter.pulls order by 1")
    assert found == [
        (date(2026, 8, 1), "complete", 1),
        (date(2026, 8, 2), "complete", 0),
        (date(2026, 8, 3), "complete", 1),
    ]


def test_quirk_thirty_days_and_then_history_is_lost(tmp_path: Path) -> None:
    with serving(steady) as server:
        openrouter.land(settings(tmp_path, server, date(2026, 6, 20)), now=NOW)
    assert len(server.asked) == 1
    found = query(
        tmp_path,
        "select status, min(usage_date), max(usage_date), any_value(reason) from raw_openrouter.pulls group by 1",
    )
    by_status = {each[0]: each[1:] for each in found}
    assert by_status["missing"][:2] == (date(2026, 6, 20), date(2026, 7, 4))
    assert "30 complete days" in by_status["missing"][2]
    assert by_status["complete"][:2] == (date(2026, 7, 5), date(2026, 8, 3))


def test_quirk_a_single_day_is_asked_for_by_date(tmp_path: Path) -> None:
    with serving(steady) as server:
        one = date(2026, 8, 3)
        openrouter.land(settings(tmp_path, server), now=NOW, from_date=one, to_date=one)
    assert [each.one("date") for each in server.asked] == ["2026-08-03"]


def test_quirk_workspace_id_only_where_the_grouping_is_accepted(tmp_path: Path) -> None:
    def refuse(asked: Asked) -> Answer:
        return (400, {"error": {"message": "no workspaces"}}) if asked.one("group_by") else steady(asked)

    with serving(refuse) as server:
        openrouter.land(settings(tmp_path, server), now=NOW)
    assert query(tmp_path, "select distinct workspace_id, group_by from raw_openrouter.activity") == [(None, "[]")]


def test_quirk_an_inference_key_is_refused(tmp_path: Path) -> None:
    def refuse(asked: Asked) -> Answer:
        return 403, {"error": {"message": "Only management keys can fetch activity"}}

    with serving(refuse) as server, pytest.raises(WrongCredentialError, match=r"OPENROUTER_API_KEY.*management key"):
        openrouter.land(settings(tmp_path, server), now=NOW)
