"""An assistant over HTTP: the official client of the Model Context Protocol, with a key.

Put here: connecting and calling. Keep out: what is asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

Call = tuple[str, dict[str, Any]]


def asked(url: str, key: str, calls: Sequence[Call], mode: str = "auto") -> list[str]:
    """The text of each answer, in one connection."""

    async def ask(client: Client) -> list[str]:
        return [str((await client.call_tool(name, given)).content[0].text) for name, given in calls]  # type: ignore[union-attr]

    return asyncio.run(connected(url, key, ask, mode))


def answers(url: str, key: str, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The same as objects."""
    return [dict(json.loads(text)) for text in asked(url, key, calls)]


async def connected(url: str, key: str, use: Callable[[Client], Any], mode: str = "auto") -> Any:
    """What is made of a connection."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        return await use(client)
