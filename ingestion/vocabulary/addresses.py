"""Addresses: which stand for this machine, and at which others could read what is sent.

Put here: what the text of an address says. Keep out: asking anything at it, packages (applications import this).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    """Whether a name or number stands for this machine."""
    name = (host or "").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def travels_openly(url: str) -> bool:
    """Whether what is sent to an address, a key too, can be read on its way: plain http to another machine."""
    address = urlsplit(url)
    return address.scheme == "http" and not is_loopback(address.hostname)
