"""Azure: metrics, cost queries, resources, tokens. Put here: its routes and addresses. Keep out: everything else."""

from starlette.routing import Route

from ingestion.demo.providers.azure.costs import cost_routes
from ingestion.demo.providers.azure.dialect import ACCOUNTS, RESOURCE_IDS, login_routes, resource_routes
from ingestion.demo.providers.azure.monitor import monitor_routes
from ingestion.demo.providers.provider import Provider
from ingestion.demo.providers.state import Simulator


def azure_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [
        *login_routes(simulator),
        *resource_routes(simulator),
        *monitor_routes(simulator),
        *cost_routes(simulator),
    ]


PROVIDER = Provider(
    paths={"azure": "/azure", "azure_authority": "/azure-login"},
    routes=azure_routes,
    environment=lambda at, keys: {
        "AZURE_TENANT_ID": keys.azure_tenant_id,
        "AZURE_CLIENT_ID": keys.azure_client_id,
        "AZURE_CLIENT_SECRET": keys.azure_client_secret,
        "AZURE_AUTHORITY_HOST": at["azure_authority"],
        "AZURE_MANAGEMENT_URL": at["azure"],
        "AZURE_COST_SCOPES": ",".join(f"/subscriptions/{subscription}" for subscription in ACCOUNTS),
        "AZURE_OPENAI_RESOURCE_IDS": ",".join(RESOURCE_IDS),
    },
)
