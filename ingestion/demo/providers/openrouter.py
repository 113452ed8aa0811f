"""OpenRouter's activity endpoint: the items it is given, for the last 30 completed UTC days.

The sample company does not use OpenRouter, so the list is empty unless `Options.openrouter_activity` fills it;
`example_activity` makes items up. Put here: the endpoint. Keep out: other providers.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.provider import Provider
from ingestion.demo.providers.state import Simulator

PATH = "/activity"
PREFIX = "/openrouter/api/v1"
KNOWN_DAYS = 30


class OpenRouterDialect:
    """Bearer management keys, errors as `{"error": {"code", "message"}}`."""

    name = "openrouter"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """An inference key is refused with 403, any other wrong key with 401."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key == simulator.keys.openrouter_api_key:
            return
        if key == simulator.keys.openrouter_inference_key:
            raise Refusal(403, "Only management keys can perform this operation")
        raise Refusal(401, "No auth credentials found" if not key else "Invalid credentials")

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """The error object."""
        return {"error": {"code": refusal.status, "message": refusal.message}}, {}

    def throttle(self, simulator: Simulator) -> Refusal:
        """429 with `retry-after`."""
        wait = {"retry-after": str(simulator.faults.retry_after_seconds)}
        return Refusal(429, "Rate limit exceeded", headers=wait)


def activity(simulator: Simulator, request: Request) -> dict[str, Any]:
    """The items asked for; all of the window without a date, never today's."""
    today = simulator.now.date()
    first = today - timedelta(days=KNOWN_DAYS)
    params = request.query_params
    wanted = params.get("date")
    if wanted is not None:
        try:
            day = date.fromisoformat(wanted)
        except ValueError:
            raise Refusal(400, "Invalid date format. Date must be in YYYY-MM-DD format") from None
        if not first <= day < today:
            raise Refusal(400, "Date must be within the last 30 (completed) UTC days")
    found = []
    for item in simulator.options.openrouter_activity:
        day = date.fromisoformat(str(item["date"])[:10])
        fits = first <= day < today and (wanted is None or day.isoformat() == wanted)
        for name in ("api_key_hash", "user_id", "workspace_id"):
            fits = fits and (name not in params or item.get(name) == params[name])
        if fits:
            hidden = {"api_key_hash", "user_id"} | (
                {"workspace_id"} if params.get("group_by") != "workspace" else set()
            )
            found.append({name: value for name, value in item.items() if name not in hidden})
    return {"data": found}


def example_activity(last: date, days: int = 30) -> list[dict[str, Any]]:
    """Items of `days` days up to `last`: two models, one of them with an own key, one replayed from a cache."""
    items = []
    for back in range(days):
        day = last - timedelta(days=back)
        for place, (model, provider) in enumerate((("openai/gpt-5-mini", "OpenAI"), ("z-ai/glm-4.6", "Z.AI"))):
            calls = 3 + (back * 7 + place) % 11
            items.append(
                {
                    "date": day.isoformat(),
                    "model": model,
                    "model_permaslug": f"{model}-20250930",
                    "endpoint_id": f"00000000-0000-4000-8000-{place:012d}",
                    "provider_name": provider,
                    "usage": calls * 0.001953125,
                    "byok_usage_inference": calls * 0.0009765625 if place else 0,
                    "requests": calls,
                    "prompt_tokens": calls * 900,
                    "completion_tokens": calls * 210,
                    "reasoning_tokens": calls * 40,
                    "cached_tokens": calls * 1_000 if back % 9 == 8 else calls * 100,
                    "workspace_id": f"ws-{place + 1}",
                }
            )
    return items


def openrouter_routes(simulator: Simulator) -> list[Route]:
    """The endpoint."""
    return [
        route(simulator, OpenRouterDialect(), PREFIX + PATH, lambda request, _: activity(simulator, request), name=PATH)
    ]


PROVIDER = Provider(
    paths={"openrouter": PREFIX},
    routes=openrouter_routes,
    environment=lambda at, keys: {
        "OPENROUTER_API_KEY": keys.openrouter_api_key,
        "OPENROUTER_BASE_URL": at["openrouter"],
    },
    has_account=False,
)
