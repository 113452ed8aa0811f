"""Who the sample company is: teams, cost centres, people, accounts and keys.

Put here: what is decided about the company, as plain data. Keep out: randomness, prices, files.
Nobody here is a real person: people are numbers with a role.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ingestion.demo.company.projects import PROJECTS, Project

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
