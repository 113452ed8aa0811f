"""OpenAI's organization API: usage, costs, names. Put here: its routes and addresses. Keep out: everything else."""

from starlette.routing import Route

from ingestion.demo.providers.openai.admin import admin_routes
from ingestion.demo.providers.openai.costs import cost_routes
from ingestion.demo.providers.openai.usage import usage_routes
from ingestion.demo.providers.provider import Provider
from ingestion.demo.providers.state import Simulator


def openai_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [*usage_routes(simulator), *cost_routes(simulator), *admin_routes(simulator)]


PROVIDER = Provider(
    paths={"openai": "/openai/v1"},
    routes=openai_routes,
    environment=lambda at, keys: {"OPENAI_ADMIN_KEY": keys.openai_admin_key, "OPENAI_BASE_URL": at["openai"]},
)
