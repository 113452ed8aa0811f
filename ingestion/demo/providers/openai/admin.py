"""OpenAI's lists of projects, users, keys and service accounts, to give ids their names.

Put here: who there is. Keep out: what they used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.company import KEYS, USERS, Key
from ingestion.demo.company.projects import PROJECTS
from ingestion.demo.providers.buckets import read_limit
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.moments import SECOND, microseconds
from ingestion.demo.providers.openai.dialect import PREFIX, OpenAIDialect
from ingestion.demo.providers.state import Simulator

Item = dict[str, Any]
OWN_KEYS = [key for key in KEYS if key.provider == "openai"]
OWN_PROJECTS = [project for project in PROJECTS if any(PROJECTS[key.project_number] == project for key in OWN_KEYS)]
MAIL_DOMAIN = "sample-company.example"


def paged(items: list[Item], request: Request) -> Item:
    """A page of a list, after the item that `after` names."""
    limit = read_limit(request.query_params.get("limit"), 20, 100)
    after = request.query_params.get("after")
    ids = [item["id"] for item in items]
    if after is not None and after not in ids:
        raise Refusal(400, f"No such object: {after}", "invalid_value", "after")
    start = ids.index(after) + 1 if after is not None else 0
    page = items[start : start + limit]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": start + limit < len(items),
    }


class OpenAINames:
    """The lists."""

    def __init__(self, simulator: Simulator) -> None:
        self._since = microseconds(simulator.company.first_date) // SECOND

    def projects(self) -> list[Item]:
        """Projects with keys, the newest first."""
        return [
            {
                "id": project.id,
                "object": "organization.project",
                "name": project.name,
                "created_at": self._since,
                "archived_at": None,
                "status": "active",
            }
            for project in OWN_PROJECTS
        ]

    def users(self) -> list[Item]:
        """Everybody."""
        return [
            {
                "id": user.id,
                "object": "organization.user",
                "name": user.name,
                "email": f"{user.id}@{MAIL_DOMAIN}",
                "role": "reader",
                "added_at": self._since,
            }
            for user in USERS
        ]

    def service_accounts(self, project_id: str) -> list[Item]:
        """One per key: services ask, not people."""
        return [
            {
                "id": f"svc_{key.name}",
                "object": "organization.project.service_account",
                "name": key.name.replace("_", " "),
                "role": "member",
                "created_at": self._since,
            }
            for key in self._keys(project_id)
        ]

    def api_keys(self, project_id: str) -> list[Item]:
        """The project's keys, their values redacted."""
        accounts = self.service_accounts(project_id)
        return [
            {
                "id": key.id,
                "object": "organization.project.api_key",
                "name": key.name,
                "redacted_value": f"sk-svc...{key.name[-4:]}",
                "created_at": self._since,
                "last_used_at": None,
                "owner": {"type": "service_account", "service_account": account},
                "owner_project_access": "active",
            }
            for key, account in zip(self._keys(project_id), accounts, strict=True)
        ]

    def admin_keys(self) -> list[Item]:
        """The key that reads this."""
        owner = {"id": USERS[0].id, "type": "user", "object": "organization.user", "role": "owner"}
        return [
            {
                "id": "key_admin_reports",
                "object": "organization.admin_api_key",
                "name": "Reports",
                "redacted_value": "sk-admin...0001",
                "created_at": self._since,
                "last_used_at": None,
                "owner": {**owner, "created_at": self._since, "name": USERS[0].name},
            }
        ]

    @staticmethod
    def _keys(project_id: str) -> list[Key]:
        if project_id not in {project.id for project in OWN_PROJECTS}:
            raise Refusal(404, f"Project {project_id} not found.", "not_found", "project_id")
        return [key for key in OWN_KEYS if key.project_number >= 0 and PROJECTS[key.project_number].id == project_id]


def admin_routes(simulator: Simulator) -> list[Route]:
    """Routes of the lists."""
    names, dialect = OpenAINames(simulator), OpenAIDialect()

    def listing(path: str, items: Callable[[Request], list[Item]]) -> Route:
        return route(simulator, dialect, PREFIX + path, lambda request, _: paged(items(request), request), name=path)

    return [
        listing("/organization/projects", lambda _: names.projects()),
        listing("/organization/users", lambda _: names.users()),
        listing("/organization/admin_api_keys", lambda _: names.admin_keys()),
        listing(
            "/organization/projects/{project_id}/api_keys",
            lambda request: names.api_keys(request.path_params["project_id"]),
        ),
        listing(
            "/organization/projects/{project_id}/service_accounts",
            lambda request: names.service_accounts(request.path_params["project_id"]),
        ),
    ]
