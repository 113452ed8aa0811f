"""How Azure is reached: a client-credential token, the longest of the retry headers, links to next pages.

Put here: authority, token, paging and pace. Keep out: what is asked.
"""

from __future__ import annotations

from collections import deque
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dlt.common.configuration.specs import configspec
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
from requests import Response

from ingestion.api.bounds import require_encryption
from ingestion.api.client import ApiClient
from ingestion.api.errors import BadRequestError, MalformedResponseError, NotFoundError, WrongCredentialError
from ingestion.api.session import PatientSession, RetryPolicy
from ingestion.config import ApiSettings
from ingestion.sources.azure.requests import MANAGEMENT_SCOPE_SUFFIX
from ingestion.sources.azure.spec import CREDENTIALS

RETRY_HEADERS = (
    "retry-after",
    *(f"x-ms-ratelimit-microsoft.costmanagement-{kind}-retry-after" for kind in ("qpu", "entity", "tenant", "client")),
)
"""On 429 Azure may send several; only the longest wait helps."""
EARLY_SECONDS = 120
"""A token is renewed this long before it ends."""


@configspec
class AzureToken(OAuth2ClientCredentials):
    """dlt's client-credential flow, renewed in time; what it cannot get is an error that names the variables."""

    def obtain_token(self) -> None:
        """Ask the authority for a token."""
        try:
            super().obtain_token()
        except (BadRequestError, NotFoundError, WrongCredentialError) as error:
            names = ", ".join(CREDENTIALS.values())
            raise WrongCredentialError(f"Azure gives no token: {error}. Check {names}") from None

    def parse_access_token(self, response_json: Any) -> str:
        """The token of an answer."""
        token = response_json.get("access_token") if isinstance(response_json, dict) else None
        if not isinstance(token, str) or not token:
            raise MalformedResponseError("the answer of the Azure authority holds no access_token")
        return token

    def parse_expiration_in_seconds(self, response_json: Any) -> int:
        """Seconds after which to ask again; `expires_in` comes as number or text."""
        try:
            seconds = int(str(response_json.get("expires_in", self.default_token_expiration)))
        except ValueError:
            seconds = self.default_token_expiration
        return max(1, seconds - EARLY_SECONDS)


def connect(api: ApiSettings, **policy: Any) -> ApiClient:
    """A client of Azure Resource Manager. The access token of the configuration comes before a client's secret."""
    patience = RetryPolicy.of(api, retry_after_headers=RETRY_HEADERS, **policy)
    if api.azure_access_token:
        return ApiClient(
            api.azure_management_url,
            auth=BearerTokenAuth(api.azure_access_token),
            secrets=(api.azure_access_token,),
            address_variable="AZURE_MANAGEMENT_URL",
            credential_variable="AZURE_ACCESS_TOKEN",
            policy=patience,
        )
    secret = api.azure_client_secret or ""
    authority = api.azure_authority_url.rstrip("/")
    require_encryption(authority, "AZURE_AUTHORITY_HOST")
    auth = AzureToken(
        access_token_url=f"{authority}/{api.azure_tenant_id}/oauth2/v2.0/token",
        client_id=api.azure_client_id,
        client_secret=secret,
        access_token_request_data={"scope": api.azure_management_url.rstrip("/") + MANAGEMENT_SCOPE_SUFFIX},
        session=PatientSession(authority, patience, (secret,), "AZURE_CLIENT_SECRET"),
    )
    return ApiClient(
        api.azure_management_url,
        auth=auth,
        secrets=(secret,),
        address_variable="AZURE_MANAGEMENT_URL",
        credential_variable="AZURE_CLIENT_SECRET (or the role assignment of AZURE_CLIENT_ID)",
        policy=patience,
    )


class NextLinkPaginator(JSONLinkPaginator):
    """Follows a next link with the same method and body; a link that comes back is an error, never a loop."""

    def __init__(self, parent: str | None = None) -> None:
        super().__init__(next_url_path=f"{parent}.nextLink" if parent else "nextLink")
        self._parent = parent
        self._seen: set[str] = set()

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Decide whether there is another page and where."""
        body = response.json()
        holder = body.get(self._parent) if self._parent and isinstance(body, dict) else body
        if not isinstance(holder, dict):
            raise MalformedResponseError(f"the answer has no object {self._parent or 'at its top'}")
        link = holder.get("nextLink")
        if link is None or link == "":
            self._next_reference = None
            return
        if not isinstance(link, str):
            raise MalformedResponseError(f"nextLink is {type(link).__name__}, no address")
        if link in self._seen:
            raise MalformedResponseError("nextLink names the same page again; the paging would never end")
        self._seen.add(link)
        self._next_reference = without_default_port(link)


def without_default_port(link: str) -> str:
    """A link whose `:443` or `:80`, which Azure likes to spell out, is left to the scheme."""
    parts = urlsplit(link)
    default = {"https": ":443", "http": ":80"}.get(parts.scheme)
    netloc = parts.netloc.removesuffix(default) if default else parts.netloc
    return urlunsplit(parts._replace(netloc=netloc))


class Pace:
    """At most so many requests in any minute, on the clock of a policy."""

    def __init__(self, per_minute: float) -> None:
        self._most = max(1, int(per_minute))
        self._sent: deque[float] = deque()

    def wait(self, policy: RetryPolicy) -> None:
        """Sleep until another request is allowed and count it."""
        now = policy.clock()
        while self._sent and now - self._sent[0] >= 60.0:
            self._sent.popleft()
        if len(self._sent) >= self._most:
            pause = 60.0 - (now - self._sent.popleft())
            policy.sleep(pause)
            now += pause
        self._sent.append(now)
