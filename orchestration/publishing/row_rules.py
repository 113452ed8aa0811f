"""Whose row is whose: the one place that says which rows of which mart a team may read.

A row belongs to a team by `team_id`, else `owner_team_id`; a mart with neither is not for teams unless it is named here
as harmless, or its rows say what they are about (`scope_type`, `subject_type`) and that is the team's. PostgreSQL's
views, the API, pages and reports all ask here.

Put here: the rules. Keep out: who is in which team (`serving.principals`, PostgreSQL's roles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orchestration.publishing.mart_status import STATUS_MART

TEAM_COLUMNS = ("team_id", "owner_team_id")
"""Whose row it is; the first that a mart has."""
HARMLESS = frozenset({"dim_dates", "dim_providers", "dim_models", STATUS_MART})
"""Without a team and for everyone: the calendar, public names and prices of models, how current each mart is."""
SUBJECTS = (("scope_type", "scope_id"), ("subject_type", "subject_id"))
"""Columns that say what a row is about where it has no team of its own."""
_OF_A_TEAM = {
    "project": ("dim_projects", "project_id"),
    "user": ("dim_users", "user_id"),
    "api_key": ("dim_api_keys", "api_key_id"),
}
"""What besides teams has one team, and where that stands."""
BUDGETS = "dim_budgets"


def team_column(columns: Iterable[str]) -> str | None:
    """The column by which rows of a mart belong to teams."""
    names = set(columns)
    return next((column for column in TEAM_COLUMNS if column in names), None)


def is_for_teams(mart: str, columns: Iterable[str]) -> bool:
    """Whether a mart has a team of its own, or is for everyone."""
    return mart in HARMLESS or team_column(columns) is not None


def rows_of_teams(
    mart: str, columns: Iterable[str], is_own: Callable[[str], str], marts: dict[str, set[str]], where: str
) -> str | None:
    """The condition under which a row is the reader's; None where no row of the mart is any team's.

    `is_own` writes the test of a column of team ids; `marts` are the published ones with their columns and `where` the
    schema they lie in.
    """
    names = set(columns)
    if mart in HARMLESS:
        return "true"
    if column := team_column(names):
        return is_own(f'"{column}"')
    for kind, subject in SUBJECTS:
        if {kind, subject} <= names:
            return _about(kind, subject, is_own, marts, where)
    return None


def _about(kind: str, subject: str, is_own: Callable[[str], str], marts: dict[str, set[str]], where: str) -> str:
    tests = [f"({kind} = 'team' and {is_own(subject)})"]
    for name, (mart, key) in _OF_A_TEAM.items():
        if {"team_id", key} <= marts.get(mart, set()):
            own = f"select {key} from {where}.{mart} where {is_own('team_id')}"
            tests.append(f"({kind} = '{name}' and {subject} in ({own}))")
    if kind == "subject_type" and {"budget_id", "scope_type", "scope_id"} <= marts.get(BUDGETS, set()):
        own = f"select budget_id from {where}.{BUDGETS} where {_about('scope_type', 'scope_id', is_own, marts, where)}"
        tests.append(f"({kind} = 'budget' and {subject} in ({own}))")
    return f"coalesce({' or '.join(tests)}, false)"
