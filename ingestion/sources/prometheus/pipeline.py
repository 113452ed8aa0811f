"""Data flow: a Prometheus server's `/api/v1/query_range` → spool → `raw_prometheus`.

Run alone: `python -m ingestion.sources.prometheus`.

Put here: the description of the source, who may ask. Keep out: queries (`endpoints`), labels, values.
"""

from __future__ import annotations

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from requests.auth import AuthBase, HTTPBasicAuth

from ingestion.api import ApiClient, ApiSource, RetryPolicy
from ingestion.api.provider import landing, routes
from ingestion.config import Settings
from ingestion.sources.prometheus import parse_counters, parse_gpus
from ingestion.sources.prometheus.endpoints import endpoints

VARIABLE = "PROMETHEUS_URL"
CREDENTIALS = "PROMETHEUS_BEARER_TOKEN, or PROMETHEUS_USERNAME with PROMETHEUS_PASSWORD, or PROMETHEUS_ORG_ID"
LOOKBACK_DAYS = 1
"""What was scraped does not change; a day that was asked for before it was over is asked for again anyway."""
PARSERS = {
    "gpu_utilization": parse_gpus.gpu_samples,
    "gpu_gauges": parse_counters.gauges,
    "gpu_energy": parse_counters.energy,
    "serving": parse_counters.serving,
}


def source(settings: Settings) -> ApiSource:
    """The server as the framework sees it."""
    asked = endpoints(settings.api.prometheus_step_seconds, settings.api.prometheus_counter_step_seconds)
    return ApiSource("prometheus", asked, LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, routes(PARSERS))


def client(settings: Settings) -> ApiClient | None:
    """A client, None without an address. Credentials are those of what stands before the server, if anything does."""
    api = settings.api
    if not api.prometheus_url:
        return None
    auth: AuthBase | None = None
    if api.prometheus_bearer_token:
        auth = BearerTokenAuth(api.prometheus_bearer_token)
    elif api.prometheus_username:
        auth = HTTPBasicAuth(api.prometheus_username, api.prometheus_password or "")
    return ApiClient(
        api.prometheus_url,
        auth=auth,
        headers={"X-Scope-OrgID": api.prometheus_org_id} if api.prometheus_org_id else None,
        secrets=tuple(filter(None, (api.prometheus_bearer_token, api.prometheus_password))),
        address_variable=VARIABLE,
        credential_variable=CREDENTIALS,
        policy=RetryPolicy.of(api),
        carries_credential=auth is not None,
    )


land = landing(source, client)
