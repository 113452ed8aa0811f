"""One October in the marts of total cost of ownership, worked out by hand; requirement lines stand in the names.

LLM 3,000 billed + 100 that no bill covers; machines 2,630 billed + 200 by telemetry + 310 of a rack (10,960 over 1,096
days is 10 a day); people 36,500 a year, 100 a day; tools 310 and a support plan 155; labels 31. Together 9,836.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.tco.conftest import REFERENCE
from tests.support.warehouse import ScratchWarehouse

OCTOBER = "month_start_date = '2026-10-01'"
GROUPS = ("infrastructure", "llm_api", "personnel", "overhead", "other")


def row(warehouse: ScratchWarehouse, sql: str) -> dict[str, Any]:
    with warehouse.connection() as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        [values] = cursor.fetchall()
    return dict(zip(names, values, strict=True))


def test_d36_five_groups_sum_to_the_total_with_their_percentages(tco: ScratchWarehouse) -> None:
    month = row(tco, f"from marts.rpt_tco_summary_monthly where {OCTOBER}")
    parts = [month[f"{group}_cost_usd"] for group in GROUPS]
    assert parts == [3140, 3100, 3100, 465, 31]
    assert month["total_cost_usd"] == sum(parts) == 9836
    assert month["infrastructure_pct"] == Decimal("31.923546")
    # The semi-variable plan is 93 fixed and 62 variable.
    fixed = 3100 + 310 + 93 + 31 + 30
    assert (month["fixed_cost_usd"], month["one_time_cost_usd"]) == (fixed, 310)
    assert month["variable_cost_usd"] == 9836 - fixed - 310
    assert month["annualized_cost_usd"] == 118_032


def test_d35_the_reference_overhead_is_23_500_a_month(tco: ScratchWarehouse) -> None:
    """With tools for 310, a plan for 155 and a licence of 10 a day June has 24,265 of overhead."""
    named = ", ".join(f"'{item}'" for item, *_ in REFERENCE)
    found = f"from marts.fct_tco_monthly where month_start_date = '2026-06-01' and item_id in ({named})"
    assert tco.rows(f"select cost_group, count(*), sum(cost_usd) {found} group by 1") == [("overhead", 11, 23_500)]
    june = row(tco, "from marts.rpt_tco_summary_monthly where month_start_date = '2026-06-01'")
    assert june["overhead_cost_usd"] == 23_500 + 310 + 155 + 300


def test_d04_what_an_item_costs_in_a_month(tco: ScratchWarehouse) -> None:
    """Monthly as it is; 3,650 a year are 10 a day, so a month of 30 days has 300 and one of 31 has 310; a one-time
    amount of 10,960 over 36 months, which have 1,096 days, 10 a day. A month of everything × 12 is a year."""
    found = tco.rows(
        "select item_id, month(month_start_date), cost_usd from marts.fct_tco_monthly "
        "where item_id in ('tools', 'yearly', 'rack') and month_start_date between '2026-06-01' and '2026-07-31' "
        "order by all"
    )
    assert found == [("rack", 6, 300), ("rack", 7, 310), ("tools", 6, 310), ("tools", 7, 310), ("yearly", 6, 300),
                     ("yearly", 7, 310)]  # fmt: skip
    month = row(tco, f"from marts.rpt_tco_summary_monthly where {OCTOBER}")
    assert month["annualized_cost_usd"] == 12 * month["total_cost_usd"]


def test_d37_highlights_are_words(tco: ScratchWarehouse) -> None:
    words = row(tco, f"select highlights from marts.rpt_tco_summary_monthly where {OCTOBER}")["highlights"]
    # 600 of 2,200 of compute are reserved.
    assert "Only 27 % of compute is reserved (below 50 %)." in words
    assert "The cache serves 30 % of input tokens (below 40 %)." in words
    assert "2 items have no known cost" in words
    september = "select highlights from marts.rpt_tco_summary_monthly where month_start_date = '2026-09-01'"
    assert tco.value(september) is None


def test_d38_against_last_month_budget_and_projection(tco: ScratchWarehouse) -> None:
    """September: 204 of LLM, 300 of the rack, 3,000 of people, 310, 155 and 31: 4,000; 3,800 were projected."""
    month = row(tco, f"from marts.rpt_tco_summary_monthly where {OCTOBER}")
    assert (month["previous_month_cost_usd"], month["change_usd"], month["change_pct"]) == (
        4000,
        5836,
        Decimal("145.9"),
    )
    assert (month["budget_usd"], month["budget_pct"]) == (10_000, Decimal("98.36"))
    assert month["previous_projection_accuracy_pct"] == 95
    september = row(tco, "from marts.rpt_tco_summary_monthly where month_start_date = '2026-09-01'")
    assert (september["projected_cost_usd"], september["budget_usd"]) == (3800, None)
    assert september["previous_projection_accuracy_pct"] is None


def test_d01_d05_slip_categories_and_providers_hold_one_time_items(tco: ScratchWarehouse) -> None:
    rows = tco.rows(
        f"select dimension, member, cost_usd from marts.rpt_tco_breakdown_monthly where {OCTOBER} order by all"
    )
    by: dict[str, dict[str, Decimal]] = {}
    for dimension, member, cost in rows:
        by.setdefault(dimension, {})[member] = cost
    assert by["category"] == {
        "llm_api": 3100, "gpu_compute": 1200, "cpu_compute": 1000, "data_storage": 400, "networking": 90,
        "other": 110, "support_maintenance": 185, "infrastructure": 310, "personnel": 3100, "overhead": 310,
        "data_annotation": 31,
    }  # fmt: skip
    assert by["provider"] == {"openai": 3000, "groq": 100, "aws": 2630, "on_premise": 310, "other": 3796}
    assert {sum(members.values()) for members in by.values()} == {9836}


def test_c39_days_by_category_sum_to_the_month(tco: ScratchWarehouse) -> None:
    days = "from marts.rpt_cost_by_category_daily where usage_date between '2026-10-01' and '2026-10-31'"
    assert dict(tco.rows(f"select category, sum(cost_usd) {days} group by 1")) == {
        "llm_api": 3100, "gpu_compute": 1200, "cpu_compute": 1000, "data_storage": 400, "networking": 90,
        "other": 110, "support_maintenance": 185, "infrastructure": 310, "personnel": 3100, "overhead": 310,
        "data_annotation": 31,
    }  # fmt: skip
    # A role of 3,100 a month is 100 on each of the 31 days.
    assert tco.rows(f"select distinct cost_usd {days} and category = 'personnel'") == [(100,)]
    assert tco.rows(f"select count(*) {days} and category = 'personnel'") == [(31,)]


def test_d03_d33_items_keep_what_their_files_say(tco: ScratchWarehouse) -> None:
    plan = row(tco, f"from marts.fct_tco_monthly where {OCTOBER} and item_id = 'plan' and cost_component = 'fixed'")
    assert (plan["vendor_name"], plan["quantity"], plan["unit"]) == ("Example Ltd", 5, "seats")
    assert (plan["tags"], plan["notes"], plan["cost_behavior"]) == ("env=prod", "renewed", "semi_variable")
    role = row(tco, f"from marts.fct_tco_monthly where {OCTOBER} and role_type = 'engineering'")
    assert (role["item_id"], role["quantity"], role["unit"], role["cost_usd"]) == ("personnel:ml", 2, "heads", 3100)
    rack = row(tco, f"from marts.fct_tco_monthly where {OCTOBER} and item_id = 'rack'")
    assert (str(rack["ends_before_date"]), rack["cost_component"]) == ("2029-01-01", "one_time")


def test_a_gpu_that_a_bill_covers_counts_once(tco: ScratchWarehouse) -> None:
    """The machine with H100s is on the bill for 1,000; by telemetry it costs 0."""
    gpus = f"select cost_usd from marts.fct_tco_monthly where {OCTOBER} and category = 'gpu_compute' order by 1"
    assert tco.rows(gpus) == [(0,), (200,), (1000,)]


def test_d14_infrastructure_by_section(tco: ScratchWarehouse) -> None:
    sections = {
        name: rest
        for name, *rest in tco.rows(
            "select section, cost_usd, instance_count, reserved_share_pct, storage_tb, item_names "
            f"from marts.rpt_infrastructure_summary where {OCTOBER}"
        )
    }
    assert sections["compute"][:3] == [2200, 4, Decimal("27.272727")]
    assert sections["storage"] == [400, None, None, 5, "Amazon EBS"]
    assert sections["network"][0] == 90
    assert sections["managed_services"][0] == 110 + 30 + 310
    assert sections["managed_services"][4] == "AWS Support, Amazon OpenSearch, rack"


def test_c14_to_c20_key_figures_of_thirty_days(tco: ScratchWarehouse) -> None:
    """2 to 31 October cost 6,230 to serve: 3,100 of LLM, 2,630 + 200 of machines, 300 of the rack."""
    rows = tco.rows("select kpi, kpi_value, status, score from marts.rpt_kpis")
    found = {kpi: tuple(rest) for kpi, *rest in rows}
    assert found == {
        # C14: ÷ 10,000 requests; C15: ÷ 10,000 thousand tokens; C16: ÷ 300,000 actions (10,000 a day).
        "cost_per_request": (Decimal("0.623"), "critical", Decimal("1.605136")),
        "cost_per_1k_tokens": (Decimal("0.623"), "critical", Decimal("0.802568")),
        "cost_per_user_action": (Decimal("0.020766667"), "critical", Decimal("4.815409")),
        # C17: ten hours, half used.
        "gpu_utilization_efficiency": (50, "warning", Decimal("62.5")),
        # C18: two users.
        "cost_per_active_user": (3115, "critical", Decimal("0.160514")),
        # C19: 2,840 of machines and 15 of overhead that day ÷ 10 GPU-hours, against a target of their own.
        "infrastructure_unit_cost": (Decimal("285.5"), "on_target", 100),
        # C20: the mean of the six.
        "cost_efficiency_score": (Decimal("28.313938"), None, Decimal("28.313938")),
    }
    own = row(tco, "from marts.rpt_kpis where kpi = 'infrastructure_unit_cost'")
    assert (own["target_value"], own["warning_value"], own["is_own_target"]) == (300, 400, True)


def test_c21_the_trend_of_thirty_days(tco: ScratchWarehouse) -> None:
    """5 October: 3,010 ÷ 9,000; 6 October: 110 ÷ 1,000."""
    trend = row(tco, "from marts.rpt_kpis where kpi = 'cost_per_request'")
    assert (trend["sample_count"], trend["trend_direction"]) == (2, "decreasing")
    assert (trend["current_value"], trend["least_value"]) == (Decimal("0.11"), Decimal("0.11"))
    assert trend["greatest_value"] == Decimal("0.334444444")
    assert trend["average_value"] == Decimal("0.222222222")
    assert trend["trend_magnitude_per_day"] == pytest.approx(Decimal("0.224444444"), abs=Decimal("0.000001"))
    lone = row(tco, "from marts.rpt_kpis where kpi = 'gpu_utilization_efficiency'")
    assert (lone["sample_count"], lone["trend_direction"]) == (1, "insufficient_data")


def test_d10_what_ifs_beside_the_baseline(tco: ScratchWarehouse) -> None:
    """APIs for 3,100 less 30 %, of which the 70 of Groq go; overhead of 310 and 15 and 1,800 ÷ 36 more, twice."""
    rows = tco.rows(
        "select scenario_id, dimension, member, cost_usd, difference_usd, difference_pct "
        f"from marts.rpt_tco_scenarios_monthly where {OCTOBER} order by all"
    )
    found = {tuple(key): tuple(rest) for *key, rest in ([*row[:3], row[3:]] for row in rows)}
    assert found["baseline", "total", "total"] == (9836, 0, 0)
    llm, overhead = 3000 * Decimal("0.7"), 2 * (310 + 15 + 50)
    total = 9836 - 3100 + llm - 310 + overhead
    assert found["cheaper", "total", "total"] == (total, total - 9836, round((total - 9836) / Decimal("98.36"), 6))
    assert found["cheaper", "cost_group", "llm_api"] == (llm, -1000, Decimal("-32.258065"))
    assert found["cheaper", "category", "overhead"] == (overhead, 440, Decimal("141.935484"))
    assert found["cheaper", "provider", "groq"] == (0, -100, -100)
    for dimension in ("cost_group", "category", "provider"):
        assert sum(cost for key, (cost, *_) in found.items() if key[:2] == ("cheaper", dimension)) == total


def test_d07_what_one_costs_and_what_a_customer_brings(tco: ScratchWarehouse) -> None:
    each = {
        unit: (cost, llm)
        for unit, cost, llm in tco.rows(
            "select unit, cost_per_unit_usd, llm_cost_per_unit_usd from marts.rpt_unit_economics_monthly "
            f"where {OCTOBER} and subject_id is null"
        )
    }
    assert each == {
        "request": (Decimal("0.9836"), Decimal("0.31")),
        "query": (Decimal("0.9836"), Decimal("0.31")),
        "thousand_queries": (Decimal("983.6"), 310),
        "document": (Decimal("0.19672"), Decimal("0.062")),
        "active_user": (4918, 1550),
        "user_actions": (Decimal("0.031729032"), Decimal("0.01")),
    }
    customer = row(tco, f"from marts.rpt_unit_economics_monthly where {OCTOBER} and unit = 'customer'")
    assert (customer["subject_id"], customer["cost_usd"], customer["revenue_usd"]) == ("c1", 100, 150)
    assert (customer["margin_usd"], customer["margin_pct"]) == (50, Decimal("33.333333"))
    features = f"select subject_id, cost_usd from marts.rpt_unit_economics_monthly where {OCTOBER} and unit = 'feature'"
    assert sorted(tco.rows(features)) == [("f1", 100), ("f2", 2900)]


def test_a_commitment_is_used_by_teams_and_stranded_with_its_owner(tco: ScratchWarehouse) -> None:
    """Two units serve 120,000 tokens an hour; 240,000 are asked in one hour, a quarter by t1. A day costs 24 × 3 and 2
    of the 730 paid at once; the provider is seen on 6 and 7 October, so 2 of 96 unit-hours are used, 29 days unseen."""
    rows = tco.rows(
        "select team_id, used_unit_hours, spill_over_unit_hours, used_cost_usd, stranded_cost_usd, unseen_cost_usd, "
        "commitment_amortized_cost_usd, commitment_cash_cost_usd, capacity_unit_hours, utilization_pct, spend_source "
        f"from marts.rpt_commitments_monthly where {OCTOBER} order by team_id"
    )
    whole = (2294, 2962, 1488, Decimal("2.083333"), "nowhere")
    # 148 × 0.5 ÷ 96 and 148 × 1.5 ÷ 96
    one, two = Decimal("0.770833333"), Decimal("2.3125")
    assert rows == [
        ("t1", Decimal("0.5"), Decimal("0.5"), one, 148 - one - two, 29 * 74, *whole),
        ("t2", Decimal("1.5"), Decimal("1.5"), two, 0, 0, *whole),
    ]
    assert sum(used + stranded + unseen for _, _, _, used, stranded, unseen, *_ in rows) == 2294
