"""Great Expectations suites for data at the Python boundary, kept in code and run in an ephemeral context.

Put here: expectations that a data owner would read. Keep out: what SQL says better (dbt tests).
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ingestion.sources.events.routing import READERS
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

EARLIEST_REQUEST = pd.Timestamp("2015-01-01")
STATUSES = ["ok", "error", "cancelled", "timeout"]


@dataclass(frozen=True)
class SuiteResult:
    """The outcome of one suite: `failures` names expectation, column and how many rows missed it."""

    evaluated: int
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation held."""
        return not self.failures


def landed_requests_expectations(latest: pd.Timestamp) -> list[Any]:
    """What must hold for landed request events; `latest` is the last plausible instant, UTC."""
    import great_expectations.expectations as gxe

    expectations: list[Any] = [
        gxe.ExpectColumnValuesToNotBeNull(column="event_id"),
        gxe.ExpectColumnValuesToNotBeNull(column="event_source"),
        gxe.ExpectColumnValuesToNotBeNull(column="requested_at_utc"),
        gxe.ExpectColumnValuesToBeBetween(column="requested_at_utc", min_value=EARLIEST_REQUEST, max_value=latest),
        gxe.ExpectColumnValuesToMatchRegex(
            column="event_source",
            regex=rf"^({'|'.join(name for name in READERS if name != 'mapped')}|mapped/.+)$",
        ),
        gxe.ExpectColumnValuesToBeInSet(column="status", value_set=STATUSES, mostly=0.99),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="output_tokens",
            column_B="reasoning_tokens",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
    ]
    expectations += [gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0) for column in TOKEN_COLUMNS]
    return expectations


def validate(frame: pd.DataFrame, expectations: list[Any], *, suite_name: str) -> SuiteResult:
    """Validate a frame; NULLs are left to the not-null expectations, as everywhere in Great Expectations."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch_definition = (
        context.data_sources.add_pandas(suite_name)
        .add_dataframe_asset(suite_name)
        .add_batch_definition_whole_dataframe("all")
    )
    suite = context.suites.add(gx.ExpectationSuite(name=suite_name, expectations=expectations))
    batch = batch_definition.get_batch(batch_parameters={"dataframe": frame})
    outcome = batch.validate(suite, result_format="SUMMARY")
    failures = tuple(_describe(result) for result in outcome.results if not result.success)
    return SuiteResult(evaluated=len(outcome.results), failures=failures)


def _describe(result: Any) -> str:
    arguments = result.expectation_config.kwargs
    column = arguments.get("column") or f"{arguments.get('column_A')}, {arguments.get('column_B')}"
    missed = result.result.get("unexpected_count")
    reason = f"{missed} rows" if missed is not None else str(result.exception_info)[:200]
    return f"{result.expectation_config.type}({column}): {reason}"
