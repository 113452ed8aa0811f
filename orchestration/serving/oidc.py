"""Signing in by an identity provider: the authorization code flow with PKCE, a state and a nonce.

Put here: the dance and what of an identity token is believed. Keep out: sessions, pages, who may what.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

ISSUER, CLIENT, SECRET = "COSTOPS_SERVE_OIDC_ISSUER", "COSTOPS_SERVE_OIDC_CLIENT_ID", "COSTOPS_SERVE_OIDC_CLIENT_SECRET"
SCOPE = "openid email profile"
PATIENCE_SECONDS = 600
MOST_PENDING = 1_000
TIMEOUT_SECONDS = 10
_LOCAL = ("127.0.0.1", "localhost", "::1")


class SignInError(RuntimeError):
    """Somebody could not sign in; the words say why, without a secret."""


@dataclass(frozen=True)
class _Pending:
    nonce: str
    verifier: str
    since: float


class Oidc:
    """One identity provider. Nothing is asked of it before somebody signs in."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.issuer = variables[ISSUER].rstrip("/")
        self.client_id, self._secret = variables[CLIENT], variables.get(SECRET) or None
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise ValueError(f"{ISSUER} must be an https:// address")
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}
        self._metadata: dict[str, Any] | None = None

    @classmethod
    def configured(cls, variables: Mapping[str, str]) -> Oidc | None:
        """The provider that is configured; None where none is."""
        return cls(variables) if variables.get(ISSUER) and variables.get(CLIENT) else None

    def begin(self, redirect: str) -> str:
        """Where to send the browser."""
        state, pending = secrets.token_urlsafe(24), _Pending(
            secrets.token_urlsafe(24), secrets.token_urlsafe(48), monotonic()
        )  # fmt: skip
        with self._lock:
            fresh = {name: each for name, each in self._pending.items() if monotonic() - each.since < PATIENCE_SECONDS}
            self._pending = dict(list(fresh.items())[-MOST_PENDING:]) | {state: pending}
        url, _ = self._client(redirect).create_authorization_url(
            self._told("authorization_endpoint"), state=state, nonce=pending.nonce, code_verifier=pending.verifier
        )
        return str(url)

    def finish(self, redirect: str, state: str, code: str) -> str:
        """The address of who came back, as the provider vouches for it.

        Raises:
            SignInError: it does not, or nobody left with this state.
        """
        with self._lock:
            pending = self._pending.pop(state, None)
        if pending is None or monotonic() - pending.since > PATIENCE_SECONDS:
            raise SignInError("signing in took too long, or was not begun here; begin anew")
        try:
            token = self._client(redirect).fetch_token(
                self._told("token_endpoint"), code=code, code_verifier=pending.verifier,
                grant_type="authorization_code", timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
            claims = self._claims(token["id_token"], pending.nonce)
        except SignInError:
            raise
        except Exception as error:  # what the provider says may hold the code
            raise SignInError(f"the identity provider's answer cannot be used ({type(error).__name__})") from None
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise SignInError("the identity provider vouches for no address")
        return email

    def _client(self, redirect: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client_id, self._secret, scope=SCOPE, redirect_uri=redirect, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )  # fmt: skip

    def _told(self, name: str) -> str:
        """What the provider says of itself, asked once."""
        import requests

        if self._metadata is None:
            try:
                address = f"{self.issuer}/.well-known/openid-configuration"
                answer = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json()
            except (requests.RequestException, ValueError) as error:
                raise SignInError(f"the identity provider cannot be reached ({type(error).__name__})") from None
            if found.get("issuer", "").rstrip("/") != self.issuer:
                raise SignInError("the identity provider calls itself otherwise than it is configured")
            self._metadata = found
        if not isinstance(self._metadata.get(name), str):
            raise SignInError(f"the identity provider has no {name}")
        return str(self._metadata[name])

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Claims of a token whose signature, issuer, audience, times and nonce are right."""
        import requests
        from joserfc import jwt
        from joserfc.jwk import KeySet

        keys = requests.get(self._told("jwks_uri"), timeout=TIMEOUT_SECONDS, allow_redirects=False).json()
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=["RS256", "ES256", "PS256"])
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": str((self._metadata or {})["issuer"])},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        registry.validate(token.claims)
        return dict(token.claims)
