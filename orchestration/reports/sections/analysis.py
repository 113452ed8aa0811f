"""What happened and why, in sentences written from the figures.

Put here: which sentences there are and when. Keep out: statements, how a change is split (`ml.anomalies.compare`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orchestration.presenting.formats import Unit, shown
from orchestration.reports.content import Block, Notice, Words, relative
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind

CACHE_READ_LOW = Decimal("0.4")
COMMITTED_LOW = Decimal("0.5")
NAMED = 3
METERED = """
select * exclude (environment) from fct_metered_costs_daily
where usage_date between $before_first and $last and (usage_date <= $before_last or usage_date >= $first)
    and ($teams is null or team_id in $teams) and ($providers is null or provider_id in $providers) order by all"""
COMMITTED = """
select sum(billed_cost_usd) as billed_usd,
    sum(billed_cost_usd) filter (where pricing_category = 'Committed' or commitment_discount_id is not null)
        as committed_usd
from fct_charges
where charge_date between $first and $last and cost_kind = 'infrastructure' and charge_category = 'Usage'"""
Row = Mapping[str, Any]


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """The sentences of every topic that has something to say."""
    topics = options.get("topics") or list(TOPICS)
    said = [Words(found, label=LABELS[topic]) for topic in topics if (found := TOPICS[topic](scope))]
    return said or [Notice("There is nothing to say of this period.", "empty")]


def change(scope: Scope) -> list[str]:
    """How much, against what, and which kind of money moved."""
    row = scope.row("totals")
    now, before = row.get("spend_usd"), row.get("before_spend_usd")
    if now is None:
        return [f"Of what was spent in {scope.period.label} nothing is known."]
    least = "At least " if scope.standing.is_at_least else ""
    said = f"{least}{shown(now, Unit.USD)} was spent in {scope.period.label}"
    if before is None:
        return [f"{said}; of {scope.before.label} nothing is known."]
    said += f", {_moved(now, before)} {scope.before.label} ({shown(before, Unit.USD)})"
    kinds = [("LLM spend", "llm_usd"), ("infrastructure", "infrastructure_usd"), ("own costs", "own_usd")]
    parts = sorted(
        (
            (name, row[column] - row[f"before_{column}"])
            for name, column in kinds
            if row[column] is not None and row[f"before_{column}"] is not None
        ),
        key=lambda part: -abs(part[1]),
    )
    moved = [f"{name} {shown(usd, Unit.USD_CHANGE)}" for name, usd in parts if usd]
    return [f"{said}: {', '.join(moved)}." if moved else f"{said}."]


def contributors(scope: Scope) -> list[str]:
    """Teams and models that moved most."""
    said = []
    for dimension, name in (
        ("team", "spend_by_team"),
        ("model", "llm_spend_by_model"),
        ("provider", "llm_spend_by_provider"),
    ):
        if _is_about_one_team(scope) and dimension == "team":
            continue
        rows = [row for row in scope.records(name) if row["change_usd"]]
        rose = sorted((row for row in rows if row["change_usd"] > 0), key=lambda row: -row["change_usd"])[:NAMED]
        fell = sorted((row for row in rows if row["change_usd"] < 0), key=lambda row: row["change_usd"])[:NAMED]
        parts = [(word, named) for word, named in (("rose", rose), ("fell", fell)) if named]
        if parts:
            told = "; ".join(f"what {word} most: {_listed(named)}" for word, named in parts)
            said.append(f"By {dimension}, {told}.")
    return said


def drivers(scope: Scope) -> list[str]:
    """Why metered LLM cost changed, in causes that sum to the change."""
    from ml.anomalies.compare import Period, explain_change, sentences
    from orchestration.warehouse.frames import read_frame

    rows = read_frame(scope.connection, METERED, scope.asked_by(METERED))
    after, before = Period(scope.period.first, scope.period.last), Period(scope.before.first, scope.before.last)
    if rows.empty or not after.holds(rows["usage_date"]).any() or not before.holds(rows["usage_date"]).any():
        return []
    names = {"team": "team_id", "project": "project_id", "model": "model_id", "key": "api_key_id"}
    if _is_about_one_team(scope):
        del names["team"]
    found = explain_change(rows, after, before, names)
    return list(sentences(found, "Metered LLM usage"))


def budgets(scope: Scope) -> list[str]:
    """Which are passed and which will be."""
    rows = scope.records("budget_variance")
    if not rows:
        return []
    over = [row for row in rows if row["variance_usd"] is not None and row["variance_usd"] > 0]
    named = ", ".join(
        f"{row['budget_name']} by {shown(row['variance_usd'], Unit.USD)} "
        f"({shown(row['utilization_pct'], Unit.PERCENT)} used)"
        for row in over[:NAMED]
    )
    are = "is" if len(over) == 1 else "are"
    said = [f"{len(over)} of {len(rows)} budgets {are} passed{': ' if named else ''}{named}."]
    if least := [row["budget_name"] for row in rows if row["unknown_cost_item_count"]]:
        more = f" and {len(least) - NAMED} more" if len(least) > NAMED else ""
        said.append(
            f"What was spent is at least this much, as items have no known cost: {', '.join(least[:NAMED])}{more}."
        )
    passed = {row["budget_name"] for row in over}
    coming = [
        row for row in scope.records("budget_outlook")
        if row["budget_name"] not in passed and (row["breach_probability_ratio"] or 0) >= 0.5
    ]  # fmt: skip
    if coming and not scope.standing.is_period_over:
        named = ", ".join(
            f"{row['budget_name']} ({shown(row['breach_probability_ratio'], Unit.RATIO)} sure"
            + (f", around {row['breach_date']:%Y-%m-%d})" if row["breach_date"] else ")")
            for row in coming[:NAMED]
        )
        said.append(f"Likely to be passed before their period ends: {named}.")
    return said


def forecast(scope: Scope) -> list[str]:
    """Where months end."""
    said = []
    for row in scope.records("period_forecasts"):
        if row["horizon"] not in ("month", "next month") or (not scope.teams and row["subject"] != "LLM spend"):
            continue
        whose = "LLM spend" if _is_about_one_team(scope) else row["subject"]
        said.append(
            f"{whose} of {row['period_start_date']:%B %Y} is expected at "
            f"{shown(row['forecast_cost_usd'], Unit.USD)} (80% sure: {shown(row['q10_cost_usd'], Unit.USD)} to "
            f"{shown(row['q90_cost_usd'], Unit.USD)})."
        )
    return said


def incidents(scope: Scope) -> list[str]:
    """The biggest, with their reason."""
    rows = scope.records("incidents")
    if not rows:
        return ["Nothing unusual was found in this period."]
    told = f"{len(rows)} incident{'s were' if len(rows) > 1 else ' was'} found"
    return [f"{told}; the largest: {rows[0]['reason']}"]


def ownership(scope: Scope) -> list[str]:
    """What nobody owns."""
    row = scope.row("totals")
    unowned, spend = row.get("unowned_usd"), row.get("spend_usd")
    if not unowned or not spend or scope.teams:
        return []
    part = shown(unowned / spend, Unit.RATIO)
    return [f"{shown(unowned, Unit.USD)} ({part}) belongs to no team; rpt_unallocated says whom to ask."]


def highlights(scope: Scope) -> list[str]:
    """Habits that cost: little is read from the cache, little capacity is committed."""
    said = []
    cached = scope.row("totals").get("cache_read_ratio")
    if cached is not None and cached < CACHE_READ_LOW:
        said.append(
            f"Only {shown(cached, Unit.RATIO)} of input tokens were read from the cache (below "
            f"{shown(CACHE_READ_LOW, Unit.RATIO)}): repeated prompts could cost a tenth."
        )
    if not scope.teams:
        values = {name: value for name, value in scope.values().items() if name in ("first", "last")}
        billed, committed = scope.connection.execute(COMMITTED, values).fetchone() or (None, None)
        if billed and (committed or 0) / billed < COMMITTED_LOW:
            said.append(
                f"{shown((committed or Decimal(0)) / billed, Unit.RATIO)} of billed infrastructure is bought by "
                f"commitment (below {shown(COMMITTED_LOW, Unit.RATIO)}): about 70 % of steady load is usually reserved."
            )
    return said


def actions(scope: Scope) -> list[str]:
    """What to do first."""
    rows = [row for row in scope.records("recommendations") if row["incremental_saving_usd"]][:NAMED]
    if not rows:
        return []
    named = "; ".join(f"{row['title']} ({shown(row['incremental_saving_usd'], Unit.USD)} a month)" for row in rows)
    return [f"To do first: {named}."]


LABELS = {
    "change": "What changed",
    "contributors": "Where",
    "drivers": "Why",
    "budgets": "Budgets",
    "forecast": "What is expected",
    "incidents": "Unusual",
    "ownership": "Without an owner",
    "highlights": "Habits that cost",
    "actions": "What to do",
}
TOPICS: dict[str, Callable[[Scope], list[str]]] = {
    "change": change,
    "contributors": contributors,
    "drivers": drivers,
    "budgets": budgets,
    "forecast": forecast,
    "incidents": incidents,
    "ownership": ownership,
    "highlights": highlights,
    "actions": actions,
}


def _moved(now: Decimal, before: Decimal) -> str:
    """`$5.00 (+8.0%) more than`."""
    if now == before:
        return "as much as in"
    size = shown(abs(now - before), Unit.USD)
    part = f" ({said})" if (said := relative(now, before)) else ""
    return f"{size}{part} {'more' if now > before else 'less'} than in"


def _is_about_one_team(scope: Scope) -> bool:
    return len(scope.teams or ()) == 1


def _listed(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row['subject']} {shown(row['change_usd'], Unit.USD_CHANGE)}" for row in rows)


def check(options: Mapping[str, Any]) -> str:
    """Which topics there are not."""
    asked = options.get("topics") or []
    if not isinstance(asked, list) or not set(map(str, asked)) <= set(TOPICS):
        return f"topics {asked!r} holds none but {', '.join(TOPICS)}"
    return ""


SECTION = SectionKind("analysis", "What happened and why", build, ("topics",), check)
