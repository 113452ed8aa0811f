"""Groq's Prometheus API: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.settings import Setting, secret
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SETTINGS = (
    secret("groq_api_key", "GROQ_API_KEY"),
    Setting("groq_base_url", "GROQ_BASE_URL", "https://api.groq.com/v1/metrics/prometheus"),
)
TABLES = {
    "rates": asked(
        "Requests and tokens per hour, integrated from the rates that Groq measures.",
        "hour_start_utc:at metric model project_id status_code labels quantity:dec sample_count:int gap_count:int "
        "step_seconds:int",
        names_models=True,
    ),
}
MODELS = "select 'groq', coalesce(model, ''), false, '', '', '' from raw_groq.rates"
SPEC = SourceSpec(
    name="groq",
    kind=Kind.API,
    purpose="requests and tokens that Groq measures",
    tables=TABLES,
    switch="GROQ_API_KEY",
    shared_tables=OF_REPORTS,
    settings=SETTINGS,
    address="groq_base_url",
    credentials=("groq_api_key",),
    models_sql=MODELS,
)
