"""Who the viewer is, and the teams and projects that it sees.

Put here: names, budgets, revenue. Keep out: what they spent.
"""

from __future__ import annotations

from dataclasses import asdict

from ingestion.config import Settings
from orchestration.home.lock import WarehouseIsLockedError
from orchestration.identities.resolving import Person, resolve
from orchestration.serving.faults import NotFound, NotNow
from orchestration.serving.queries.answers import Answer
from orchestration.serving.reading import Reading
from orchestration.serving.viewers import RIGHTS, Right
from orchestration.warehouse.identity_tables import PEOPLE

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


def person(reading: Reading, settings: Settings, user: str) -> Answer:
    """Who a user id or label is, from the organisation's own file, else who a pseudonym is; no mart has it.

    Raises:
        NotAllowed: the role does not include it.
        NotFound: neither names anybody of this id.
        NotNow: a run holds the warehouse.
    """
    from ingestion.sources.org.pipeline import read_folder

    reading.viewer.needs(Right.RESOLVE_PEOPLE)
    known = _resolved(settings, user)
    ids = {user} | ({known.user_id} if known else set())
    if reading.has("dim_users", "user_label"):
        sql = f"select user_id from {reading.need('dim_users')} where user_label = ?"
        ids |= {row["user_id"] for row in reading.rows(sql, [user])}
    users = read_folder(settings.org_dir)["users"].good if settings.org_dir.is_dir() else []
    found = next((row.values for row in users if row.values["user_id"] in ids), None)
    if found is not None:
        body = {"user_id": found["user_id"], "name": found["user_name"], "email": found["email"]}
        return Answer(body | {"team_id": found["team_id"]}, None, ("users.csv",), {"user_id": found["user_id"]})
    if known is None:
        raise NotFound(
            f"nobody is known as {user[:60]!r}",
            remedy="give a pseudonym, user id or label as a mart has it",
            field="user",
        )
    body = {"user_id": known.user_id, "name": known.display_name, "email": known.email, "team_id": None}
    return Answer(body, None, (PEOPLE,), {"user_id": known.user_id})


def identity(reading: Reading, settings: Settings, pseudonym: str) -> Answer:
    """Who a pseudonym is.

    Raises:
        NotAllowed: the role does not include it.
        NotFound: nobody, or nobody any more.
        NotNow: a run holds the warehouse.
    """
    reading.viewer.needs(Right.RESOLVE_PEOPLE)
    known = _resolved(settings, pseudonym)
    if known is None:
        raise NotFound(
            f"{pseudonym[:60]!r} stands for nobody, or for nobody any more",
            remedy="give a pseudonym as dim_users has it; who was forgotten stays unknown", field="pseudonym",
        )  # fmt: skip
    return Answer(asdict(known), None, (PEOPLE,), {"pseudonym": known.pseudonym})


def _resolved(settings: Settings, name: str) -> Person | None:
    try:
        return resolve(settings.warehouse_path, [name]).get(name)
    except WarehouseIsLockedError as error:
        raise NotNow(str(error), remedy="ask again when the run is over") from None


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
