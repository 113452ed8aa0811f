"""Reprices past usage as the price list was known at an instant, and books the differences.

The same dbt models price the usage a second time, in a scratch database that reads the warehouse; what differs from the
booked figures becomes rows of `adjustments.price_adjustments`, all in one transaction.

Put here: running that and comparing the two. Keep out: pricing (`dbt_project`), questions and tables (`commands`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.adjustments import ADJUSTMENT_TABLES, USAGE_DIMENSIONS, ensure_adjustment_tables
from orchestration.dbt_project import PROFILE, dbt_executable, manifest_path, project_dir, target_dir
from orchestration.home import environment_of, hold_home, prepare_home
from orchestration.main_job import LOCK_PATIENCE_SECONDS
from orchestration.warehouse import connect, wait_until_free

_PRICED_ANEW = ("int_price_versions+,+fct_llm_usage_hourly", "int_usage_contexts+,+fct_llm_usage_hourly")
"""Every model between the landed prices and names and priced usage; all others are read from the warehouse."""

_IDENTITY = (
    *("usage_hour_utc", "usage_date", *(name for name in USAGE_DIMENSIONS if name not in ("provider_id", "model_id"))),
    *("raw_provider", "raw_model", "service_tier", "is_batch", "speed", "region", "event_source"),
    *("is_billable", "has_reported_usage", "is_unseen", "meter"),
)
"""What a usage row is whatever it costs; provider and model may be resolved differently."""


class RepricingError(RuntimeError):
    """The usage cannot be repriced; the message says why."""


@dataclass(frozen=True)
class Repricing:
    """What to reprice: UTC days `first` to `last` inclusive, with what was known at `as_known_at` (naive UTC)."""

    first: date
    last: date
    as_known_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class PreviewLine:
    """Contracted cost in USD of one provider, model and month; `booked` includes earlier adjustments."""

    provider_id: str | None
    model_id: str | None
    month: date
    booked_usd: Decimal
    repriced_usd: Decimal
    difference_usd: Decimal
    list_difference_usd: Decimal


@dataclass(frozen=True)
class Preview:
    """The effect before anything is booked: lines that change, and what all lines of the window come to."""

    lines: tuple[PreviewLine, ...]
    booked_usd: Decimal
    repriced_usd: Decimal
    difference_usd: Decimal
    list_difference_usd: Decimal
    adjustment_count: int
    unpriced_then_count: int
    """Hourly usage rows without a price as known then: they keep what is booked."""


def reprice(
    settings: Settings,
    request: Repricing,
    *,
    now: datetime,
    tell: Callable[[str], None],
    confirm: Callable[[Preview], bool],
) -> int | None:
    """Compute the effect, ask, book; returns the number of adjustments, None where the answer was no.

    Nothing is written before `confirm` returns true, and then everything or nothing. Without a difference `confirm` is
    not asked and 0 is returned.

    Raises:
        RepricingError: nothing is built or no usage lies in the window, or nothing was known at that instant.
        HomeIsBusyError: a run holds the home.
        WarehouseIsLockedError: another process keeps the warehouse open.
    """
    if not settings.warehouse_path.exists():
        raise RepricingError(f"{settings.home} holds no warehouse yet. Run `costops run` first.")
    prepare_home(settings)
    with hold_home(settings):
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=tell)
        _check(settings, request, now)
        tell("pricing the usage again")
        with _priced_anew(settings, request) as scratch:
            connection = connect(settings.warehouse_path)
            try:
                ensure_adjustment_tables(connection)
                connection.execute(f"attach '{_quoted(scratch)}' as repricing (read_only)")
                _compare(connection, request)
                preview = _preview(connection)
                if not preview.adjustment_count:
                    return 0
                return _book(connection, request, now) if confirm(preview) else None
            finally:
                connection.close()


def _check(settings: Settings, request: Repricing, now: datetime) -> None:
    connection = connect(settings.warehouse_path, read_only=True)
    try:
        first_known, usage_rows = connection.execute(
            "select (select min(known_from_utc) from raw_prices.model_prices), count(*) "
            "from intermediate.int_llm_usage_hourly where usage_date between $first and $last",
            {"first": request.first, "last": request.last},
        ).fetchall()[0]
    except duckdb.CatalogException:
        raise RepricingError("nothing is built in this home yet. Run `costops run` first.") from None
    finally:
        connection.close()
    if not usage_rows:
        raise RepricingError(f"nothing to reprice: no usage from {request.first} to {request.last}.")
    if request.as_known_at > now:
        raise RepricingError(f"{request.as_known_at} UTC lies in the future: nobody knows yet what will be known then.")
    if first_known is None or request.as_known_at < first_known:
        raise RepricingError(
            f"no price was known here at {request.as_known_at} UTC"
            + (f"; the first list was landed at {first_known} UTC." if first_known else ".")
        )


@contextmanager
def _priced_anew(settings: Settings, request: Repricing) -> Iterator[Path]:
    """A scratch database with `marts.fct_llm_usage_hourly` of the window under the lens; gone at the end."""
    folder = settings.dbt_dir / "repricing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scratch = folder / "repricing.duckdb"
    try:
        manifest_path(settings)
        variables = {
            "prices_as_known_at": request.as_known_at.isoformat(sep=" "),
            "from_date": request.first.isoformat(),
            "to_date": request.last.isoformat(),
        }
        where = ["--profile", PROFILE, "--project-dir", str(project_dir()), "--profiles-dir", str(project_dir())]
        defer = ["--defer", "--favor-state", "--state", str(target_dir(settings))]
        given = ["--vars", json.dumps(variables), "--select", *_PRICED_ANEW]
        result = subprocess.run(
            [dbt_executable(), "--quiet", "run", "--target", "repricing", *where, *defer, *given],
            env=os.environ
            | environment_of(settings)
            | {
                "COSTOPS_REPRICING": str(scratch),
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(settings.dbt_dir / "logs"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise RepricingError(f"pricing the usage again failed:\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}")
        yield scratch
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _usage(database: str) -> str:
    """Query of the window's usage, one row per identity; surcharges lie inside output and count there."""
    keys = [name for name in _IDENTITY if name != "meter"]
    surcharge = "meter in ('reasoning_surcharge', 'citation_surcharge')"
    return f"""
        select
            {", ".join(keys)}, case when {surcharge} then 'output' else meter end as meter,
            min(provider_id) as provider_id, min(model_id) as model_id,
            sum(case when {surcharge} then 0 else quantity end) as quantity, count(*) as row_count,
            sum(list_cost_usd) as list_cost_usd, bool_or(list_cost_usd is null) as list_is_unknown,
            sum(contracted_cost_usd) as contracted_cost_usd,
            bool_or(contracted_cost_usd is null) as contracted_is_unknown
        from {database}.marts.fct_llm_usage_hourly
        where usage_date between $first and $last
        group by all
    """


