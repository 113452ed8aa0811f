"""Reports of the sample company: every figure is that of SQL on other marts, and all parts of a report agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import published_today, standing_of
from orchestration.reports.building import Asked, ReportError, build_report
from orchestration.reports.content import KeyFigures, Notice, Picture, Report, Table
from orchestration.reports.figures import figures
from orchestration.reports.reading import Scope
from orchestration.reports.rendering import ENDINGS, rendered
from orchestration.reports.template import Template, load_templates
from tests.e2e.conftest import costops
from tests.support.marts import published_marts

pytestmark = pytest.mark.slow
TEMPLATES = load_templates(None)[0]
MONTH, FIRST, LAST = "2026-09", date(2026, 9, 1), date(2026, 9, 30)
MONTHLY = "select sum(spend_usd) from rpt_cost_monthly where {}_id {} and month_start_date = $first"
BY_DIMENSION = """
select sum(spend_usd) from rpt_cost_by_dimension_monthly
where dimension = '{}' and dimension_id {} and month_start_date = $first"""
SHOWN_BY_MARTS = {"provider": MONTHLY, "model": MONTHLY} | dict.fromkeys(
    ("team", "project", "customer", "feature", "user"), BY_DIMENSION
)
NAMES = {
    "provider": "select provider_id from dim_providers where provider_name = ?",
    "team": "select team_id from dim_teams where team_name = ?",
    "project": "select project_id from dim_projects where project_name = ?",
    "user": "select user_id from dim_users where user_label = ?",
}


@pytest.fixture(scope="module")
def copy(demo: tuple[Path, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published_marts(demo[0])), read_only=True) as connection:
        connection.execute("use marts")
        yield connection


@pytest.fixture(scope="module")
def scope(copy: duckdb.DuckDBPyConnection) -> Scope:
    today = published_today(copy)
    period = parse_period(MONTH, today)
    return Scope(copy, period, period.before(), today, standing_of(copy, period, today))


def built(copy: duckdb.DuckDBPyConnection, template: Template, period: str | None = None) -> Report:
    team = "team_research" if "team" in template.needs else None
    return build_report(copy, template, Asked(period, team=team))


def tables(report: Report) -> dict[str, Table]:
    found = [block for section in report.sections for block in section.blocks]
    return {block.name: block for block in found if isinstance(block, Table)}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_report_can_be_made_in_every_form(copy: duckdb.DuckDBPyConnection, name: str) -> None:
    report = built(copy, TEMPLATES[name])
    said = [block.text for section in report.sections for block in section.blocks if isinstance(block, Notice)]
    assert not [text for text in said if "could not be read" in text]
    assert any(isinstance(block, Table | KeyFigures) for section in report.sections for block in section.blocks)
    for form in set(TEMPLATES[name].formats) & ENDINGS.keys():
        assert rendered(report, form)
    page = rendered(report, "html").decode()
    assert not re.findall(r'(?:src|href|srcset)="(?!data:|#)', page)


def test_totals_are_those_of_allocated_costs(scope: Scope, copy: duckdb.DuckDBPyConnection) -> None:
    """From the other side: not days of a report, but what charges were carried to."""
    row = scope.row("totals")
    (allocated, llm) = copy.execute(
        """
        select sum(allocated_cost_usd), sum(allocated_cost_usd) filter (where cost_kind = 'llm')
        from fct_allocated_costs_daily where usage_date between $1 and $2
        """,
        [FIRST, LAST],
    ).fetchall()[0]
    assert (row["spend_usd"], row["llm_usd"]) == (allocated, llm)
    assert row["spend_usd"] == row["llm_usd"] + row["infrastructure_usd"] + row["own_usd"]
    (before,) = copy.execute(
        "select spend_usd from rpt_executive_summary where month_start_date = date '2026-08-01'"
    ).fetchall()[0]
    assert row["before_spend_usd"] == before


@pytest.mark.parametrize("dimension", sorted(SHOWN_BY_MARTS))
def test_spend_by_what_is_that_of_monthly_marts(scope: Scope, copy: duckdb.DuckDBPyConnection, dimension: str) -> None:
    checked = 0
    for row in scope.records(f"spend_by_{dimension}"):
        subject = row["subject"]
        is_nobody = subject.startswith(("no ", "not by "))
        if dimension in NAMES and not is_nobody:
            subject = copy.execute(NAMES[dimension], [subject]).fetchall()[0][0]
        sql = SHOWN_BY_MARTS[dimension].format(dimension, "is null" if is_nobody else "= $subject")
        values = {"first": FIRST} | ({} if is_nobody else {"subject": subject})
        expected = copy.execute(sql, values).fetchall()[0][0]
        assert (row["spend_usd"] or 0) == (expected or 0), row["subject"]
        checked += 1
    assert checked > 1


def test_every_way_to_cut_spend_adds_up_to_the_same(scope: Scope) -> None:
    total = scope.row("totals")
    for name in (figure for figure in figures() if figure.startswith(("spend_by_", "llm_spend_by_"))):
        rows = scope.records(name)
        whole = total["llm_usd"] if name.startswith("llm_") else total["spend_usd"]
        assert sum((row["spend_usd"] for row in rows if row["spend_usd"] is not None), Decimal(0)) == whole, name
    used = {
        name: sum((row["spend_usd"] or Decimal(0) for row in scope.records(name)), Decimal(0))
        for name in figures()
        if name.startswith("llm_usage_by_")
    }
    assert len(used) == 3
    assert len(set(used.values())) == 1, used
    assert sum(row["spend_usd"] for row in scope.records("daily_spend")) == total["spend_usd"]
    machines = scope.records("infrastructure_by_service")
    assert sum((row["spend_usd"] for row in machines), Decimal(0)) == total["infrastructure_usd"]
    for name in ("daily_llm_spend", "daily_llm_spend_by_model"):
        assert sum(row["spend_usd"] for row in scope.records(name) if row["spend_usd"] is not None) == total["llm_usd"]
    newest = [row for row in scope.records("monthly_spend") if row["day"] == FIRST]
    assert sum(row["spend_usd"] for row in newest) == total["spend_usd"]


def test_statements_and_showback_are_what_closing_charges(scope: Scope, copy: duckdb.DuckDBPyConnection) -> None:
    (charged,) = copy.execute(
        "select sum(statement_amount_usd) from fct_chargeback_lines where statement_period_date = $1", [FIRST]
    ).fetchall()[0]
    for name, column in (("statements", "statement_usd"), ("showback", "spend_usd"), ("statement_lines", "amount_usd")):
        assert sum(row[column] for row in scope.records(name)) == charged, name
    for row in scope.records("statements"):
        parts = row["direct_usd"] + row["shared_usd"] + row["overhead_usd"] + row["correction_usd"]
        assert parts == row["statement_usd"], row


def test_what_owning_costs_is_all_the_spend(scope: Scope) -> None:
    assert sum(row["cost_usd"] for row in scope.records("tco")) == scope.row("totals")["spend_usd"]


def test_d39_the_cost_report_in_markdown_has_every_part(copy: duckdb.DuckDBPyConnection) -> None:
    """Period, time, total, categories with %, infrastructure, use and cost of models, what to do."""
    first, highlights = copy.execute(
        "select month_start_date, highlights from rpt_tco_summary_monthly where highlights is not null "
        "order by month_start_date desc limit 1"
    ).fetchall()[0]
    text = rendered(built(copy, TEMPLATES["tco"], f"{first:%Y-%m}"), "md").decode()
    assert f"**{first:%B %Y}**" in text
    assert "| Stands out |" in text
    assert highlights in text
    assert re.search(r"published \d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    total, llm = copy.execute(
        "select sum(cost_usd), sum(cost_usd) filter (cost_kind = 'llm') from fct_tco_monthly "
        "where month_start_date = $1",
        [first],
    ).fetchall()[0]
    assert f"| Total spend | ${total:,.2f} |" in text
    requests, tokens, cached = copy.execute(
        "select sum(request_count), sum(total_tokens), sum(cache_read_tokens) / sum(input_tokens) "
        "from rpt_cost_monthly where month_start_date = $1",
        [first],
    ).fetchall()[0]
    assert f"| Requests | {requests:,} |" in text
    [millions] = re.findall(r"\| Tokens \| ([\d.]+)M \|", text)
    assert Decimal(millions) == pytest.approx(tokens / Decimal(10**6), rel=Decimal("0.005"))
    assert f"| Input read from cache | {cached:.1%} |" in text
    [each] = re.findall(r"LLM cost per request \| \$(\d+\.\d{4,}) \|", text)
    assert Decimal(each) == pytest.approx(llm / requests, rel=Decimal("0.001"))
    categories = text.partition("## By category")[2].partition("## By provider")[0]
    for category, behaves, cost in copy.execute(
        "select replace(category, '_', ' '), replace(cost_component, '_', ' '), sum(cost_usd) from fct_tco_monthly "
        "where month_start_date = $1 group by all",
        [first],
    ).fetchall():
        assert re.search(rf"\| {category} \| {behaves} \| .* \| \${cost:,.2f} \| .*% \|", categories), category
    assert "| Section | Month | Cost | Share | Instances | Reserved | TB | Services |" in text
    models = text.partition("## Models")[2].partition("## What one costs")[0]
    assert f"**${llm:,.2f}**" in models
    assert "## What to do" in text


def test_c13_every_view_of_customers_has_the_same_total(copy: duckdb.DuckDBPyConnection) -> None:
    shown = tables(built(copy, TEMPLATES["customer"], MONTH))
    (metered,) = copy.execute(
        "select sum(cost_usd) from fct_metered_costs_daily "
        "where customer_id is not null and usage_date between $1 and $2",
        [FIRST, LAST],
    ).fetchall()[0]
    for name in ("customer_usage", "customer_models", "customer_features", "customer_days"):
        place = next(place for place, column in enumerate(shown[name].columns) if column.name == "usage_usd")
        assert shown[name].total is not None
        assert shown[name].total[place] == metered, name


def test_several_teams_are_reported_together(copy: duckdb.DuckDBPyConnection) -> None:
    report = build_report(copy, TEMPLATES["budget_variance"], Asked(MONTH, team="Research, team_data"))
    (spend, budgets) = copy.execute(
        """
        select
            (select sum(spend_usd) from rpt_cost_daily
             where team_id in ('team_research', 'team_data') and usage_date between $1 and $2),
            (select count(distinct budget_id) from rpt_budget_variance
             where scope_type = 'team' and scope_id in ('team_research', 'team_data')
                 and period_start_date <= $2 and period_end_date >= $1)
        """,
        [FIRST, LAST],
    ).fetchall()[0]
    assert report.subtitle.startswith("Research, Data · "), report.subtitle
    summary = next(block for section in report.sections for block in section.blocks if isinstance(block, KeyFigures))
    assert next(figure.value for figure in summary.figures if figure.label == "Total spend") == spend
    assert len(tables(report)["budget_variance"].rows) == budgets
    with pytest.raises(ReportError, match="there is no team 'nobody'"):
        build_report(copy, TEMPLATES["budget_variance"], Asked(MONTH, team="team_data, nobody"))


def test_gpus_and_models_are_those_of_facts(scope: Scope, copy: duckdb.DuckDBPyConnection) -> None:
    gpu = copy.execute(
        "select sum(used_cost_usd + idle_cost_usd + no_telemetry_cost_usd) from fct_gpu_usage_hourly "
        "where usage_date between $1 and $2",
        [FIRST, LAST],
    ).fetchall()[0][0]
    assert sum((row["cost_usd"] for row in scope.records("gpus")), Decimal(0)) == (gpu or 0)
    requests = copy.execute(
        "select sum(request_count) from rpt_model_comparison where period_type = 'month' and period_start_date = $1",
        [FIRST],
    ).fetchall()[0][0]
    assert sum(row["request_count"] or 0 for row in scope.records("model_performance")) == requests


def test_reconciliation_lines_lead_from_usage_to_the_bill(scope: Scope) -> None:
    for row in scope.records("reconciliation_status"):
        lines = [
            line
            for line in scope.records("reconciliation")
            if (line["provider_id"], line["account_id"]) == (row["provider_id"], row["account_id"])
        ]
        amounts = {line["line_label"]: line["amount_usd"] for line in lines}
        assert row["billed_usd"] == amounts.get("Cost as the provider reports or bills it")


@pytest.mark.parametrize("name", ["executive_monthly", "weekly_analysis", "team", "monthly_summary"])
def test_parts_of_a_report_agree(copy: duckdb.DuckDBPyConnection, name: str) -> None:
    """The number at the top is the total of every table and every picture of the same money."""
    report = built(copy, TEMPLATES[name], MONTH)
    top = {
        figure.label: figure.value
        for section in report.sections
        for block in section.blocks
        if isinstance(block, KeyFigures)
        for figure in block.figures
    }
    wholes = {"spend": top["Total spend"], "llm": top.get("LLM spend")}
    agreed = 0
    for table in tables(report).values():
        place = next((place for place, column in enumerate(table.columns) if column.name == "spend_usd"), None)
        kind = "llm" if table.name.startswith("llm_") else "spend" if table.name.startswith("spend_by") else None
        if place is None or kind is None or table.total is None or wholes[kind] is None:
            continue
        assert table.total[place] == wholes[kind], table.name
        assert sum(row[place] for row in table.rows if row[place] is not None) == wholes[kind], table.name
        agreed += 1
    pictures = [block for section in report.sections for block in section.blocks if isinstance(block, Picture)]
    for picture in pictures:
        if picture.name in ("daily_spend", "daily_llm_spend_by_model"):
            whole = wholes["spend" if picture.name == "daily_spend" else "llm"]
            assert sum(row[-1] for row in picture.data.rows if row[-1] is not None) == whole
            agreed += 1
    assert agreed >= 1


def test_a_team_or_period_that_is_not_known_is_said_with_those_that_are(copy: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ReportError, match="there are: team_data, team_growth"):
        build_report(copy, TEMPLATES["team"], Asked(team="nobody"))
    with pytest.raises(ReportError, match=r"name it \(--team\)"):
        build_report(copy, TEMPLATES["team"], Asked())
    with pytest.raises(ReportError, match="2026-Q3"):
        build_report(copy, TEMPLATES["month"], Asked("2026-13"))


def test_a_period_before_everything_says_that_nothing_is_known(copy: duckdb.DuckDBPyConnection) -> None:
    for name in ("executive_monthly", "weekly_analysis", "budget_variance", "tco"):
        report = built(copy, TEMPLATES[name], "2019-05")
        for form in ("html", "pdf", "xlsx", "md"):
            assert rendered(report, form), (name, form)


def test_the_command_line_writes_and_prints(demo: tuple[Path, str], tmp_path: Path) -> None:
    home = demo[0]
    listed = costops("report", "list", home=home)
    assert "executive_monthly" in listed.stdout
    written = costops("report", "executive_monthly", "--period", MONTH, "--to", str(tmp_path / "a.pdf"), home=home)
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF"), "a file is what its ending says"
    for command in (["month"], ["team", "research"], ["model"], ["budget"], ["today"]):
        shown = costops(*command, home=home, env={"COLUMNS": "80"})
        assert shown.returncode == 0, shown.stderr
        assert max(len(line) for line in shown.stdout.splitlines()) <= 80
        assert "could not be read" not in shown.stdout
    wrong = costops("team", "nobody", home=home)
    assert wrong.returncode == 2
    assert "there are: team_data" in wrong.stderr
