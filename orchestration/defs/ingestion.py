"""Assets of the raw schemas: each source lands its tables and says what it landed, skipped and quarantined.

Put here: one asset group per source. Keep out: parsing and loading (`ingestion`).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dagster as dg

from ingestion.landing.model import LandingReport
from ingestion.raw_schemas import RAW_SCHEMAS
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.sources import SOURCES, Source

OWNERS = ["team:data-platform"]
FRESH_WITHIN = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))

_DESCRIPTIONS = {
    "requests": "One row per inference call that an application, gateway or trace recorded.",
    "focus_charges": "Charges from FOCUS 1.0 to 1.4 files, as delivered.",
    "aws_cur_line_items": "Line items of AWS cost and usage reports, as delivered.",
    "azure_cost_details": "Rows of Azure cost exports, as delivered, under one set of English names.",
    "oci_cost_lines": "Lines of OCI cost reports, as delivered.",
    "model_prices": "Public prices by model, meter, variant, context and time, with what was known when.",
    "model_aliases": "Every model name seen in usage, with the price-list model it means or why it means none.",
    "model_catalog": "Every model that the price list knows.",
    "gpu_samples": "Samples of GPU telemetry logs.",
    "files": "Registry of landed files.",
    "quarantine": "Rows that could not be landed, with the reason and the original record.",
}


def _spec(dataset: str, table: str, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey([dataset, table]),
        description=_DESCRIPTIONS.get(table, f"Organisation data: {table.replace('_', ' ')}."),
        group_name="ingestion",
        owners=OWNERS,
        kinds={"dlt", "duckdb"},
        freshness_policy=FRESH_WITHIN,
        deps=deps,
        tags={"source": dataset.removeprefix("raw_")},
    )


def _metadata(report: LandingReport, table: str) -> dict[str, dg.MetadataValue]:
    entries: dict[str, dg.MetadataValue] = {
        "landed_rows": dg.MetadataValue.int(report.rows_by_table.get(table, 0)),
        "source_state": dg.MetadataValue.text("on" if report.is_on else f"skipped: {report.off_reason}"),
        "files_landed": dg.MetadataValue.int(report.files_landed),
        "files_unchanged": dg.MetadataValue.int(report.files_unchanged),
        "quarantined_rows": dg.MetadataValue.int(report.quarantined_rows),
    }
    if report.notes:
        entries["notes"] = dg.MetadataValue.md("\n".join(f"* {note}" for note in report.notes[:50]))
    return entries


def _landing_asset(source: Source) -> dg.AssetsDefinition:
    dataset = f"raw_{source.name}"
    deps = [dg.AssetKey(["raw_events", "requests"])] if source.name == "prices" else []

    @dg.multi_asset(
        name=f"land_{source.name}",
        specs=[_spec(dataset, table, deps) for table in RAW_SCHEMAS[dataset]],
        pool=WAREHOUSE_POOL,
    )
    def land(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
        report = source.land(home.settings(), now=home.now(), progress=context.log.info)
        if not report.is_on:
            context.log.warning(f"{source.name}: skipped, {report.off_reason}")
        if report.quarantined_rows:
            context.log.warning(f"{source.name}: {report.quarantined_rows} rows are in quarantine")
        for table in RAW_SCHEMAS[dataset]:
            yield dg.MaterializeResult(asset_key=dg.AssetKey([dataset, table]), metadata=_metadata(report, table))

    return land


landing_assets: list[dg.AssetsDefinition] = [_landing_asset(source) for source in SOURCES]
