"""Dagster's job that pulls a day of provider APIs again, in process, against a stub on loopback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from ingestion.config import Settings
from orchestration.defs.backfilling import backfill_job, provider_days
from orchestration.home.lock import hold_home
from orchestration.resources import Home, given
from tests.integration.ingestion.openai.stub import KEY, Stub, serve

CLOCK = datetime(2026, 3, 1, 6, 30)  # noqa: DTZ001 - naive UTC
USAGE = "/v1/organization/usage/completions"


def one_token(endpoint: str, start: int, width: int, group_by: tuple[str, ...]) -> list[dict[str, Any]]:
    """A token in every hour of completions."""
    return [{"input_tokens": 1, "model": "m", "num_model_requests": 1}] if endpoint == "completions" else []


@pytest.fixture
def stub() -> Stub:
    return Stub(results=one_token, now=CLOCK.replace(tzinfo=UTC))


@pytest.fixture
def settings(stub: Stub, tmp_path: Path) -> Iterator[Settings]:
    with serve(stub) as base_url:
        env = {
            "OPENAI_ADMIN_KEY": KEY,
            "OPENAI_BASE_URL": base_url,
            "COSTOPS_API_RETRY_BASE_SECONDS": "0.001",
            "COSTOPS_API_MAX_ATTEMPTS": "2",
        }
        yield Settings.from_env(env, home=tmp_path)


def run(settings: Settings, day: str, **config: Any) -> dg.ExecuteInProcessResult:
    """Run the partition of a day."""
    run_config = {"ops": {"pull_provider_days": {"config": config}}}
    with given(settings, CLOCK):
        return backfill_job(settings).execute_in_process(
            run_config=run_config, partition_key=day, resources={"home": Home()}, raise_on_error=False
        )


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    return str(failure.step_failure_data.user_failure_data.description)


def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        return db.execute(sql).fetchall()


def tokens_by_day(settings: Settings) -> dict[str, int]:
    sql = "select bucket_start_utc::date::varchar, sum(input_tokens) from raw_openai.usage group by 1 order by 1"
    return dict(query(settings, sql))


def test_a_day_or_a_range_is_pulled_in_one_run_and_complete_days_only_with_force(
    stub: Stub, settings: Settings
) -> None:
    result = run(settings, "2026-02-10")
    assert result.success
    assert tokens_by_day(settings) == {"2026-02-10": 24}
    written = {event.asset_key.to_user_string() for event in result.all_events if event.is_step_materialization}
    assert {"raw_openai/usage", "raw_openai/pulls"} <= written
    status = "select usage_date, status from raw_openai.pulls where endpoint = 'usage_completions'"
    assert query(settings, status) == [(date(2026, 2, 10), "complete")]

    assert run(settings, "2026-02-09", through="2026-02-13", sources=["openai"]).success
    assert tokens_by_day(settings) == {f"2026-02-{day:02}": 24 for day in range(9, 14)}
    assert stub.paths()[USAGE] == 3, "the days on either side of the complete one, a request each"

    stub.requests.clear()
    stub.results = lambda *asked: [each | {"input_tokens": 2} for each in one_token(*asked)]
    assert run(settings, "2026-02-12", sources=["openai"]).success
    assert (stub.paths()[USAGE], tokens_by_day(settings)["2026-02-12"]) == (0, 24)
    assert run(settings, "2026-02-12", sources=["openai"], force=True).success
    assert Counter(tokens_by_day(settings).values()) == {24: 4, 48: 1}


def test_a_run_that_cannot_do_what_it_was_asked_fails_and_says_why(stub: Stub, settings: Settings) -> None:
    assert "there are anthropic, aws, " in failure_of(run(settings, "2026-02-10", sources=["opena"]))
    assert "groq: GROQ_API_KEY is not set" in failure_of(run(settings, "2026-02-10", sources=["openai", "groq"]))
    assert "before the partition's day" in failure_of(run(settings, "2026-02-10", through="2026-02-09"))
    with hold_home(settings):
        assert "another run" in failure_of(run(settings, "2026-02-10"))
    assert not stub.requests
    stub.faults = [503] * 1_000
    assert "run again to go on" in failure_of(run(settings, "2026-02-10"))
    stub.faults = []
    assert run(settings, "2026-02-10").success
    assert tokens_by_day(settings) == {"2026-02-10": 24}


def test_partitions_begin_with_the_backfill_and_end_with_today() -> None:
    first, *_, last = provider_days(Settings.from_env({})).get_partition_keys(
        current_time=datetime(2026, 3, 1, 6, tzinfo=UTC)
    )
    assert (first, last) == (Settings.from_env().api.backfill_from.isoformat(), "2026-03-01")
