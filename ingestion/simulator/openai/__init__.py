"""OpenAI's organization API: usage, costs, names. Put here: its routes and addresses. Keep out: everything else."""

from starlette.routing import Route

from ingestion.simulator.openai.admin import admin_routes
from ingestion.simulator.openai.costs import cost_routes
from ingestion.simulator.openai.usage import usage_routes
from ingestion.simulator.provider import Provider
from ingestion.simulator.state import Simulator


def openai_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [*usage_routes(simulator), *cost_routes(simulator), *admin_routes(simulator)]


PROVIDER = Provider(
    paths={"openai": "/openai/v1"},
    routes=openai_routes,
    environment=lambda at, keys: {"OPENAI_ADMIN_KEY": keys.openai_admin_key, "OPENAI_BASE_URL": at["openai"]},
)
