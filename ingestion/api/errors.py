"""What can go wrong with a provider's API, in words that say what to do. No message holds a secret.

Put here: errors and redaction. Keep out: requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

KEY_SHAPES = re.compile(r"\b(?:sk|gsk|rk)-[A-Za-z0-9_\-]{6,}|(?i:\bbearer)\s+[A-Za-z0-9._~+/\-]{6,}=*")
"""What looks like a key of some provider, whoever's it is."""
HIDDEN = "***"


class ApiError(Exception):
    """A provider's API did not give what was asked for."""


class WrongCredentialError(ApiError):
    """401 or 403: the credential is not accepted."""


class NotEntitledError(ApiError):
    """The account's plan has no access to the endpoint; not the same as having no data."""


class NotFoundError(ApiError):
    """404: the endpoint does not exist (any more, or yet)."""


class BadRequestError(ApiError):
    """Another 4xx: the provider refuses the parameters."""


class TransportError(ApiError):
    """The provider could not be reached, failed, or cut its answers until patience ran out."""


class MalformedResponseError(ApiError):
    """The provider answered with something that is not what it publishes."""


class TooMuchError(ApiError):
    """An answer takes longer, has more bytes or more pages than is allowed; the message names what raises the limit."""


class InsecureAddressError(ApiError):
    """A credential would leave this machine unencrypted."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """Text without the given secrets and without anything that looks like a key."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return KEY_SHAPES.sub(HIDDEN, text)
