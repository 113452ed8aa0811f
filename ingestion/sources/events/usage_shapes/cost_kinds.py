"""What a recorded cost is: a charge of whoever sold the call, or an estimate of somebody who watched it.

Put here: who says what, for every source that records cost. Keep out: reading amounts (`values`), and what counts as
spend, which dbt decides.
"""

from __future__ import annotations

from typing import NamedTuple

CHARGE = "charge"
ESTIMATE = "estimate"
KINDS = (CHARGE, ESTIMATE)


class Sayer(NamedTuple):
    """A source of recorded cost: where its figure stands, what it is, and why it is taken for that."""

    source: str
    field: str
    kind: str
    why: str


SAYERS = (
    Sayer("OpenRouter", "`usage.cost` of the body", CHARGE, "credits taken for the call, plugins included"),
    Sayer("OpenRouter behind the AI SDK", "`providerMetadata` of a span", CHARGE, "credits taken for the call"),
    Sayer("OpenRouter's exports", "`cost_total`, `total_cost`, `Usage`", CHARGE, "credits taken for the call or day"),
    Sayer("Cursor", "`Cost`, `tokenUsage.totalCents`", CHARGE, "what Cursor takes; Included and Free are no amount"),
    Sayer("OpenRouter with your own key", "`usage.cost` + upstream cost", ESTIMATE, "the upstream provider charges it"),
    Sayer("xAI", "`usage.cost_in_usd_ticks`", CHARGE, "what is taken for the call, tools included"),
    Sayer("Perplexity", "`usage.cost.total_cost`", CHARGE, "request fees and searches included"),
    Sayer("another body", "`usage.cost`, `usage.total_cost` in USD", ESTIMATE, "a proxy may have computed it"),
    Sayer(
        "provider bodies", "`cost_usd`, `response_cost` of the envelope", ESTIMATE, "whoever wrote the log computed it"
    ),
    Sayer("LiteLLM", "`spend`, `response_cost`", ESTIMATE, "computed from LiteLLM's price map"),
    Sayer("Langfuse", "`totalCost`, `costDetails`", ESTIMATE, "computed from Langfuse's model table"),
    Sayer("LangSmith, Helicone, Portkey, PostHog", "their cost columns", ESTIMATE, "computed from their price tables"),
    Sayer("OpenTelemetry", "`gen_ai.usage.cost`, `operation.cost`", ESTIMATE, "computed by the instrumentation"),
    Sayer("coding agents", "`cost_usd`, `costUSD`", ESTIMATE, "computed by the client, subscriptions included"),
    Sayer("canonical, mapped", "`recorded_cost_usd`", ESTIMATE, "unless `recorded_cost_kind` says `charge`"),
)
"""Every reader's figure; one that is not here is an estimate. `docs/sources/recorded_cost.md` shows the same."""

_CHARGING = ("openrouter", "x-ai", "perplexity")


def body_cost_kind(provider: str | None, *, has_own_key: bool = False) -> str:
    """Kind of a cost that stands in an answer's usage: a charge where this provider prints what it takes."""
    return CHARGE if provider in _CHARGING and not has_own_key else ESTIMATE
