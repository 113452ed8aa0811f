"""Who the sample company is: teams, projects, keys, people and the models they use.

Put here: what is decided about the company, as plain data. Keep out: randomness, prices, files.
Nobody here is a real person: people are numbers with a role.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

EPOCH = date(2000, 1, 1)
"""A model or project that was always there starts here."""


@dataclass(frozen=True)
class Model:
    """A model as providers name it. `cache` says which cache meters its provider reports.

    `price_model_id` is the name in the public price list, None for what no list knows.
    """

    raw_name: str
    provider: str
    price_model_id: str | None
    cache: str = "none"
    has_reasoning: bool = False
    is_embedding: bool = False
    max_input_tokens: int = 120_000
    sku: str = ""
    """How the provider's bill spells it."""


MODELS: tuple[Model, ...] = (
    Model("claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5", "ttl", True, max_input_tokens=190_000),
    Model("claude-haiku-4-5-20251001", "anthropic", "claude-haiku-4-5", "ttl", max_input_tokens=190_000),
    Model("claude-opus-4-5-20251101", "anthropic", "claude-opus-4-5", "ttl", True, max_input_tokens=190_000),
    Model("claude-sonnet-4-6", "anthropic", "claude-sonnet-4-6", "ttl", True, max_input_tokens=900_000),
    Model("claude-opus-4-6", "anthropic", "claude-opus-4-6", "ttl", True, max_input_tokens=900_000),
    Model("gpt-5-2025-08-07", "openai", "gpt-5", "read", True, max_input_tokens=250_000),
    Model("gpt-5-mini-2025-08-07", "openai", "gpt-5-mini", "read", True, max_input_tokens=250_000),
    Model("text-embedding-3-small", "openai", "text-embedding-3-small", is_embedding=True, max_input_tokens=8_000),
    Model("gpt-5.6-luna", "openai", "gpt-5.6-luna", "write", True, max_input_tokens=600_000),
    Model("gpt-5.6-terra", "openai", "gpt-5.6-terra", "write", True, max_input_tokens=600_000),
    Model("gpt-5.6-sol", "openai", "gpt-5.6-sol", "write", True, max_input_tokens=600_000),
    Model("gpt-4.1-2025-04-14", "azure", "gpt-4.1", "read", sku="gpt 4.1"),
    Model("gpt-4o-mini-2024-07-18", "azure", "gpt-4o-mini", "read", sku="gpt 4o mini 0718"),
    Model(
        "text-embedding-3-large",
        "azure",
        "text-embedding-3-large",
        is_embedding=True,
        max_input_tokens=8_000,
        sku="text embedding 3 large",
    ),
    Model("amazon.nova-lite-v1:0", "aws", "amazon.nova-lite-v1:0", "read", sku="NovaLite"),
    Model("amazon.nova-pro-v1:0", "aws", "amazon.nova-pro-v1:0", "read", sku="NovaPro"),
    Model(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "aws",
        "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "write",
        max_input_tokens=190_000,
        sku="Claude4.5Sonnet",
    ),
    Model("llama-3.3-70b-versatile", "groq", "llama-3.3-70b-versatile"),
    Model("llama-3.1-8b-instant", "groq", "llama-3.1-8b-instant"),
    Model("openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b", "read", True),
    Model("triage-intent-ft-v3", "azure", None, "read", sku="ft triage v3"),
)
MODEL_NUMBER = {model.raw_name: number for number, model in enumerate(MODELS)}
UNKNOWN_MODEL = "triage-intent-ft-v3"

PROVIDERS = ("anthropic", "openai", "azure", "aws", "groq")
ORGANISATION_ACCOUNTS = {
    "anthropic": "7c1d0f7e-5a3b-4f0e-9d2c-1a2b3c4d5e6f",
    "openai": "org-SampleCompany0001",
    "groq": "org_sample_company",
}
"""Providers where the whole company is one account."""
AWS_PAYER_ACCOUNT = "210000000001"
AZURE_ENROLMENT = "86420975"


@dataclass(frozen=True)
class CostCenter:
    """A node of the tree: groups, then departments, then teams."""

    id: str
    name: str
    parent_id: str | None
    owner: str


