"""How Azure Resource Manager checks tokens, throttles and says no; where the sample company's accounts are.

Put here: manners and resources. Keep out: metrics, costs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.company import KEYS
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.projects import PROJECTS, Project
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.state import Simulator

PREFIX, LOGIN_PREFIX = "/azure", "/azure-login"
REGION = "eastus2"
_CODES = {429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable", 404: "NotFound"}


@dataclass(frozen=True)
class Account:
    """An Azure OpenAI account: one per project, in a subscription of its own."""

    project: Project
    subscription_id: str

    @property
    def slug(self) -> str:
        """The project's name in resource names."""
        return self.project.id.removeprefix("proj_").replace("_", "-")

    @property
    def resource_group(self) -> str:
        """Its resource group."""
        return f"rg-{self.slug}"

    @property
    def resource_id(self) -> str:
        """The whole id, as bills print it."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.CognitiveServices/accounts/oai-{self.slug}"
        )


def _accounts() -> dict[str, Account]:
    found = {}
    for key in KEYS:
        if key.provider == "azure":
            found[key.account_id] = Account(PROJECTS[key.project_number], key.account_id)
    return found


ACCOUNTS = _accounts()
"""By subscription id."""
RESOURCE_IDS = tuple(account.resource_id for account in ACCOUNTS.values())


def deployment(model: str) -> tuple[str, str, str]:
    """(deployment, ModelName, ModelVersion): `gpt-4o-mini-2024-07-18` is deployed as `gpt-4o-mini`."""
    dated = re.fullmatch(r"(.+)-(\d{4}-\d{2}-\d{2})", model)
    return (dated[1], dated[1], dated[2]) if dated else (model, model, "1")


DEPLOYMENTS = {deployment(model.raw_name)[0]: model.raw_name for model in MODELS if model.provider == "azure"}
"""Deployment → model as the ground truth names it."""


class AzureDialect:
    """Bearer tokens, errors as `{"error": {"code", "message"}}`."""

    name = "azure"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """Any wrong token is refused with 401."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != simulator.keys.azure_access_token:
            code = "InvalidAuthenticationToken" if token else "AuthenticationFailed"
            raise Refusal(401, "The access token is invalid.", code, headers={"www-authenticate": "Bearer"})

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """The error object."""
        code = refusal.code or _CODES.get(refusal.status, "BadRequest")
        return {"error": {"code": code, "message": refusal.message}}, {}

    def throttle(self, simulator: Simulator) -> Refusal:
        """429 whose headers name different waits; the longest one counts."""
        longest = simulator.faults.retry_after_seconds
        own = "x-ms-ratelimit-microsoft.costmanagement-"
        waits = {"qpu": max(0, longest - 2), "entity": longest, "tenant": max(0, longest - 1)}
        headers = {f"{own}{name}-retry-after": str(wait) for name, wait in waits.items()}
        return Refusal(429, "Too many requests. Please retry.", "429", headers=headers | {"retry-after": "0"})


class LoginDialect(AzureDialect):
    """The token endpoint has its own errors and needs no token."""

    name = "azure-login"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """Checked in the answer."""

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """An OAuth error."""
        return {"error": refusal.code or "temporarily_unavailable", "error_description": refusal.message}, {}


def login_routes(simulator: Simulator) -> list[Route]:
    """Client credentials for a token."""

    def token(request: Request, body: bytes) -> dict[str, Any]:
        form, keys = dict(parse_qsl(body.decode("utf-8", "replace"))), simulator.keys
        if form.get("grant_type") != "client_credentials":
            raise Refusal(400, "AADSTS70003: The grant type is not supported.", "unsupported_grant_type")
        if request.path_params["tenant"] != keys.azure_tenant_id:
            raise Refusal(400, "AADSTS90002: Tenant not found.", "invalid_request")
        if (form.get("client_id"), form.get("client_secret")) != (keys.azure_client_id, keys.azure_client_secret):
            raise Refusal(401, "AADSTS7000215: Invalid client secret provided.", "invalid_client")
        return {"token_type": "Bearer", "expires_in": 3599, "access_token": keys.azure_access_token}

    path = LOGIN_PREFIX + "/{tenant}/oauth2/v2.0/token"
    return [route(simulator, LoginDialect(), path, token, name="/oauth2/v2.0/token", methods=("POST",))]


def resource_routes(simulator: Simulator) -> list[Route]:
    """Which accounts and deployments there are."""

    def described(account: Account) -> dict[str, Any]:
        name = account.resource_id.rpartition("/")[2]
        tags = {"project": account.project.id, "environment": "production"}
        kind = {"type": "Microsoft.CognitiveServices/accounts", "kind": "OpenAI", "location": REGION}
        return {"id": account.resource_id, "name": name, **kind, "tags": tags}

    def subscriptions(_: Request, __: bytes) -> dict[str, Any]:
        return {
            "value": [
                {
                    "id": f"/subscriptions/{account.subscription_id}",
                    "subscriptionId": account.subscription_id,
                    "displayName": account.project.name,
                    "state": "Enabled",
                }
                for account in ACCOUNTS.values()
            ]
        }

    def accounts(request: Request, _: bytes) -> dict[str, Any]:
        return {"value": [described(known_account(request.path_params["subscription"]))]}

    dialect, provider = AzureDialect(), "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/accounts"
    return [
        route(simulator, dialect, PREFIX + "/subscriptions", subscriptions, name="/subscriptions"),
        route(simulator, dialect, PREFIX + provider, accounts, name="/accounts"),
    ]


def known_account(subscription: str) -> Account:
    """The account of a subscription; Refusal for an unknown one."""
    account = ACCOUNTS.get(subscription.lower())
    if account is None:
        raise Refusal(404, f"The subscription '{subscription}' could not be found.", "SubscriptionNotFound")
    return account
