"""Azure's metrics and costs: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from typing import Any

from ingestion.vocabulary.settings import Setting, secret, words
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SETTINGS = (
    Setting("azure_tenant_id", "AZURE_TENANT_ID"),
    Setting("azure_client_id", "AZURE_CLIENT_ID"),
    secret("azure_client_secret", "AZURE_CLIENT_SECRET"),
    secret("azure_access_token", "AZURE_ACCESS_TOKEN"),
    Setting("azure_subscription_id", "AZURE_SUBSCRIPTION_ID"),
    Setting("azure_cost_scopes", "AZURE_COST_SCOPES", (), words),
    Setting("azure_cost_services", "AZURE_COST_SERVICES", (), words),
    Setting("azure_cost_tags", "AZURE_COST_TAGS", (), words),
    Setting("azure_openai_resource_ids", "AZURE_OPENAI_RESOURCE_IDS", (), words),
    Setting("azure_authority_url", "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com"),
    Setting("azure_management_url", "AZURE_MANAGEMENT_URL", "https://management.azure.com"),
)

CREDENTIALS = {
    "azure_tenant_id": "AZURE_TENANT_ID",
    "azure_client_id": "AZURE_CLIENT_ID",
    "azure_client_secret": "AZURE_CLIENT_SECRET",
}


def missing_variables(api: Any) -> list[str]:
    """The variables that have to be set before Azure can be asked."""
    missing = [] if api.azure_access_token else [v for name, v in CREDENTIALS.items() if not getattr(api, name)]
    if not (api.azure_subscription_id or api.azure_cost_scopes or api.azure_openai_resource_ids):
        missing.append("AZURE_SUBSCRIPTION_ID")
    return missing


def off_reason(api: Any) -> str | None:
    """What keeps the source off, in words."""
    missing = missing_variables(api)
    return f"{', '.join(missing)} not set" if missing else None


TABLES = {
    "metrics": asked(
        "Hourly metrics of Azure OpenAI deployments.",
        "hour_start_utc:at resource_id metric unit interval aggregation model_deployment_name model_name "
        "model_version region api_name feature_name usage_channel status_code is_spillover service_tier_request "
        "service_tier_response dimensions quantity:dec quantity_text extra_columns",
        names_models=True,
    ),
    "cost_query": asked(
        "Daily cost that Azure Cost Management reports, as billed.",
        "scope query_type usage_date:date billing_month:date cost:dec cost_text cost_usd:dec cost_usd_text "
        "usage_quantity:dec currency service_name meter_category meter_sub_category meter resource_id "
        "resource_group_name subscription_id tag_key tag_value group_by dimensions extra_columns",
        names_models=True,
    ),
}
MODELS = """
    select
        'azure',
        case
            when model_version like '____-__-__' then model_name || '-' || model_version
            else coalesce(model_name, model_deployment_name, '')
        end,
        false, '', '', ''
    from raw_azure.metrics
"""
SPEC = SourceSpec(
    name="azure",
    kind=Kind.API,
    purpose="metrics of Azure OpenAI and cost of Azure",
    tables=TABLES,
    switch="AZURE_CLIENT_SECRET",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="azure_management_url",
    off_reason=off_reason,
    models_sql=MODELS,
    has_icon=True,
)
