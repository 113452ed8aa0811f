"""Great Expectations suites as asset checks.

Put here: which asset a suite guards. Keep out: the expectations (`orchestration.warehouse.expectations`).
"""

from datetime import timedelta

import dagster as dg
import pandas as pd

from ingestion.raw_schemas import INFORMATION_COLUMNS, TOKEN_COLUMNS
from orchestration.resources import WAREHOUSE_POOL, Home

NEWEST_ROWS = 100_000

_COLUMNS = ("event_id", "event_source", "requested_at_utc", "status", *TOKEN_COLUMNS, *INFORMATION_COLUMNS)


@dg.asset_check(
    asset=dg.AssetKey(["raw_events", "requests"]),
    name="landed_requests_suite",
    description=f"Great Expectations on the newest {NEWEST_ROWS:,} landed request events.",
    pool=WAREHOUSE_POOL,
)
def landed_requests_suite(home: Home) -> dg.AssetCheckResult:
    """Validate the newest landed events."""
    from orchestration.warehouse.expectations import landed_requests_expectations, validate

    with home.warehouse() as connection:
        frame = connection.execute(
            f"select {', '.join(_COLUMNS)} from raw_events.requests order by _loaded_at_utc desc limit {NEWEST_ROWS}"
        ).df()
    if frame.empty:
        return dg.AssetCheckResult(passed=True, metadata={"rows": 0})
    result = validate(
        frame,
        landed_requests_expectations(pd.Timestamp(home.now() + timedelta(days=2))),
        suite_name="landed_requests",
    )
    return dg.AssetCheckResult(
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "rows": len(frame),
            "expectations": result.evaluated,
            "failures": dg.MetadataValue.md("\n".join(f"* {failure}" for failure in result.failures) or "none"),
        },
    )
