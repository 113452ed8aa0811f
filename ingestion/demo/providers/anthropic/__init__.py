"""Anthropic's Admin API: reports and names. Put here: its routes and addresses. Keep out: everything else."""

from starlette.routing import Route

from ingestion.demo.providers.anthropic.admin import admin_routes
from ingestion.demo.providers.anthropic.claude_code import claude_code_routes
from ingestion.demo.providers.anthropic.reports import report_routes
from ingestion.demo.providers.provider import Provider
from ingestion.demo.providers.state import Simulator


def anthropic_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    return [*report_routes(simulator), *claude_code_routes(simulator), *admin_routes(simulator)]


PROVIDER = Provider(
    paths={"anthropic": "/anthropic"},
    routes=anthropic_routes,
    environment=lambda at, keys: {
        "ANTHROPIC_ADMIN_KEY": keys.anthropic_admin_key,
        "ANTHROPIC_BASE_URL": at["anthropic"],
    },
)
