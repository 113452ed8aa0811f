"""Toy's activity API: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.settings import Setting, secret
from ingestion.vocabulary.spec import OF_REPORTS, Kind, SourceSpec, asked

SPEC = SourceSpec(
    name="toy",
    kind=Kind.API,
    purpose="usage and costs that Toy reports",
    tables={
        "activity": asked(
            "Daily usage and cost that Toy reports, by model.",
            "usage_date:date model requests:int input_tokens:int output_tokens:int cost:dec cost_text",
            names_models=True,
        )
    },
    switch="TOY_API_KEY",
    shared_tables=OF_REPORTS,
    settings=(secret("toy_api_key", "TOY_API_KEY"), Setting("toy_base_url", "TOY_BASE_URL", "https://api.toy.example")),
    address="toy_base_url",
    credentials=("toy_api_key",),
    models_sql="select 'toy', coalesce(model, ''), false, '', '', '' from raw_toy.activity",
)
