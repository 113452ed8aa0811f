"""OpenAI's organization API: usage, costs, names. Put here: its list of routes. Keep out: everything else."""

from starlette.routing import Route

from ingestion.simulator.openai.admin import admin_routes
from ingestion.simulator.openai.costs import cost_routes
from ingestion.simulator.openai.usage import usage_routes
from ingestion.simulator.state import Simulator


def openai_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [*usage_routes(simulator), *cost_routes(simulator), *admin_routes(simulator)]


__all__ = ["openai_routes"]
