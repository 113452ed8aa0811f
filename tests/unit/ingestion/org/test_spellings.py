"""Files as spreadsheets and people write them: what has one meaning is read, what has two is set aside."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.org.model import OrgTable
from ingestion.sources.org.pipeline import read_folder
from tests.unit.ingestion.org.test_org_checks import org, problems

BUDGET = "budget_id,scope_type,scope_id,period,amount,currency,thresholds_pct,valid_from\n"


def values(table: OrgTable) -> list[dict[str, Any]]:
    return [row.values for row in table.good]


def test_a_file_saved_by_a_spreadsheet_elsewhere(tmp_path: Path) -> None:
    """A mark for the separator, semicolons, decimal commas, points between thousands, days first, a British header."""
    text = (
        "\ufeffsep=;\r\nBudget ID;Scope-Type;scope id;Period;Amount;Currency;thresholds_pct;Valid From;valid_to\r\n"
        "b1;Team;search;Monthly;1.250,50;EUR;50%, 80%;31.12.2025;1.2.2026\r\n"
        "b2;Organisation;;annual;1.250;EUR;62,5;;\r\n"
    )
    tables = org(tmp_path, budgets=text)
    assert problems(tables, "budgets") == []
    first, second = values(tables["budgets"])
    assert (first["scope_type"], first["period"], first["amount"]) == ("team", "month", Decimal("1250.50"))
    assert first["thresholds_pct"] == "50;80"
    assert (str(first["valid_from_utc"]), str(first["valid_to_utc"])) == ("2025-12-31 00:00:00", "2026-02-01 00:00:00")
    assert (second["scope_type"], second["period"], second["amount"]) == ("global", "year", Decimal(1250))
    centers = "cost_centre_id,cost_centre_name,parent_cost_centre_id\nroot,All,\nrnd,R&D,root\n"
    assert problems(org(tmp_path, cost_centers=centers), "cost_centers") == []


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (("7/1/2026", "7/31/2026"), ["2026-07-01", "2026-07-31"]),
        (("1/7/2026", "31/7/2026"), ["2026-07-01", "2026-07-31"]),
        (("1/7/2026", "2/7/2026"), []),
        (("13/7/2026", "7/13/2026"), []),
        (("5-Jun-26", "Jun 6, 2026"), ["2026-06-05", "2026-06-06"]),
    ],
)
def test_slashes_are_read_in_the_order_that_the_file_proves(
    tmp_path: Path, dates: tuple[str, str], read: list[str]
) -> None:
    cells = [f'"{each}"' for each in dates]
    rows = f"a,global,,month,1,,,{cells[0]}\nb,global,,month,1,,,{cells[1]}\n"
    tables = org(tmp_path, budgets=BUDGET + rows)
    assert [f"{row['valid_from_utc']:%Y-%m-%d}" for row in values(tables["budgets"])] == read
    assert len(problems(tables, "budgets")) == 2 - len(read)


@pytest.mark.parametrize(
    ("amount", "currency", "read"),
    [
        ("$5,000.00", "", "5000"),
        ("5000 $", "usd", "5000"),
        ("€1,234.50", "EUR", "1234.5"),
        ("€1,234.50", "", "1234.5"),
        ("$100", "EUR", None),
        ("1,250", "", None),
        ("$1,250", "", None),
        ("(5)", "", None),
    ],
)
def test_a_sign_is_that_of_the_rows_currency(tmp_path: Path, amount: str, currency: str, read: str | None) -> None:
    tables = org(tmp_path, budgets=BUDGET + f'b,global,,month,"{amount}",{currency},,\n')
    amounts = [row["amount"] for row in values(tables["budgets"])]
    assert amounts == ([] if read is None else [Decimal(read)])


def test_commas_between_thousands_are_read_where_another_number_has_a_point(tmp_path: Path) -> None:
    rows = 'a,global,,month,"$1,250",,,\nb,global,,month,10.55,,,\n'
    assert [row["amount"] for row in values(org(tmp_path, budgets=BUDGET + rows)["budgets"])] == [
        1250,
        Decimal("10.55"),
    ]
    rows += 'c,global,,month,"1.250,5",,,\n'
    assert [row["amount"] for row in values(org(tmp_path, budgets=BUDGET + rows)["budgets"])] == [Decimal("10.55")]


def test_percentages_and_choices_in_other_words(tmp_path: Path) -> None:
    rules = "rule_id,method,target_type,target_id,percent\n"
    rules += "r,Fixed percent,Team,search,70%\nr,percentage,Cost Centre,rnd,30 %\n"
    prices = "provider_name,meter,discount_pct,price_usd_per_million_units\nopenai,,12.5%,\ngroq,Output,,$13.20\n"
    owners = "subject_type,subject_id,team_id\nAPI key,k1,search\nApiKey,k2,search\n"
    tables = org(tmp_path, allocation_rules=rules, negotiated_prices=prices, ownership=owners)
    assert [problems(tables, name) for name in ("allocation_rules", "negotiated_prices", "ownership")] == [[], [], []]
    assert [row["percent"] for row in values(tables["allocation_rules"])] == [70, 30]
    assert [row["discount_pct"] for row in values(tables["negotiated_prices"])] == [Decimal("12.5"), None]
    assert [row["subject_type"] for row in values(tables["ownership"])] == ["api_key", "api_key"]


def test_marks_that_are_parts_of_a_budget_are_no_percentages(tmp_path: Path) -> None:
    (found,) = problems(org(tmp_path, budgets=BUDGET + "b,global,,month,1,,0.8;1.0,\n"), "budgets")
    assert "80;100" in found.message


def test_amounts_may_have_the_code_or_sign_of_their_rows_currency(tmp_path: Path) -> None:
    header = "budget_id,scope_type,period,amount,currency\n"
    amounts = ("2000 EUR,EUR", "R$ 1000.50,BRL", "CHF 5,CHF", "5 EUR,USD")
    rows = [f"{number},global,month,{amount}\n" for number, amount in enumerate(amounts)]
    (tmp_path / "budgets.csv").write_text(header + "".join(rows))
    table = read_folder(tmp_path)["budgets"]
    assert [row.values["amount"] for row in table.good] == [2000, Decimal("1000.5"), 5]
    assert [row.number for row in table.rows if row.problem] == [4]


def test_blanks_around_a_tag_are_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "teams.csv").write_text("team_id,cost_center_id\ns,\n")
    (tmp_path / "ownership.csv").write_text("subject_type,subject_id,team_id\ntag,team = search,s\ntag,team: x,s\n")
    table = read_folder(tmp_path)["ownership"]
    assert [row.values["subject_id"] for row in table.good] == ["team=search"]
    assert [row.problem.reason for row in table.rows if row.problem] == ["invalid_tag"]
