"""What changes after a first run: a source alone ends where landing ends, at every kind of destination."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from ingestion.config import ApiSettings, Settings
from ingestion.sources.billing import pipeline as billing
from ingestion.sources.billing.source import billing_source
from ingestion.sources.events import bulk
from ingestion.sources.events import pipeline as events
from ingestion.sources.events.source import events_source
from ingestion.sources.openrouter import pipeline as openrouter
from ingestion.sources.openrouter.source import openrouter_source
from tests.integration.ingestion.billing.test_deliveries_landed import lay
from tests.integration.ingestion.standalone.company import NOW, START
from tests.integration.ingestion.standalone.compared import Destination, compared, run, writes
from tests.support.buckets import bucket_server
from tests.support.http_stub import Answer, serving
from tests.support.postgres import running_server
from tests.unit.ingestion.billing.delivery_world import World

pytestmark = pytest.mark.slow
EVERY_KIND = ("duckdb", "filesystem", "postgres", "s3", "delta", "iceberg")
ASKED = os.environ.get("COSTOPS_TEST_SOURCES_ALONE", "")
"""Kinds of destinations, with commas, or 1 for all."""
ALL = bool(ASKED)
KINDS = EVERY_KIND if ASKED in ("1", "all") else tuple(ASKED.split(",")) if ASKED else ("duckdb", "filesystem")
BUCKET = "alone"


@pytest.fixture
def destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Destination]]:
    places = {kind: str(tmp_path / kind) for kind in KINDS} | {"duckdb": str(tmp_path / "alone.duckdb")}
    if not ALL:
        yield [Destination(kind, place) for kind, place in places.items()]
        return
    with running_server() as server, bucket_server(monkeypatch, BUCKET):
        server.ask("create database alone")
        places |= {"postgres": server.url(database="alone"), "s3": f"s3://{BUCKET}/{uuid.uuid4().hex}"}
        yield [Destination(kind, places[kind]) for kind in KINDS]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({}, home=tmp_path / "home")
    for folder in (found.events_dir, found.billing_dir):
        folder.mkdir(parents=True)
    return found


def loaded(destination: Destination, folder: Path, name: str, source: Any) -> None:
    """A run of a pipeline that is made anew each time, as a process that starts is."""
    run(destination.pipeline(folder, name), source, **destination.options)


def write(settings: Settings, name: str, *events: Any) -> None:
    place = settings.events_dir / "canonical" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events))


def event(number: int, output: int = 1) -> dict[str, Any]:
    when = "2026-05-01T00:00:00Z"
    return {"event_id": f"e{number}", "requested_at_utc": when, "model": "m", "output_tokens": output, "tags": {"a": 1}}


def test_files_that_change_shrink_to_nothing_come_and_go(
    settings: Settings, destinations: list[Destination], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)  # so that a Parquet file takes the fast way
    folder = settings.events_dir

    def first() -> None:
        write(settings, "a.jsonl", *[event(n) for n in range(20)])
        write(settings, "b.jsonl", *[event(n) for n in range(20, 30)], "broken", event(1, -1))
        duckdb.sql(
            f"""copy (select 'p' || i as event_id, timestamp '2026-05-02' as requested_at_utc, 'm' as served_model,
                i as output_tokens, 0.25::decimal(9,2) as recorded_cost_usd from range(50) t(i))
            to '{folder}/canonical/c.parquet' (format parquet)"""
        )

    def second() -> None:
        write(settings, "a.jsonl", *[event(n, 2) for n in range(5)])
        write(settings, "b.jsonl")
        write(settings, "d.jsonl", *[event(n) for n in range(40, 45)])
        (folder / "canonical" / "c.parquet").unlink()

    def third() -> None:
        (folder / "canonical" / "a.jsonl").rename(folder / "canonical" / "moved.jsonl")
        write(settings, "b.jsonl", event(99))

    for step in (first, second, lambda: None, third):
        step()
        events.land(settings, now=NOW)
        for each in destinations:
            loaded(each, tmp_path, "events", events_source(str(folder), write=writes(each)))
            rows = compared(each, "events", settings.home, is_provider=False)
    assert rows["requests"] == 11
    assert rows["files"] == 3


@pytest.mark.skipif(not ALL, reason="set COSTOPS_TEST_SOURCES_ALONE")
@pytest.mark.parametrize("seed", range(4))
def test_deliveries_that_restate_others_come_and_go(
    settings: Settings, destinations: list[Destination], tmp_path: Path, seed: int
) -> None:
    world, order = World(Random(seed)), Random(seed)
    for share in (0.5, 1.0, 0.4):
        for _ in range(6):
            world.step()
        lay(world, settings.billing_dir, order, share)
        (settings.billing_dir / "README.txt").touch()  # a folder that became empty keeps its rows
        if share < 1:
            for path in sorted(settings.billing_dir.rglob("*.csv"))[::3]:
                path.unlink()
        billing.land(settings, now=datetime(2027, 1, 1, tzinfo=UTC))
        for each in destinations:
            loaded(each, tmp_path, "billing", billing_source(str(settings.billing_dir), write=writes(each)))
            compared(each, "billing", settings.home, is_provider=False)


def test_days_that_a_provider_restates_or_empties(
    settings: Settings, destinations: list[Destination], tmp_path: Path
) -> None:
    """An emptied day keeps its rows until a forced pull says that it is meant; both as landing has it."""
    shown: dict[str, float] = {"2026-07-30": 0.5, "2026-07-31": 0.25, "2026-08-01": 1.5}

    def answer(asked: Any) -> Answer:
        items = [
            {"date": day, "model": "m", "endpoint_id": "e", "usage": usage, "requests": 2, "prompt_tokens": 10}
            for day, usage in shown.items()
            if asked.query.get("date") in (None, day)
        ]
        return Answer({"data": items})

    def restate() -> None:
        shown["2026-07-31"] = 0.75

    def empty() -> None:
        del shown["2026-07-30"]

    with serving(answer) as stub:
        api = ApiSettings(openrouter_api_key="planted", openrouter_base_url=stub.url, backfill_from=START)
        settings = replace(settings, api=api)
        for change, force in ((lambda: None, False), (restate, False), (empty, False), (lambda: None, True)):
            change()
            openrouter.land(settings, now=NOW.replace(tzinfo=UTC), force=force)
            for each in destinations:
                source = openrouter_source(
                    api_key="planted", base_url=stub.url, start_date=START, as_of=NOW, force=force, write=writes(each)
                )
                loaded(each, tmp_path, "openrouter", source)
                rows = compared(each, "openrouter", settings.home, is_provider=True)
    assert rows["activity"] == 2
