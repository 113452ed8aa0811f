"""Anthropic's lists of workspaces, api keys and members, to give ids their names.

Put here: who there is. Keep out: what they used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.company import KEYS, ORGANISATION_ACCOUNTS, USERS
from ingestion.demo.company.projects import PROJECTS
from ingestion.demo.providers.anthropic.claude_code import MAIL_DOMAIN
from ingestion.demo.providers.anthropic.dialect import PREFIX, AnthropicDialect
from ingestion.demo.providers.buckets import read_limit
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.moments import microseconds, rfc3339
from ingestion.demo.providers.state import Simulator

Item = dict[str, Any]
OWN_KEYS = [key for key in KEYS if key.provider == "anthropic"]


def paged(items: list[Item], request: Request) -> Item:
    """A page of a list, after `after_id` or before `before_id`."""
    limit = read_limit(request.query_params.get("limit"), 20, 1000)
    after, before = request.query_params.get("after_id"), request.query_params.get("before_id")
    ids = [item["id"] for item in items]
    for one in (after, before):
        if one is not None and one not in ids:
            raise Refusal(400, f"Invalid cursor {one}")
    if before is not None:
        stop = ids.index(before)
        start = max(0, stop - limit)
        has_more = start > 0
    else:
        start = ids.index(after) + 1 if after is not None else 0
        stop = start + limit
        has_more = stop < len(items)
    page = items[start:stop]
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return {"data": page, "has_more": has_more, **ends}


class AnthropicNames:
    """The lists."""

    def __init__(self, simulator: Simulator) -> None:
        self._since = rfc3339(microseconds(simulator.company.first_date))
        self._default = simulator.options.anthropic_default_workspace_id

    def workspaces(self) -> list[Item]:
        """Every workspace but the default one, which the list does not show."""
        names = {key.workspace_id: PROJECTS[key.project_number].name for key in OWN_KEYS}
        return [
            {
                "id": place,
                "type": "workspace",
                "name": name,
                "created_at": self._since,
                "archived_at": None,
                "compartment_id": f"cmprt_{place}",
                "display_color": "#6C5BB9",
                "data_residency": {
                    "workspace_geo": "us",
                    "default_inference_geo": "global",
                    "allowed_inference_geos": "unrestricted",
                },
                "external_key_id": None,
                "tags": {},
                "user_profile_id": None,
            }
            for place, name in names.items()
            if place is not None and place != self._default
        ]

    def api_keys(self) -> list[Item]:
        """Keys with their workspace, in the older spelling and the newer one (`scope`)."""
        return [
            {
                "id": key.id,
                "type": "api_key",
                "name": key.name,
                "created_at": self._since,
                "created_by": {"id": USERS[0].id, "type": "user"},
                "expires_at": None,
                "partial_key_hint": f"sk-ant-api03-...{key.name[-4:]}",
                "principal": None,
                "status": "active",
                "workspace_id": None if key.workspace_id == self._default else key.workspace_id,
                "scope": {"type": "workspace", "workspace_id": key.workspace_id},
            }
            for key in OWN_KEYS
        ]

    def members(self) -> list[Item]:
        """Everybody."""
        return [
            {
                "id": user.id,
                "type": "user",
                "name": user.name,
                "email": f"{user.id}@{MAIL_DOMAIN}",
                "role": "developer",
                "added_at": self._since,
            }
            for user in USERS
        ]


def admin_routes(simulator: Simulator) -> list[Route]:
    """Routes of the lists."""
    names, dialect = AnthropicNames(simulator), AnthropicDialect()
    own = "/v1/organizations/me"
    me = {"id": ORGANISATION_ACCOUNTS["anthropic"], "type": "organization", "name": "Sample company"}

    def listing(path: str, items: Callable[[], list[Item]]) -> Route:
        return route(simulator, dialect, PREFIX + path, lambda request, _: paged(items(), request), name=path)

    return [
        listing("/v1/organizations/workspaces", names.workspaces),
        listing("/v1/organizations/api_keys", names.api_keys),
        listing("/v1/organizations/users", names.members),
        route(simulator, dialect, PREFIX + own, lambda _, __: me, name=own),
    ]
