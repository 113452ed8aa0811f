"""Azure: metrics, cost queries, resources, tokens. Put here: its list of routes. Keep out: everything else."""

from starlette.routing import Route

from ingestion.simulator.azure.costs import cost_routes
from ingestion.simulator.azure.dialect import ACCOUNTS, RESOURCE_IDS, login_routes, resource_routes
from ingestion.simulator.azure.monitor import monitor_routes
from ingestion.simulator.state import Simulator


def azure_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [
        *login_routes(simulator),
        *resource_routes(simulator),
        *monitor_routes(simulator),
        *cost_routes(simulator),
    ]


__all__ = ["ACCOUNTS", "RESOURCE_IDS", "azure_routes"]
