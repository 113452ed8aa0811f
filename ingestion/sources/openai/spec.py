"""OpenAI's organization API: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.settings import Setting, secret, words
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SETTINGS = (
    secret("openai_admin_key", "OPENAI_ADMIN_KEY"),
    Setting("openai_base_url", "OPENAI_BASE_URL", "https://api.openai.com/v1"),
    Setting("openai_extra_usage_reports", "OPENAI_EXTRA_USAGE_REPORTS", (), words),
)
TABLES = {
    "usage": asked(
        "Hourly usage that OpenAI reports, every usage endpoint, by the fields it groups by.",
        "endpoint bucket_start_utc:at bucket_end_utc:at project_id user_id api_key_id model is_batch:bool "
        "service_tier size source context_level vector_store_id api_source group_by input_tokens:int "
        "input_uncached_tokens:int input_cached_tokens:int input_cache_write_tokens:int "
        "input_cache_write_30m_tokens:int input_cache_write_12h_tokens:int output_tokens:int input_text_tokens:int "
        "output_text_tokens:int input_cached_text_tokens:int input_cached_audio_tokens:int "
        "input_cached_image_tokens:int input_audio_tokens:int input_image_tokens:int output_audio_tokens:int "
        "output_image_tokens:int num_model_requests:int images:int characters:int seconds:dec usage_bytes:int "
        "num_sessions:int num_requests:int extra_columns",
        names_models=True,
    ),
    "costs": asked(
        "Daily costs that OpenAI reports, by project and line item, amounts as printed.",
        "bucket_start_utc:at bucket_end_utc:at project_id line_item api_key_id user_id api_source group_by amount:dec "
        "amount_text currency quantity:dec quantity_text quantity_unit extra_columns",
    ),
    "projects": asked(
        "Names of OpenAI projects, also of those no longer listed.",
        "id name status created_at_utc:at is_listed:bool raw",
    ),
    "users": asked(
        "Users of the OpenAI organization.",
        "id name status created_at_utc:at is_listed:bool raw email role",
    ),
    "api_keys": asked(
        "Names and owners of OpenAI keys; the keys themselves only as OpenAI blackens them.",
        "id name status created_at_utc:at is_listed:bool raw project_id owner_type owner_id redacted_value "
        "last_used_at_utc:at",
    ),
    "service_accounts": asked(
        "Service accounts of OpenAI projects.",
        "id name status created_at_utc:at is_listed:bool raw project_id role",
    ),
}
MODELS = """
    select 'openai', coalesce(model, ''), coalesce(is_batch, false), coalesce(service_tier, ''), '', ''
    from raw_openai.usage
    where endpoint <> 'vector_stores'
"""
SPEC = SourceSpec(
    name="openai",
    kind=Kind.API,
    purpose="usage and costs that OpenAI reports",
    tables=TABLES,
    switch="OPENAI_ADMIN_KEY",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="openai_base_url",
    credentials=("openai_admin_key",),
    models_sql=MODELS,
    has_icon=True,
)
