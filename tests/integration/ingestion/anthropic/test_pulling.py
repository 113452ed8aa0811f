"""The Anthropic source against a server that speaks as the Admin API is published."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.api import MalformedResponseError, WrongCredentialError
from ingestion.config import ApiSettings, Settings
from ingestion.sources.anthropic import pipeline as anthropic
from ingestion.sources.anthropic.endpoints import SPEED_BETA
from tests.integration.ingestion.anthropic.server import Answer, Asked, Server, serving
from tests.unit.ingestion.anthropic.answers import bucket, claude_code_record, cost_result, usage_result

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)
KEY = "sk-ant-admin01-planted"


def settings(home: Path, server: Server | None = None, **changes: Any) -> Settings:
    api = ApiSettings(
        anthropic_admin_key=KEY,
        anthropic_base_url=server.url if server else "http://127.0.0.1:9",
        backfill_from=date(2026, 8, 1),
        retry_base_seconds=0,
        max_attempts=3,
    )
    return replace(Settings.from_env({}, home=home), api=api.with_changes(**changes))


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


class Organization:
    """Answers of an organisation that uses 1,000 tokens an hour; parts can be changed by tests."""

    def __init__(self) -> None:
        self.output_tokens = 1000
        self.refused_groups: set[str] = set()
        self.override: Callable[[Asked], Answer | None] = lambda asked: None

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("x-api-key") != KEY:
            return 401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}
        changed = self.override(asked)
        if changed is not None:
            return changed
        groups = set(asked.query.get("group_by[]", []))
        if groups & self.refused_groups or ("speed" in groups and asked.headers.get("anthropic-beta") != SPEED_BETA):
            return 400, {"type": "error", "error": {"type": "invalid_request_error", "message": "group_by: refused"}}
        last = asked.path.rsplit("/", 1)[-1]
        if last in ("messages", "cost_report"):
            return 200, self.buckets(asked, last)
        if last == "claude_code":
            return 200, self.claude_code(asked)
        names = {"workspaces": "wrkspc", "api_keys": "apikey", "users": "user"}
        second = asked.one("after_id") is not None
        item = {"id": f"{names[last]}_0{2 if second else 1}", "name": "n"}
        if last == "api_keys":
            item["partial_key_hint"] = "sk-ant-...igAA"
        return 200, {"data": [item], "has_more": not second, "last_id": item["id"]}

    def buckets(self, asked: Asked, kind: str) -> dict[str, Any]:
        width = timedelta(hours=1) if kind == "messages" else timedelta(days=1)
        start = datetime.fromisoformat(asked.one("page") or asked.one("starting_at") or "")
        end = datetime.fromisoformat(asked.one("ending_at") or "")
        data = []
        while start < end and len(data) < int(asked.one("limit") or 0):
            result = (
                usage_result(output_tokens=self.output_tokens) if kind == "messages" else cost_result(amount="10.5")
            )
            data.append(bucket(f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{start + width:%Y-%m-%dT%H:%M:%SZ}", result))
            start += width
        more = start < end
        return {"data": data, "has_more": more, "next_page": f"{start:%Y-%m-%dT%H:%M:%SZ}" if more else None}

    def claude_code(self, asked: Asked) -> dict[str, Any]:
        day, second = asked.one("starting_at"), asked.one("page") is not None
        record = claude_code_record(date=f"{day}T00:00:00Z", terminal_type="second" if second else "first")
        items = [] if day == "2026-08-02" else [record]
        return {"data": items, "has_more": bool(items) and not second, "next_page": None if second else "page_2"}


def test_everything_lands_with_one_request_per_full_page(tmp_path: Path) -> None:
    with serving(Organization()) as server:
        report = anthropic.land(settings(tmp_path, server), now=NOW)
    assert report.is_on
    assert report.quarantined_rows == 0
    assert (len(server.to("/messages")), len(server.to("/cost_report"))) == (1, 1)
    assert query(tmp_path, "select count(*), sum(output_tokens) from raw_anthropic.messages_usage") == [(83, 83_000)]
    assert query(tmp_path, "select sum(amount), any_value(amount_text) from raw_anthropic.cost_report") == [
        (Decimal("0.42"), "0.105")
    ]
    assert query(tmp_path, "select count(*) from raw_anthropic.claude_code") == [(6,)]
    for table in ("workspaces", "api_keys", "members"):
        assert query(tmp_path, f"select count(*) from raw_anthropic.{table}") == [(2,)]
    statuses = query(
        tmp_path,
        "select usage_date, status, bucket_count from raw_anthropic.pulls where endpoint = 'messages_usage' order by 1",
    )
    assert [each[1:] for each in statuses] == [("complete", 24)] * 3 + [("partial", 11)]
    quiet = (
        "select status, row_count from raw_anthropic.pulls where endpoint = 'claude_code' and usage_date = '2026-08-02'"
    )
    assert query(tmp_path, quiet) == [("complete", 0)], "a day without sessions is complete, not missing"


def test_windows_keep_the_limits_and_end_exclusively(tmp_path: Path) -> None:
    with serving(Organization()) as server:
        anthropic.land(settings(tmp_path, server, backfill_from=date(2026, 6, 1)), now=NOW)
    usage = server.to("/messages")
    assert len(usage) == 10, "65 days of hours in pages of 168"
    assert {each.one("limit") for each in usage} == {"168"}
    assert [each.one("starting_at") for each in usage[:2]] == ["2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z"]
    assert [each.one("ending_at") for each in usage[:2]] == ["2026-06-08T00:00:00Z", "2026-06-15T00:00:00Z"]
    assert usage[-1].one("ending_at") == "2026-08-04T11:00:00Z", "the hour that grows is asked for"
    costs = server.to("/cost_report")
    assert [(each.one("limit"), each.one("bucket_width")) for each in costs] == [("31", "1d")] * 3
    assert query(tmp_path, "select count(distinct bucket_start_utc), count(*) from raw_anthropic.messages_usage") == [
        (64 * 24 + 11, 64 * 24 + 11)
    ]


def test_quirk_1d_only_costs(tmp_path: Path) -> None:
    """Usage is asked for by hour and by key, costs by day and, as there is no cost by key, without it."""
    with serving(Organization()) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
    usage, costs = server.to("/usage_report/messages"), server.to("/cost_report")
    assert {each.one("bucket_width") for each in usage} == {"1h"}
    assert {each.one("bucket_width") for each in costs} == {"1d"}
    assert ["api_key_id" in each.query["group_by[]"] for each in (usage[0], costs[0])] == [True, False]
    spans = "select distinct bucket_end_utc - bucket_start_utc = interval 1 day from raw_anthropic.cost_report"
    assert query(tmp_path, spans) == [(True,)]


def test_quirk_restated_days(tmp_path: Path) -> None:
    organization = Organization()
    with serving(organization) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
        organization.output_tokens = 1500
        anthropic.land(settings(tmp_path, server), now=NOW + timedelta(minutes=10))
        anthropic.land(settings(tmp_path, server), now=NOW + timedelta(minutes=20))
    assert query(tmp_path, "select count(*), sum(output_tokens) from raw_anthropic.messages_usage") == [
        (83, 83 * 1500)
    ], "replaced, not added"
    assert query(
        tmp_path,
        "select distinct restatement_count, restated_quantity_change from raw_anthropic.pulls "
        "where endpoint = 'messages_usage' and status = 'complete'",
    ) == [(1, Decimal(24 * 500))]


def test_quirk_speed_needs_a_beta_header_and_nothing_else_gets_it(tmp_path: Path) -> None:
    with serving(Organization()) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
    assert {each.headers.get("anthropic-beta") for each in server.to("/messages")} == {SPEED_BETA}
    assert {each.headers.get("anthropic-beta") for each in server.asked if each not in server.to("/messages")} == {None}
    assert {each.headers.get("anthropic-version") for each in server.asked} == {"2023-06-01"}


def test_a_refused_grouping_gives_way_to_a_smaller_one(tmp_path: Path) -> None:
    organization = Organization()
    organization.refused_groups = {"speed", "inference_geo", "workspace_id"}
    with serving(organization) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
    assert query(tmp_path, "select distinct group_by, is_console from raw_anthropic.messages_usage") == [("[]", False)]
    assert query(tmp_path, "select distinct group_by from raw_anthropic.cost_report") == [('["description"]',)]


def test_a_changed_grouping_replaces_days_instead_of_adding_to_them(tmp_path: Path) -> None:
    organization = Organization()
    organization.refused_groups = {"speed"}
    with serving(organization) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
        organization.refused_groups = set()
        anthropic.land(settings(tmp_path, server), now=NOW)
    found = query(tmp_path, "select count(*), count(distinct group_by) from raw_anthropic.messages_usage")
    assert found == [(83, 1)]


def test_an_endpoint_that_does_not_exist_is_skipped_and_said(tmp_path: Path) -> None:
    organization = Organization()
    organization.override = lambda asked: (404, {"error": {"message": "Not found"}}) if "claude" in asked.path else None
    with serving(organization) as server:
        report = anthropic.land(settings(tmp_path, server), now=NOW)
    assert any("claude_code: skipped" in note for note in map(str, report.notes))
    assert query(tmp_path, "select status from raw_anthropic.pulls where endpoint = 'claude_code'") == [
        ("skipped_404",)
    ]


def test_more_pages_without_a_cursor_are_an_error_and_no_day(tmp_path: Path) -> None:
    organization = Organization()

    def no_cursor(asked: Asked) -> Answer | None:
        if "messages" not in asked.path:
            return None
        return 200, organization.buckets(asked, "messages") | {"has_more": True, "next_page": None}

    organization.override = no_cursor
    with serving(organization) as server, pytest.raises(MalformedResponseError, match="names no page"):
        anthropic.land(settings(tmp_path, server), now=NOW)
    assert query(tmp_path, "select count(*) from raw_anthropic.messages_usage") == [(0,)]
    assert query(tmp_path, "select count(*) from raw_anthropic.cost_report") == [(4,)], "what came is landed"


def test_no_key_is_off_and_a_wrong_key_names_the_variable_and_not_the_value(tmp_path: Path) -> None:
    report = anthropic.land(settings(tmp_path, anthropic_admin_key=None), now=NOW)
    assert (report.is_on, report.off_reason) == (False, "ANTHROPIC_ADMIN_KEY is not set")
    refused = pytest.raises(WrongCredentialError, match="ANTHROPIC_ADMIN_KEY")
    with serving(Organization()) as server, refused as caught:
        anthropic.land(settings(tmp_path, server, anthropic_admin_key="sk-no"), now=NOW)
    assert "sk-no" not in str(caught.value)


def test_no_key_and_no_part_of_one_is_kept(tmp_path: Path) -> None:
    with serving(Organization()) as server:
        anthropic.land(settings(tmp_path, server), now=NOW)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert KEY.encode() not in content, path
            assert b"igAA" not in content, path
