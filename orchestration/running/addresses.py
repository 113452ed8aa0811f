"""Where this home talks to, wherever that is not the provider's own address.

Put here: what an operator should notice about addresses. Keep out: requests.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ingestion.api.bounds import require_encryption
from ingestion.api.errors import InsecureAddressError
from ingestion.config import API_SETTINGS, Settings
from ingestion.vocabulary.addresses import is_loopback


def changed_addresses(settings: Settings) -> list[str]:
    """A sentence for each base URL that is not the default, and for each that no credential may be sent to."""
    said = []
    for each in API_SETTINGS.values():
        url = getattr(settings.api, each.name)
        if not each.name.endswith("_url") or url in (None, each.default):
            continue
        variable = each.variable
        instead = f" instead of {each.default}" if isinstance(each.default, str) else ""
        try:
            require_encryption(url, variable)
        except InsecureAddressError as error:
            said.append(f"{error}. Nothing is asked until then")
        else:
            said.append(f"{variable} sends credentials to {without_credential(url)}{instead}")
    for variable, value in sorted(settings.alert_variables.items()):
        address = urlsplit(value)
        if address.scheme == "http" and not is_loopback(address.hostname):
            said.append(f"{variable} sends alerts to {address.hostname} unencrypted; use https://")
    return said


def without_credential(url: str) -> str:
    """An address without what may hold a credential."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
