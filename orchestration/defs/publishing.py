"""The published copy as the last asset of the main job.

Put here: the asset. Keep out: the copying (`orchestration.publishing`).
"""

import json
from collections.abc import Sequence

import dagster as dg

from ingestion.landing.counting import counted
from orchestration.home.dbt_project import manifest_path
from orchestration.publishing.descriptions import descriptions_of
from orchestration.publishing.distribution import distribute
from orchestration.publishing.doubles import VARIABLE as DOUBLES
from orchestration.publishing.mart_health import read_health
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.published_copy import publish
from orchestration.publishing.targets import connected_targets
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.nodes import read_project
from orchestration.running.due.planning import mart_contents
from orchestration.warehouse.connection import let_go

PUBLISHED_KEY = dg.AssetKey(["published", "marts"])
NOTHING_HELD_BACK = "nothing_is_held_back"


def published_marts_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published copy of `marts`."""

    @dg.asset(
        key=PUBLISHED_KEY,
        deps=marts,
        group_name="publishing",
        owners=["team:data-platform"],
        kinds={"duckdb", "parquet"},
        check_specs=[
            dg.AssetCheckSpec(
                NOTHING_HELD_BACK,
                asset=PUBLISHED_KEY,
                description="Every mart shows what the newest build gave.",
            )
        ],
        description="The copy of every mart that BI tools and `costops query` read; swapped in atomically.",
        pool=WAREHOUSE_POOL,
    )
    def published_marts(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
        """Publish the marts that changed; those that are held back keep the version that was published before."""
        settings = home.settings()
        held_back = {
            name.removeprefix(f"{MART_SCHEMA}."): held
            for name, held in read_health(settings.dbt_dir).held_back.items()
            if name.startswith(f"{MART_SCHEMA}.")
        }
        manifest = manifest_path(settings)
        with home.warehouse() as connection:
            contents = mart_contents(connection, read_project(manifest), home.now().date())
        with let_go(settings.warehouse_path):
            publication = publish(
                settings.warehouse_path,
                settings.published_dir,
                held_back,
                now=home.now(),
                contents=contents,
                descriptions=descriptions_of(json.loads(manifest.read_text())),
                has_doubles=bool(settings.publish_variables.get(DOUBLES)),
            )
        distributed = distribute(
            settings.published_dir, publication.version, connected_targets(settings.publish_variables)
        )
        for each in distributed:
            if each.failure:
                context.log.warning(f"{each.failure}; it will be tried again at the next run")
            for note in each.delivery.notes:
                context.log.warning(f"target {each.target}: {note}")
        if held_back:
            context.log.warning(
                counted(len(held_back), "mart is", "marts are") + " held back; rpt_mart_status says why"
            )
        words = "\n".join(f"* {mart}: {held.reason}" for mart, held in sorted(held_back.items()))
        return dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(
                    passed=not held_back,
                    check_name=NOTHING_HELD_BACK,
                    severity=dg.AssetCheckSeverity.ERROR,
                    metadata={"held_back": dg.MetadataValue.md(words or "none")},
                )
            ],
            metadata={
                "held_back": len(held_back),
                "marts": len(publication.rows_by_mart),
                "marts_written": len(publication.written),
                "rows": sum(publication.rows_by_mart.values()),
                "targets": ", ".join(each.target for each in distributed if not each.failure) or "none",
                **{
                    f"{each.target}_{name}": number
                    for each in distributed
                    for name, number in each.delivery.figures.items()
                },
                "database": dg.MetadataValue.path(str(publication.database)),
                "parquet": dg.MetadataValue.path(str(publication.parquet_dir)),
            },
        )

    return published_marts
