"""Who the viewer is, and the teams and projects that it sees.

Put here: names, budgets, revenue. Keep out: what they spent.
"""

from __future__ import annotations

from pathlib import Path

from orchestration.serving.faults import NotFound
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


def person(reading: Reading, org_dir: Path, user: str) -> Answer:
    """Who a user id or label is, from the organisation's own file; no mart has it.

    Raises:
        NotAllowed: the role does not include it.
        NotFound: the file names nobody of this id.
    """
    from ingestion.sources.org.pipeline import read_folder

    reading.viewer.needs(Right.RESOLVE_PEOPLE)
    ids = {user}
    if reading.has("dim_users", "user_label"):
        sql = f"select user_id from {reading.need('dim_users')} where user_label = ?"
        ids |= {row["user_id"] for row in reading.rows(sql, [user])}
    users = read_folder(org_dir)["users"].good if org_dir.is_dir() else []
    found = next((row.values for row in users if row.values["user_id"] in ids), None)
    if found is None:
        raise NotFound(f"users.csv names nobody of {user[:60]!r}", remedy="give a user id or label", field="user")
    body = {"user_id": found["user_id"], "name": found["user_name"], "email": found["email"]}
    return Answer(body | {"team_id": found["team_id"]}, None, ("users.csv",), {"user_id": found["user_id"]})


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
