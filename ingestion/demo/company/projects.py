"""The sample company's projects: whose they are, how much they ask of which models, and how big a call is.

Put here: traffic as plain data. Keep out: randomness, prices, files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EPOCH = date(2000, 1, 1)
"""A project that always used a model has used it from here on."""
TIERS_OFFERED_FROM = date(2026, 10, 14)
"""Batch, flex and priority are used from here on: the public price list dates their prices from this week."""


@dataclass(frozen=True)
class Tokens:
    """What a typical call of a project looks like: medians, spreads and mean shares of the input."""

    input_median: int
    output_median: int
    spread: float = 0.6
    cache_read_share: float = 0.0
    cache_write_share: float = 0.0
    one_hour_share: float = 0.0
    reasoning_share: float = 0.0
    web_search_rate: float = 0.0


@dataclass(frozen=True)
class Project:
    """A project: whose it is, how much it asks, of which models from when on, and how it is logged."""

    id: str
    name: str
    team_id: str
    daily_requests: float
    yearly_growth: float
    weekend_level: float
    rhythm: str
    """`office`, `always` (customers of the product) or `night` (batch work)."""
    tokens: Tokens
    stages: tuple[tuple[date, dict[str, float]], ...]
    keys: tuple[tuple[str, str, float], ...]
    """(provider, key name, weight among the keys of that provider)."""
    features: tuple[str, ...]
    user_share: float = 0.0
    user_teams: tuple[str, ...] = ()
    monthly_revenue_usd: int | None = None
    has_customers: bool = False


SPRING, SUMMER, LATE_SUMMER, WINTER = date(2026, 2, 23), date(2026, 7, 14), date(2026, 7, 20), date(2025, 12, 1)

PROJECTS: tuple[Project, ...] = (
    Project(
        "proj_code_assistant",
        "Code assistant",
        "team_platform",
        92,
        1.5,
        0.12,
        "office",
        Tokens(62_000, 900, 0.7, 0.78, 0.09, 0.2, 0.3),
        (
            (EPOCH, {"claude-sonnet-4-5-20250929": 0.85, "claude-haiku-4-5-20251001": 0.15}),
            (
                WINTER,
                {
                    "claude-sonnet-4-5-20250929": 0.7,
                    "claude-opus-4-5-20251101": 0.15,
                    "claude-haiku-4-5-20251001": 0.15,
                },
            ),
            (SPRING, {"claude-sonnet-4-6": 0.72, "claude-opus-4-6": 0.13, "claude-haiku-4-5-20251001": 0.15}),
        ),
        (("anthropic", "apikey_code_assistant_ide", 0.8), ("anthropic", "apikey_code_assistant_cli", 0.2)),
        ("completion", "chat", "agent"),
        0.96,
        ("team_platform", "team_search", "team_data", "team_research"),
    ),
    Project(
        "proj_ci_review",
        "Review of pull requests",
        "team_platform",
        62,
        1.35,
        0.15,
        "office",
        Tokens(38_000, 2_200, 0.7, 0.35, 0.05, 0.0, 0.6),
        (
            (EPOCH, {"gpt-5-mini-2025-08-07": 0.7, "gpt-5-2025-08-07": 0.3}),
            (SUMMER, {"gpt-5.6-luna": 0.65, "gpt-5.6-terra": 0.25, "gpt-5-mini-2025-08-07": 0.1}),
        ),
        (("openai", "key_ci_review_pipeline", 1.0),),
        ("review", "summary"),
    ),
    Project(
        "proj_semantic_search",
        "Semantic search",
        "team_search",
        122,
        1.3,
        0.75,
        "always",
        Tokens(2_200, 220, 0.8, 0.1, 0.0, 0.0, 0.35),
        (
            (EPOCH, {"text-embedding-3-small": 0.62, "text-embedding-3-large": 0.18, "gpt-5-mini-2025-08-07": 0.2}),
            (SUMMER, {"text-embedding-3-small": 0.6, "text-embedding-3-large": 0.15, "gpt-5.6-luna": 0.25}),
        ),
        (
            ("openai", "key_semantic_search_query", 0.75),
            ("openai", "key_semantic_search_index", 0.25),
            ("azure", "key_semantic_search_azure", 1.0),
        ),
        ("index", "query", "answer"),
        monthly_revenue_usd=42_000,
    ),
    Project(
        "proj_recommendations",
        "Recommendations",
        "team_search",
        78,
        1.2,
        0.9,
        "always",
        Tokens(7_000, 650, 0.5),
        ((EPOCH, {"llama-3.3-70b-versatile": 0.55, "llama-3.1-8b-instant": 0.45}),),
        (("groq", "gsk_recommendations_web", 0.7), ("groq", "gsk_recommendations_mail", 0.3)),
        ("ranking", "explanation"),
        monthly_revenue_usd=58_000,
    ),
    Project(
        "proj_support_bot",
        "Support bot",
        "team_support",
        84,
        1.6,
        0.6,
        "always",
        Tokens(36_000, 520, 0.5, 0.74, 0.06, 0.0),
        (
            (EPOCH, {"claude-haiku-4-5-20251001": 0.78, "claude-sonnet-4-5-20250929": 0.22}),
            (SPRING, {"claude-haiku-4-5-20251001": 0.8, "claude-sonnet-4-6": 0.2}),
        ),
        (("anthropic", "apikey_support_bot_web", 0.65), ("anthropic", "apikey_support_bot_mail", 0.35)),
        ("answer", "escalation"),
        monthly_revenue_usd=31_000,
        has_customers=True,
    ),
    Project(
        "proj_ticket_triage",
        "Ticket triage",
        "team_support",
        40,
        1.3,
        0.35,
        "always",
        Tokens(11_000, 420, 0.5, 0.3, 0.0, 0.0, 0.4),
        ((EPOCH, {"openai/gpt-oss-120b": 1.0}),),
        (("groq", "gsk_ticket_triage", 1.0), ("azure", "key_ticket_triage_azure", 1.0)),
        ("classify", "route"),
        0.25,
        ("team_support",),
    ),
    Project(
        "proj_campaign_copy",
        "Campaign copy",
        "team_growth",
        38,
        1.25,
        0.1,
        "office",
        Tokens(14_000, 1_600, 0.6, 0.2),
        ((EPOCH, {"gpt-4.1-2025-04-14": 0.6, "gpt-4o-mini-2024-07-18": 0.4}),),
        (("azure", "sk_campaign_copy_studio", 0.7), ("azure", "sk_campaign_copy_social", 0.3)),
        ("draft", "variants"),
        0.85,
        ("team_growth",),
    ),
    Project(
        "proj_lead_enrichment",
        "Lead enrichment",
        "team_growth",
        36,
        1.8,
        0.3,
        "night",
        Tokens(19_000, 1_500, 0.6, 0.25, 0.03, 0.0, 0.5),
        (
            (EPOCH, {"gpt-5-mini-2025-08-07": 1.0}),
            (SUMMER, {"gpt-5.6-terra": 0.45, "gpt-5.6-luna": 0.55}),
        ),
        (("openai", "key_lead_enrichment", 1.0),),
        ("enrich", "score"),
        monthly_revenue_usd=12_000,
    ),
    Project(
        "proj_analytics_copilot",
        "Analytics copilot",
        "team_data",
        34,
        1.4,
        0.1,
        "office",
        Tokens(40_000, 1_200, 0.6, 0.45, 0.08),
        ((EPOCH, {"us.anthropic.claude-sonnet-4-5-20250929-v1:0": 0.6, "amazon.nova-pro-v1:0": 0.4}),),
        (("aws", "role_analytics_copilot", 1.0),),
        ("sql", "chart"),
        0.9,
        ("team_data", "team_growth"),
    ),
    Project(
        "proj_document_extraction",
        "Document extraction",
        "team_data",
        39,
        1.1,
        0.4,
        "night",
        Tokens(30_000, 1_400, 0.7, 0.12),
        ((EPOCH, {"amazon.nova-lite-v1:0": 0.8, "gpt-4.1-2025-04-14": 0.2}),),
        (("aws", "role_document_extraction", 1.0), ("azure", "key_document_extraction", 1.0)),
        ("invoices", "contracts"),
    ),
    Project(
        "proj_research_agents",
        "Research agents",
        "team_research",
        22,
        1.5,
        0.3,
        "office",
        Tokens(68_000, 1_900, 0.75, 0.66, 0.12, 0.35, 0.4, 0.12),
        (
            (EPOCH, {"claude-sonnet-4-5-20250929": 0.8, "claude-haiku-4-5-20251001": 0.2}),
            (WINTER, {"claude-opus-4-5-20251101": 0.35, "claude-sonnet-4-5-20250929": 0.65}),
            (SPRING, {"claude-opus-4-6": 0.35, "claude-sonnet-4-6": 0.65}),
        ),
        (("anthropic", "apikey_research_agents_lab", 0.5), ("anthropic", "apikey_research_agents_auto", 0.5)),
        ("literature", "experiment"),
        0.5,
        ("team_research",),
    ),
    Project(
        "proj_evaluation_lab",
        "Evaluation lab",
        "team_research",
        34,
        1.2,
        0.5,
        "night",
        Tokens(16_000, 2_400, 0.6, 0.15, 0.02, 0.0, 0.6),
        (
            (EPOCH, {"gpt-5-2025-08-07": 0.5, "gpt-5-mini-2025-08-07": 0.5}),
            (LATE_SUMMER, {"gpt-5.6-sol": 0.3, "gpt-5.6-terra": 0.3, "gpt-5-2025-08-07": 0.2, "gpt-5.6-luna": 0.2}),
        ),
        (("openai", "key_evaluation_lab", 1.0),),
        ("benchmark", "judge"),
    ),
)
PROJECT_NUMBER = {project.id: number for number, project in enumerate(PROJECTS)}
PROJECT_BY_ID = {project.id: project for project in PROJECTS}