COST_CENTERS: tuple[CostCenter, ...] = (
    CostCenter("cc-100", "Technology group", None, "chief-technology-officer"),
    CostCenter("cc-200", "Commercial group", None, "chief-commercial-officer"),
    CostCenter("cc-110", "Engineering", "cc-100", "head-of-engineering"),
    CostCenter("cc-120", "Data and research", "cc-100", "head-of-data"),
    CostCenter("cc-210", "Customer operations", "cc-200", "head-of-operations"),
    CostCenter("cc-220", "Marketing", "cc-200", "head-of-marketing"),
    CostCenter("cc-111", "Platform", "cc-110", "platform-lead"),
    CostCenter("cc-112", "Search", "cc-110", "search-lead"),
    CostCenter("cc-121", "Data", "cc-120", "data-lead"),
    CostCenter("cc-122", "Research", "cc-120", "research-lead"),
    CostCenter("cc-211", "Support", "cc-210", "support-lead"),
    CostCenter("cc-221", "Growth", "cc-220", "growth-lead"),
)


@dataclass(frozen=True)
class Team:
    """A team, its cost centre and how many people it has."""

    id: str
    name: str
    cost_center_id: str
    head_count: int
    role: str


TEAMS: tuple[Team, ...] = (
    Team("team_platform", "Platform", "cc-111", 10, "Platform engineer"),
    Team("team_search", "Search", "cc-112", 6, "Search engineer"),
    Team("team_support", "Support", "cc-211", 8, "Support agent"),
    Team("team_growth", "Growth", "cc-221", 6, "Marketing analyst"),
    Team("team_data", "Data", "cc-121", 5, "Data analyst"),
    Team("team_research", "Research", "cc-122", 5, "Research engineer"),
)
TEAM_BY_ID = {team.id: team for team in TEAMS}


@dataclass(frozen=True)
class User:
    """A person as the company's systems know them: a number and a role."""

    id: str
    name: str
    team_id: str


def _users() -> tuple[User, ...]:
    users: list[User] = []
    for team in TEAMS:
        for place in range(1, team.head_count + 1):
            users.append(User(f"user_{len(users) + 1:03d}", f"{team.role} {place:02d}", team.id))
    return tuple(users)


USERS = _users()
USER_NUMBERS_BY_TEAM = {
    team.id: [number for number, user in enumerate(USERS) if user.team_id == team.id] for team in TEAMS
}


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

UNTAGGED_KEYS = (("openai", "key_openai_trial"), ("groq", "gsk_sandbox"))
"""Keys that nobody owns and that belong to no project: (provider, key name)."""


@dataclass(frozen=True)
class Key:
    """An API key (or role) and where its use is charged. `id` is what usage records say."""

    id: str
    name: str
    provider: str
    project_number: int
    """-1 for the keys nobody owns."""
    weight: float
    account_id: str
    workspace_id: str | None


def hashed_key(name: str) -> str:
    """How a LiteLLM gateway records a key: never itself, only its hash."""
    return hashlib.sha256(name.encode()).hexdigest()


def _account(provider: str, project_number: int) -> str:
    if provider == "aws":
        return f"{210000000010 + project_number}"
    if provider == "azure":
        digest = hashlib.sha256(PROJECTS[project_number].id.encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-9{digest[17:20]}-{digest[20:32]}"
    return ORGANISATION_ACCOUNTS[provider]


def workspace(project: Project) -> str:
    """The Anthropic workspace of a project."""
    return "wrkspc_01" + "".join(part.title() for part in project.id.split("_")[1:])


def _keys() -> tuple[Key, ...]:
    keys = []
    for number, project in enumerate(PROJECTS):
        for provider, name, weight in project.keys:
            key_id = hashed_key(name) if name.startswith("sk_") else name
            place = workspace(project) if provider == "anthropic" else None
            keys.append(Key(key_id, name, provider, number, weight, _account(provider, number), place))
    for provider, name in UNTAGGED_KEYS:
        keys.append(Key(name, name, provider, -1, 1.0, ORGANISATION_ACCOUNTS[provider], None))
    return tuple(keys)


KEYS = _keys()
KEY_NUMBER = {key.name: number for number, key in enumerate(KEYS)}
