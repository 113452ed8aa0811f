"""Groq's Prometheus metrics. Put here: its routes and addresses. Keep out: everything else."""

from ingestion.demo.providers.groq.api import groq_routes
from ingestion.demo.providers.provider import Provider

PROVIDER = Provider(
    paths={"groq": "/groq/v1/metrics/prometheus"},
    routes=groq_routes,
    environment=lambda at, keys: {"GROQ_API_KEY": keys.groq_api_key, "GROQ_BASE_URL": at["groq"]},
)