def _compare(connection: duckdb.DuckDBPyConnection, request: Repricing) -> None:
    """Make the temporary tables `compared` (one row per usage identity) and `due` (one row per adjustment to book)."""
    window: dict[str, object] = {"first": request.first, "last": request.last}
    warehouse = connection.execute("select current_database()").fetchall()[0][0]
    both = ", ".join(
        f"coalesce(booked.{name}, anew.{name}) as {name}" for name in (*_IDENTITY, "provider_id", "model_id")
    )
    matched = " and ".join(f"booked.{name} is not distinct from anew.{name}" for name in _IDENTITY)
    target = "case when not anew.{0}_is_unknown then anew.{0}_cost_usd else booked.{0}_cost_usd end as {0}_target_usd"
    connection.execute(
        f"""
        create temp table compared as
        select
            {both}, booked.list_cost_usd, booked.contracted_cost_usd,
            {target.format("list")}, {target.format("contracted")},
            case when anew.contracted_is_unknown and not booked.contracted_is_unknown then booked.row_count else 0 end
                as unpriced_then_count,
            coalesce(booked.quantity, 0) <> coalesce(anew.quantity, 0) as differs
        from ({_usage(warehouse)}) as booked
        full outer join ({_usage("repricing")}) as anew on {matched}
        """,
        window,
    )
    if connection.execute("select count(*) from compared where differs").fetchall()[0][0]:
        raise RepricingError("usage was landed that is not built yet, or built that is gone. Run `costops run` first.")
    by = ", ".join(("usage_date", *USAGE_DIMENSIONS, "meter"))
    sums = ", ".join(
        f"coalesce(sum({kind}_cost_usd), 0) as {kind}_booked_usd, "
        f"coalesce(sum({kind}_target_usd), 0) as {kind}_target_usd, cast(0 as decimal(38, 12)) as {kind}_adjusted_usd"
        for kind in ("list", "contracted")
    )
    adjusted = ", ".join(f"0, 0, {kind}_difference_usd" for kind in ("list", "contracted"))
    totals = ", ".join(
        f"cast(sum({kind}_booked_usd) + sum({kind}_adjusted_usd) as decimal(38, 12)) as {kind}_before_usd, "
        f"cast(sum({kind}_target_usd) as decimal(38, 12)) as {kind}_after_usd, "
        f"cast(sum({kind}_target_usd) - sum({kind}_booked_usd) - sum({kind}_adjusted_usd) as decimal(38, 12)) "
        f"as {kind}_difference_usd"
        for kind in ("list", "contracted")
    )
    connection.execute(
        f"""
        create temp table due as
        select {by}, {totals}
        from (
            select {by}, {sums} from compared group by {by}
            union all
            select {by}, {adjusted} from adjustments.price_adjustments where usage_date between $first and $last
        )
        group by {by}
        """,
        window,
    )


