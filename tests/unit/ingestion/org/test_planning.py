"""Own costs, personnel, metrics, targets, scenarios and commitments, row by row: their lines stand in the names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.pipeline import batch_of, read_folder

TEAM = "D34,management,200000,0.5,50"


def read(tmp_path: Path, name: str, text: str) -> OrgTable:
    (tmp_path / f"{name}.csv").write_text(text)
    return read_folder(tmp_path)[name]


def landed(table: OrgTable) -> list[dict]:
    return batch_of(table).table.to_pylist()


def reasons(table: OrgTable) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.reason) for problem in batch_of(table).quarantined]


def test_d33_d34_the_reference_team_costs_what_it_costs_by_hand(tmp_path: Path) -> None:
    """Salary × 1.3 × headcount × allocation: 65,000 + 520,000 + 663,000 + 455,000 + 351,000 + 214,500 + 234,000."""
    table = read(
        tmp_path,
        "personnel",
        "role_id,role_type,annual_salary,headcount,allocation_pct\n"
        "engineering-manager,management,200000,0.5,50\n"
        "senior-ml-engineer,engineering,200000,2,\n"
        "backend,engineering,170000,3,\n"
        "platform,engineering,175000,2,\n"
        "sre,operations,180000,1.5,\n"
        "data-engineer,engineering,165000,1,\n"
        "technical-support,support,90000,2,\n",
    )
    rows = landed(table)
    assert [row["annual_cost"] for row in rows] == [65_000, 520_000, 663_000, 455_000, 351_000, 214_500, 234_000]
    assert sum(row["annual_cost"] for row in rows) == 2_502_500
    assert {row["benefits_factor"] for row in rows} == {Decimal("1.3")}
    by_type: dict[str, Decimal] = {}
    for row in rows:
        by_type[row["role_type"]] = by_type.get(row["role_type"], Decimal(0)) + row["headcount"]
    assert by_type == {"management": Decimal("0.5"), "engineering": 8, "operations": Decimal("1.5"), "support": 2}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("personnel", "role_id,role_type,annual_salary\nr,wizard,1\n", ("role_type", "unknown_value")),
        ("personnel", "role_id,role_type,annual_salary\nr,support,-1\n", ("annual_salary", "amount_out_of_range")),
        ("personnel", "role_id,role_type,annual_salary,benefits_factor\nr,support,1,0.9\n",
         ("benefits_factor", "amount_out_of_range")),
        ("personnel", "role_id,role_type,annual_salary,team_id\nr,support,1,nobody\n",
         ("team_id", "unknown_reference")),
        ("personnel", "role_id,role_type,annual_salary\nr,support,1\nr,support,2\n",
         ("role_id", "overlapping_validity")),
        ("business_metrics", "metric,value,valid_from\ndocuments,1,\n", ("valid_from", "missing_value")),
        ("business_metrics", "metric,value,valid_from,valid_to\ndocuments,1,2026-01-15,2026-02-15\n",
         ("valid_to", "invalid_validity")),
        ("business_metrics", "metric,subject_type,value,valid_from\nrevenue_usd,customer,1,2026-01-01\n",
         ("subject_id", "missing_value")),
        ("kpi_targets", "kpi,target,warning\ncost_per_request,0.05,0.01\n", ("warning", "unexpected_value")),
        ("kpi_targets", "kpi,target,warning\ngpu_utilization_efficiency,50,80\n", ("warning", "unexpected_value")),
        ("kpi_targets", "kpi,target,warning\nhappiness,1,2\n", ("kpi", "unknown_value")),
        ("tco_scenarios", "scenario_id,change_pct\nbaseline,1\n", ("scenario_id", "unexpected_value")),
        ("tco_scenarios", "scenario_id,category\nx,llm_api\n", ("change_pct", "missing_value")),
        ("tco_scenarios", "scenario_id,category,change_pct\nx,magic,1\n", ("category", "unknown_value")),
        ("tco_scenarios", "scenario_id,monthly_usd\nx,5\n", ("category", "missing_value")),
        ("tco_scenarios", "scenario_id,change_pct\nx,-101\n", ("change_pct", "amount_out_of_range")),
        ("commitments", "commitment_id,commitment_type,quantity,hourly_usd,valid_from\np,azure_ptu,1,1,2026-01-01\n",
         ("tokens_per_minute", "missing_value")),
        ("commitments", "commitment_id,commitment_type,quantity,hourly_usd,valid_from,upfront_usd,gpu_name\n"
         "r,reservation,1,1,2026-01-01,100,L4\n", ("term_months", "missing_value")),
        ("commitments", "commitment_id,commitment_type,quantity,hourly_usd,valid_from\nr,reservation,1,1,2026-01-01\n",
         ("gpu_name", "missing_value")),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_column(tmp_path: Path, name: str, text: str, found: tuple[str, str]) -> None:
    assert reasons(read(tmp_path, name, text)) == [found]


def test_a_metric_without_an_end_is_of_its_month(tmp_path: Path) -> None:
    (row,) = landed(read(tmp_path, "business_metrics", "metric,value,valid_from\nDocuments,12,2026-12-01\n"))
    assert (row["metric"], str(row["valid_to_utc"])) == ("documents", "2027-01-01 00:00:00")


def test_a_term_ends_on_the_same_day_of_its_last_month(tmp_path: Path) -> None:
    header = "commitment_id,commitment_type,quantity,hourly_usd,valid_from,term_months,gpu_name\n"
    table = read(
        tmp_path, "commitments", f"{header}a,reservation,1,1,2024-01-31,1,L4\nb,reservation,1,1,2026-03-15,36,L4\n"
    )
    assert [str(row["valid_to_utc"])[:10] for row in landed(table)] == ["2024-02-29", "2029-03-15"]


def test_d06_percentages_may_miss_a_hundred_by_a_hundredth_and_no_more(tmp_path: Path) -> None:
    """Three times 33.33 is a rule; 99.98 is an error."""
    header = "rule_id,method,target_type,target_id,percent\n"
    good = header + "".join(f"r,fixed_percent,feature,f{n},33.33\n" for n in range(3))
    assert reasons(read(tmp_path, "allocation_rules", good)) == []
    bad = header + "r,fixed_percent,feature,a,49.99\nr,fixed_percent,feature,b,49.99\n"
    assert reasons(read(tmp_path, "allocation_rules", bad)) == [("percent", "percent_not_100")] * 2


def test_d02_a_semi_variable_item_may_leave_its_driver_open_and_d03_has_provider_tags_and_notes(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "tco_items",
        "item_id,category,cost_behavior,amount,period,provider_name,vendor_name,quantity,unit,tags,notes\n"
        "plan,support_maintenance,semi_variable,100,month,on_premise,Example Ltd,3,seats,env=prod,renewed\n",
    )
    (row,) = landed(table)
    assert (row["amount"], row["provider_name"], row["tags"], row["notes"]) == (
        300,
        "on_premise",
        "env=prod",
        "renewed",
    )


def test_c01_each_of_the_nine_categories_is_one_of_ours(tmp_path: Path) -> None:
    """By its name in the requirements; where ours is another the row has ours."""
    nine = {
        "gpu_compute": "gpu_compute", "cpu_compute": "cpu_compute", "memory": "memory", "storage": "data_storage",
        "network": "networking", "api_external": "llm_api", "data_annotation": "data_annotation",
        "software_license": "software_licenses", "support": "support_maintenance",
    }  # fmt: skip
    rows = "".join(f"{name},{name},fixed,1,month\n" for name in nine)
    table = read(tmp_path, "tco_items", "item_id,category,cost_behavior,amount,period\n" + rows)
    assert {row["item_id"]: row["category"] for row in landed(table)} == nine
    scenario = read(tmp_path, "tco_scenarios", "scenario_id,category,change_pct\nless,storage,-10\n")
    assert [row["category"] for row in landed(scenario)] == ["data_storage"]


D35 = """\
item_id,item_name,category,cost_behavior,amount,period
monitoring,Datadog/Monitoring,software_licenses,fixed,5000,month
pagerduty,PagerDuty,software_licenses,fixed,500,month
github,GitHub Enterprise,software_licenses,fixed,2000,month
slack,Slack,software_licenses,fixed,1000,month
security-tools,Security Tools,security_compliance,fixed,3000,month
development-tools,Development Tools,software_licenses,fixed,2000,month
aws-support,AWS Support,support_maintenance,fixed,3000,month
database-support,Database Support,support_maintenance,fixed,1500,month
soc2,SOC 2 Audit,security_compliance,fixed,2500,month
assessments,Security Assessments,security_compliance,fixed,1000,month
training,Training,overhead,fixed,2000,month
"""


def test_d35_the_reference_overhead_is_23_500_a_month(tmp_path: Path) -> None:
    """10,500 of licences, 6,500 of security, 4,500 of support and 2,000 of training; all are in the group overhead."""
    rows = landed(read(tmp_path, "tco_items", D35))
    assert len(rows) == 11
    by: dict[str, Decimal] = {}
    for row in rows:
        by[row["category"]] = by.get(row["category"], Decimal(0)) + row["amount"]
    assert by == {
        "software_licenses": 10_500, "security_compliance": 6_500, "support_maintenance": 4_500, "overhead": 2_000,
    }  # fmt: skip
    assert sum(by.values()) == 23_500
