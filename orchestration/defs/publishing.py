"""The published copy as the last asset of the main job.

Put here: the asset. Keep out: the copying (`orchestration.publishing`).
"""

import dagster as dg

from orchestration.defs.transformation import build_scored_reports, build_warehouse
from orchestration.publishing.mart_health import read_health
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.published_copy import publish
from orchestration.resources import WAREHOUSE_POOL, Home

NOTHING_HELD_BACK = "nothing_is_held_back"
_MARTS = sorted(
    key
    for definition in (build_warehouse, build_scored_reports)
    for key in definition.keys
    if key.path[0] == MART_SCHEMA
)


@dg.asset(
    key=dg.AssetKey(["published", "marts"]),
    deps=_MARTS,
    group_name="publishing",
    owners=["team:data-platform"],
    kinds={"duckdb", "parquet"},
    check_specs=[
        dg.AssetCheckSpec(
            NOTHING_HELD_BACK,
            asset=dg.AssetKey(["published", "marts"]),
            description="Every mart shows what the newest build gave.",
        )
    ],
    description="The copy of every mart that BI tools and `costops query` read; swapped in atomically.",
    pool=WAREHOUSE_POOL,
)
def published_marts(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Publish the marts; those that are held back keep the version that was published before."""
    settings = home.settings()
    held_back = {
        name.removeprefix(f"{MART_SCHEMA}."): held
        for name, held in read_health(settings.dbt_dir).held_back.items()
        if name.startswith(f"{MART_SCHEMA}.")
    }
    publication = publish(settings.warehouse_path, settings.published_dir, held_back, now=home.now())
    if held_back:
        context.log.warning(f"{len(held_back)} marts are held back; rpt_mart_status says why")
    return dg.MaterializeResult(
        check_results=[
            dg.AssetCheckResult(
                passed=not held_back,
                check_name=NOTHING_HELD_BACK,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={
                    "held_back": dg.MetadataValue.md(
                        "\n".join(f"* {mart}: {held.reason}" for mart, held in sorted(held_back.items())) or "none"
                    )
                },
            )
        ],
        metadata={
            "held_back": len(held_back),
            "marts": len(publication.rows_by_mart),
            "rows": sum(publication.rows_by_mart.values()),
            "database": dg.MetadataValue.path(str(publication.database)),
            "parquet": dg.MetadataValue.path(str(publication.parquet_dir)),
        },
    )