def _preview(connection: duckdb.DuckDBPyConnection) -> Preview:
    sums = (
        "coalesce(sum(contracted_before_usd), 0), coalesce(sum(contracted_after_usd), 0), "
        "coalesce(sum(contracted_difference_usd), 0), coalesce(sum(list_difference_usd), 0)"
    )
    changed = "list_difference_usd <> 0 or contracted_difference_usd <> 0"
    lines = connection.execute(
        f"select provider_id, model_id, cast(date_trunc('month', usage_date) as date), {sums} from due "
        f"group by 1, 2, 3 having bool_or({changed}) order by 3, 1, 2"
    ).fetchall()
    booked, repriced, difference, list_difference, count, unpriced = connection.execute(
        f"select {sums}, count(*) filter ({changed}), "
        "(select coalesce(sum(unpriced_then_count), 0) from compared) from due"
    ).fetchall()[0]
    return Preview(
        tuple(PreviewLine(*line) for line in lines),
        booked,
        repriced,
        difference,
        list_difference,
        adjustment_count=int(count),
        unpriced_then_count=int(unpriced),
    )


def _book(connection: duckdb.DuckDBPyConnection, request: Repricing, now: datetime) -> int:
    """Write the adjustments in one transaction and return their number."""
    identity = "\x1f".join(str(part) for part in (now, request.as_known_at, request.first, request.last))
    repricing_id = hashlib.sha256(identity.encode()).hexdigest()[:16]
    by = ("usage_date", *USAGE_DIMENSIONS, "meter")
    key = " || chr(31) || ".join(["$repricing_id", *(f"coalesce(cast({name} as varchar), chr(30))" for name in by)])
    names = ", ".join(ADJUSTMENT_TABLES["price_adjustments"])
    inserted = connection.execute(
        f"""
        insert into adjustments.price_adjustments ({names})
        select
            md5({key}), $repricing_id, $now, $known_at, $first, $last, $reason,
            {", ".join(by)}, list_difference_usd, contracted_difference_usd
        from due
        where list_difference_usd <> 0 or contracted_difference_usd <> 0
        """,
        {
            "repricing_id": repricing_id,
            "now": now,
            "known_at": request.as_known_at,
            "first": request.first,
            "last": request.last,
            "reason": request.reason,
        },
    ).fetchall()
    return int(inserted[0][0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
