"""Checking AWS's Signature Version 4, so that a wrong secret is noticed.

Put here: the check. Keep out: what the request asks.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import quote

from starlette.requests import Request

_AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,"
    r"\s*SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)$"
)


def _hash(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(request: Request, body: bytes, names: list[str]) -> str:
    query = sorted(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in request.query_params.multi_items()
    )
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    path = quote(request.url.path, safe="/-_.~")
    return "\n".join([request.method, path, "&".join(query), headers, ";".join(names), digest])


def access_key_of(request: Request) -> str | None:
    """The access key a request claims to be from; None when it is not signed."""
    found = _AUTHORIZATION.match(request.headers.get("authorization", ""))
    return found["key"] if found else None


def is_signed_with(request: Request, body: bytes, secret: str) -> bool:
    """Whether the signature is that of `secret`."""
    found = _AUTHORIZATION.match(request.headers.get("authorization", ""))
    if found is None:
        return False
    scope = f"{found['date']}/{found['region']}/{found['service']}/aws4_request"
    canonical = _canonical(request, body, found["headers"].split(";"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), scope, digest])
    key = f"AWS4{secret}".encode()
    for part in (found["date"], found["region"], found["service"], "aws4_request"):
        key = _hash(key, part)
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), found["signature"])
