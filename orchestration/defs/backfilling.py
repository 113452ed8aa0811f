"""Pulling days of provider APIs again from Dagster's UI: a job with one partition per UTC day.

A partition says which day a run asks for, not whether the warehouse has it; that is `rpt_source_completeness`.
Put here: the job. Keep out: pulling and landing (`ingestion`), the command (`orchestration.running.backfill`).
"""

from datetime import date

import dagster as dg
from pydantic import Field

from ingestion.api.errors import ApiError
from ingestion.config import Settings
from orchestration.defs.ingestion import report_metadata
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, HomeIsBusyError, hold_home, wait_until_free
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.sources import API_SOURCES, Source

BACKFILL_PROVIDER_DAYS = "backfill_provider_days"


def provider_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Days from `COSTOPS_BACKFILL_FROM` to today, which is still growing."""
    return dg.DailyPartitionsDefinition(start_date=settings.api.backfill_from.isoformat(), timezone="UTC", end_offset=1)


class ProviderDays(dg.Config):
    """What a run pulls besides the day of its partition."""

    sources: list[str] = Field(
        default=[], description="Such as openai or azure; empty for every API source that is on."
    )
    through: str = Field(
        default="",
        description="Last day of a range that starts with the partition's, pulled in this one run: 2026-01-31.",
    )
    force: bool = Field(
        default=False, description="Ask for complete days again too, and believe a day that comes back empty."
    )


@dg.op(pool=WAREHOUSE_POOL, description="Pulls the days of each source and lands them, as `costops backfill` does.")
def pull_provider_days(context: dg.OpExecutionContext, home: Home, config: ProviderDays) -> None:
    """Every source is tried; one that fails fails the run after the others have landed."""
    first = date.fromisoformat(context.partition_key)
    last = date.fromisoformat(config.through) if config.through else first
    if last < first:
        raise dg.Failure(f"through is {last}, before the partition's day {first}", allow_retries=False)
    settings = home.settings()
    chosen = _chosen(context, settings, config.sources)
    if not chosen:
        context.log.warning("No API source is on: nothing was pulled.")
        return
    errors = []
    try:
        with hold_home(settings):
            wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=context.log.info)
            for source in chosen:
                try:
                    _pull(context, home, source, first, last, config.force)
                except ApiError as error:
                    errors.append(str(error))
    except HomeIsBusyError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if errors:
        raise dg.Failure("; ".join(errors), allow_retries=False)
    context.log.info("The marts have these days after the next refresh_daily.")


def _chosen(context: dg.OpExecutionContext, settings: Settings, names: list[str]) -> list[Source]:
    """The sources named, which must be on; else those that are."""
    unknown = [name for name in names if name not in API_SOURCES]
    if unknown:
        raise dg.Failure(f"no API source is called {', '.join(unknown)}; there are {', '.join(API_SOURCES)}")
    reasons = {name: API_SOURCES[name].off_reason(settings) for name in names or API_SOURCES}
    off = [f"{name}: {reason}" for name, reason in reasons.items() if reason]
    if names and off:
        raise dg.Failure(f"off: {'; '.join(off)}", allow_retries=False)
    for line in off:
        context.log.info(f"skipped, {line}")
    return [API_SOURCES[name] for name, reason in reasons.items() if not reason]


def _pull(context: dg.OpExecutionContext, home: Home, source: Source, first: date, last: date, force: bool) -> None:
    """Pull and land one source and tell the catalogue which raw tables were written."""
    report = source.land(
        home.settings(), now=home.now(), progress=context.log.info, from_date=first, to_date=last, force=force
    )
    for note in report.notes:
        context.log.info(f"{source.name}: {note}")
    for table in report.rows_by_table:
        key = dg.AssetKey([source.dataset, table])
        metadata = report_metadata(report, table, None) | {"days": dg.MetadataValue.text(f"{first} to {last}")}
        context.log_event(dg.AssetMaterialization(asset_key=key, metadata=metadata))


def backfill_job(settings: Settings) -> dg.JobDefinition:
    """The job: one op; its days come from the partition and the config."""

    @dg.job(
        name=BACKFILL_PROVIDER_DAYS,
        partitions_def=provider_days(settings),
        description="Pull a day, or some days, of provider APIs that are not complete (or all, with force) and land "
        "them. Marts are rebuilt by the next refresh_daily.",
        tags={"subject": "ingestion"},
    )
    def backfill_provider_days() -> None:
        pull_provider_days()

    return backfill_provider_days
