"""What the organisation files must satisfy, alone and together."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.pipeline import batch_of, read_folder

SCOPED = "budget_id,scope_type,scope_id,period,amount_usd\n"
TIERED = "provider_name,model,tier_from_units,tier_to_units,discount_pct\n"
GLOBAL = "budget_id,scope_type,period,amount_usd\n"
ITEM = "item_id,category,cost_behavior,amount,period,rate\n"
GOOD = {
    "cost_centers": "cost_center_id,cost_center_name,parent_cost_center_id\nroot,All,\nrnd,R&D,root\n",
    "teams": "team_id,team_name,cost_center_id\nsearch,Search,rnd\n",
    "projects": "project_id,project_name,team_id\np1,One,search\n",
    "users": "user_id,team_id\nu1,search\n",
    "ownership": "subject_type,subject_id,team_id\napi_key,k1,search\n",
    "budgets": SCOPED + "b1,team,search,month,100\n",
    "negotiated_prices": "provider_name,discount_pct\nopenai,12.5\n",
}


def org(tmp_path: Path, **files: str) -> dict[str, OrgTable]:
    """The good company with some files replaced; an empty text leaves a file out."""
    for name, content in (GOOD | files).items():
        if content:
            (tmp_path / f"{name}.csv").write_text(content)
    return read_folder(tmp_path)


def problems(tables: dict[str, OrgTable], name: str) -> list[QuarantinedRow]:
    return batch_of(tables[name]).quarantined


def test_a_sound_company_lands_with_defaults(tmp_path: Path) -> None:
    tables = org(tmp_path)
    assert all(not problems(tables, name) for name in tables)
    (team,) = batch_of(tables["teams"]).table.to_pylist()
    assert (str(team["valid_from_utc"]), str(team["valid_to_utc"])) == ("1900-01-01 00:00:00", "2200-01-01 00:00:00")
    assert team["_source_row"] == 1
    (user,) = batch_of(tables["users"]).table.to_pylist()
    assert user["user_name"] == "u1"
    (budget,) = batch_of(tables["budgets"]).table.to_pylist()
    assert budget["thresholds_pct"] == "50;75;90;100"


@pytest.mark.parametrize(
    ("name", "content", "row", "column", "reason"),
    [
        ("teams", "team_id,cost_center_id\nsearch,rnd\nx,nowhere\n", 2, "cost_center_id", "unknown_reference"),
        ("projects", "project_id,team_id\np1,nobody\n", 1, "team_id", "unknown_reference"),
        ("users", "user_id,team_id\nu1,nobody\n", 1, "team_id", "unknown_reference"),
        ("ownership", "subject_type,subject_id,project_id\napi_key,k1,p9\n", 1, "project_id", "unknown_reference"),
        ("ownership", "subject_type,subject_id\napi_key,k1\n", 1, "team_id", "missing_owner"),
        ("ownership", "subject_type,subject_id,team_id\nlock,k1,search\n", 1, "subject_type", "unknown_value"),
        ("ownership", "subject_type,subject_id,team_id\ntag,team,search\n", 1, "subject_id", "invalid_tag"),
        (
            "ownership",
            "subject_type,subject_id,provider_name,team_id\napi_key,k1,,search\napi_key,k1,openai,search\n",
            2, "subject_id", "overlapping_validity",
        ),
        ("budgets", SCOPED + "b,team,x,month,1\n", 1, "scope_id", "unknown_reference"),
        ("budgets", SCOPED + "b,team,,month,1\n", 1, "scope_id", "missing_value"),
        ("budgets", SCOPED + "b,global,x,month,1\n", 1, "scope_id", "unexpected_scope"),
        ("budgets", GLOBAL + "b,global,month,-1\n", 1, "amount_usd", "amount_out_of_range"),
        ("budgets", GLOBAL + "b,global,month,1.000.0\n", 1, "amount_usd", "invalid_amount"),
        ("budgets", GLOBAL + "b,global,fortnight,1\n", 1, "period", "unknown_value"),
        ("budgets", GLOBAL + "b,global,month,\n", 1, "amount_usd", "missing_value"),
        ("budgets", "budget_id,scope_type,period,amount,amount_usd\nb,global,month,1,1\n", 1, "amount",
         "more_than_one_value"),
        ("budgets", "budget_id,scope_type,period,amount,currency\nb,global,month,1,eurodollar\n", 1, "currency",
         "invalid_currency"),
        ("budgets", "budget_id,scope_type,period,amount_usd,currency\nb,global,month,1,EUR\n", 1, "currency",
         "invalid_currency"),
        ("budgets", SCOPED + "b,tag,prod,month,1\n", 1, "scope_id", "invalid_tag"),
        ("budgets", SCOPED + "b,tag,env=prod,hour,1\n", 1, "scope_type", "scope_without_hours"),
        ("budgets", GLOBAL + "b,global,custom,1\n", 1, "valid_from", "missing_value"),
        ("budgets", "budget_id,scope_type,period,amount_usd,valid_from\nb,global,custom,1,2026-01-01\n", 1,
         "valid_to", "missing_value"),
        ("budgets", "budget_id,scope_type,period,amount_usd,valid_from,valid_to\n"
         "b,global,custom,1,2026-01-01T05:00:00Z,2026-02-01\n", 1, "valid_from", "invalid_validity"),
        (
            "budgets",
            "budget_id,scope_type,period,amount_usd,thresholds_pct\nb,global,month,1,half\n",
            1, "thresholds_pct", "invalid_thresholds",
        ),
        ("tco_items", ITEM + "s,other,fixed,,month,\n", 1, "amount", "missing_value"),
        ("tco_items", ITEM + "s,other,fixed,5,,\n", 1, "period", "missing_value"),
        ("tco_items", ITEM + "s,other,fixed,5,once,\n", 1, "period", "unexpected_value"),
        ("tco_items", ITEM + "s,other,fixed,5,month,1\n", 1, "rate", "unexpected_value"),
        ("tco_items", ITEM + "s,other,variable,,,1\n", 1, "driver", "missing_value"),
        ("tco_items", ITEM + "s,other,one_time,5,once,\n", 1, "valid_from", "missing_value"),
        ("tco_items", ITEM + "s,coffee,fixed,5,month,\n", 1, "category", "unknown_value"),
        ("tco_items", "item_id,category,cost_behavior,driver,rate\ns,other,variable,request,0.0000001\n", 1, "rate",
         "invalid_amount"),
        ("tco_items", "item_id,category,cost_behavior,amount,valid_from,amortization_months\n"
         "s,other,one_time,5,2026-01-01,1.5\n", 1, "amortization_months", "invalid_amount"),
        ("tco_items", "item_id,category,cost_behavior,amount,period,team_id\ns,other,fixed,5,month,nobody\n", 1,
         "team_id", "unknown_reference"),
        ("model_aliases", "provider_name,model,price_model\nazure,chat,\n", 1, "price_model", "missing_value"),
        (
            "model_aliases",
            "provider_name,model,price_model\nazure,chat,gpt-4o\nazure,chat,gpt-4.1\n",
            2, "provider_name", "overlapping_validity",
        ),
        ("fx_rates", "currency,usd_per_unit\nEUX,1.1\n", 1, "currency", "unknown_value"),
        ("fx_rates", "currency,usd_per_unit\nUSD,1\n", 1, "currency", "unexpected_currency"),
        ("fx_rates", "currency,usd_per_unit\nEUR,0\n", 1, "usd_per_unit", "amount_out_of_range"),
        ("fx_rates", "currency,usd_per_unit\nEUR,-1.1\n", 1, "usd_per_unit", "amount_out_of_range"),
        ("fx_rates", "currency,usd_per_unit\nEUR,\n", 1, "usd_per_unit", "missing_value"),
        (
            "fx_rates",
            "currency,usd_per_unit,valid_from\nEUR,1.1,2026-01-01\neur,1.2,2026-01-01\n",
            2, "currency", "overlapping_validity",
        ),
        (
            "fx_rates",
            "currency,usd_per_unit,valid_from,valid_to\nEUR,1.1,2026-01-01,2026-03-01\nEUR,1.2,2026-02-01,\n",
            2, "currency", "overlapping_validity",
        ),
        (
            "negotiated_prices",
            TIERED + "openai,,0,1e9,10\nopenai,,5e8,,20\n",
            2, "provider_name", "overlapping_validity",
        ),
        ("negotiated_prices", TIERED + "openai,,10,10,10\n", 1, "tier_to_units", "invalid_tier"),
        ("negotiated_prices", TIERED + "openai,,1.5,,10\n", 1, "tier_from_units", "amount_out_of_range"),
        (
            "negotiated_prices",
            "provider_name,meter,commitment_id,discount_pct\nopenai,output,c,10\nopenai,web_search,c,10\n",
            2, "commitment_id", "mixed_units",
        ),
        ("negotiated_prices", "provider_name,discount_pct\nopenai,120\n", 1, "discount_pct", "amount_out_of_range"),
        (
            "negotiated_prices",
            "provider_name,discount_pct,price_usd_per_million_units\nopenai,10,2\n",
            1, "discount_pct", "discount_or_price",
        ),
        ("negotiated_prices", "provider_name,discount_pct\nopenai,\n", 1, "discount_pct", "discount_or_price"),
        ("negotiated_prices", "provider_name,meter,discount_pct\nopenai,tokens,1\n", 1, "meter", "unknown_value"),
        ("teams", "team_id,valid_from,valid_to\nsearch,2024-02-01,2024-02-01\n", 1, "valid_to", "invalid_validity"),
        ("teams", "team_id,valid_from\nsearch,1/2/2024\n", 1, "valid_from", "invalid_time"),
        ("users", "user_id,team_id\n,search\n", 1, "user_id", "missing_value"),
    ],
)  # fmt: skip
def test_a_broken_rule_names_file_row_and_column(
    tmp_path: Path, name: str, content: str, row: int, column: str, reason: str
) -> None:
    tables = org(tmp_path, **{name: content})
    found = problems(tables, name)[0]
    assert (found.row_number, found.field, found.reason) == (row, column, reason)
    assert found.message.startswith(f"{name}.csv, row {row}, column {column}: ")
    assert found.original_record


def test_a_missing_required_column_is_named(tmp_path: Path) -> None:
    (found,) = problems(org(tmp_path, budgets="budget_id,scope_type,period\nb,global,month\n"), "budgets")
    assert (found.row_number, found.field, found.reason) == (None, "amount_usd", "missing_column")


def test_a_budget_may_be_in_another_currency_and_has_no_dollars_then(tmp_path: Path) -> None:
    rows = "budget_id,scope_type,scope_id,period,amount,currency\na,user,u9,week,5,\nb,model,m1,day,7.50,eur\n"
    table = batch_of(org(tmp_path, budgets=rows)["budgets"]).table
    found = [(str(row["amount"]), row["currency"], row["amount_usd"]) for row in table.to_pylist()]
    assert found == [
        ("5.000000000000", "USD", Decimal(5)), ("7.500000000000", "EUR", None),
    ]  # fmt: skip


def test_validity_may_follow_on_but_not_overlap(tmp_path: Path) -> None:
    header = "team_id,cost_center_id,valid_from,valid_to\n"
    rows = "search,rnd,,2024-07-01\nsearch,root,2024-07-01T00:00:00Z,\nsearch,root,2024-06-30,2024-07-02\n"
    tables = org(tmp_path, teams=header + rows)
    (found,) = problems(tables, "teams")
    assert (found.row_number, found.reason) == (3, "overlapping_validity")
    assert "row 1" in found.message
    assert len(tables["teams"].good) == 2


def test_one_row_of_a_ring_is_set_aside_and_what_hangs_on_it_says_why(tmp_path: Path) -> None:
    centers = "cost_center_id,parent_cost_center_id\nrnd,ops\nops,lab\nlab,rnd\nroot,\n"
    tables = org(tmp_path, cost_centers=centers)
    found = problems(tables, "cost_centers")
    assert found[-1].reason == "cycle"
    assert found[-1].row_number == 3
    assert "ring" in found[-1].message
    assert {(row.row_number, row.reason) for row in found} == {
        (1, "unknown_reference"), (2, "unknown_reference"), (3, "cycle"),
    }  # fmt: skip
    assert "is in quarantine itself" in problems(tables, "teams")[0].message


def test_a_reorganisation_is_no_ring(tmp_path: Path) -> None:
    header = "cost_center_id,parent_cost_center_id,valid_from,valid_to\n"
    rows = "rnd,,,2024-01-01\nlab,rnd,,2024-01-01\nlab,,2024-01-01,\nrnd,lab,2024-01-01,\n"
    assert not problems(org(tmp_path, cost_centers=header + rows), "cost_centers")


def test_a_reference_to_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    found = problems(org(tmp_path, cost_centers=""), "teams")[0]
    assert "cost_centers.csv, which is not in the folder" in found.message


def test_headers_may_differ_in_case_and_carry_more_columns(tmp_path: Path) -> None:
    tables = org(tmp_path, users="\ufeffUser ID,Team_Id,Shoe Size\nu1,search,44\n")
    batch = batch_of(tables["users"])
    assert batch.table.num_rows == 1
    assert [str(note) for note in batch.notes] == ["columns not used: Shoe Size"]


def test_a_rate_without_an_end_holds_until_the_next_of_its_currency(tmp_path: Path) -> None:
    rates = (
        "currency,usd_per_unit,valid_from,valid_to\neur,1.10,2026-02-01,\nGBP,1.3,2026-01-15,\nEUR,0.8,2026-01-01,\n"
    )
    rates += "JPY,0.0066,2026-01-01,2026-02-01\nJPY,0.0067,2026-03-01,\n"
    tables = org(tmp_path, fx_rates=rates)
    assert problems(tables, "fx_rates") == []
    found = [
        (
            row["currency"],
            f"{row['valid_from_utc']:%Y-%m-%d}",
            f"{row['valid_to_utc']:%Y-%m-%d}",
            str(row["units_per_usd"]),
        )
        for row in batch_of(tables["fx_rates"]).table.to_pylist()
    ]
    assert found == [
        ("EUR", "2026-02-01", "2200-01-01", "0.909090909091"),
        ("GBP", "2026-01-15", "2200-01-01", "0.769230769231"),
        ("EUR", "2026-01-01", "2026-02-01", "1.250000000000"),
        ("JPY", "2026-01-01", "2026-02-01", "151.515151515152"),
        ("JPY", "2026-03-01", "2200-01-01", "149.253731343284"),
    ]


def test_bands_of_one_ladder_stand_side_by_side(tmp_path: Path) -> None:
    tables = org(tmp_path, negotiated_prices=TIERED + "openai,,,1e9,0\nopenai,,1e9,5e9,10\nopenai,,5e9,,20\n")
    assert problems(tables, "negotiated_prices") == []
    found = batch_of(tables["negotiated_prices"]).table.to_pylist()
    assert [(row["tier_from_units"], row["tier_to_units"]) for row in found] == [
        (None, 1_000_000_000),
        (1_000_000_000, 5_000_000_000),
        (5_000_000_000, None),
    ]


def landed(tmp_path: Path, name: str, content: str) -> list[dict[str, object]]:
    tables = org(tmp_path, **{name: content})
    assert problems(tables, name) == []
    return batch_of(tables[name]).table.to_pylist()


def test_a_budget_counts_llm_spend_and_alerts_from_three_quarters_on_unless_it_says_otherwise(tmp_path: Path) -> None:
    rows = landed(
        tmp_path,
        "budgets",
        "budget_id,scope_type,period,amount_usd,counts,thresholds_pct,alert_projected_pct\n"
        "plain,global,month,1,,,\nown,global,month,1,Own,80;50,150\n",
    )
    columns = ("counts", "thresholds_pct", "alert_thresholds_pct", "alert_projected_pct")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("llm", "50;75;90;100", "75;90;100", Decimal(110)),
        ("own", "50;80", "50;80", Decimal(150)),
    ]


@pytest.mark.parametrize(("scope", "period"), [("user,u1", "month"), ("global,", "hour")])
def test_budgets_of_metered_usage_cannot_count_what_has_no_usage(tmp_path: Path, scope: str, period: str) -> None:
    header = "budget_id,scope_type,scope_id,period,amount_usd,counts\n"
    (problem,) = problems(org(tmp_path, budgets=f"{header}b,{scope},{period},1,own\n"), "budgets")
    assert (problem.field, problem.reason) == ("counts", "scope_without_kind")


COSTS = "item_id,category,cost_behavior,amount,period,quantity,unit,unit_price,valid_from\n"


@pytest.mark.parametrize(
    ("row", "amount", "category"),
    [
        ("a,software_licenses,fixed,30,month,12,seat,,", "360", "software_licenses"),
        ("a,software_licence,fixed,,month,12,seat,30,", "360", "software_licenses"),
        ("a,gpu_compute,fixed,100,month,,,,", "100", "gpu_compute"),
        ("a,support,fixed,0.1,year,3,,,", "0.3", "support_maintenance"),
    ],
)
def test_the_amount_of_own_costs_is_quantity_times_price(tmp_path: Path, row: str, amount: str, category: str) -> None:
    (item,) = landed(tmp_path, "tco_items", f"{COSTS}{row}\n")
    assert (item["amount"], item["category"]) == (Decimal(amount), category)


def test_a_one_time_item_without_a_term_is_spread_over_three_years(tmp_path: Path) -> None:
    (item,) = landed(tmp_path, "tco_items", f"{COSTS}a,data_annotation,one_time,3600,,,,,2026-01-01\n")
    assert item["amortization_months"] == 36


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,personnel,fixed,30,month,2,,30,", "unit_price"),
        ("a,personnel,fixed,,month,,,30,", "quantity"),
        ("a,personnel,fixed,900000000000,month,2,,,", "quantity"),
        ("a,catering,fixed,1,month,,,,", "category"),
    ],
)
def test_own_costs_that_do_not_add_up_are_named(tmp_path: Path, row: str, column: str) -> None:
    assert problems(org(tmp_path, tco_items=f"{COSTS}{row}\n"), "tco_items")[0].field == column


def test_what_was_done_about_recommendations_is_of_a_few_words(tmp_path: Path) -> None:
    rows = "recommendation_id,action,valid_from,note\nr1,accept,2026-03-01,\nr1,implement,2026-03-05,new default\n"
    rows += "r1,implement,2026-04-05,again\nr2,do it,2026-03-01,\nr3,reject,,\nr1,accept,2026-03-01,twice\n"
    found = org(tmp_path, recommendation_actions=rows)
    landed = batch_of(found["recommendation_actions"]).table.to_pylist()
    assert [(row["action"], str(row["valid_from_utc"])[:10]) for row in landed] == [
        ("accept", "2026-03-01"),
        ("implement", "2026-03-05"),
        ("implement", "2026-04-05"),
    ]
    said = {
        problem.row_number: (problem.field, problem.reason) for problem in problems(found, "recommendation_actions")
    }
    assert said == {
        4: ("action", "unknown_value"),
        5: ("valid_from", "missing_value"),
        6: ("recommendation_id", "overlapping_validity"),
    }


def test_spellings_of_tag_keys_are_keys_and_one_step_long(tmp_path: Path) -> None:
    rows = "Spelling,Canonical_Key\nCustom-Tag,custom_tag\nteam=x,team\ncc,CostCentre\nCostCentre,cost_center\n"
    rows += "Custom-Tag,ct\n,a\n"
    found = org(tmp_path, tag_keys=rows)
    assert [(row["spelling"], row["canonical_key"]) for row in batch_of(found["tag_keys"]).table.to_pylist()] == [
        ("Custom-Tag", "custom_tag"),
        ("CostCentre", "cost_center"),
    ]
    said = {problem.row_number: (problem.reason, problem.message) for problem in problems(found, "tag_keys")}
    assert {row: reason for row, (reason, _) in said.items()} == {
        2: "invalid_tag_key",
        3: "chained_tag_key",
        5: "overlapping_validity",
        6: "missing_value",
    }
    assert said[3][1].startswith(
        "tag_keys.csv, row 3, column canonical_key: 'CostCentre' itself stands for 'cost_center'"
    )
