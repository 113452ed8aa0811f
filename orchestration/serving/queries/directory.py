"""Who the viewer is, and the teams and projects that it sees.

Put here: names, budgets, revenue. Keep out: what they spent.
"""

from __future__ import annotations

from orchestration.serving.queries.answers import Answer
from orchestration.serving.reading import Reading
from orchestration.serving.viewers import RIGHTS, Right

TEAMS, PROJECTS = "dim_teams", "dim_projects"
BUDGETS = "dim_budgets"


def me(reading: Reading) -> Answer:
    """The caller: name, role, teams, rights."""
    viewer = reading.viewer
    rights = sorted(right for right in Right if right in RIGHTS[viewer.role] or viewer.may(right))
    body = {
        "name": viewer.principal_id, "role": str(viewer.role),
        "teams": None if viewer.sees_all else sorted(viewer.teams), "rights": [str(right) for right in rights],
    }  # fmt: skip
    return Answer(body)


def teams(reading: Reading) -> Answer:
    """Teams with their budgets by the month and the cost center they belong to."""
    rows = reading.rows(
        f"""select teams.team_id as id, teams.team_name as name, teams.cost_center_id as department, teams.owner,
            (select sum(amount_usd) from {reading.need(BUDGETS)} as budgets where budgets.is_current
                and budgets.scope_type = 'team' and budgets.scope_id = teams.team_id and budgets.period = 'month'
                and budgets.counts = 'llm') as budget
        from {reading.need(TEAMS)} as teams order by 1"""
    )
    return Answer({"teams": rows}, "teams", (TEAMS, BUDGETS))


def projects(reading: Reading) -> Answer:
    """Projects with their team and revenue."""
    rows = reading.rows(
        "select project_id as id, project_name as name, team_id, environment, monthly_revenue_usd as revenue "
        f"from {reading.need(PROJECTS)} order by 1"
    )
    return Answer({"projects": rows}, "projects", (PROJECTS,))
