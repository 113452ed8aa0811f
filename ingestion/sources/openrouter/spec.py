"""OpenRouter's activity API: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.settings import Setting, secret
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SETTINGS = (
    secret("openrouter_api_key", "OPENROUTER_API_KEY"),
    Setting("openrouter_base_url", "OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1"),
)
TABLES = {
    "activity": asked(
        "Daily usage and cost that OpenRouter reports, by model, provider and key.",
        "usage_date:date model model_permaslug endpoint_id provider_name workspace_id group_by usage:dec usage_text "
        "byok_usage_inference:dec byok_usage_inference_text requests:int prompt_tokens:int completion_tokens:int "
        "reasoning_tokens:int cached_tokens:int extra_columns",
        names_models=True,
    ),
}
MODELS = """
    select 'openrouter', coalesce(model_permaslug, model, ''), false, '', '', '' from raw_openrouter.activity
"""
SPEC = SourceSpec(
    name="openrouter",
    kind=Kind.API,
    purpose="usage and costs that OpenRouter reports",
    tables=TABLES,
    switch="OPENROUTER_API_KEY",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="openrouter_base_url",
    credentials=("openrouter_api_key",),
    models_sql=MODELS,
)
