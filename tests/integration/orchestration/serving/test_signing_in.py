"""Signing in by an identity provider, one that the test starts: what its token must say to be believed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from ingestion.config import Settings
from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.served_home import served_home


class Provider:
    """A provider with one key; `claims` are changed by tests."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signing_key, self.claims, self.nonce, self.posted = self.key, {}, "", {}  # type: ignore[var-annotated]
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith("openid-configuration"):
                    return self._say({
                        "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
                    })  # fmt: skip
                return self._say({"keys": [provider.key.as_dict(private=False)]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.posted = {name: each[0] for name, each in parse_qs(body).items()}
                self._say({"access_token": "x", "token_type": "Bearer", "id_token": provider.token()})

            def _say(self, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self) -> str:
        from joserfc import jwt

        claims = {
            "iss": self.issuer, "aud": "costops", "sub": "1", "exp": int(time.time()) + 60, "iat": int(time.time()),
            "nonce": self.nonce, "email": "vic@sample-company.example", "email_verified": True,
        } | self.claims  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing_key)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def client(provider: Provider, tmp_path: Path) -> TestClient:
    provider.claims, provider.signing_key = {}, provider.key
    served_home(tmp_path)
    variables = {"COSTOPS_SERVE_OIDC_ISSUER": provider.issuer, "COSTOPS_SERVE_OIDC_CLIENT_ID": "costops",
                 "COSTOPS_SERVE_OIDC_CLIENT_SECRET": "secret"}  # fmt: skip
    return TestClient(
        create_app(Settings.from_env(variables, home=tmp_path), Options(hosts=("testserver",))), follow_redirects=False
    )


def begin(client: TestClient, provider: Provider) -> dict[str, str]:
    asked = urlsplit(client.get("/login/oidc").headers["location"])
    question = {name: each[0] for name, each in parse_qs(asked.query).items()}
    assert asked.path == "/authorize"
    assert (question["client_id"], question["code_challenge_method"]) == ("costops", "S256")
    assert question["redirect_uri"] == "http://testserver/login/callback"
    provider.nonce = question["nonce"]
    return question


def test_who_the_provider_vouches_for_sees_own_rows(client: TestClient, provider: Provider) -> None:
    question = begin(client, provider)
    back = client.get(f"/login/callback?code=c&state={question['state']}")
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert provider.posted["code_verifier"]
    page = client.get("/")
    assert (page.status_code, "vic (viewer)" in page.text) == (200, True)
    assert client.get(f"/login/callback?code=c&state={question['state']}").status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "nobody@sample-company.example"}, 403), ({"email_verified": False}, 401), ({"nonce": "other"}, 401),
        ({"aud": "somebody else"}, 401), ({"iss": "http://other.example"}, 401), ({"exp": 1}, 401), ({"email": 1}, 401),
    ],
)  # fmt: skip
def test_a_token_that_says_something_else_opens_nothing(
    client: TestClient, provider: Provider, claims: dict[str, Any], status: int
) -> None:
    question = begin(client, provider)
    provider.claims = claims
    assert client.get(f"/login/callback?code=c&state={question['state']}").status_code == status
    assert client.get("/").headers["location"] == "/login"


def test_a_token_signed_by_another_key_opens_nothing(client: TestClient, provider: Provider) -> None:
    from joserfc.jwk import RSAKey

    question = begin(client, provider)
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert client.get(f"/login/callback?code=c&state={question['state']}").status_code == 401


def test_nobody_comes_back_who_did_not_leave(client: TestClient) -> None:
    assert client.get("/login/callback?code=c&state=invented").status_code == 401
    assert client.get("/login/callback?error=denied").status_code == 401


def test_a_provider_over_plain_http_elsewhere_is_refused(tmp_path: Path) -> None:
    variables = {"COSTOPS_SERVE_OIDC_ISSUER": "http://id.example", "COSTOPS_SERVE_OIDC_CLIENT_ID": "costops"}
    with pytest.raises(ValueError, match="https"):
        create_app(Settings.from_env(variables, home=tmp_path))
