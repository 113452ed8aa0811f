"""The lake as assets: raw tables after they landed, scores and alerts after they were made.

A lake that cannot be written costs a run nothing else: the check on the asset says why, and the next run catches up.

Put here: the assets. Keep out: writing (`orchestration.lake`).
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict

import dagster as dg

from ingestion.config import Settings
from orchestration.lake.keeping import STATE_SCHEMAS, keep_in_lake
from orchestration.resources import WAREHOUSE_POOL, Home

RAW_KEY, STATE_KEY = dg.AssetKey(["lake", "raw"]), dg.AssetKey(["lake", "state"])
STEPS = {"lake__raw": frozenset({RAW_KEY}), "lake__state": frozenset({STATE_KEY})}
IS_UP_TO_DATE = "lake_is_up_to_date"


def raw_in_lake(settings: Settings, landed: Iterable[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """What keeps all that landed, and what models read besides as it stands; nothing without a lake."""
    words = "Every raw table as Parquet in COSTOPS_LAKE_URL, by delivery and day; only what changed is written."
    return [_asset(RAW_KEY, landed, words, None)] if settings.lake_url else []


def state_in_lake(settings: Settings, made: Iterable[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """What keeps scores, alerts, adjustments and who people are, after they were made; nothing without a lake."""
    words = "Scores, alerts, price adjustments and pseudonyms in COSTOPS_LAKE_URL: what models read besides raw tables."
    return [_asset(STATE_KEY, made, words, STATE_SCHEMAS)] if settings.lake_url else []


def _asset(
    key: dg.AssetKey, deps: Iterable[dg.AssetKey], words: str, schemas: Collection[str] | None
) -> dg.AssetsDefinition:
    @dg.asset(
        key=key,
        deps=deps,
        group_name="ingestion",
        owners=["team:data-platform"],
        kinds={"parquet"},
        description=words,
        check_specs=[
            dg.AssetCheckSpec(IS_UP_TO_DATE, asset=key, description="The lake holds what the warehouse does.")
        ],
        pool=WAREHOUSE_POOL,
    )
    def keep(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
        with home.warehouse() as connection:
            report, failure = keep_in_lake(home.settings(), connection, home.now(), context.log.info, schemas)
        for note in report.notes:
            context.log.warning(f"lake: {note}")
        return dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(
                    passed=failure is None and not report.notes,
                    check_name=IS_UP_TO_DATE,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=f"{failure}; the next run catches up" if failure else None,
                )
            ],
            metadata={name: figure for name, figure in asdict(report).items() if name != "notes"},
        )

    return keep
