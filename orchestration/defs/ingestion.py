"""Assets of the raw schemas: each source lands its tables and says what it landed, skipped and quarantined.

An API source pulls what is due by the run's clock; a failure of one fails its own asset and what reads it.
Put here: one asset group per source. Keep out: parsing, pulling and loading (`ingestion`).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dagster as dg

from ingestion.api.errors import ApiError
from ingestion.catalog import CATALOG
from ingestion.landing.counting import counted
from ingestion.landing.model import LandingReport
from ingestion.landing.shapes import ChangedByHandError
from ingestion.raw_schemas import RAW_SCHEMAS
from orchestration.defs.table_descriptions import describe
from orchestration.home.faults import cause_in_words
from orchestration.publishing.mart_health import landing_failed, landing_succeeded
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.landing_notes import notes_markdown
from orchestration.running.progress import SKIPPED, SOURCE_STATE, skipped_words
from orchestration.running.sources import SOURCES, Source
from orchestration.warehouse.completeness import Completeness, completeness_of

OWNERS = ["team:data-platform"]
FRESH_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))


def _dependencies(source: Source) -> list[dg.AssetKey]:
    """Prices are looked up for the models that every other source names."""
    if source.name != "prices":
        return []
    return [
        dg.AssetKey([spec.dataset, name])
        for spec in CATALOG
        for name, table in spec.tables.items()
        if table.names_models
    ]


def _spec(source: Source, table: str, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey([source.dataset, table]),
        description=describe(source.dataset, table),
        group_name="ingestion",
        owners=OWNERS,
        kinds={"dlt", "duckdb"} | ({source.name} if source.spec.has_icon else set()),
        freshness_policy=FRESH_WITHIN,
        deps=deps,
        tags={"source": source.name, "source_kind": "api" if source.is_api else "files"},
    )


def report_metadata(
    report: LandingReport, table: str, completeness: Completeness | None
) -> dict[str, dg.MetadataValue]:
    """What the catalogue shows of one landing of a raw table."""
    entries: dict[str, dg.MetadataValue] = {
        "landed_rows": dg.MetadataValue.int(report.rows_by_table.get(table, 0)),
        SOURCE_STATE: dg.MetadataValue.text("on" if report.is_on else f"{SKIPPED}{report.off_reason}"),
        "files_landed": dg.MetadataValue.int(report.files_landed),
        "files_unchanged": dg.MetadataValue.int(report.files_unchanged),
        "quarantined_rows": dg.MetadataValue.int(report.quarantined_rows),
    }
    if report.notes:
        entries["notes"] = dg.MetadataValue.md(notes_markdown(report.notes))
    if completeness is not None:
        for status, days in completeness.days_by_status.items():
            entries[f"days_{status}"] = dg.MetadataValue.int(days)
        entries["restatements"] = dg.MetadataValue.int(completeness.restatements)
        entries["complete_through"] = dg.MetadataValue.text(str(completeness.complete_through or "–"))
    return entries


def _landing_asset(source: Source) -> dg.AssetsDefinition:
    deps = _dependencies(source)

    @dg.multi_asset(
        name=f"land_{source.name}",
        specs=[_spec(source, table, deps) for table in RAW_SCHEMAS[source.dataset]],
        pool=WAREHOUSE_POOL,
    )
    def land(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
        try:
            report = source.land(home.settings(), now=home.now(), progress=context.log.info)
        except ApiError as error:
            raise dg.Failure(str(error), metadata={"source": source.name}, allow_retries=False) from None
        except ChangedByHandError as error:
            landing_failed(home.settings().dbt_dir, source.name, source.dataset, str(error)[:500], home.now())
            raise dg.Failure(str(error), metadata={"source": source.name}, allow_retries=False) from None
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            fault = cause_in_words(error)
            landing_failed(home.settings().dbt_dir, source.name, source.dataset, (fault or words)[:500], home.now())
            if fault:
                raise dg.Failure(f"{source.name} could not be landed: {fault}", allow_retries=False) from error
            raise dg.Failure(
                f"{source.name} could not be landed ({words}). Take away or mend its newest files and run again; "
                "if no file is at fault, please report this.",
                metadata={"source": source.name},
                allow_retries=False,
            ) from error
        landing_succeeded(home.settings().dbt_dir, source.name)
        if not report.is_on:
            folder = None if source.sub_folder else source.folder(home.settings())
            is_named = folder is not None and not folder.is_relative_to(home.settings().home)
            tell = context.log.warning if is_named else context.log.info
            tell(skipped_words(source.name, report.off_reason))
        if report.quarantined_rows:
            context.log.warning(
                f"{source.name}: {counted(report.quarantined_rows, 'row is', 'rows are')} in quarantine"
            )
        completeness = None
        if source.is_api and report.is_on:
            with home.warehouse() as connection:
                completeness = completeness_of(connection, source.dataset)
        for table in RAW_SCHEMAS[source.dataset]:
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey([source.dataset, table]), metadata=report_metadata(report, table, completeness)
            )

    return land


landing_assets: list[dg.AssetsDefinition] = [_landing_asset(source) for source in SOURCES]
