"""What was unusual, and what could cost less.

Put here: statements on incidents, recommendations and savings. Keep out: how they are found.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, change, text, usd

FIGURES = (
    Figure(
        "incidents",
        "What was unusual, why, and whom to ask?",
        """
select first_date, last_date, severity, replace(kind, '_', ' ') as kind, scope_type || ' ' || scope_id as subject,
    impact_usd, coalesce(owner, owner_team_name) as owner, status, reason
from rpt_cost_incidents
where first_date <= $last and last_date >= $first and ($teams is null or owner_team_id in $teams)
order by abs(impact_usd) desc nulls last, first_date, incident_id""",
        {
            "first_date": Shown("From", Unit.DATE),
            "last_date": Shown("To", Unit.DATE),
            "severity": text("Severity"),
            "kind": text("Kind"),
            "subject": text("Where"),
            "impact_usd": change("Impact"),
            "owner": text("Owner"),
            "status": text("Status"),
            "reason": text("Why"),
        },
        "Nothing unusual was found in this period.",
    ),
    Figure(
        "alerts",
        "What were people told?",
        """
select first_seen_at_utc, severity, title, owner, delivered_to,
    case when is_open then 'open' else coalesce(resolution, 'over') end as status
from rpt_alerts
where first_seen_at_utc::date <= $last and coalesce(resolved_at_utc::date, $last) >= $first
    and ($teams is null or (subject_type = 'team' and subject_id in $teams))
order by first_seen_at_utc desc, alert_id""",
        {
            "first_seen_at_utc": Shown("Since", Unit.INSTANT),
            "severity": text("Severity"),
            "title": text("What"),
            "owner": text("Owner"),
            "delivered_to": text("Told by"),
            "status": text("Status"),
        },
        "No alert was raised in this period.",
    ),
    Figure(
        "recommendations",
        "What should be done, and what does it save a month?",
        """
select title, lever, owner_team_id, saving_usd, incremental_saving_usd, saving_lower_usd, saving_upper_usd, effort,
    risk, replace(status, '_', ' ') as status
from rpt_recommendations
where is_open and ($teams is null or owner_team_id in $teams)
order by incremental_saving_usd desc nulls last, saving_usd desc, recommendation_id""",
        {
            "title": text("What to do"),
            "lever": text("Lever"),
            "owner_team_id": text("Team"),
            "saving_usd": Shown("Alone, a month", Unit.USD),
            "incremental_saving_usd": usd("Together"),
            "saving_lower_usd": Shown("Alone, at least", Unit.USD),
            "saving_upper_usd": Shown("Alone, at most", Unit.USD),
            "effort": text("Effort"),
            "risk": text("Risk"),
            "status": text("Status"),
        },
        "No way to save was found; which were looked at says costops recommend --skipped.",
    ),
    Figure(
        "strategies",
        "Which ways to save were looked at?",
        """
select replace(strategy, '_', ' ') as strategy, replace(result, '_', ' ') as result, recommendation_count, reason
from rpt_optimization_strategies order by recommendation_count desc, strategy""",
        {
            "strategy": text("Strategy"),
            "result": text("Result"),
            "recommendation_count": Shown("Found", Unit.COUNT, is_additive=True),
            "reason": text("Why not"),
        },
        "No run has scored optimisations yet.",
    ),
    Figure(
        "verified_savings",
        "What did what was done bring?",
        """
select title, implemented_date, expected_saving_usd, realised_saving_usd, realised_lower_usd, realised_upper_usd,
    replace(status, '_', ' ') as status
from rpt_verified_savings order by implemented_date desc, recommendation_id""",
        {
            "title": text("What was done"),
            "implemented_date": Shown("On", Unit.DATE),
            "expected_saving_usd": usd("Promised"),
            "realised_saving_usd": usd("Measured"),
            "realised_lower_usd": Shown("At least", Unit.USD),
            "realised_upper_usd": Shown("At most", Unit.USD),
            "status": text("Status"),
        },
        "Nothing that was recommended has been marked as done; costops recommend says how.",
    ),
)
