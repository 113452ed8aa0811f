"""AWS Cost Explorer: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ingestion.vocabulary.settings import Setting, secret, words
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SETTINGS = (
    secret("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    secret("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    secret("aws_session_token", "AWS_SESSION_TOKEN"),
    Setting("aws_profile", "AWS_PROFILE"),
    Setting("aws_region", "AWS_REGION", "us-east-1"),
    Setting("aws_cost_explorer_url", "AWS_ENDPOINT_URL_COST_EXPLORER"),
    Setting("aws_cost_tags", "AWS_COST_TAGS", (), words),
    Setting("aws_max_requests", "COSTOPS_AWS_MAX_REQUESTS", 100, int),
    Setting("aws_max_accounts", "COSTOPS_AWS_MAX_ACCOUNTS", 20, int),
)


def missing(api: Any) -> str | None:
    """What keeps the source off; None when it can be asked."""
    if not api.aws_profile:
        if not api.aws_access_key_id:
            return "AWS_ACCESS_KEY_ID is not set (nor AWS_PROFILE)"
        if not api.aws_secret_access_key:
            return "AWS_SECRET_ACCESS_KEY is not set"
    if find_spec("boto3") is None:
        return "boto3 is not installed; install llm-cost-ops[aws]"
    return None


TABLES = {
    "cost_explorer": asked(
        "Daily and monthly cost that AWS Cost Explorer reports, by service, usage type and tag.",
        "report granularity period_start_date:date period_end_date:date is_estimated:bool group_by group_keys service "
        "usage_type record_type linked_account_id region tag_key tag_value currency unblended_cost:dec "
        "unblended_cost_text amortized_cost:dec amortized_cost_text usage_quantity:dec usage_quantity_text "
        "usage_quantity_unit extra_columns",
        names_models=True,
    ),
    "cost_forecasts": asked(
        "AWS's own forecast of the months to come.",
        "granularity metric period_start_date:date period_end_date:date mean_cost:dec mean_cost_text lower_cost:dec "
        "upper_cost:dec interval_level_pct:int currency extra_columns",
    ),
}
SPEC = SourceSpec(
    name="aws",
    kind=Kind.API,
    purpose="cost of AWS by Cost Explorer",
    tables=TABLES,
    switch="AWS_ACCESS_KEY_ID",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="aws_cost_explorer_url",
    off_reason=missing,
    has_icon=True,
)
