"""Great Expectations suites as asset checks.

A suite of landed rows that finds what cannot be holds back what reads them, before it is built; what is only unusual is
told, and nothing waits for it.

Put here: trying a suite where what it looks at changed. Keep out: suites (`orchestration.expectations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import dagster as dg
import duckdb

from ingestion.config import Settings
from ingestion.landing.stamps import files_in, is_stamped, set_stamp, stamp_of
from orchestration import expectations
from orchestration.expectations import landed, published
from orchestration.expectations.results import PAGE, STATES, keep_result, read_results, state_of
from orchestration.expectations.suite import Suite, content_of
from orchestration.expectations.validation import SuiteResult, validate
from orchestration.publishing.mart_health import LONGEST_REASON, raw_check_failed, raw_check_passed
from orchestration.publishing.query import open_published
from orchestration.resources import WAREHOUSE_POOL, Home


def suite_check(suite: Suite) -> dg.AssetChecksDefinition:
    """A suite as a check of its table; what passed before and did not change is not tried again."""

    @dg.asset_check(
        asset=dg.AssetKey(list(suite.table)),
        name=suite.name,
        description=f"Great Expectations: {suite.about}",
        pool=WAREHOUSE_POOL,
        op_tags={"dagster/priority": "1"},  # before the builds that read what it looks at
    )
    def check(home: Home) -> dg.AssetCheckResult:
        return _tried(suite, home)

    return check


def landed_checks() -> list[dg.AssetChecksDefinition]:
    """Suites on what lands."""
    return [suite_check(suite) for suite in landed.SUITES]


def published_checks() -> list[dg.AssetChecksDefinition]:
    """Suites on what is published."""
    return [suite_check(suite) for suite in published.SUITES]


def _tried(suite: Suite, home: Home) -> dg.AssetCheckResult:
    settings, now = home.settings(), home.now()
    try:
        with _looked_at(suite, home) as connection:
            frame = suite.read(connection, now)
    except duckdb.CatalogException:
        if suite not in published.SUITES:
            raise
        # A mart that no run could publish yet is held back, and told so: nothing is there to look at.
        return _as_check(suite, SuiteResult(()), settings, {"rows": 0, "not tried": "what it reads is not published"})
    code = files_in(Path(expectations.__file__).parent, (".py",))
    stamp = stamp_of(content_of(frame), version("great-expectations"), code)
    with home.warehouse() as connection:
        is_known = is_stamped(connection, suite.name, stamp)
    kept = next((each for each in read_results(settings) if each.suite == suite.name), None)
    if frame.rows.empty or (is_known and kept):
        said = SuiteResult(kept.outcomes if kept and is_known else ())
        _hold_back(suite, said, home)
        return _as_check(suite, said, settings, {"rows": len(frame.rows), "unchanged": "these rows were tried before"})
    result = validate(frame.rows, suite.expectations(frame, now), suite_name=suite.name, key=suite.key)
    keep_result(settings, suite, result, len(frame.rows), now)
    _hold_back(suite, result, home)
    with home.warehouse() as connection:
        set_stamp(connection, suite.name, stamp, now)
    return _as_check(suite, result, settings, {"rows": len(frame.rows)})


def _hold_back(suite: Suite, result: SuiteResult, home: Home) -> None:
    """Remember whether rows of a raw table cannot be: a wrong number is not published."""
    if not suite.is_error or suite not in landed.SUITES:
        return
    dbt_dir = home.settings().dbt_dir
    if result.passed:
        raw_check_passed(dbt_dir, suite.name)
    else:
        words = "; ".join(result.failures)[:LONGEST_REASON]
        raw_check_failed(dbt_dir, suite.name, ".".join(suite.table), words, suite.remedy, home.now())


def _as_check(
    suite: Suite, result: SuiteResult, settings: Settings, metadata: dict[str, dg.RawMetadataValue]
) -> dg.AssetCheckResult:
    failures = "\n".join(f"* {_plain(failure)}" for failure in result.failures)
    return dg.AssetCheckResult(
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if suite.is_error else dg.AssetCheckSeverity.WARN,
        description=None if result.passed else f"{'; '.join(result.failures)}. {suite.remedy}",
        metadata={
            **metadata,
            "expectations": len(result.outcomes),
            "state": STATES[state_of(suite, result)],
            "failures": dg.MetadataValue.md(failures or "none"),
            "remedy": "none needed" if result.passed else suite.remedy,
            "page": dg.MetadataValue.path(str(settings.published_dir / PAGE)),
        },
    )


@contextmanager
def _looked_at(suite: Suite, home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    if suite in published.SUITES:
        with open_published(home.settings()) as connection:
            yield connection
    else:
        with home.warehouse() as connection:
            yield connection


def _plain(text: str) -> str:
    """Text from outside is no Markdown."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-!|" else sign for sign in text)
