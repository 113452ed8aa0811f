"""Great Expectations suites as asset checks.

Put here: which asset a suite guards. Keep out: the expectations (`orchestration.warehouse.expectations`).
"""

from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import dagster as dg
import pandas as pd

from ingestion.landing.stamps import files_in, is_stamped, set_stamp, stamp_of
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, TOKEN_COLUMNS
from orchestration.resources import WAREHOUSE_POOL, Home

NEWEST_ROWS = 100_000

SUITE = "landed_requests_suite"
_COLUMNS = ("event_id", "event_source", "requested_at_utc", "status", *TOKEN_COLUMNS, *INFORMATION_COLUMNS)
_NEWEST = (
    f"select {', '.join(_COLUMNS)} from raw_events.requests "
    f"order by _loaded_at_utc desc, _source_file_id desc, _source_row desc limit {NEWEST_ROWS}"
)
"""Rows of one landing have one instant: the same ones are chosen each time."""


@dg.asset_check(
    asset=dg.AssetKey(["raw_events", "requests"]),
    name=SUITE,
    description=f"Great Expectations on the newest {NEWEST_ROWS:,} landed request events.",
    pool=WAREHOUSE_POOL,
)
def landed_requests_suite(home: Home) -> dg.AssetCheckResult:
    """Validate the newest landed events."""
    from orchestration.warehouse import expectations

    with home.warehouse() as connection:
        rows, content = connection.execute(
            f"select count(*), sum(hash(newest)::hugeint) from ({_NEWEST}) as newest"
        ).fetchall()[0]
        stamp = stamp_of(rows, content, version("great-expectations"), files_in(Path(expectations.__file__).parent))
        if not rows or is_stamped(connection, SUITE, stamp):
            return dg.AssetCheckResult(passed=True, metadata={"rows": rows, "unchanged": "these rows passed before"})
        frame = connection.execute(_NEWEST).df()
    result = expectations.validate(
        frame,
        expectations.landed_requests_expectations(pd.Timestamp(home.now() + timedelta(days=2))),
        suite_name="landed_requests",
    )
    if result.passed:
        with home.warehouse() as connection:
            set_stamp(connection, SUITE, stamp, home.now())
    return dg.AssetCheckResult(
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "rows": len(frame),
            "expectations": result.evaluated,
            "failures": dg.MetadataValue.md("\n".join(f"* {failure}" for failure in result.failures) or "none"),
        },
    )
