"""Organisation files as other systems export them: ends in the year 9999, ids from data frames, several in a cell,
subjects and rates in columns of their own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.ingestion.org.test_written_by_hand import faults, read, rows


@pytest.mark.parametrize(
    "end", ["9999-12-31", "31.12.9999", "12/31/9999", "99991231", "9999-12-31T23:59:59Z", "2999-12-31", "2262-04-11"]
)
@pytest.mark.parametrize("header", ["valid_to", "End date"])
def test_an_end_that_never_comes_is_none(tmp_path: Path, end: str, header: str) -> None:
    teams = read(tmp_path, teams=f"team_id,valid_from,{header}\nsearch,0001-01-01,{end}\ndata,2026-01-01,\n")["teams"]
    assert faults(teams) == []
    assert [f"{row.valid[0]:%Y} {row.valid[1]:%Y}" for row in teams.good] == ["1900 2200", "2026 2200"]


@pytest.mark.parametrize("end", ["2926-01-01", "2201-01-01", "9999", "0001-01-01"])
def test_another_year_that_cannot_be_is_a_fault(tmp_path: Path, end: str) -> None:
    assert len(faults(read(tmp_path, teams=f"team_id,valid_to\nsearch,{end}\n")["teams"])) == 1


def test_a_rate_that_never_ends_ends_where_the_next_begins(tmp_path: Path) -> None:
    text = "currency,usd_per_unit,valid_from,valid_to\nEUR,1.08,2026-01-01,9999-12-31\nEUR,1.09,2026-02-01,9999-12-31\n"
    rates = read(tmp_path, fx_rates=text)["fx_rates"]
    assert [f"{row.valid[1]:%Y-%m-%d}" for row in rates.good] == ["2026-02-01", "2200-01-01"]


def test_ids_with_other_zeros_are_the_one_they_can_mean_and_words_for_nothing_are_none(tmp_path: Path) -> None:
    centers = "cost_center_id,cost_center_name\n0000100010,Research\n200,NaN\n7,Seven\n07,Other\n"
    teams = "team_id,cost_center_id\na,100010\nb,200.0\nc,nan\nd,#N/A\ne,007\n"
    tables = read(tmp_path, cost_centers=centers, teams=teams)
    found = [("a", "0000100010"), ("b", "200"), ("c", None), ("d", None)]
    assert rows(tables["teams"], "team_id", "cost_center_id") == found
    assert faults(tables["teams"]) == ["unknown_reference"]
    assert rows(tables["cost_centers"], "cost_center_name")[1] == ("200",)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("account,111122223333;444455556666", ["111122223333", "444455556666"]),
        ('account,"111122223333, 444455556666"', ["111122223333", "444455556666"]),
        ('account,"Our Company, Inc."', ["Our Company, Inc."]),
        ('project,"p1, p2"', ["p1", "p2"]),
        ("api_key,k1|k2 | k3", ["k1", "k2", "k3"]),
        ('tag,"team=a;b, c"', ["team=a;b, c"]),
        ("account,111122223333.0", ["111122223333"]),
    ],
)
def test_several_ids_in_a_cell_are_a_row_each(tmp_path: Path, subject: str, expected: list[str]) -> None:
    text = f"subject_type,subject_id,team_id\n{subject},search\n"
    ownership = read(tmp_path, ownership=text)["ownership"]
    assert rows(ownership, "subject_id", "team_id") == [(each, "search") for each in expected]


def test_a_pattern_owns_nothing_in_silence(tmp_path: Path) -> None:
    ownership = read(tmp_path, ownership="subject_type,subject_id,team_id\napi_key,key_*,search\n")["ownership"]
    [bad] = [row.problem for row in ownership.rows if row.problem]
    assert bad.message.endswith("'key_*' is no pattern: write a row for each id")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Account ID,Team\n111122223333,search\n", ("account", "111122223333")),
        ("api_key_id,provider,team\nk,openai,search\n", ("api_key", "k")),
        ("Workspace,team_id\nw,search\n", ("workspace", "w")),
        ("tag_key,tag_value,team\nteam,search,search\n", ("tag", "team=search")),
        ("Tag,Team\nteam=search,search\n", ("tag", "team=search")),
    ],
)
def test_a_column_of_accounts_keys_or_tags_is_the_subject(tmp_path: Path, text: str, expected: tuple[str, str]) -> None:
    ownership = read(tmp_path, ownership=text)["ownership"]
    assert rows(ownership, "subject_type", "subject_id", "team_id") == [(*expected, "search")]


def test_a_column_of_projects_is_the_owner_and_no_subject(tmp_path: Path) -> None:
    assert faults(read(tmp_path, ownership="Project,Team\np,search\n")["ownership"]) == ["missing_column"] * 2


def test_rates_by_pair_are_told_the_way_round_they_are(tmp_path: Path) -> None:
    text = (
        "from_currency,to_currency,rate,date\nEUR,USD,1.08,2026-01-01\nUSD,GBP,0.8,2026-01-01\nEUR,GBP,0.9,2026-01-01\n"
    )
    rates = read(tmp_path, fx_rates=text)["fx_rates"]
    found = [("EUR", Decimal("1.08"), Decimal("0.925925925926")), ("GBP", Decimal("1.25"), Decimal("0.8"))]
    assert rows(rates, "currency", "usd_per_unit", "units_per_usd") == found
    assert faults(rates) == ["unknown_value"]


def test_a_rate_without_a_direction_asks_for_it(tmp_path: Path) -> None:
    [problem] = read(tmp_path, fx_rates="currency,Rate,valid_from\nEUR,1.08,2026-01-01\n")["fx_rates"].problems
    assert "'Rate' may be either way round: call it usd_per_unit" in (problem.message or "")
    [problem] = read(tmp_path, fx_rates="currency,2026-05,June 2026\nEUR,1.10,1.12\n")["fx_rates"].problems
    assert "'2026-05', 'June 2026' may be rates of months: write a row for each" in (problem.message or "")


def test_a_discount_that_may_be_a_part_of_one_is_named(tmp_path: Path) -> None:
    text = "provider_name,discount_pct\nopenai,0.15\nanthropic,15\ngroq,0\nmistral,1\n"
    [note] = read(tmp_path, negotiated_prices=text)["negotiated_prices"].notes
    assert (note.kind, note.row) == ("part_or_percent", 1)
    assert note.message == "a discount_pct of 0.15 is 0.15 %; write 15 if that is meant"


def test_units_between_two_bands_are_named(tmp_path: Path) -> None:
    head = "provider_name,commitment_id,tier_from_units,tier_to_units,discount_pct,valid_from,valid_to\n"
    gap = "aws,e,0,999999,5,,\naws,e,1000000,2000000,9,,\naws,e,2000000,,12,,\n"
    [note] = read(tmp_path, negotiated_prices=head + gap)["negotiated_prices"].notes
    assert (note.kind, note.row) == ("band_without_row", 1)
    assert "units 999,999 to 1,000,000 of a month have no row" in note.message
    years = "aws,e,0,10,5,2025-01-01,2026-01-01\naws,e,20,,9,2026-01-01,\n"
    assert read(tmp_path, negotiated_prices=head + years)["negotiated_prices"].notes == []
