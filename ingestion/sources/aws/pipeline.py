"""AWS Cost Explorer -> `raw_aws`. Alone: `python -m ingestion.sources.aws`.

Put here: which reports a configuration asks for, and what a run costs. Keep out: everything they do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from ingestion.api.model import ApiSource, Endpoint
from ingestion.api.source import pull_and_land
from ingestion.api.spool import folder_name
from ingestion.config import ApiSettings, Settings
from ingestion.landing import LandingReport
from ingestion.landing.notes import Note
from ingestion.landing.source import Route
from ingestion.sources.aws import parse
from ingestion.sources.aws.endpoints import SERVICE, USAGE_TYPE, DailyCosts, Forecast, Group, MonthlyCosts
from ingestion.sources.aws.explorer import CostExplorer
from ingestion.sources.aws.spec import missing

LOOKBACK_DAYS = 38
"""Costs are estimated until the month is closed, a few days after its end."""
TAG_PREFIX = "cost_tag_"


def land(
    settings: Settings,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
) -> LandingReport:
    """Pull what is due from Cost Explorer and land it; off, with the reason, where something is missing.

    `force` asks for every day again.
    """
    reason = missing(settings.api)
    explorer = None if reason else CostExplorer(settings.api)
    client: Any = explorer
    report = pull_and_land(
        source(settings.api),
        settings,
        client,
        now=now,
        from_date=from_date,
        to_date=to_date,
        force=force,
        progress=progress,
        off_reason=reason,
    )
    if explorer is not None:
        spent = f"{explorer.request_count} Cost Explorer requests cost {explorer.spent_usd} USD"
        report.notes.append(Note("run_figures", f"{spent}; the budget of a run is {explorer.budget}"))
    return report


def source(api: ApiSettings) -> ApiSource:
    """AWS as the configuration describes it."""
    reports: list[Endpoint] = [DailyCosts("cost_daily", (SERVICE, USAGE_TYPE), api.aws_max_accounts)]
    reports += [DailyCosts(TAG_PREFIX + folder_name(tag), (Group("TAG", tag), SERVICE)) for tag in api.aws_cost_tags]
    reports += [MonthlyCosts(), Forecast()]
    return ApiSource("aws", tuple(reports), LOOKBACK_DAYS, api.backfill_from, "AWS_ACCESS_KEY_ID", route)


def route(relative_path: str) -> Route:
    """Who reads a spooled file."""
    report = PurePosixPath(relative_path).parts[0]
    if report == "cost_forecast":
        return report, parse.cost_forecast
    if report in ("cost_daily", "cost_monthly") or report.startswith(TAG_PREFIX):
        return report, partial(parse.cost_explorer, report)
    return None
