"""Reprices past usage as the price list was known at an instant, and books the differences.

The same dbt models price the usage a second time, in a scratch database that reads the warehouse; what differs from the
booked figures becomes rows of `adjustments.price_adjustments`, all in one transaction.

Put here: running that. Keep out: pricing (`dbt_project`), comparing (`price_adjustments`), questions (`commands`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.home.dbt_project import DbtError, manifest_path, target_dir
from orchestration.home.last_good import heal
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.home.paths import environment_of, prepare_home
from orchestration.pricing.price_adjustments import Preview, Repricing, RepricingError, book, compare, preview_of
from orchestration.warehouse.connection import connect
from orchestration.warehouse.kept import ADJUSTMENTS, keep, ready_tables

_PRICED_ANEW = ("int_price_versions+,+fct_llm_usage_hourly", "int_usage_contexts+,+fct_llm_usage_hourly")
"""Every model between the landed prices and names and priced usage; all others are read from the warehouse."""


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
        if heal(settings, tell):
            raise RepricingError("the warehouse was restored. Run `costops run` first.")
        _check(settings, request, now)
        tell("pricing the usage again")
        with _priced_anew(settings, request) as scratch:
            connection = connect(settings.warehouse_path)
            try:
                ready_tables(connection, settings)
                connection.execute(f"attach '{_quoted(scratch)}' as repricing (read_only)")
                compare(connection, request)
                preview = preview_of(connection)
                if not preview.adjustment_count:
                    return 0
                booked = book(connection, request, now) if confirm(preview) else None
                keep(connection, settings, ADJUSTMENTS)
                return booked
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
    from orchestration.running.dbt_invocation import run_beside

    folder = settings.dbt_dir / "repricing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    scratch = folder / "repricing.duckdb"
    try:
        manifest_path(settings)
        try:
            run_beside(
                settings,
                "repricing",
                _PRICED_ANEW,
                lens={
                    "prices_as_known_at": request.as_known_at.isoformat(sep=" "),
                    "from_date": request.first.isoformat(),
                    "to_date": request.last.isoformat(),
                },
                environment=environment_of(settings) | {"COSTOPS_REPRICING": str(scratch)},
                state=target_dir(settings),
                words=folder / "target",
            )
        except DbtError as error:
            raise RepricingError(f"pricing the usage again failed:\n{str(error)[-4000:]}") from error
        yield scratch
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
