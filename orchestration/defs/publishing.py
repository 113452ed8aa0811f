"""The published copy as the last asset of the main job.

Put here: the asset. Keep out: the copying (`orchestration.publishing`).
"""

import dagster as dg

from orchestration.defs.transformation import build_scored_reports, build_warehouse
from orchestration.publishing.published_copy import MART_SCHEMA, publish
from orchestration.resources import WAREHOUSE_POOL, Home

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
    description="The copy of every mart that BI tools and `costops query` read; swapped in atomically.",
    pool=WAREHOUSE_POOL,
)
def published_marts(home: Home) -> dg.MaterializeResult:
    """Publish the marts."""
    settings = home.settings()
    publication = publish(settings.warehouse_path, settings.published_dir)
    return dg.MaterializeResult(
        metadata={
            "marts": len(publication.rows_by_mart),
            "rows": sum(publication.rows_by_mart.values()),
            "database": dg.MetadataValue.path(str(publication.database)),
            "parquet": dg.MetadataValue.path(str(publication.parquet_dir)),
        }
    )
